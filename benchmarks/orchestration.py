"""What orchestration costs: ``python -m benchmarks.orchestration --shards 1000``.

Shards of one second's work (``--work``) are planned, submitted, carried out and settled, on the
work pool of a real farm (Prefect server on PostgreSQL, workers) and on local processes. CPU-seconds
per shard are those of everything but the work: server, database, workers, flow processes, the
build. While the farm works, the server is asked how many shards it knows to be done: how far that
is behind the claims in the store is how far the pages are behind. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import psutil

from benchmarks.calibration import calibration_cpu_s
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from tests.farms.farm import Farm, running_farm
from tests.farms.one_second import WORK_SECONDS
from tests.servers.postgres import installed, postgres

TAKES = "an hour with `--shards 1000`"
SMOKE = ("--shards", "4", "--local-shards", "4")
NEEDS = (installed,)

DATASET = "orchestration"
_SECONDS_BETWEEN_SAMPLES = 5.0


def recipe(shards: int) -> Recipe:
    """One person a shard, in two scenes."""
    overrides = {"name": DATASET, "people.count": shards // 2, "shards.people_per_shard": 1}
    return load_recipe("tiny", overrides)


def settle(shards: int, store: str, where: str) -> dict[str, float]:
    """Plan, submit and settle one round; seconds of each, CPU-seconds of this process."""
    from prefect import flow
    from prefect.task_runners import ThreadPoolTaskRunner

    from flows.build_dataset import plan_shards
    from flows.executors import DEFAULT_POLICY
    from flows.executors.deployments import DeploymentExecutor
    from flows.executors.local import LocalExecutor
    from flows.places import chosen_dataset
    from flows.rounds import finish_round
    from tasks.accounting import CostSheet
    from tests.farms.one_second import jobs

    @flow(name="orchestration", task_runner=cast(Any, ThreadPoolTaskRunner(os.cpu_count() or 1)))
    def one_round() -> int:
        request = recipe(shards)
        plan, dataset = plan_shards(request), chosen_dataset(request.name, store)
        local = LocalExecutor(DEFAULT_POLICY, jobs())
        with local if where == "local" else DeploymentExecutor(DEFAULT_POLICY) as executor:
            return len(finish_round(plan, request, dataset, executor, CostSheet()))

    started = time.monotonic()
    settled = one_round()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "settled": settled,
        "seconds": time.monotonic() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }


def _settle_in_a_process(farm: Farm, shards: int, store: Path, where: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.orchestration", "--settle", where]
    environment = {**farm.environment, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
    done = subprocess.run(
        [*command, "--shards", str(shards), "--store", str(store)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class _Watch:
    """Looks, while a farm works, how far its server is behind the store; seconds."""

    farm: Farm
    claims: Path
    lag: float = 0.0
    _seen: list[tuple[float, int]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> _Watch:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN_SAMPLES):
            self.sample()

    def sample(self) -> int:
        """Look once; how many shards the server knows to be done."""
        now = time.monotonic()
        claimed = sum(1 for _ in self.claims.glob("*.json")) if self.claims.is_dir() else 0
        self._seen.append((now, claimed))
        known = self._count("task_runs", "COMPLETED")
        # The first moment at which more was claimed than the server knows now.
        behind = [moment for moment, count in self._seen if count > known]
        self.lag = max(self.lag, time.monotonic() - behind[0] if behind else 0.0)
        return known

    def waiting(self) -> bool:
        """Look once; whether the server knows of a run that has not ended."""
        self.sample()
        return self._count("flow_runs", "SCHEDULED", "PENDING", "RUNNING") > 0

    def runs(self) -> int:
        """How many runs there were."""
        return self._count("flow_runs", "COMPLETED")

    def _count(self, kind: str, *states: str) -> int:
        """Runs of the deployment's flow, or of its tasks: one for each shard."""
        user, _, key = self.farm.environment["PREFECT_API_AUTH_STRING"].partition(":")
        reply = httpx.post(
            f"{self.farm.api_url}/{kind}/count",
            auth=(user, key),
            timeout=120,
            json={
                "flows": {"name": {"any_": ["render_shard"]}},
                kind: {"state": {"type": {"any_": states}}},
            },
        )
        reply.raise_for_status()
        return int(reply.json())


def _cpu_seconds(farm: Farm, others: list[psutil.Process]) -> dict[str, float]:
    """Of the server, the workers, the runs that these have waited for, and the database."""
    seconds: dict[str, float] = defaultdict(float)
    for name, service in farm.supervisor.services.items():
        times = psutil.Process(service.pid).cpu_times()
        worker = name.startswith("render")
        seconds["workers" if worker else "server"] += times.user + times.system
        seconds["runs" if worker else "server"] += times.children_user + times.children_system
    for process in others:
        times = process.cpu_times()
        seconds["database"] += (
            times.user + times.system + times.children_user + times.children_system
        )
    return seconds


def _per_shard(spent: dict[str, float], shards: int) -> dict[str, Any]:
    return {
        "cpu_s_per_shard": round(sum(spent.values()) / shards, 3),
        "of_these": {part: round(seconds / shards, 3) for part, seconds in spent.items()},
    }


def _work_seconds(claims: Path) -> float:
    return sum(
        sum(json.loads(path.read_text())["cpu_seconds"].values()) for path in claims.glob("*.json")
    )


def measure_farm(folder: Path, shards: int, slots: int) -> dict[str, Any]:
    """The deployment executor on a farm with ``slots`` shards at a time."""
    store = folder / "farm-store"
    claims = store / DATASET / "claims" / "crops"
    with ExitStack() as stack:
        database = stack.enter_context(postgres(folder))
        servers = [p for p in psutil.process_iter() if _is_in(p, folder / "postgres")]
        farm = stack.enter_context(running_farm(folder, database_url=database))
        farm.deploy({"render": {"entrypoint": "tests/farms/one_second_flow.py:render_shard"}})
        for number in range(2):
            farm.start_worker(f"render-{number}", "render", slots // 2)
        before = _cpu_seconds(farm, servers)
        with _Watch(farm, claims) as watch:
            build = _settle_in_a_process(farm, shards, store, "deployment")
            ended = time.monotonic()
            while watch.waiting():
                time.sleep(1.0)
            last = time.monotonic() - ended
            runs = watch.runs()
        spent = {part: total - before[part] for part, total in _cpu_seconds(farm, servers).items()}
        spent["runs"] -= _work_seconds(claims)
        spent["build"] = build["cpu_seconds"]
    return {
        "shards": shards,
        "runs": runs,
        "minutes": round(build["seconds"] / 60, 2),
        **_per_shard(spent, shards),
        "pages_behind_s": round(watch.lag, 1),
        "settled_after_last_claim_s": round(last, 1),
    }


def measure_local(folder: Path, shards: int) -> dict[str, Any]:
    """The local executor beside a server on SQLite, as a command on one machine has it."""
    store = folder / "local-store"
    with running_farm(folder) as farm:
        before = _cpu_seconds(farm, [])
        build = _settle_in_a_process(farm, shards, store, "local")
        spent = {part: total - before[part] for part, total in _cpu_seconds(farm, []).items()}
        spent["build"] = build["cpu_seconds"]
    return {
        "shards": shards,
        "seconds": round(build["seconds"], 1),
        **_per_shard(spent, shards),
    }


def _is_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return str(folder) in process.cmdline()
    except psutil.Error:
        return False


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=1000, help="on the farm")
    parser.add_argument("--local-shards", type=int, default=100, help="on local processes")
    parser.add_argument("--slots", type=int, default=4, help="shards at a time on the farm")
    parser.add_argument("--work", type=float, default=1.0, help="CPU-seconds of a shard")
    parser.add_argument("--settle", choices=("local", "deployment"), help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.settle:
        print(json.dumps(settle(options.shards, options.store, options.settle)))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave no server behind
    os.environ[WORK_SECONDS] = str(options.work)
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory(prefix="unrealperson-orchestration-") as folder:
        for name in ("local", "farm"):
            (Path(folder) / name).mkdir()
        local = measure_local(Path(folder) / "local", options.local_shards)
        farm = measure_farm(Path(folder) / "farm", options.shards, options.slots)
    print(json.dumps({"deployment": farm, "local": local, "calibration_cpu_s": calibration}))


if __name__ == "__main__":
    main()
