"""Who is killed in a chaos test, and how they are found among a farm's processes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

import psutil

from tests.farms.farm import Farm, command_of
from tests.farms.supervision import Supervisor
from tests.servers.radosgw import Gateway

WORKERS = ("render-0", "render-1", "cpu-0")


class Victim(StrEnum):
    """Kinds of processes that end without warning on a farm."""

    worker = "worker"  # A Prefect worker alone; what it started goes on.
    host = "host"  # A worker and everything that it has started.
    shard_flow = "shard flow"  # The flow process of a shard.
    build_flow = "build flow"  # The flow process of the build.
    render_process = "render process"  # What renders and annotates a shard.
    engine = "engine"
    server = "server"  # The Prefect server.
    gateway = "gateway"  # What serves S3.


def order_of_kills(kinds: Sequence[Victim], kills: int, seed: int) -> list[Victim]:
    """``kills`` kinds in random order, each kind as often as any other, give or take one."""
    rng = random.Random(seed)
    turns = rng.sample(kinds, len(kinds)) * -(-kills // len(kinds))
    return rng.sample(turns[:kills], kills)


def kill(victim: Victim, farm: Farm, gateway: Gateway, build_id: str, rng: random.Random) -> bool:
    """Kill -9 one process of a kind; whether there was one."""
    if victim is Victim.gateway:
        gateway.kill()
        gateway.restart()
        return True
    if victim is Victim.server:
        return _kill(farm.supervisor.services["server"].pid)
    if victim in (Victim.worker, Victim.host):
        name = rng.choice(WORKERS)
        return _kill_worker(farm.supervisor, name, with_children=victim is Victim.host)
    targets = [process.pid for process in farm.processes() if _is(victim, process, build_id)]
    return _kill(rng.choice(targets)) if targets else False


def _is(victim: Victim, process: psutil.Process, build_id: str) -> bool:
    command = " ".join(command_of(process))
    if victim is Victim.engine:
        return "synth_workers.engine" in command
    if victim is Victim.render_process:
        return "tasks.render.process" in command
    run_id = _flow_run_of(process) if "prefect.engine" in command else None
    if run_id is None:
        return False
    return (run_id == build_id) == (victim is Victim.build_flow)


def _flow_run_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("PREFECT__FLOW_RUN_ID")
    except psutil.Error:
        return None


def _kill_worker(supervisor: Supervisor, name: str, *, with_children: bool) -> bool:
    pid = supervisor.services[name].pid
    if pid is None:
        return False
    children = psutil.Process(pid).children(recursive=True) if with_children else []
    killed = _kill(pid)
    for child in children:
        _kill(child.pid)
    return killed


def _kill(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return False
    return True
