"""Draws every channel of ground truth of two scenes as one sheet.

``python docs/make_truth_pictures.py`` writes ``docs/pictures/ground_truth.jpg``: per scene what a
camera sees, then depth, normals and classes, below them pieces and flow of the same instant, and
boxes and joints projected by the camera's calibration.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from manifests.recipes_io import load_recipe
from synth_workers.calibration import Calibration, calibration, opencv_points
from synth_workers.channels import (
    CLASS_COLOURS,
    decode_depth,
    decode_flow,
    decode_labels,
    decode_normals,
    stored_channels,
)
from synth_workers.moments import unpack_moment
from synth_workers.people.looks.sampling import people_of
from synth_workers.stills import Scene

FILE = Path(__file__).parent / "pictures" / "ground_truth.jpg"
SCENES = ("street", "supermarket")
_MODES = "lit.png,depth.npy,normal.png,semantics.png,instances.npy,optical_flow.npy"
_SECONDS = 0.2
_EDGES = [(a, b) for a in range(8) for b in range(a) if bin(a ^ b).count("1") == 1]


def draw(scene: Scene, camera: str) -> np.ndarray:
    """(2 h, 4 w, 3) uint8 BGR: eight pictures of one instant."""
    still = scene.render(camera)
    height, width = still.mask.shape
    for person in _said(scene, "vget /objects").split():
        if person.startswith("p") and person[1:].isdigit():
            x, y, z = map(float, _said(scene, f"vget /object/{person}/location").split())
            yaw = float(_said(scene, f"vget /object/{person}/rotation").split()[1])
            step = 140 * _SECONDS * np.array([np.cos(np.radians(yaw)), np.sin(np.radians(yaw))])
            state = json.loads(_said(scene, f"vbp {person} get_state"))
            phase = (float(state["phase"]) + _SECONDS) % 1
            place = f"{x + step[0]:.3f} {y + step[1]:.3f} {z:.3f} {yaw:.3f}"
            _said(scene, f"vbp {person} set_next {place} walk {phase:.6f}")
    moment = unpack_moment(_bytes(scene, f"vget /moment 0 {_MODES}"))
    lit, depth, normals, semantics, instances, flow = (part.data for part in moment.parts)
    size = (width, height)
    kept = stored_channels(
        {"depth": depth, "normals": normals, "semantics": semantics, "flow": flow}, size
    )
    numbers = np.load(io.BytesIO(instances))
    seen = next(c for c in scene.description.cameras if c.name == camera)
    view = calibration(seen.location, seen.rotation, seen.fov, size, seen.distortion)
    picture = cv2.imdecode(np.frombuffer(lit, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    told = json.loads(_said(scene, "vget /people"))
    cells = [
        picture,
        _near_is_bright(decode_depth(kept["depth"])),
        _as_colours(decode_normals(kept["normals"])),
        CLASS_COLOURS[decode_labels(kept["semantics"])][..., ::-1],
        _scattered(numbers),
        _as_wheel(decode_flow(kept["flow"])),
        _with(picture.copy(), told["people"], view, boxes=True),
        _with(picture.copy(), told["people"], view, boxes=False),
    ]
    return np.concatenate([np.concatenate(cells[:4], axis=1), np.concatenate(cells[4:], axis=1)])


def _said(scene: Scene, command: str) -> str:
    reply = scene.ask(command)
    assert isinstance(reply, str)
    return reply


def _bytes(scene: Scene, command: str) -> bytes:
    reply = scene.ask(command)
    assert isinstance(reply, bytes)
    return reply


def _near_is_bright(depth: np.ndarray) -> np.ndarray:
    share = np.nan_to_num(300 / depth, nan=0.0, posinf=0.0).clip(0, 1) ** 0.6
    return cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)


def _as_colours(normals: np.ndarray) -> np.ndarray:
    return np.nan_to_num((normals[..., ::-1] + 1) * 127.5, nan=0.0).astype(np.uint8)


def _scattered(numbers: np.ndarray) -> np.ndarray:
    """A colour for each number, far from those of its neighbours."""
    hue = (numbers.astype(np.uint32) * 97) % 180
    bright = np.where(numbers > 0, 120 + numbers.astype(np.uint32) * 53 % 136, 0)
    strong = np.where(numbers < 256, 255, 110)
    hsv = np.dstack([hue, strong, bright]).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)


def _as_wheel(flow: np.ndarray) -> np.ndarray:
    """Direction as hue, distance as brightness."""
    known = np.nan_to_num(flow)
    far = np.linalg.norm(known, axis=2)
    hue = (np.degrees(np.arctan2(known[..., 1], known[..., 0])) / 2) % 180
    bright = (far / max(float(far.max()), 1e-6)) ** 0.5 * 255
    hsv = np.dstack([hue, np.full_like(hue, 255), bright]).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)


def _with(
    picture: np.ndarray, people: Sequence[dict], view: Calibration, *, boxes: bool
) -> np.ndarray:
    """``picture`` with the boxes or the joints of everybody before the camera."""
    for person in people:
        points = _corners(person["box"]) if boxes else np.array(person["joints"])
        placed = opencv_points(points)
        if ((placed @ view.rotation.T + view.translation)[:, 2] < 50).any():
            continue
        found, _ = cv2.projectPoints(
            placed, view.rotation, view.translation, view.matrix, view.distortion
        )
        if np.abs(found).max() > 4 * max(picture.shape):
            continue
        at = [(round(float(x)), round(float(y))) for x, y in found[:, 0]]
        if boxes:
            for a, b in _EDGES:
                cv2.line(picture, at[a], at[b], (0, 220, 255), 1, cv2.LINE_AA)
        else:
            for place in at:
                cv2.circle(picture, place, 2, (80, 255, 80), -1, cv2.LINE_AA)
    return picture


def _corners(box: Sequence[float]) -> np.ndarray:
    middle, half, yaw = np.array(box[:3]), np.array(box[3:6]) / 2, np.radians(box[6])
    along = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    signs = np.array([[1 if n >> k & 1 else -1 for k in range(3)] for n in range(8)])
    return middle + (signs * half) @ along


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--people", type=int, default=24)
    options = parser.parse_args()
    people = people_of(load_recipe("demo"), range(options.people))
    sheets = []
    with Scene(SCENES[0], people, seed=5, width=480, height=270, supersampling=1.5) as scene:
        for name in SCENES:
            scene.enter(name, 5)
            sheets.append(draw(scene, scene.description.cameras[0].name))
    quality = [cv2.IMWRITE_JPEG_QUALITY, 88]
    cv2.imwrite(str(options.file), np.concatenate(sheets), quality)
    print(options.file, flush=True)


if __name__ == "__main__":
    main()
