"""What is removed before a build begins: scratch of the dead, wherever it was made."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from flows.leftovers import sweep_leftovers
from flows.places import work_folder
from manifests.dataset import Dataset
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from synth_workers.processes.host import Owner
from synth_workers.processes.scratch import scratch_folder
from tasks.jobs import read_job
from tasks.plan.planner import plan_build
from tasks.render.jobs import BuildPlace, OnEvent, ShardJob, run_shard


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def test_scratch_of_the_dead_goes_and_that_of_the_living_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever data set it was for: nobody else may ever come by there."""
    dataset = Dataset("tiny", open_store(tmp_path / "store"))
    parents = (None, work_folder("tiny"), work_folder("another"))
    living, gone = Owner.own(), Owner.own()._replace(start="an earlier boot")
    for owner in (living, gone):
        monkeypatch.setattr(Owner, "own", lambda owner=owner: owner)
        kept = [scratch_folder("shard", parent) for parent in parents]
        folders = [each.__enter__() for each in kept]
        sweep_leftovers(dataset)
        assert [folder.exists() for folder in folders] == [owner is living] * len(parents)
        for each in kept:
            each.__exit__(None, None, None)


def test_every_shard_of_a_data_set_sweeps_where_all_of_them_scratch(tmp_path: Path) -> None:
    """A shard that somebody else finished is never tried again, and would leave its own."""
    recipe = load_recipe("tiny")
    place = BuildPlace(Dataset("tiny", open_store(tmp_path / "store")), work_folder("tiny"))

    class StoppedError(Exception):
        """Instead of a process."""

    class Runner:
        def run(
            self, module: str, job_file: Path, log_file: Path, on_event: OnEvent
        ) -> dict[str, Any]:
            assert read_job(job_file, ShardJob).workdir == place.workdir
            raise StoppedError

    for shard in plan_build(recipe).shards[:2]:
        with pytest.raises(StoppedError):
            run_shard(shard, recipe, place, Runner(), lambda _: None)
