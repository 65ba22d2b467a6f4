"""One build on a farm whose processes are killed at random, and what came of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.deployments import run_deployment
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from flows.executors.base import DEFAULT_POLICY
from flows.patience import insist
from manifests.claims import claimed_ids
from manifests.dataset import Dataset
from manifests.identity import crop_id, render_id
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.requests import kept_plans
from manifests.snapshots import latest_snapshot
from manifests.stores import open_store
from tests.farms.farm import PROJECT, Farm, command_of, running_farm
from tests.farms.kills import WORKERS, Victim, kill, order_of_kills
from tests.farms.supervision import wait_for
from tests.servers.postgres import postgres
from tests.servers.radosgw import Gateway, running_gateway

STORE = "chaos"
"""Name of the store in the farm's list."""

_BUCKET = "factory"


@dataclass(frozen=True)
class Chaos:
    """How a build is disturbed: kills of ``kinds``, ``pause`` seconds apart (least, most).

    ``silent_seconds``, ``pending_seconds``: of the reconciler. A process that starts among many
    others on two cores needs most of a minute until its run is running; judged sooner, its run
    would be started again and make the others slower still.
    """

    overrides: dict[str, object]
    kinds: tuple[Victim, ...]
    kills: int
    seed: int
    pause: tuple[float, float]
    silent_seconds: int = 90
    pending_seconds: int = 180
    patience_seconds: float = 1800.0

    @property
    def recipe(self) -> Recipe:
        """What is built."""
        return load_recipe("tiny", self.overrides)


@dataclass(frozen=True)
class Verdict:
    """What became of the build.

    ``lost``: planned shards without a claim. ``doubled``: shards that were started more often
    than a build allows. ``most_attempts``: of any shard. ``orphans``: processes left behind.
    """

    kills: dict[str, int]
    shards: int
    lost: int
    doubled: int
    most_attempts: int
    digest_equal: bool
    orphans: list[str]
    resumed: int
    seconds: float


def run_chaos(chaos: Chaos, folder: Path) -> Verdict:
    """Build once undisturbed and once under fire; compare.

    Raises:
        AssertionError: the disturbed build ended otherwise than completed, or not in time.
    """
    # Sockets of the S3 server have short paths only.
    with ExitStack() as stack:
        short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        (short / "s3").mkdir()
        gateway = stack.enter_context(running_gateway(short / "s3"))
        database = stack.enter_context(postgres(short))
        stores = _list_of_stores(short, gateway)
        environment = {
            **gateway.endpoint.environment(),
            "UNREALPERSON_STORES": str(stores),
            "UNREALPERSON_STORE": STORE,
        }
        with running_farm(folder, database_url=database, environment=environment) as farm:
            expected = _undisturbed_digest(chaos, farm)
            started = time.monotonic()
            killed, run_count = _build_under_fire(chaos, farm, gateway)
            seconds = time.monotonic() - started
        orphans = [" ".join(command_of(process))[:120] for process in farm.processes()]
        with _environment_of(environment):
            dataset = Dataset(chaos.recipe.name, open_store(STORE))
            shards = _planned(dataset, chaos.recipe)
            snapshot = latest_snapshot(dataset)
        attempts = _attempts(folder / "out" / "work" / chaos.recipe.name)
    return Verdict(
        kills=dict(killed),
        shards=len(shards),
        lost=sum(not claimed for claimed in shards.values()),
        doubled=sum(count > DEFAULT_POLICY.attempts for count in attempts.values()),
        most_attempts=max(attempts.values()),
        digest_equal=snapshot is not None and snapshot.content_digest == expected,
        orphans=orphans,
        resumed=run_count - 1,
        seconds=round(seconds, 1),
    )


def _undisturbed_digest(chaos: Chaos, farm: Farm) -> str:
    """The digest of the same recipe, built by local processes into a folder."""
    store = farm.folder / "undisturbed"
    assignments = [
        part for key, value in chaos.overrides.items() for part in ("--set", f"{key}={value}")
    ]
    environment = {**farm.environment, "UNREALPERSON_OUT": str(farm.folder / "local")}
    del environment["UNREALPERSON_STORES"], environment["UNREALPERSON_STORE"]
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "build", "--recipe", "tiny"]
        + ["--store", str(store), *assignments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    snapshot = latest_snapshot(Dataset(chaos.recipe.name, open_store(str(store))))
    assert snapshot is not None
    return snapshot.content_digest


def _list_of_stores(folder: Path, gateway: Gateway) -> Path:
    gateway.make_bucket(_BUCKET)
    path = folder / "stores.yaml"
    path.write_text(
        yaml.safe_dump({STORE: {"uri": f"s3://{_BUCKET}/data", "endpoint": gateway.endpoint.url}})
    )
    return path


def _build_under_fire(chaos: Chaos, farm: Farm, gateway: Gateway) -> tuple[Counter[str], int]:
    patience = {
        "silent_seconds": chaos.silent_seconds,
        "pending_seconds": chaos.pending_seconds,
    }
    farm.deploy(
        {
            "build": {},
            "render": {},
            "reconcile": {
                "schedules": [{"slug": "often", "interval": 30}],
                "parameters": {**patience, "resumes": 20},
            },
        }
    )
    for name in WORKERS:
        farm.start_worker(name, name.partition("-")[0], 10 if name.startswith("cpu") else 1)
    settings: dict[Any, str] = {
        PREFECT_API_URL: farm.api_url,
        PREFECT_API_AUTH_STRING: farm.environment["PREFECT_API_AUTH_STRING"],
    }
    with temporary_settings(settings):
        run = run_deployment(
            "build_dataset/build",
            parameters={
                "recipe": "tiny",
                "overrides": chaos.overrides,
                "where": "deployment",
                "store": STORE,
            },
            timeout=0,
            as_subflow=False,
        )
        killed = _kill_in_turn(chaos, farm, gateway, str(run.id))  # pyright: ignore
        return killed, _wait_for_the_end(chaos, farm, run.id)  # pyright: ignore


def _kill_in_turn(chaos: Chaos, farm: Farm, gateway: Gateway, build_id: str) -> Counter[str]:
    rng = random.Random(chaos.seed)
    wait_for("the first engine", lambda: _engines(farm) > 0, 180.0, every=1.0)
    killed: Counter[str] = Counter()
    waiting = order_of_kills(chaos.kinds, chaos.kills, chaos.seed)
    while waiting and not _has_ended(build_id):
        time.sleep(rng.uniform(*chaos.pause))
        # Whoever is not there now (no engine between two shards) has its turn later.
        for victim in list(waiting):
            if kill(victim, farm, gateway, build_id, rng):
                waiting.remove(victim)
                killed[victim] += 1
                print(f"killed {victim}", file=sys.stderr, flush=True)
                break
    return killed


def _engines(farm: Farm) -> int:
    return sum("synth_workers.engine" in " ".join(command_of(p)) for p in farm.processes())


def _state(run_id: str) -> tuple[State, int]:
    def read() -> tuple[State, int]:
        with get_client(sync_client=True) as client:
            run = client.read_flow_run(run_id)  # pyright: ignore[reportArgumentType]
        assert run.state is not None
        return run.state, run.run_count

    return insist(read)


def _has_ended(run_id: str) -> bool:
    state, _ = _state(run_id)
    return state.is_completed() or state.is_failed()


def _wait_for_the_end(chaos: Chaos, farm: Farm, run_id: str) -> int:
    try:
        wait_for(
            "the end of the build", lambda: _has_ended(run_id), chaos.patience_seconds, every=2.0
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{_diagnosis(farm)}") from None
    state, run_count = _state(run_id)
    assert state.is_completed(), f"{state.name}: {state.message}"
    wait_for("the end of all shards", lambda: _engines(farm) == 0, 120.0, every=1.0)
    return run_count


def _diagnosis(farm: Farm) -> str:
    """What every run says of itself, what still lives and what the workers said last."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(limit=200)
    lines = [
        f"{run.name} ({run.run_count}): {state.type.value} since {state.timestamp:%H:%M:%S}, "
        f"{state.message}"
        for run in runs
        if (state := run.state) and not (run.auto_scheduled and state.is_completed())
    ]
    lines += [" ".join(command_of(process))[:120] for process in farm.processes()]
    for name in WORKERS:
        log = (farm.folder / f"{name}.log").read_text(errors="replace")
        lines += [f"--- {name}", *log.splitlines()[-30:]]
    return "\n".join(lines)


def _planned(dataset: Dataset, recipe: Recipe) -> dict[str, bool]:
    """Every planned shard, by crop_id, and whether it is claimed."""
    claimed = set(claimed_ids(dataset, "crops"))
    shards = [shard for plan in kept_plans(dataset) for shard in plan.shards]
    ids = {crop_id(render_id(shard), recipe.annotation) for shard in shards}
    return {identity: identity in claimed for identity in ids}


def _attempts(work: Path) -> Counter[str]:
    """How often each shard was started: every attempt leaves a log on its host."""
    return Counter(log.parent.name for log in (work / "shards").glob("*/*.log"))


@contextmanager
def _environment_of(values: dict[str, str]) -> Generator[None]:
    """``values`` in the environment of this process while the block runs."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


ALL_KINDS: Sequence[Victim] = tuple(Victim)
