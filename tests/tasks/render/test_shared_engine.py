"""Several shards in one process and one engine: each as if nobody had been there before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from flows.executors.processes import LocalProcesses
from manifests.errors import CorruptData
from manifests.recipes_io import load_recipe
from tasks.jobs import asking
from tasks.plan.planner import plan_build
from tests.tasks.render.test_process import SMALL, write_job

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def test_a_shard_is_the_same_whoever_had_the_engine_before(tmp_path: Path) -> None:
    more = {"people": {"count": 8}}
    recipe = load_recipe("demo", overrides={**SMALL, **more})
    first, other = (shard.model_dump(mode="json") for shard in plan_build(recipe).shards[:2])
    engines: list[set[int]] = []
    claims: list[dict[str, Any]] = []

    with LocalProcesses() as processes:
        for name, shard in (("first", first), ("other", other), ("again", first)):
            job = write_job(recipe, tmp_path, name, shard=shard, store=str(tmp_path / name))
            running = set[int]()

            def look(_: dict[str, Any], running: set[int] = running) -> None:
                running |= {
                    child.pid
                    for child in psutil.Process().children(recursive=True)
                    if "synth_workers.engine" in " ".join(child.cmdline())
                }

            done = processes.run("tasks.render.process", job, job.with_suffix(".log"), look)
            claims.append(done["claim"])
            engines.append(running)

    assert engines[0] == engines[1] == engines[2] != set()
    assert claims[0]["sha256"] == claims[2]["sha256"] != claims[1]["sha256"]
    # What was loaded once is charged once.
    assert claims[0]["cpu_seconds"]["start"] > claims[2]["cpu_seconds"]["start"]
    assert not any(map(psutil.pid_exists, engines[0]))


def test_an_error_ends_the_process_and_the_engine_that_waited(tmp_path: Path) -> None:
    recipe = load_recipe("demo", overrides=SMALL)
    people = recipe.people.model_dump(mode="json") | {"dark_clothing": 1.0}
    other = str(tmp_path / "other")
    jobs = [
        write_job(recipe, tmp_path, "good"),
        write_job(recipe, tmp_path, "bad", people=people, store=other),
    ]

    done = subprocess.run(
        [sys.executable, "-m", "tasks.render.process"],
        input="".join(asking(job, job.with_suffix(".log")) for job in jobs),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # the engine's command line names it
    )

    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] != "progress"] == [
        "result",
        "error",
    ]
    assert done.returncode == CorruptData.exit_code
    assert "plan the build anew" in jobs[1].with_suffix(".log").read_text()
    assert not left_behind(tmp_path)


def left_behind(folder: Path) -> list[str]:
    """Commands of living processes that speak of a folder."""
    found = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [" ".join(words) for words in found if str(folder) in " ".join(words)]
