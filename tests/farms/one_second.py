"""Shards of one second's work, for measuring what carrying them out costs beside the work.

The work is a process that computes for one CPU-second (``ONE_SECOND``: another number) and then
stores and claims an empty crops file; everything around it is the product's. ``python -m
tests.farms.one_second`` is that process; ``one_second_flow`` has the flow that a `render`
deployment of the benchmark runs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manifests.claims import Claim, claim
from manifests.dataset import Dataset
from manifests.identity import crop_id, render_id, sha256_hex
from manifests.stores import open_store
from tasks.jobs import Events, serve
from tasks.render.jobs import ShardDone, ShardJob

WORK_SECONDS = "ONE_SECOND"

_charged = [0.0]
"""CPU-seconds of this process that a claim speaks of already."""


def work(job: ShardJob, _: Events) -> ShardDone:
    """Compute for a second, then claim the job's shard."""
    began, seconds = time.process_time(), float(os.environ.get(WORK_SECONDS, "1"))
    while time.process_time() - began < seconds:
        sum(range(10_000))
    identity = crop_id(render_id(job.shard), job.rules)
    dataset = Dataset(job.dataset, open_store(job.store))
    key = dataset.crops_key(identity, job.attempt)
    dataset.store.put(key, b"")
    # With its imports: all that this process takes is work, not orchestration.
    spent, _charged[0] = time.process_time() - _charged[0], time.process_time()
    ours = Claim(
        id=identity,
        render_id=render_id(job.shard),
        attempt=job.attempt,
        key=key,
        sha256=sha256_hex(b""),
        rows=0,
        bytes=0,
        cpu_seconds={"worker": spent},
    )
    return ShardDone(claim=claim(dataset, "crops", ours), won=True)


def jobs(timeout: float | None = None) -> Any:
    """Local processes that do a second's work in the place of any job."""
    from flows.executors.processes import LocalProcesses

    class OneSecondJobs(LocalProcesses):
        def run(
            self,
            module: str,
            job_file: Path,
            log_file: Path,
            on_event: Callable[[dict[str, Any]], None],
        ) -> dict[str, Any]:
            return super().run("tests.farms.one_second", job_file, log_file, on_event)

    return OneSecondJobs(timeout)


if __name__ == "__main__":
    sys.exit(serve(ShardJob, work, __doc__))
