"""From drawn frames to a published snapshot to whole frames as COCO, read by pycocotools."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.claims import Claim, claim
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.identity import crop_id, render_id
from manifests.layout import ClaimKind
from manifests.reader import SnapshotReader
from manifests.recipes_io import load_recipe
from manifests.shards import BuildPlan
from manifests.stores import open_store
from tasks.annotate.shard import annotate_bundle
from tasks.export.export import export_snapshot
from tasks.publish.publish import publish_dataset
from tests.tasks.annotate.drawing import Scene, everybody, shard_of, write_bundle
from tests.tasks.annotate.test_joints import standing

coco_api = pytest.importorskip("pycocotools.coco")

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
    crops = annotate_bundle(bundle, recipe.annotation, shard, everybody(PEOPLE)).crops
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
            ),
        )
    plan = BuildPlan(recipe_digest="0" * 32, round=0, shards=(shard,))
    made = publish_dataset(recipe, dataset, [plan], {claims["crops"].id: claims["crops"]})
    return SnapshotReader(dataset, made), drawn


def test_frames_hold_everybody_in_view(tmp_path):
    reader, drawn = publish(tmp_path, keep_frames=True)
    done = export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert done.written == len(drawn)
    data = coco_api.COCO(str(tmp_path / "coco" / "annotations" / "instances.json"))
    assert len(data.imgs) == len(drawn)
    for image in data.imgs.values():
        number = int(image["file_name"].split("_")[1].split(".")[0])
        scene = drawn[number]
        assert (tmp_path / "coco" / "images" / image["file_name"]).stat().st_size > 1000
        annotations = data.loadAnns(data.getAnnIds(image["id"]))
        seen = np.unique(scene.owner[scene.owner >= 0])
        assert sorted(a["person"] - 1 for a in annotations) == seen.tolist()
        for annotation in annotations:
            mask = scene.owner == annotation["person"] - 1
            assert np.array_equal(data.annToMask(annotation).astype(bool), mask)
            ys, xs = np.nonzero(mask)
            assert annotation["bbox"] == [
                xs.min(),
                ys.min(),
                xs.max() + 1 - xs.min(),
                ys.max() + 1 - ys.min(),
            ]
            assert annotation["num_keypoints"] > 10


def test_the_command_line_writes_the_frames_of_some_cameras(tmp_path):
    reader, drawn = publish(tmp_path, keep_frames=True)
    command = ["export", "drawn", "--format", "coco-frames", "--camera", "street_c02"]
    command += ["--output", str(tmp_path / "coco"), "--store", reader.dataset.store.uri]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0, said.output
    assert f"{len(drawn) // 2} frames in {tmp_path / 'coco'}" in said.output
    data = coco_api.COCO(str(tmp_path / "coco" / "annotations" / "instances.json"))
    assert {image["camera"] for image in data.imgs.values()} == {"street_c02"}
    with pytest.raises(BadRecipe, match="no camera street_c09; there are street_c01, street_c02"):
        export_snapshot(reader, "coco-frames", tmp_path / "other", ["street_c09"])


def test_a_damaged_bundle_is_named_and_exports_nothing(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=True)
    store = reader.dataset.store
    (bundle,) = store.list("drawn/frames/")
    data = bytearray(store.get(bundle.key))
    data[len(data) // 2] ^= 1
    store.put(bundle.key, bytes(data))
    with pytest.raises(CorruptData, match=bundle.key):
        export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert not (tmp_path / "coco").exists()


def test_without_kept_frames_the_export_says_what_to_do(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=False)
    with pytest.raises(NotFound, match="keep_frames"):
        export_snapshot(reader, "coco-frames", tmp_path / "coco")
    assert not (tmp_path / "coco").exists()


def test_a_published_set_exports_like_any_other(tmp_path):
    reader, _ = publish(tmp_path, keep_frames=False)
    done = export_snapshot(reader, "tracklets", tmp_path / "t")
    assert done.written > 0
