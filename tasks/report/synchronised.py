"""An animated strip of a recording: up to four cameras at the same instants, with boxes and numbers
of people, one colour for a person in all of them."""

from __future__ import annotations

import colorsys
import io

import cv2
import numpy as np
import pandas as pd
from PIL import Image

from manifests.errors import NotFound
from manifests.reader import SnapshotReader
from tasks.export.recorded import Recorded, Sequence

_CAMERAS, _INSTANTS, _SECONDS_BETWEEN = 4, 16, 0.5
_WIDTH, _GAP, _QUALITY = 360, 4, 55
_GOLDEN = 0.618034
"""Of the colour circle between people of successive numbers."""


def animated_strip(reader: SnapshotReader) -> bytes | None:
    """An animated WebP of the fullest stretch of a data set's recordings; ``None`` if it has none,
    or if their frames are gone.

    Two pictures a row, every camera at the same tick; a frame that is missing is black.
    """
    try:
        recorded = Recorded(reader, set(reader.recorded(["camera"])["camera"].unique().to_pylist()))
        chosen, ticks = fullest_stretch(list(recorded.together.values()))
        shown = _frames(recorded, chosen, ticks)
    except NotFound:
        return None
    pictures = [Image.fromarray(_sheet(shown, chosen, tick)[..., ::-1]) for tick in ticks]
    stream = io.BytesIO()
    pictures[0].save(
        stream,
        format="WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 * _SECONDS_BETWEEN),
        loop=0,
        quality=_QUALITY,
        method=4,
    )
    return stream.getvalue()


def fullest_stretch(recordings: list[list[Sequence]]) -> tuple[list[Sequence], list[int]]:
    """Which cameras of which recording are shown, in order, and at which ticks: those that saw most
    people, and where they did."""
    found: list[tuple[int, list[Sequence], list[int]]] = []
    for sequences in recordings:
        busy = sorted(sequences, key=lambda one: -(one.tracks["visible_pixels"] > 0).sum())
        chosen = sorted(busy[:_CAMERAS], key=lambda one: one.camera)
        ticks, step = chosen[0].ticks, max(1, round(_SECONDS_BETWEEN * chosen[0].fps))
        tracks = pd.concat([one.tracks for one in chosen])
        seen = tracks.loc[tracks["visible_pixels"] > 0, "tick"].to_numpy(int)
        total = np.concatenate([[0], np.bincount(seen, minlength=ticks).cumsum()])
        count = min(_INSTANTS, -(-ticks // step))
        length = (count - 1) * step + 1
        sums = total[length:] - total[: len(total) - length]
        first = int(sums.argmax())
        found.append((int(sums[first]), chosen, list(range(first, first + length, step))))
    _, chosen, ticks = max(found, key=lambda each: each[0])
    return chosen, ticks


def _frames(
    recorded: Recorded, chosen: list[Sequence], ticks: list[int]
) -> dict[tuple[str, int], np.ndarray]:
    """Small pictures, blue green red, with boxes, by sequence and tick."""
    names = {one.name for one in chosen}
    found: dict[tuple[str, int], np.ndarray] = {}
    for picture in recorded.only(chosen[0].recording, ticks).pictures():
        one = picture.sequence
        if one.name in names:
            pixels = cv2.imdecode(np.frombuffer(picture.lit, np.uint8), cv2.IMREAD_COLOR)
            if pixels is not None:
                found[one.name, picture.tick] = _drawn(one, picture.tick, pixels)
    return found


def _drawn(one: Sequence, tick: int, pixels: np.ndarray) -> np.ndarray:
    scale = _WIDTH / one.width
    size = _WIDTH, round(one.height * scale)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    rows = one.tracks[(one.tracks["tick"] == tick) & (one.tracks["visible_pixels"] > 0)]
    corners = rows[["box_x0", "box_y0", "box_x1", "box_y1"]].to_numpy(float) * scale
    for who, (x0, y0, x1, y1) in zip(rows["person_index"], np.rint(corners).astype(int).tolist()):
        red, green, blue = colorsys.hsv_to_rgb(int(who) * _GOLDEN % 1, 0.85, 1.0)
        colour = 255 * blue, 255 * green, 255 * red
        cv2.rectangle(small, (x0 - 1, y0 - 1), (x1, y1), colour, 1)
        _write(small, str(int(who)), (x0 - 1, max(10, y0 - 3)), colour)
    _write(small, f"{one.camera}  {tick / one.fps:.1f} s", (6, size[1] - 7), (255, 255, 255))
    return small


def _write(picture: np.ndarray, text: str, at: tuple[int, int], colour: tuple[float, ...]) -> None:
    """Small text with a dark edge, which is read before anything."""
    for shade, width in ((0, 0, 0), 2), (colour, 1):
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.36, shade, width, cv2.LINE_AA)


def _sheet(
    shown: dict[tuple[str, int], np.ndarray], chosen: list[Sequence], tick: int
) -> np.ndarray:
    """The pictures of one tick, two in a row."""
    height = round(chosen[0].height * _WIDTH / chosen[0].width)
    lines = -(-len(chosen) // 2)
    sheet = np.full((lines * (height + _GAP) - _GAP, 2 * _WIDTH + _GAP, 3), 255, np.uint8)
    for place, one in enumerate(chosen):
        line, column = divmod(place, 2)
        top, left = line * (height + _GAP), column * (_WIDTH + _GAP)
        black = np.zeros((height, _WIDTH, 3), np.uint8)
        picture = shown.get((one.name, tick), black)[:height]
        sheet[top : top + len(picture), left : left + _WIDTH] = picture
    return sheet
