"""A recording whose truth is known: upright shapes that walk before cameras around a place, drawn
and published the way a build does."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from manifests.claims import Claim, claim
from manifests.dataset import Dataset
from manifests.identity import crop_id, render_id
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from manifests.stores import open_store
from synth_workers.coordinates import project
from tasks.annotate.shard import annotate_bundle
from tasks.plan.planner import plan_build
from tasks.publish.publish import publish_dataset
from tests.tasks.annotate.drawing import Scene, everybody, write_bundle

FPS, TICKS, PEOPLE, FOV = 4, 8, 4, 70.0
WIDTH, HEIGHT = 480, 320
TALL, BROAD = 176.0, 64.0
CAMERAS = tuple(f"crossing_c{number:02d}" for number in range(1, 9))
BENT = (-0.05, 0.0)
"""Distortion of every second camera."""

AROUND = (300.0, -400.0)
"""Where in the world the place is."""


def wanted(cameras: int) -> Recipe:
    return load_recipe(
        "video",
        overrides={
            "name": "drawn",
            "seed": 7,
            "people": {"count": PEOPLE},
            "scenes": [{"name": "crossing", "cameras": list(CAMERAS[:cameras])}],
            "image": {"width": WIDTH, "height": HEIGHT},
            "annotation": {"min_height": 40, "min_visible_pixels": 200, "min_visibility": 0.5},
            "video": {"fps": FPS, "seconds": TICKS / FPS},
            "shards": {"people_per_shard": PEOPLE, "seconds_per_shard": TICKS / FPS / 2},
            "images_per_person": 2,
            "min_cameras_per_person": 2,
            "capture": {"min_person_height": 32, "min_seconds_between": 0.5},
            "splits": {"test_share": 0.5},
        },
    )


def stands(person: int, tick: int) -> tuple[float, float]:
    """Where somebody is: on a straight way of their own, 30 cm a tick."""
    angle = 2 * np.pi * person / PEOPLE
    along = 30.0 * (tick - TICKS / 2)
    x = AROUND[0] + 150 * np.cos(angle) - along * np.sin(angle)
    return float(x), float(AROUND[1] + 150 * np.sin(angle) + along * np.cos(angle))


def view(camera: int) -> dict[str, Any]:
    """Fields of a frame: eight cameras on a ring that look at its middle, from above."""
    angle = 2 * np.pi * camera / len(CAMERAS)
    location = [AROUND[0] + 700 * np.cos(angle), AROUND[1] + 700 * np.sin(angle), 300.0]
    rotation = [-18.0, float(np.degrees(angle)) + 180.0, 0.0]
    return {
        "camera_location": [float(value) for value in location],
        "camera_rotation": rotation,
        "camera_distortion": list(BENT if camera % 2 else (0.0, 0.0)),
        "fov": FOV,
    }


def box_of(camera: int, x: float, y: float) -> tuple[int, int, int, int]:
    """Around a board that stands at (x, y) and faces the camera, whole pixels."""
    told = view(camera)
    yaw = np.radians(told["camera_rotation"][1])
    side = np.array([-np.sin(yaw), np.cos(yaw), 0.0]) * BROAD / 2
    foot = np.array([x, y, 0.0])
    corners = [foot + turn * side + [0, 0, z] for turn in (-1, 1) for z in (0, TALL)]
    lens = tuple(told["camera_distortion"])
    place, turn = told["camera_location"], told["camera_rotation"]
    seen = project(np.array(corners), place, turn, FOV, WIDTH, HEIGHT, lens)[:, :2]
    low, high = np.floor(seen.min(axis=0)), np.ceil(seen.max(axis=0))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def row(camera: int, tick: int, frame: int) -> dict[str, Any]:
    """A frame of a bundle; nearer people stand in front."""
    told = view(camera)
    scene = Scene(WIDTH, HEIGHT, CAMERAS[camera], frame, tick / FPS)
    away = {
        person: float(np.hypot(*np.subtract(stands(person, tick), told["camera_location"][:2])))
        for person in range(PEOPLE)
    }
    for person in sorted(away, key=lambda person: -away[person]):
        x, y = stands(person, tick)
        box = box_of(camera, x, y)
        scene.person(person, box, "rectangle", distance=away[person], position=(x, y))
    scene.people.sort(key=lambda one: one["person_index"])
    made = scene.row(lit="jpg") | told | {"instant": tick}
    return made | {"visible": [_visible(scene, one["person_index"]) for one in scene.people]}


def _visible(scene: Scene, person: int) -> dict[str, Any]:
    ys, xs = np.nonzero(scene.owner == person)
    if not len(xs):
        return {"visible_pixels": 0}
    edges = {"box_x0": xs.min(), "box_y0": ys.min(), "box_x1": xs.max() + 1, "box_y1": ys.max() + 1}
    return {"visible_pixels": len(xs), **{name: int(value) for name, value in edges.items()}}


def publish(folder: Path, cameras: int = 2) -> SnapshotReader:
    """A published data set of ``TICKS`` ticks before so many cameras, in two windows."""
    recipe = wanted(cameras)
    dataset, plan = Dataset(recipe.name, open_store(folder / "store")), plan_build(recipe)
    claims = dict(_crops(dataset, recipe, shard, folder) for shard in plan.shards)
    return SnapshotReader(dataset, publish_dataset(recipe, dataset, [plan], claims))


def _crops(dataset: Dataset, recipe: Recipe, shard: ShardSpec, folder: Path) -> tuple[str, Claim]:
    """Draw and annotate a shard; its frames and crops are claimed."""
    assert shard.video is not None
    ticks = range(shard.video.first, shard.video.first + shard.video.ticks)
    seen = [(camera, tick) for tick in ticks for camera in range(len(shard.cameras))]
    rows = [row(camera, tick, number) for number, (camera, tick) in enumerate(seen)]
    bundle = write_bundle(folder / "frames.parquet", rows, group=8)
    annotated = annotate_bundle(bundle, recipe.annotation, shard, everybody(PEOPLE))
    stream = io.BytesIO()
    pq.write_table(annotated.crops, stream)
    rendered = render_id(shard)
    _claim(dataset, "frames", rendered, rendered, bundle.read_bytes(), len(rows), {})
    identity, crops = crop_id(rendered, recipe.annotation), annotated.crops.num_rows
    made = annotated.statistics
    return identity, _claim(dataset, "crops", identity, rendered, stream.getvalue(), crops, made)


def _claim(
    dataset: Dataset, kind: Any, identity: str, rendered: str, data: bytes, rows: int, said: Any
) -> Claim:
    key = getattr(dataset, f"{kind}_key")(identity, "0" * 32)
    dataset.store.put(key, data)
    named = {"id": identity, "render_id": rendered, "attempt": "0" * 32, "key": key}
    digest = hashlib.sha256(data).hexdigest()
    made = Claim(**named, sha256=digest, rows=rows, bytes=len(data), statistics=said)
    return claim(dataset, kind, made)
