"""Cameras of an export whose readers know no lens distortion: pictures and boxes made straight.

World here: that of ``synth_workers.calibration``, right-handed, centimetres. Boxes are half-open
pixels that count from the picture's corner; calibrations count from the centre of its first pixel.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

import cv2
import numpy as np

from manifests.errors import CorruptData, NotFound
from manifests.reader import SnapshotReader
from synth_workers.calibration import Calibration
from tasks.publish.cameras import cameras_of

_QUALITY = 95
_BORDER = np.array([(x, y) for y in (0.0, 0.5, 1.0) for x in (0.0, 0.5, 1.0)])
"""Points of a box that tell where its outline goes."""


@dataclass(frozen=True)
class View:
    """How a camera sees; ``calibration`` is that of its pictures as they were recorded."""

    camera: str
    width: int
    height: int
    calibration: Calibration

    @property
    def bent(self) -> bool:
        """Whether the lens distorts."""
        return bool(np.any(self.calibration.distortion))

    def straight_picture(self, lit: bytes) -> bytes:
        """A recorded picture, without distortion; the same bytes if there is none."""
        if not self.bent:
            return lit
        picture = cv2.imdecode(np.frombuffer(lit, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise CorruptData(f"{self.camera}: a recorded picture cannot be read; verify the data")
        matrix, distortion = self.calibration.matrix, self.calibration.distortion
        straight = cv2.undistort(picture, matrix, distortion)
        png = lit[:4] == b"\x89PNG"
        coding = [] if png else [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
        return cv2.imencode(".png" if png else ".jpg", straight, coding)[1].tobytes()

    def straight_boxes(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes (n, 4) x0, y0, x1, y1 around the same things in straight pictures, float64."""
        boxes = np.asarray(boxes, float).reshape(-1, 4)
        if not self.bent or not len(boxes):
            return boxes
        points = boxes[:, None, :2] + _BORDER * (boxes[:, None, 2:] - boxes[:, None, :2])
        matrix = self.calibration.matrix
        moved = cv2.undistortPoints(
            points.reshape(-1, 1, 2) - 0.5, matrix, self.calibration.distortion, P=matrix
        )
        moved = moved.reshape(len(boxes), len(_BORDER), 2) + 0.5
        return np.concatenate([moved.min(axis=1), moved.max(axis=1)], axis=1)

    def in_world(self, rotation: np.ndarray, origin: np.ndarray) -> View:
        """The same camera where a point p of the world is called ``rotation @ p + origin``."""
        old = self.calibration
        turn = old.rotation @ rotation.T
        moved = replace(old, rotation=turn, translation=old.translation - turn @ origin)
        return replace(self, calibration=moved)


def read_views(reader: SnapshotReader, cameras: Collection[str]) -> dict[str, View]:
    """Cameras of a snapshot by name; ``NotFound`` if it has no calibration of some."""
    stored = json.loads(cameras_of(reader, cameras) or b'{"cameras": {}}')["cameras"]
    if missing := sorted(set(cameras) - stored.keys()):
        raise NotFound(
            f"{reader.snapshot.dataset!r} has no calibration of {', '.join(missing)}, without "
            "which this format means nothing: it is older than calibrations; build it again"
        )
    return {name: _view(name, stored[name]) for name in cameras}


def _view(name: str, stored: dict) -> View:
    turn, matrix = (np.reshape(stored[key], (3, 3)) for key in "RK")
    found = Calibration(matrix, turn, np.array(stored["t"]), np.array(stored["distortion"]))
    return View(name, int(stored["width"]), int(stored["height"]), found)
