"""Ground truth by choice: asked for in a recipe, kept with frames, published, verified, refused."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from manifests.channels import CHANNELS, CLASSES
from manifests.claims import read_claims
from manifests.errors import BadRecipe, BadScene, NotFound
from manifests.recipe import Recipe
from synth_workers.channels import decode_depth, decode_flow, decode_labels, decode_normals
from tasks.export.export import export_snapshot
from tasks.plan.planner import plan_build
from tasks.publish.verify import verify
from tests.synth_workers.worker.toy_level import ToyLevel
from tests.tasks.render.test_recordings import Toys, built, recipe
from tests.tasks.render.toy_engines import ToyEngine


def asking(*channels: str, **changes: Any) -> Recipe:
    return recipe(3.0, ground_truth=list(channels), **changes)


def with_channels() -> Toys:
    return Toys([ToyEngine(ToyLevel(channels=True, moments=n % 2 == 0)) for n in range(3)])


def test_channels_are_kept_published_and_verified(tmp_path, monkeypatch):
    short = {"video": {"fps": 5, "seconds": 0.6}}
    short["shards"] = {"people_per_shard": 4, "seconds_per_shard": 0.6}
    wanted = asking(*reversed(CHANNELS), **short)
    reader = built(wanted, tmp_path, monkeypatch, with_channels())
    rows = reader.ground_truth().to_pylist()
    assert len(rows) == len(reader.recorded()) == 6
    (claim,) = read_claims(reader.dataset, "frames", {row["render_id"] for row in rows}).values()
    frames = pq.read_table(io.BytesIO(reader.dataset.store.get(claim.key)))
    assert frames.schema.names[-len(CHANNELS) - 1 :] == [*CHANNELS, "people_instances"]
    told = reader.ground_truth().schema.metadata
    assert json.loads(told[b"classes"]) == list(CLASSES)
    assert json.loads(told[b"scenery"])["street"]["256"][1] in CLASSES
    tracks = reader.tracks(["tick", "person_index", "x", "y", "z"]).to_pandas()
    solids = reader.people3d()
    assert solids.schema.metadata[b"joint_names"] == b'["head", "foot"]'
    same = {"left_on": ["instant", "person_index"], "right_on": ["tick", "person_index"]}
    places = solids.to_pandas().merge(tracks.drop_duplicates(), **same)
    assert len(places) == len(solids) >= 3
    turned = places[["x", "y", "z"]].to_numpy() * (1, -1, 1)
    middles = places[["box_x", "box_y", "box_z"]].to_numpy() - turned
    np.testing.assert_allclose(middles, np.tile((0.0, 0.0, 90.0), (len(places), 1)), atol=0.01)
    np.testing.assert_allclose(np.stack(places["joints3d"])[:, 3:], turned, atol=0.01)
    nearest: list[float] = []
    for frame in frames.to_pylist():
        depth, normals = decode_depth(frame["depth"]), decode_normals(frame["normals"])
        assert depth.shape == (frame["height"], frame["width"]) == normals.shape[:2]
        mask = np.isfinite(depth)
        shown = set(np.unique(decode_labels(frame["instances"])).tolist())
        assert shown <= {256, *frame["people_instances"]} and mask.any() == (len(shown) > 1)
        assert (decode_flow(frame["flow"]) == mask[..., None]).all()
        assert mask.any() == any(person["full_pixels"] for person in frame["people"])
        nearest += [float(depth[mask].min())] if mask.any() else []
        np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-3)
    assert nearest and 100 < min(nearest) < 6000
    export_snapshot(reader, "coco-frames", tmp_path / "coco")
    row = rows[-1]
    name = f"{row['render_id']}_{row['frame']:06d}.png"
    exported = (tmp_path / "coco" / "depth" / name).read_bytes()
    assert hashlib.sha256(exported).digest() == row["depth_sha256"]
    boxes_of_challenges_are_measured(reader, tmp_path)
    report = verify(reader)
    assert report.ok, report.problems
    key = reader.dataset.published_key(reader.snapshot.publish_id, "ground_truth.parquet")
    path = tmp_path / "store" / key
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert not verify(reader, quick=True).ok

    windows = {"people_per_shard": 4, "seconds_per_shard": 0.2}
    cut = built(asking(*CHANNELS, **short | {"shards": windows}), tmp_path / "cut", monkeypatch,
                with_channels())  # fmt: skip
    assert cut.snapshot.content_digest == reader.snapshot.content_digest
    # Windows without crops, too.
    shards = set(cut.table(["render_id"])["render_id"].to_pylist())
    assert shards < set(cut.recorded(["render_id"])["render_id"].to_pylist())
    export_snapshot(cut, "coco-frames", tmp_path / "all")
    assert len(list((tmp_path / "all" / "images").iterdir())) == len(rows)
    plain = built(asking(**short), tmp_path / "plain", monkeypatch, with_channels())
    assert plain.snapshot.content_digest != reader.snapshot.content_digest
    assert plain.tracks().drop(["recording"]) == reader.tracks().drop(["recording"])
    with pytest.raises(NotFound, match="`ground_truth`"):
        plain.ground_truth()


def boxes_of_challenges_are_measured(reader, folder):
    """What AI City's form says of bodies is what the channel says, in metres."""
    export_snapshot(reader, "aicity", folder / "aicity")
    (path,) = (folder / "aicity" / "train").glob("*/ground_truth.json")
    truth = json.loads(path.read_text())
    solids = {(row["instant"], row["person_index"]): row for row in reader.people3d().to_pylist()}
    bodies = [(solids[int(k), one["object id"]], one) for k, each in truth.items() for one in each]
    assert len(bodies) >= 3
    for solid, body in bodies:
        middle, size = ("x", "y", "z"), ("length", "width", "height")
        for names, words in ((middle, "location"), (size, "bounding box scale")):
            want = [solid[f"box_{name}"] / 100 for name in names]
            np.testing.assert_allclose(body[f"3d {words}"], want, atol=1e-3)
        turned = [0.0, 0.0, np.radians(solid["box_yaw"])]
        np.testing.assert_allclose(body["3d bounding box rotation"], turned, atol=1e-3)


def test_a_plugin_without_a_channel_is_refused_in_words(tmp_path, monkeypatch):
    toys = Toys([ToyEngine()])
    with pytest.raises(BadScene, match=r"does not deliver the channel depth.*leave depth out"):
        built(asking("depth"), tmp_path, monkeypatch, toys)
    assert len(toys.made) == 1


def test_of_games_only_what_their_plugins_have_is_asked_for():
    game = {"engine": {"kind": "unreal", "game": "mall", "build": "1"}}
    assert asking("depth", "normals", **game).ground_truth == ("depth", "normals")
    with pytest.raises(BadRecipe, match="no command for semantics, flow"):
        asking("depth", "flow", "semantics", **game)


def test_who_does_not_ask_keeps_plans_and_the_order_of_words_does_not_matter():
    assert plan_build(recipe()) == plan_build(asking(shards={"seconds_per_shard": 1.0}))
    assert asking("normals", "depth") == asking("depth", "normals")
    assert "ground_truth" not in plan_build(recipe()).shards[0].model_dump()
    assert plan_build(asking("depth")).shards[0].ground_truth == ("depth",)


@pytest.mark.parametrize(
    ("channels", "changes", "words"),
    [
        (["depht"], {}, r"ground_truth\[0\]: must be one of depth, normals, "),
        (["depth", "depth"], {}, "depth is named twice"),
        (["flow"], {"video": None}, "so it needs `video`"),
        (["depth"], {"keep_frames": False, "video": None}, "ground_truth: set keep_frames: true"),
        (["depth"], {"video": None, "engine": {"contract": "unrealperson"}}, "must be `person`"),
    ],
)
def test_bad_wishes_are_refused(channels, changes, words):
    with pytest.raises(BadRecipe, match=words):
        asking(*channels, **changes)
