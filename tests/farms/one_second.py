"""Shards of one second's work, for measuring what carrying them out costs beside the work.

The work is a process that computes for one CPU-second and then stores and claims an empty crops
file; everything around it is the product's. ``python -m tests.farms.one_second --job job.json``
is that process; ``render_shard`` is the flow that a `render` deployment of the benchmark runs.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manifests.claims import Claim, claim
from manifests.identity import crop_id, render_id, sha256_hex
from manifests.layout import DatasetLayout
from manifests.recipe import AnnotationRules
from manifests.shards import ShardSpec
from manifests.stores import open_store

WORK_SECONDS = 1.0


def main() -> None:
    """Work for a second, then claim the shard of the job file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True)
    job: dict[str, Any] = json.loads(parser.parse_args().job.read_text())
    began = time.process_time()
    while time.process_time() - began < WORK_SECONDS:
        sum(range(10_000))
    shard = ShardSpec.model_validate(job["shard"])
    rules = AnnotationRules.model_validate(job["rules"])
    identity = crop_id(render_id(shard), rules)
    store, layout = open_store(job["store"]), DatasetLayout(job["dataset"])
    key = layout.crops_key(identity, job["attempt"])
    store.put(key, b"")
    ours = Claim(
        id=identity,
        render_id=render_id(shard),
        attempt=job["attempt"],
        key=key,
        sha256=sha256_hex(b""),
        rows=0,
        bytes=0,
        # With its imports: all that this process takes is work, not orchestration.
        cpu_seconds={"worker": time.process_time()},
    )
    won = claim(store, layout, "crops", ours)
    print(json.dumps({"event": "result", "claim": won.model_dump(mode="json")}), flush=True)


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
    main()
