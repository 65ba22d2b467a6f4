"""One build on a farm under fire: ``python -m benchmarks.chaos --kills 20``.

A Prefect server on PostgreSQL, S3 (radosgw) and three workers, all real and all on this machine,
build at least thirty shards while workers, hosts, flow processes, render processes, engines, the
Prefect server and the S3 gateway are killed at random. Prints one JSON line; ends with 1 if
anything was lost, doubled, left behind or different from the undisturbed build.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.farms.chaos import ALL_KINDS, Chaos, run_chaos
from tests.servers import postgres, radosgw

TAKES = "ten minutes with `--kills 20`"
SMOKE = ("--kills", "1", "--people", "4")
NEEDS = (postgres.installed, radosgw.installed)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=48, help="two in a shard, in two scenes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, nargs=2, default=(4.0, 12.0), help="seconds")
    parser.add_argument("--folder", type=Path, help="keep logs and data here (empty or new)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave no server behind
    chaos = Chaos(
        overrides={"people.count": options.people, "shards.people_per_shard": 2},
        kinds=tuple(ALL_KINDS),
        kills=options.kills,
        seed=options.seed,
        pause=tuple(options.pause),
    )
    with tempfile.TemporaryDirectory(prefix="unrealperson-chaos-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        verdict = run_chaos(chaos, folder)
    kills = sum(verdict.kills.values())
    print(json.dumps({**asdict(verdict), "kills": kills, "killed": verdict.kills}))
    sound = verdict.digest_equal and not (verdict.lost or verdict.doubled or verdict.orphans)
    return 0 if sound and kills >= options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
