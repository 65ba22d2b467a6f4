"""Measures what one unit of each kind of work costs: ``python -m tests.benchmarks.unit_costs``.

Builds a slice of the shipped recipe `paper` (all scenes, cameras and lights) on this machine, with
an empty cache of people, and divides what its claims say by what they delivered. ``--write`` stores
the figures where ``unrealperson plan --cost`` reads them. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.calibration import calibration_cpu_s

SMOKE = ("--people", "2")

TARGET = Path("tasks/plan/unit_costs.json")
_ORCHESTRATION = "orchestration_cpu_s_per_shard"


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--write", action="store_true", help=f"write {TARGET}")
    parser.add_argument(
        "--orchestration",
        type=float,
        help="CPU-seconds a shard, as tests.benchmarks.orchestration printed [default: as stored]",
    )
    options = parser.parse_args()
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory(prefix="unrealperson-units-") as folder:
        figures = _measure(Path(folder), options.people)
    stored = json.loads(TARGET.read_text()) if TARGET.is_file() else {}
    orchestration = options.orchestration or stored.get(_ORCHESTRATION, 0.0)
    costs = {
        "measured_by": f"python -m tests.benchmarks.unit_costs --people {options.people}",
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "calibration_cpu_s": calibration,
        **figures,
        _ORCHESTRATION: orchestration,
    }
    if options.write:
        TARGET.write_text(json.dumps(costs, indent=2) + "\n")
    print(json.dumps(costs))


def _measure(folder: Path, people: int) -> dict[str, Any]:
    from synth_workers.people.assets import CACHE_VARIABLE, require_assets

    assets = require_assets()
    (folder / "cache").mkdir()
    shutil.copy(assets, folder / "cache" / assets.name)
    os.environ[CACHE_VARIABLE] = str(folder / "cache")
    os.environ["UNREALPERSON_OUT"] = str(folder / "out")
    os.environ["UNREALPERSON_STATE"] = str(folder / "state")
    os.environ.pop("PREFECT_API_URL", None)
    return _figures(folder, people)


def _figures(folder: Path, people: int) -> dict[str, Any]:
    from flows.executors.processes import LocalProcesses
    from manifests.layout import DatasetLayout
    from manifests.recipes_io import load_recipe
    from manifests.stores import open_store
    from tasks.plan.planner import plan_build
    from tasks.publish.publish import publish_dataset
    from tasks.render.jobs import BuildPlace, run_people, run_shard

    overrides = {"people.count": people, "keep_frames": True, "on_shortfall": "drop_person"}
    # A group that is filled up with extras would cost more than the slice that is asked for.
    overrides["shards.people_per_shard"] = min(people, 60)
    recipe = load_recipe("paper", (), overrides)
    place = BuildPlace(str(folder / "store"), recipe.name, folder / "work")
    began = time.process_time()
    plan = plan_build(recipe)
    plan_cpu = time.process_time() - began
    with LocalProcesses() as processes:
        people_cpu = run_people(list(range(people)), recipe, place, processes, lambda _: None)
        empty_cpu = _starting_cpu()
        claims = {}
        for shard in plan.shards:
            claim = run_shard(shard, recipe, place, processes, lambda _: None)
            claims[claim.id] = claim
    began = time.process_time()
    snapshot = publish_dataset(recipe, place.store, [plan], claims)
    publish_cpu = time.process_time() - began
    store, layout = open_store(place.store), DatasetLayout(recipe.name)
    published = sum(info.size for info in store.list(layout.published_prefix(snapshot.publish_id)))
    kept = sum(info.size for info in store.list(f"{recipe.name}/frames/"))
    frames = sum(claim.frames for claim in claims.values())
    crops = sum(sum(claim.people.values()) for claim in claims.values())
    cpu = {
        stage: sum(claim.cpu_seconds.get(stage, 0.0) for claim in claims.values())
        for stage in ("engine", "worker", "annotate")
    }
    return {
        "width": recipe.image.width,
        "height": recipe.image.height,
        "supersampling": recipe.image.supersampling,
        "crops_per_frame": round(crops / frames, 2),
        "plan_cpu_s_per_person": round(plan_cpu / people, 5),
        "people_cpu_s_per_person": round(people_cpu / people, 4),
        "engine_cpu_s_per_frame": round(cpu["engine"] / frames, 4),
        "worker_cpu_s_per_frame": round(cpu["worker"] / frames, 4),
        "annotate_cpu_s_per_crop": round(cpu["annotate"] / crops, 5),
        "publish_cpu_s_per_crop": round(publish_cpu / snapshot.crops, 5),
        "start_cpu_s_per_shard": round(empty_cpu, 2),
        "stored_bytes_per_crop": round(sum(claim.bytes for claim in claims.values()) / crops),
        "published_bytes_per_crop": round(published / snapshot.crops),
        "bytes_per_frame": round(kept / frames),
    }


def _starting_cpu() -> float:
    """CPU-seconds of starting a shard's process: what its claim does not count."""
    import resource
    import subprocess
    import sys

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import tasks.render.process"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
