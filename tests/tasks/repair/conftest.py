"""A small published data set whose shards are jobs as in a build, but for their pixels."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from manifests.annotation_rules import AnnotationRules
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.expenses import record_expense
from manifests.identity import render_id
from manifests.recipe import Recipe
from manifests.schema import CROPS, REFUSALS
from manifests.shards import BuildPlan, ShardSpec
from manifests.snapshots import Snapshot
from manifests.stores import open_store
from tasks.annotate.shard import AnnotatedShard
from tasks.annotate.statistics import shard_statistics
from tasks.jobs import Events, read_job
from tasks.plan.planner import plan_build
from tasks.publish.publish import publish_dataset
from tasks.render import process
from tasks.render.engines import EngineShelf
from tasks.render.jobs import BuildPlace, ShardJob, run_shard
from tasks.render.shard import FrameBundle
from tasks.repair.repair import repair_dataset
from tasks.repair.report import RepairReport
from tests.manifests.claimed_shards import crop_row, recipe


def wanted() -> Recipe:
    """Four people in two shards, whose frames are kept."""
    return recipe(people=4, images=6, shards={"people_per_shard": 4}, keep_frames=True)


def _rendered(
    job: ShardJob, identity: str, scratch: Path, events: Events, shelf: EngineShelf | None
) -> FrameBundle:
    path = scratch / "frames.parquet"
    path.write_text(f"frames of {identity}")
    return FrameBundle(path, 4, {"renderer": "none"}, {"worker": 0.0, "engine": 0.0}, ())


def _annotated(_: Path, rules: AnnotationRules, shard: ShardSpec, people: Any) -> AnnotatedShard:
    rows = [
        crop_row(person.index, shard.scene, camera, frame, render_id=render_id(shard))
        for frame in range(2)
        for camera in shard.cameras[:3]
        for person in shard.people
    ]
    crops, refusals = pa.Table.from_pylist(rows, schema=CROPS), REFUSALS.empty_table()
    return AnnotatedShard(crops, refusals, shard_statistics(crops, refusals, {"street_c01": 4}))


@dataclass
class InThisProcess:
    """Runs jobs as they are, in this process; ``shards``: which, in order."""

    shards: list[str] = field(default_factory=list[str])
    before: Callable[[], None] = lambda: None

    def run(self, module: str, job_file: Path, log_file: Path, on_event: Any) -> dict[str, Any]:
        self.before()
        job = read_job(job_file, ShardJob)
        self.shards.append(job.shard.scene)
        return process.run_job(job, Events(io.StringIO())).model_dump(mode="json")


@dataclass(frozen=True)
class Made:
    """The data set, its snapshot, and the store's folder."""

    dataset: Dataset
    snapshot: Snapshot
    folder: Path
    work: Path

    def path(self, key: str) -> Path:
        return self.folder / key

    def claim(self, scene: str) -> Claim:
        """The claim on the shard of a scene."""
        from manifests.claims import claimed_ids, read_claims

        ids = claimed_ids(self.dataset, "crops")
        found = read_claims(self.dataset, "crops", ids).values()
        shards = {render_id(shard): shard.scene for shard in the_plan().shards}
        return next(claim for claim in found if shards[claim.render_id] == scene)

    def files(self) -> dict[str, bytes]:
        """Everything stored but records of repairs, by key."""
        listed = self.dataset.store.list("toy/")
        kept = (info.key for info in listed if "/repairs/" not in info.key)
        return {key: self.dataset.store.get(key) for key in kept}

    def repair(self, runner: InThisProcess | None = None) -> RepairReport:
        place = BuildPlace(self.dataset, self.work)
        return repair_dataset(place, runner or InThisProcess())


def the_plan() -> BuildPlan:
    return plan_build(wanted())


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    folder = tmp_path_factory.mktemp("repair")
    dataset, plan = Dataset("toy", open_store(folder / "store")), the_plan()
    place = BuildPlace(dataset, folder / "work")
    with pytest.MonkeyPatch.context() as patch:
        without_pixels(patch)
        done = [
            run_shard(shard, wanted(), place, InThisProcess(), lambda _: None)
            for shard in plan.shards
        ]
    claims = {claim.id: claim for claim in done}
    record_expense(dataset, "plan", 1.0)
    return folder / "store", publish_dataset(wanted(), dataset, [plan], claims)


def without_pixels(patch: pytest.MonkeyPatch) -> None:
    """Have jobs make frames and crops at once."""
    patch.setattr(process, "_rendered", _rendered)
    patch.setattr(process, "annotate_bundle", _annotated)


@pytest.fixture
def made(tmp_path: Path, made_once: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch) -> Made:
    """A copy of its own for every test."""
    without_pixels(monkeypatch)
    shutil.copytree(made_once[0], tmp_path / "store")
    dataset = Dataset("toy", open_store(tmp_path / "store"))
    return Made(dataset, made_once[1], tmp_path / "store", tmp_path / "work")
