"""Shards on this machine's processes: one that cannot be rendered does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.executors import DEFAULT_POLICY, Round
from flows.executors.local import LocalExecutor
from flows.executors.processes import LocalProcesses
from flows.local_server import LocalServer
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.errors import ProtocolError
from manifests.identity import crop_id, render_id
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from tasks.jobs import read_job
from tasks.plan.planner import plan_build
from tasks.render.jobs import BuildPlace, ShardDone, ShardJob
from tasks.render.watching import RoundProgress

pytestmark = [pytest.mark.integration]

RECIPE = load_recipe("tiny")
PLAN = plan_build(RECIPE)


class OnePoisonous(LocalProcesses):
    """Processes to which the first shard of the plan is poison."""

    def run(
        self, module: str, job_file: Path, log_file: Path, on_event: Callable[[Any], None]
    ) -> dict[str, Any]:
        job = read_job(job_file, ShardJob)
        shard = job.shard
        if shard == PLAN.shards[0]:
            raise ProtocolError("at frame 4: the level knows no such actor")
        ours = Claim(
            id=crop_id(render_id(shard), RECIPE.annotation),
            render_id=render_id(shard),
            attempt=job.attempt,
            key="tiny/crops/a/a.parquet",
            sha256="0" * 64,
            rows=0,
            bytes=0,
        )
        return ShardDone(claim=ours, won=True).model_dump(mode="json")


def test_the_others_are_done_before_the_build_ends(
    prefect_server: LocalServer, tmp_path: Path
) -> None:
    done: list[Claim] = []
    progress = RoundProgress("render", len(PLAN.shards))

    @flow(name="poisoned")
    def build() -> None:
        place = BuildPlace(Dataset("tiny", open_store(tmp_path / "store")), tmp_path)
        with LocalExecutor(DEFAULT_POLICY, OnePoisonous()) as executor:
            done.extend(executor.run(Round(PLAN, PLAN.shards, RECIPE, place, progress)))

    with (
        temporary_settings({PREFECT_API_URL: prefect_server.api_url}),
        pytest.raises(ProtocolError, match="no such actor"),
    ):
        build()

    assert {claim.render_id for claim in done} == {render_id(s) for s in PLAN.shards[1:]}
    assert [(failure.attempt, failure.frame) for failure in progress.failures] == [(1, 4)]
