"""Recordings: every camera at every tick, cut anywhere, and what is published of them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, MissingRequirement, NotFound, StoreUnsuitable
from manifests.reader import SnapshotReader, open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.recordings import TRACKS_FILE
from manifests.snapshots import latest_snapshot
from manifests.stores import open_store
from tasks.jobs import Events, read_job
from tasks.plan.cost import estimate
from tasks.plan.planner import plan_build
from tasks.plan.unit_costs import shipped_unit_costs
from tasks.publish.garbage import collect_garbage
from tasks.publish.lineage import code_version
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tasks.publish.videos import require_coder
from tasks.render import process
from tasks.render.jobs import BuildPlace, ShardJob, run_shard
from tests.full_disk import full_disk
from tests.synth_workers.worker.scripted_server import Fault
from tests.tasks.render.toy_engines import ToyEngine
from tests.tasks.report.publishing import publish_small

FPS, SECONDS, CAMERAS = 5, 3.0, ("street_c01", "street_c02")
SMALL = {
    "people": {"count": 4},
    "scenes": [{"name": "street", "cameras": list(CAMERAS)}],
    "image": {"width": 320, "height": 240, "supersampling": 1.0},
    "capture": {"min_person_height": 40, "min_seconds_between": 0.6},
    "annotation": {"min_height": 24, "min_visible_pixels": 60, "min_visibility": 0.2},
    "video": {"fps": FPS, "seconds": SECONDS},
    "images_per_person": 1,
    "min_cameras_per_person": 1,
}


def recipe(seconds_per_shard: float = 1.0, **changes: Any) -> Recipe:
    shards = {"people_per_shard": 4, "seconds_per_shard": seconds_per_shard}
    shards |= changes.pop("shards", {})
    return load_recipe("video", overrides={**SMALL, "shards": shards, **changes})


@dataclass
class Toys:
    """Runs jobs in this process, by these engines and then by sound ones."""

    first: Sequence[ToyEngine] = ()
    made: list[ToyEngine] = field(default_factory=list[ToyEngine])

    def engine(self, *_: object) -> ToyEngine:
        count = len(self.made)
        self.made.append(self.first[count] if count < len(self.first) else ToyEngine())
        return self.made[-1]

    def run(self, module: str, job_file: Path, log_file: Path, on_event: Any) -> dict[str, Any]:
        job = read_job(job_file, ShardJob)
        return process.run_job(job, Events(io.StringIO())).model_dump(mode="json")


def built(
    wanted: Recipe, folder: Path, monkeypatch: pytest.MonkeyPatch, toys: Toys
) -> SnapshotReader:
    monkeypatch.setattr("tasks.render.shard.engine_of", toys.engine)
    dataset, plan = Dataset(wanted.name, open_store(folder / "store")), plan_build(wanted)
    place = BuildPlace(dataset, folder / "work")
    done = [run_shard(shard, wanted, place, toys, lambda _: None) for shard in plan.shards]
    publish_dataset(wanted, dataset, [plan], {claim.id: claim for claim in done})
    return open_snapshot(dataset)


def test_windows_and_lost_engines_change_nothing(tmp_path, monkeypatch):
    calm = built(recipe(), tmp_path / "calm", monkeypatch, Toys())
    lost = Toys([ToyEngine(faults=(Fault("drop", "object_mask", at=9),), dies=True)])
    other = built(recipe(1.4), tmp_path / "other", monkeypatch, lost)
    assert lost.made[0].faults[0].seen >= 9 and len(lost.made) == 4  # three windows, one twice
    assert calm.snapshot.content_digest == other.snapshot.content_digest
    assert calm.snapshot.recipe_digest != other.snapshot.recipe_digest

    frames = calm.recorded().to_pandas()
    ticks = round(FPS * SECONDS)
    assert len(frames) == ticks * len(CAMERAS)
    for _, seen in frames.groupby("camera"):
        assert seen["tick"].tolist() == list(range(ticks))
        np.testing.assert_allclose(seen["time"], seen["tick"] / FPS)
    assert frames["lit_sha256"].nunique() > 5  # toys draw no noise, and a place may be empty

    tracks = calm.tracks().to_pandas()
    assert not tracks.duplicated(["camera", "tick", "person_index"]).any()
    both = tracks.groupby(["tick", "person_index"])[["x", "y", "z"]].nunique()
    assert (both == 1).all(axis=None)  # one instant, whichever camera looks
    seen = tracks[tracks["visible_pixels"] > 0]
    assert len(seen) >= 10 and (seen["visibility"] > 0).all()
    hidden = tracks[tracks["visible_pixels"] == 0]
    assert hidden["box_x0"].isna().all() and (hidden["visibility"] == 0).all()
    report = verify(calm)
    assert report.ok, report.problems
    card = calm.dataset.published_key(calm.snapshot.publish_id, "README.md")
    said = calm.dataset.store.get(card).decode()
    assert "5 times a second for\n3 s." in said and "`video-*.mp4`" in said and "| `tick` |" in said
    croissant = json.loads(
        (tmp_path / "calm" / "store" / card).with_name("croissant.json").read_text()
    )
    listed = {file["@id"]: file for file in croissant["distribution"]}
    for file in (*calm.videos().values(), *calm.snapshot.files):
        if (name := file.key.rpartition("/")[2]).endswith((".mp4", ".parquet")):
            assert listed[name]["sha256"] == file.sha256
    assert {"frames", "tracks"} <= {records["@id"] for records in croissant["recordSet"]}
    assert [len(one.videos()) for one in (calm, other)] == [len(CAMERAS)] * 2


def test_a_full_disk_leaves_nothing_half_published(tmp_path, monkeypatch):
    wanted, toys = recipe(video={"fps": FPS, "seconds": 1.0}), Toys()
    code_version()  # asked of git, which leaves a lock where a limit on files ends it
    plan = plan_build(wanted)
    monkeypatch.setattr("tasks.render.shard.engine_of", toys.engine)
    monkeypatch.setattr("tasks.publish.mp4._SETTINGS", {"preset": "ultrafast", "crf": "0"})
    dataset = Dataset(wanted.name, open_store(tmp_path / "store"))
    place = BuildPlace(dataset, tmp_path / "work")
    with pytest.raises(StoreUnsuitable, match="no space left"), full_disk(30_000):
        run_shard(plan.shards[0], wanted, place, toys, lambda _: None)
    assert not [found for found in (tmp_path / "store").rglob("*") if found.is_file()]
    claim = run_shard(plan.shards[0], wanted, place, toys, lambda _: None)
    rest = (wanted, dataset, [plan], {claim.id: claim})
    # Labels and tracks still find room, lossless videos do not.
    with pytest.raises(StoreUnsuitable, match="no space left"), full_disk(16_000):
        publish_dataset(*rest)
    assert latest_snapshot(dataset) is None and not list(tmp_path.rglob("*.mp4"))
    publish_dataset(*rest)
    reader = open_snapshot(dataset)
    assert len(reader.videos()) == len(CAMERAS)
    removed = collect_garbage(dataset, lease_seconds=0, delete=True)
    assert any(orphan.key.endswith(TRACKS_FILE) for orphan in removed.orphans)
    assert verify(reader).ok


def test_without_a_coder_nothing_is_begun(monkeypatch):
    monkeypatch.setattr("tasks.publish.videos.can_code", lambda: False)
    require_coder(recipe(video={"fps": FPS, "seconds": SECONDS, "mp4": False}))
    with pytest.raises(MissingRequirement, match=r"video\.mp4.*unrealperson\[video\]"):
        require_coder(recipe())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"video": {"fps": 5, "seconds": 2.5}}, "12.5 ticks"),
        ({"video": {"fps": 31, "seconds": 2}}, "at most 30, got 31"),
        ({"shards": {"people_per_shard": 4, "seconds_per_shard": 0.5}}, "seconds_per_shard: 0.5 s"),
        ({"people": {"count": 6}}, "must divide people.count"),
        ({"max_rounds": 1}, "max_rounds: 0"),
        ({"keep_frames": False}, "keep_frames"),
        ({"on_shortfall": "error"}, "drop_person"),
        ({"engine": {"contract": "unrealperson"}}, "clock of its own"),
    ],
)
def test_bad_recordings_are_refused(changes, words):
    with pytest.raises(BadRecipe, match=words):
        recipe(**changes)


def test_a_single_camera_is_refused():
    with pytest.raises(BadRecipe, match="one camera, street_c01"):
        plan_build(recipe(scenes=[{"name": "street", "cameras": "street_c01"}]))


def test_a_longer_recording_begins_as_a_shorter_one():
    longer = recipe(video={"fps": FPS, "seconds": 2 * SECONDS})
    short, more = plan_build(recipe()).shards, plan_build(longer).shards
    assert more[: len(short)] == short and len(more) == 2 * len(short)


def test_data_sets_without_recordings_say_so(tmp_path):
    with pytest.raises(NotFound, match="has no recordings"):
        publish_small(open_store(tmp_path), people=4, images=1).tracks()


def test_the_cost_of_a_recording_is_that_of_its_frames():
    found = estimate(recipe(), shipped_unit_costs())
    assert found.frames == round(FPS * SECONDS) * len(CAMERAS) and found.shards == 3
