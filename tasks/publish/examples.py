"""The picture on a data set's card: some people (rows) as several cameras (columns) see them."""

from __future__ import annotations

import cv2
import numpy as np
import simplejpeg

from manifests.reader import SnapshotReader

_PEOPLE, _CAMERAS = 6, 10
_WIDTH, _HEIGHT, _GAP = 80, 176, 4
_PAPER = 255


def example_sheet(reader: SnapshotReader) -> bytes:
    """JPEG of up to six people, evenly chosen, each once per camera for up to ten cameras."""
    rows = reader.table(["person_index", "camera"])
    person = rows["person_index"].to_numpy()
    camera = np.asarray(rows["camera"].to_pylist())
    people = np.unique(person)
    people = people[np.linspace(0, len(people) - 1, min(_PEOPLE, len(people))).astype(int)]
    cameras = np.unique(camera)[:_CAMERAS]
    cells = {}
    for y, who in enumerate(people):
        for x, where in enumerate(cameras):
            found = np.flatnonzero((person == who) & (camera == where))
            if found.size:
                cells[int(found[0])] = (x, y)
    chosen = sorted(cells)
    height = len(people) * (_HEIGHT + _GAP) + _GAP
    sheet = np.full((height, len(cameras) * (_WIDTH + _GAP) + _GAP, 3), _PAPER, np.uint8)
    for row, jpeg in zip(chosen, reader.images(chosen)):
        x, y = cells[row]
        _place(sheet, simplejpeg.decode_jpeg(jpeg), x, y)
    return simplejpeg.encode_jpeg(sheet, quality=88)


def _place(sheet: np.ndarray, crop: np.ndarray, x: int, y: int) -> None:
    scale = min(_WIDTH / crop.shape[1], _HEIGHT / crop.shape[0])
    size = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    left = _GAP + x * (_WIDTH + _GAP) + (_WIDTH - size[0]) // 2
    top = _GAP + y * (_HEIGHT + _GAP) + _HEIGHT - size[1]
    sheet[top : top + size[1], left : left + size[0]] = small
