"""The demo from nothing, in a fresh folder: ``python -m benchmarks.demo``.

CPU-seconds are those of every process: this one, its children and the Prefect server that it
starts. Caches begin empty but for the body data that installation brings, so that building
people, garment templates and baked light count.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.calibration import calibration_cpu_s

TAKES = "four minutes"
SMOKE = ("--recipe", "tiny", "--training", "tiny")


def main() -> None:
    """Run the demo once and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="demo", help="another one, e.g. tiny")
    parser.add_argument("--training", default="demo", help="another preset, e.g. tiny")
    parser.add_argument("--here", action="store_true", help="measure in this process")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(_measure(options.recipe, options.training)))
        return
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory(prefix="unrealperson-demo-") as folder:
        _use_fresh_cache(Path(folder) / "cache")
        os.environ["UNREALPERSON_OUT"] = str(Path(folder) / "out")
        os.environ["UNREALPERSON_STATE"] = str(Path(folder) / "state")
        os.environ["UNREALPERSON_PORT"] = "0"
        os.environ.pop("PREFECT_API_URL", None)
        *stages, figures = _measured_apart(options.recipe, options.training)
    print("\n".join(stages))
    print(json.dumps({**json.loads(figures), "calibration_cpu_s": calibration}))


def _measured_apart(recipe: str, training: str) -> list[str]:
    """What another process prints: Prefect delivers its last events when a process ends, and here
    they would wait for a server that was stopped."""
    from flows import local_server

    words = ("--here", "--recipe", recipe, "--training", training)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.demo", *words],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        local_server.stop()
    return done.stdout.strip().splitlines()


def _use_fresh_cache(folder: Path) -> None:
    from manifests.environment import variable
    from synth_workers.people.body.assets import require_assets

    assets = require_assets()
    folder.mkdir()
    shutil.copy(assets, folder / assets.name)
    os.environ[variable("cache")] = str(folder)


def _measure(recipe: str, training: str) -> dict[str, float]:
    from flows.commands import BuildRequest, factory_run

    started = time.monotonic()
    run = factory_run(BuildRequest.parse(recipe), None, training)
    wall = time.monotonic() - started
    comparison, snapshot = run.outcome.comparison, run.outcome.snapshot
    total = run.costs.total_cpu_seconds()
    for name, cost in run.costs.stages.items():
        print(f"{name:22s} {cost.seconds:8.1f} s {cost.cpu_seconds:8.1f} CPU-s")
    sys.stdout.flush()
    return {
        "crops": snapshot.crops,
        "people": snapshot.people,
        "cpu_s_per_crop": round(total / snapshot.crops, 4),
        "cpu_s_total": round(total, 1),
        "wall_s": round(wall, 1),
        "rank1": round(comparison.trained.mean("rank1"), 4),
        "map": round(comparison.trained.mean("map"), 4),
        "rank1_untrained": round(comparison.untrained.mean("rank1"), 4),
        "map_untrained": round(comparison.untrained.mean("map"), 4),
        "rank1_colour": round(comparison.colour.mean("rank1"), 4),
        "map_colour": round(comparison.colour.mean("map"), 4),
    }


if __name__ == "__main__":
    main()
