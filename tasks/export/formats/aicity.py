"""Recordings in the form of Track 1 of the AI City Challenge 2025: several cameras, one truth.

A folder per recording below ``train``: ``videos/Camera_01.mp4`` and so on, ``calibration.json``,
``ground_truth.json`` with everybody whom some camera sees, by frame. The world is right-handed, in
metres, z up: ``x, -y, z`` of Unreal's by 100. Boxes in the world are those of the channel
``boxes3d`` where the data set has it, else they are guessed from stature. Pictures and the boxes in
them are without lens distortion, of which the form knows nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from manifests.errors import CorruptData, MissingRequirement
from manifests.ground_truth import BOX3D
from manifests.reader import SnapshotReader
from manifests.schema import BOX
from synth_workers.coordinates import to_engine
from synth_workers.people.looks.sampling import sample_people
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded
from tasks.export.recorded import Sequence as Recording
from tasks.export.views import View, read_views
from tasks.publish.mp4 import Mp4Writer, can_code

SPLIT = "train"
"""People of both splits are in the pictures."""

_DEEP, _BROAD = 0.16, 0.28
"""Shares of the stature: tracks know where bodies stand and face, not how far limbs reach."""

Solids = Mapping[tuple[int, int], Sequence[float]]
"""By tick and person: centre x, y, z, length, width, height, cm, and yaw, degrees."""


def write_scenes(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every recording; frames, and how many are missing (videos show the one before)."""
    recorded = Recorded(reader, cameras)
    views = read_views(reader, {one.camera for one in recorded.sequences})
    if not can_code():
        raise MissingRequirement(
            "this format has videos and PyAV is not installed; `pip install 'unrealperson[video]'` "
            "brings it"
        )
    stature, solids = _statures(recorded), _solids(recorded)
    home: dict[str, Path] = {}
    for name, sequences in recorded.together.items():
        root = f"{SPLIT}/{name}"
        called = {one.name: f"Camera_{number:02d}" for number, one in enumerate(sequences, start=1)}
        sensors = [_sensor(called[one.name], one, views[one.camera]) for one in sequences]
        told = {"calibrationType": "cartesian", "sensors": sensors}
        place(folder, f"{root}/calibration.json").write_text(json.dumps(told, indent=1) + "\n")
        measured = solids.get(sequences[0].recording, {})
        truth = json.dumps(_truth(sequences, called, views, stature, measured))
        place(folder, f"{root}/ground_truth.json").write_text(truth + "\n")
        for one in sequences:
            home[one.name] = place(folder, f"{root}/videos/{called[one.name]}.mp4")
    written = 0
    with ExitStack() as open_videos:
        videos = {
            one.name: open_videos.enter_context(
                Mp4Writer(home[one.name], one.width, one.height, one.fps, one.ticks)
            )
            for one in recorded.sequences
        }
        for picture in recorded.pictures():
            one = picture.sequence
            data = np.frombuffer(views[one.camera].straight_picture(picture.lit), np.uint8)
            pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
            if pixels is None:
                raise CorruptData(f"{one.name}: tick {picture.tick} cannot be read")
            videos[one.name].show(picture.tick, pixels)
            written += 1
        for video in videos.values():
            video.finish()
    return written, sum(one.ticks for one in recorded.sequences) - written


def _statures(recorded: Recorded) -> dict[int, float]:
    """How tall everybody is, metres."""
    people = sorted({int(who) for one in recorded.sequences for who in one.tracks["person_index"]})
    specs = sample_people(recorded.recipe.people, recorded.recipe.seed, people, 0)
    return {who: spec.attributes()["stature"] / 100 for who, spec in zip(people, specs)}


def _solids(recorded: Recorded) -> dict[str, Solids]:
    """Measured boxes by recording; none if the data set was made without ``boxes3d``."""
    if "boxes3d" not in recorded.recipe.ground_truth:
        return {}
    columns = [f"box_{name}" for name in BOX3D]
    table = recorded.reader.people3d(["recording", "instant", "person_index", *columns])
    found: dict[str, dict[tuple[int, int], Sequence[float]]] = {}
    for recording, tick, who, *box in zip(*(column.to_pylist() for column in table.columns)):
        found.setdefault(recording, {})[tick, who] = box
    return dict(found)


def _truth(
    sequences: list[Recording],
    called: dict[str, str],
    views: dict[str, View],
    stature: dict[int, float],
    solids: Solids,
) -> dict[str, list[dict[str, Any]]]:
    """By frame, from 0, everybody whom some camera sees, by person."""
    frames: list[dict[int, dict[str, Any]]] = [{} for _ in range(sequences[0].ticks)]
    for one in sequences:
        rows = one.tracks[one.tracks["visible_pixels"] > 0]
        boxes = views[one.camera].straight_boxes(rows[list(BOX)].to_numpy(float))
        boxes = np.clip(np.rint(boxes), 0, [one.width, one.height] * 2).astype(int).tolist()
        for body, box in zip(_bodies(rows, stature, solids), boxes):
            person = frames[body.pop("tick")].setdefault(body["object id"], body)
            person["2d bounding box visible"][called[one.name]] = box
    return {
        str(tick): [people[who] for who in sorted(people)] for tick, people in enumerate(frames)
    }


def _bodies(rows: pd.DataFrame, stature: dict[int, float], solids: Solids) -> list[dict[str, Any]]:
    """Boxes of bodies in the world: middle, extents along where they face, across, upwards."""
    places = to_engine(rows[["x", "y", "z"]].to_numpy(float)).reshape(-1, 3).tolist()
    found: list[dict[str, Any]] = []
    for tick, who, yaw, (x, y, z) in zip(rows["tick"], rows["person_index"], rows["yaw"], places):
        tall = stature[int(who)]
        middle, scale = (x, y, z + tall / 2), (_DEEP * tall, _BROAD * tall, tall)
        turn = -float(np.radians(yaw))
        if box := solids.get((int(tick), int(who))):
            middle, scale = (tuple(value / 100 for value in part) for part in (box[:3], box[3:6]))
            turn = float(np.radians(box[6]))
        found.append(
            {
                "tick": int(tick),
                "object type": "Person",
                "object id": int(who),
                "3d location": [round(value, 4) for value in middle],
                "3d bounding box scale": [round(value, 4) for value in scale],
                "3d bounding box rotation": [0.0, 0.0, round(turn, 4)],
                "2d bounding box visible": {},
            }
        )
    return found


def _sensor(called: str, one: Recording, view: View) -> dict[str, Any]:
    """A camera in the words of ``calibration.json``; ``homography`` leads from the ground z = 0 to
    the picture."""
    found = view.calibration
    extrinsic = np.column_stack([found.rotation, found.translation / 100])
    projection = found.matrix @ extrinsic
    ground = projection[:, [0, 1, 3]]
    x, y, _ = -found.rotation.T @ found.translation / 100
    facing = found.rotation[2]
    attributes = {
        "fps": one.fps,
        "direction": round(float(np.degrees(np.arctan2(facing[1], facing[0]))) % 360, 3),
        "frameWidth": one.width,
        "frameHeight": one.height,
        "name": one.camera,
    }
    return {
        "type": "camera",
        "id": called,
        "coordinates": {"x": float(x), "y": float(y)},
        "scaleFactor": 1.0,
        "translationToGlobalCoordinates": {"x": 0.0, "y": 0.0},
        "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
        "intrinsicMatrix": found.matrix.tolist(),
        "extrinsicMatrix": extrinsic.tolist(),
        "cameraMatrix": projection.tolist(),
        "homography": (ground / ground[2, 2]).tolist(),
    }


FORMAT = ExportFormat(write_scenes, "frames")
