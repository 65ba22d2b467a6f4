"""Drawn frames as a published data set, the way a build makes one."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pyarrow.parquet as pq

from manifests.claims import Claim, claim
from manifests.dataset import Dataset
from manifests.identity import crop_id, render_id
from manifests.layout import ClaimKind
from manifests.reader import SnapshotReader
from manifests.recipes_io import load_recipe
from manifests.shards import BuildPlan
from manifests.stores import open_store
from tasks.annotate.shard import annotate_bundle
from tasks.publish.publish import publish_dataset
from tests.tasks.annotate.drawing import Scene, everybody, shard_of, write_bundle
from tests.tasks.annotate.test_joints import standing

PEOPLE = 6


def scenes() -> list[Scene]:
    """Two cameras, three instants; everybody in view, person 5 mostly behind a post."""
    frames = []
    for number in range(6):
        scene = Scene(frame=number, time=number // 2 * 2.0, camera=f"street_c0{number % 2 + 1}")
        for person in range(5):
            box = (20 + person * 110 + number * 4, 100, 90 + person * 110 + number * 4, 340)
            scene.person(person, box, joints=standing(*box), distance=900.0)
        box = (525 + number * 4, 110, 585 + number * 4, 330)
        scene.person(5, box, joints=standing(*box), distance=1500.0)
        scene.owner[100:340, 535:575] = -1
        frames.append(scene)
    return frames


def publish(folder: Path, keep_frames: bool) -> tuple[SnapshotReader, list[Scene]]:
    """A published data set of the drawn frames, the way a build makes one."""
    drawn = scenes()
    recipe = load_recipe(
        "demo",
        overrides={
            "name": "drawn",
            "seed": 7,
            "people.count": PEOPLE,
            "scenes": [{"name": "street", "cameras": "demo"}],
            "on_shortfall": "drop_person",
            "images_per_person": 4,
            "min_cameras_per_person": 2,
            "annotation.joints": True,
        },
    )
    shard = shard_of(PEOPLE)
    bundle = write_bundle(folder / "frames.parquet", [scene.row(lit="jpg") for scene in drawn])
    annotated = annotate_bundle(bundle, recipe.annotation, shard, everybody(PEOPLE))
    crops = annotated.crops
    stream = io.BytesIO()
    pq.write_table(crops, stream)
    dataset, rendered = Dataset("drawn", open_store(folder / "store")), render_id(shard)
    claims = {}
    kinds: list[tuple[ClaimKind, str, bytes, int]] = [
        ("crops", crop_id(rendered, recipe.annotation), stream.getvalue(), crops.num_rows)
    ]
    if keep_frames:
        kinds.append(("frames", rendered, bundle.read_bytes(), len(drawn)))
    for kind, identity, data, rows in kinds:
        attempt = "0" * 32
        key = getattr(dataset, f"{kind}_key")(identity, attempt)
        dataset.store.put(key, data)
        claims[kind] = claim(
            dataset,
            kind,
            Claim(
                id=identity,
                render_id=rendered,
                attempt=attempt,
                key=key,
                sha256=hashlib.sha256(data).hexdigest(),
                rows=rows,
                bytes=len(data),
                statistics=annotated.statistics if kind == "crops" else {},
            ),
        )
    plan = BuildPlan(recipe_digest="0" * 32, round=0, shards=(shard,))
    made = publish_dataset(recipe, dataset, [plan], {claims["crops"].id: claims["crops"]})
    return SnapshotReader(dataset, made), drawn
