"""A frame here and in another checkout: ``python -m benchmarks.other_version --tree FOLDER``.

Both draw the same frames of the crowded street of ``benchmarks.capture``, masks and labels of the
embedded engine by its worker, with no channel of ground truth, by turns; each run is a process of
its own. ``ratio``: CPU-seconds of engine and worker per frame here over there, the median over
rounds. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.calibration import calibration_cpu_s

TAKES = "five minutes"
SMOKE = ("--frames", "4", "--rounds", "1")

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", type=Path, default=HERE, help="another checkout (git worktree)")
    parser.add_argument("--frames", type=int, default=60, help="per run")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    costs: dict[Path, list[float]] = {}
    rounds: list[float] = []
    for number in range(options.rounds):
        here, there = (_ms_per_frame(tree, options.frames) for tree in (HERE, options.tree))
        costs.setdefault(HERE, []).append(here)
        rounds.append(here / there)
        print(f"round {number + 1}: {here:.1f} ms here, {there:.1f} ms there", flush=True)
    print(
        json.dumps(
            {
                "ms_per_frame": round(statistics.median(costs[HERE]), 1),
                "ratio": round(statistics.median(rounds), 4),
                "ratios": [round(each, 4) for each in rounds],
                "calibration_cpu_s": round(calibration_cpu_s(), 3),
            }
        )
    )


def _ms_per_frame(tree: Path, frames: int) -> float:
    """CPU of engine and worker, by the code in ``tree``."""
    command = [sys.executable, "-m", "benchmarks.capture", "--worker", f"--frames={frames}"]
    done = subprocess.run(
        command,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return told["engine_cpu_ms_per_frame"] + told["worker_cpu_ms_per_frame"]


if __name__ == "__main__":
    main()
