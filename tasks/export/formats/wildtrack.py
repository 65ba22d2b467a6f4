"""Recordings in WILDTRACK's layout (Chavdarova et al., CVPR 2018): where people stand on a grid.

A folder per recording: ``Image_subsets/C1`` and so on, ``annotations_positions/00000000.json`` per
tick, ``calibrations``. Readers know the grid by heart, 480 times 1,440 cells of 2.5 cm from
(-300, -900) cm on, and seven cameras by name. So the world is turned and moved such that this
ground, 12 m times 36 m, lies where most people were seen; who stands outside is not annotated, as
in WILDTRACK. Pictures are without lens distortion, as ``intrinsic_zero`` wants them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader
from manifests.schema import FULL_BOX
from synth_workers.calibration import opencv_points
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded, Sequence
from tasks.export.views import View, read_views

CELL, COLUMNS, ROWS = 2.5, 480, 1440
ORIGIN = np.array([-300.0, -900.0, 0.0])
NAMES = ("CVLab1", "CVLab2", "CVLab3", "CVLab4", "IDIAP1", "IDIAP2", "IDIAP3")
"""What the files of the first camera, the second and so on are called."""

_STEP = 50.0
"""The ground is looked for in steps of so many centimetres."""

_IN_MEMORY = cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_MEMORY | cv2.FILE_STORAGE_FORMAT_XML
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_NOWHERE = dict.fromkeys(_CORNERS, -1)


@dataclass(frozen=True)
class Ground:
    """A point p of our world (``synth_workers.calibration``) is ``rotation @ p + origin`` here."""

    rotation: np.ndarray
    origin: np.ndarray

    def cells(self, points: np.ndarray) -> np.ndarray:
        """Position numbers of points (n, 3) of our world, int64; -1 outside the grid."""
        there = points @ self.rotation.T + self.origin
        column, row = np.floor((there[:, :2] - ORIGIN[:2]) / CELL).astype(np.int64).T
        inside = (column >= 0) & (column < COLUMNS) & (row >= 0) & (row < ROWS)
        return np.where(inside, row * COLUMNS + column, -1)


def write_positions(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every recording; frames, and how many are missing."""
    recorded = Recorded(reader, cameras)
    for name, sequences in recorded.together.items():
        if len(sequences) > len(NAMES):
            raise BadRecipe(
                f"{name}: {len(sequences)} cameras, and WILDTRACK has names for {len(NAMES)}; "
                "choose some with --camera"
            )
    views = read_views(reader, {one.camera for one in recorded.sequences})
    home: dict[str, str] = {}
    for name, sequences in recorded.together.items():
        ground = place_ground(sequences)
        for number, one in enumerate(sequences):
            home[one.name] = f"{name}/Image_subsets/C{number + 1}"
            view = views[one.camera].in_world(ground.rotation, ground.origin)
            for path, text in _calibration(view, NAMES[number]).items():
                place(folder, f"{name}/calibrations/{path}").write_text(text)
        for tick, people in enumerate(_annotations(sequences, views, ground)):
            path = f"{name}/annotations_positions/{tick:08d}.json"
            place(folder, path).write_text(json.dumps(people, indent=1))
        told = {
            "cameras": {NAMES[number]: one.camera for number, one in enumerate(sequences)},
            "fps": sequences[0].fps,
            "rotation": ground.rotation.tolist(),
            "origin": ground.origin.tolist(),
            "note": "rotation @ p + origin of a point p of cameras.json, centimetres",
        }
        place(folder, f"{name}/about.json").write_text(json.dumps(told, indent=1) + "\n")
    written = 0
    for picture in recorded.pictures():
        path = f"{home[picture.sequence.name]}/{picture.tick:08d}{picture.suffix}"
        straight = views[picture.sequence.camera].straight_picture(picture.lit)
        place(folder, path).write_bytes(straight)
        written += 1
    return written, sum(one.ticks for one in recorded.sequences) - written


def place_ground(sequences: list[Sequence]) -> Ground:
    """The ground on which most people were seen, as often as cameras saw them."""
    seen = pd.concat([one.tracks[one.tracks["visible_pixels"] > 0] for one in sequences])
    points = ground_points(seen)
    height = float(np.median(points[:, 2])) if len(points) else 0.0
    found: list[tuple[int, Ground]] = []
    # Along the world's second axis, then along its first one.
    for rotation in (np.eye(3), np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])):
        there = points @ rotation.T
        count, corner = _fullest(there[:, :2], np.array([COLUMNS, ROWS]) * CELL)
        found.append((count, Ground(rotation, ORIGIN - [corner[0], corner[1], height])))
    return max(found, key=lambda each: each[0])[1]


def _fullest(points: np.ndarray, size: np.ndarray) -> tuple[int, np.ndarray]:
    """How many points (n, 2) the fullest rectangle of a size has, and its low corner."""
    if not len(points):
        return 0, np.zeros(2)
    low = np.floor(points.min(axis=0) / _STEP) * _STEP
    count = np.ceil((points.max(axis=0) - low) / _STEP).astype(int) + 1
    histogram = np.zeros(tuple(count + 1))
    place = np.floor((points - low) / _STEP).astype(int) + 1
    np.add.at(histogram, tuple(place.T), 1)
    total = histogram.cumsum(axis=0).cumsum(axis=1)
    steps = np.minimum((size // _STEP).astype(int), count)
    wide, tall = steps
    inside = total[wide:, tall:] - total[:-wide, tall:] - total[wide:, :-tall]
    inside += total[:-wide, :-tall]
    best = np.unravel_index(inside.argmax(), inside.shape)
    # In the middle of the rectangle if there is room on all sides.
    spare = size - steps * _STEP
    return int(inside.max()), low + np.array(best) * _STEP - spare / 2


def _annotations(
    sequences: list[Sequence], views: dict[str, View], ground: Ground
) -> list[list[dict[str, Any]]]:
    """Per tick everybody on the ground whom some camera sees, by person."""
    tracks = pd.concat([one.tracks.assign(view=k) for k, one in enumerate(sequences)])
    tracks["cell"] = ground.cells(ground_points(tracks))
    pixels = tracks.groupby(["tick", "person_index"])["visible_pixels"].transform("max")
    tracks = tracks[(pixels > 0) & (tracks["cell"] >= 0)].dropna(subset=list(FULL_BOX))
    nowhere = [{"viewNum": k, **_NOWHERE} for k in range(len(sequences))]
    ticks: list[dict[int, dict[str, Any]]] = [{} for _ in range(sequences[0].ticks)]
    for number, rows in tracks.groupby("view"):
        view = int(str(number))
        full = rows[list(FULL_BOX)].to_numpy(float)
        boxes = np.rint(views[sequences[view].camera].straight_boxes(full)).astype(int).tolist()
        for tick, who, cell, box in zip(rows["tick"], rows["person_index"], rows["cell"], boxes):
            new = {"personID": int(who), "positionID": int(cell), "views": list(nowhere)}
            about = ticks[tick].setdefault(int(who), new)
            about["views"][view] = {"viewNum": view, **dict(zip(_CORNERS, box))}
    return [[people[who] for who in sorted(people)] for people in ticks]


def ground_points(tracks: pd.DataFrame) -> np.ndarray:
    """Where people stand, (n, 3), in our world; of columns x, y, z of tracks."""
    return opencv_points(tracks[["x", "y", "z"]].to_numpy(float)).reshape(-1, 3)


def _calibration(view: View, name: str) -> dict[str, str]:
    """OpenCV's XML of a camera, by path."""
    found = view.calibration
    turn = cv2.Rodrigues(found.rotation)[0].ravel()
    within = cv2.FileStorage("", _IN_MEMORY)
    within.write("camera_matrix", found.matrix)
    within.write("distortion_coefficients", np.zeros((5, 1)))
    # Readers split these two at single spaces.
    around = "".join(
        f"<{key}>{' '.join(repr(float(value)) for value in values)}</{key}>\n"
        for key, values in (("rvec", turn), ("tvec", found.translation))
    )
    head = '<?xml version="1.0"?>\n<opencv_storage>\n'
    return {
        f"intrinsic_zero/intr_{name}.xml": within.releaseAndGetString(),
        f"extrinsic/extr_{name}.xml": f"{head}{around}</opencv_storage>\n",
    }


FORMAT = ExportFormat(write_positions, "frames")
