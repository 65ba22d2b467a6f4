"""A render farm on one machine: server, pools, deployments and workers, up and down.

Workers are separate processes recorded by pid. Going down drains first: the pools are paused,
so that nothing new starts, and what runs may end; a worker that is stopped with a run in its
hands would leave that run unfinished.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import psutil
from pydantic import Field, TypeAdapter

from flows import local_server
from flows.farm_environment import worker_environment
from flows.killed_commands import end_killed_runs
from flows.local_server import LocalServer, naming_server_errors
from flows.places import output_folder, state_folder, worker_count
from manifests.errors import MissingRequirement
from manifests.whole_files import write_whole

_PROJECT = Path(__file__).resolve().parent.parent
_WORKER_SECONDS = 60.0
_WAITING_RUNS = 10
"""Builds and maintenance of the `cpu` pool mostly wait, so that one worker takes many."""


@dataclass(frozen=True)
class FarmWorker:
    """One Prefect worker process of this machine."""

    name: str
    pool: str
    pid: Annotated[int, Field(gt=0)]
    limit: int = 1

    @property
    def alive(self) -> bool:
        """Whether the recorded process still is that worker."""
        try:
            process = psutil.Process(self.pid)
            return process.status() != psutil.STATUS_ZOMBIE and self.name in process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False


_RECORD = TypeAdapter(list[FarmWorker])


def up(render_workers: int | None = None) -> tuple[LocalServer, list[FarmWorker]]:
    """Start whatever of the farm does not run yet; calling it again changes nothing.

    ``render_workers``: by default one a GPU, or one a core without any. Raises
    ``MissingRequirement`` if the server, the deployments or a worker do not come up.
    """
    server = local_server.find_or_start()
    end_killed_runs(lambda: server)
    with local_server.at_the_door(_record_path().parent), naming_server_errors(server):
        return server, _up(render_workers)


def _up(render_workers: int | None) -> list[FarmWorker]:
    from flows.bootstrap import bootstrap, gpu_count, set_paused

    bootstrap()
    set_paused(False)
    _register_deployments()
    count = render_workers or gpu_count() or worker_count()
    wanted = [(f"render-{number}", "render", 1) for number in range(count)]
    wanted += [("cpu-0", "cpu", _WAITING_RUNS), ("gpu-0", "gpu", max(1, gpu_count()))]
    running = {worker.name: worker for worker in workers() if worker.alive}
    # A smaller farm than before keeps its surplus workers, so that nothing running is lost.
    names = {name for name, _, _ in wanted}
    farm = [worker for name, worker in running.items() if name not in names]
    for name, pool, limit in wanted:
        worker = running.get(name) or _start_worker(name, pool, limit)
        farm.append(worker)
        try:
            write_whole(_record_path(), json.dumps([asdict(worker) for worker in farm]))
        except BaseException:
            if name not in running:
                local_server.end_family(worker.pid, _WORKER_SECONDS)  # nobody would find it again
            raise
    return farm


@dataclass(frozen=True)
class Ended:
    """What was running when a farm went down: names of runs that go on when it is up again, and
    of shards and others for which patience did not suffice."""

    to_be_resumed: tuple[str, ...] = ()
    cut_off: tuple[str, ...] = ()


def down(drain_seconds: float = 600.0, keep_server: bool = False) -> Ended:
    """Drain and end the farm: shards that are being rendered may end, builds are interrupted."""
    # Without workers of ours, whatever server answers here is somebody else's.
    server = local_server.find() if workers() else None
    if server is not None:
        local_server.enter(server)
        _drain(drain_seconds)
    for worker in workers():
        if worker.alive:
            local_server.end_family(worker.pid, _WORKER_SECONDS)
    ended = _record_ends() if server is not None else Ended()
    _record_path().unlink(missing_ok=True)
    if not keep_server:
        local_server.stop()
    return ended


def _drain(seconds: float) -> None:
    from flows.bootstrap import running_runs, set_paused

    set_paused(True)
    deadline = time.monotonic() + seconds
    while running_runs(resumable=False) and time.monotonic() < deadline:
        time.sleep(1.0)


def _record_ends() -> Ended:
    """Mark what the workers left as running: no process works on it any more."""
    from flows.bootstrap import crash, running_runs

    builds, others = running_runs(resumable=True), running_runs(resumable=False)
    crash([*builds, *others], "The farm went down.")
    return Ended(tuple(run.name for run in builds), tuple(run.name for run in others))


def workers() -> list[FarmWorker]:
    """The recorded workers, alive or not."""
    try:
        return _RECORD.validate_json(_record_path().read_bytes())
    except (OSError, ValueError):
        return []


def _start_worker(name: str, pool: str, limit: int) -> FarmWorker:
    log_path = state_folder() / "farm" / f"{name}.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **worker_environment(),
        **os.environ,
        "UNREALPERSON_OUT": str(output_folder()),
        # Runs are started by the name `python`: flows/bootstrap.py.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start"]
            + ["--pool", pool, "--name", name, "--limit", str(limit)],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
            # Started from a shell's background, a worker would inherit an ignored SIGINT, into
            # which Prefect turns SIGTERM, and could not be stopped.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    time.sleep(0.2)
    if process.poll() is not None:
        raise MissingRequirement(f"Worker {name} did not start; its log is {log_path}.")
    return FarmWorker(name, pool, process.pid, limit)


def _register_deployments() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        + ["--prefect-file", "infra/prefect.yaml"],
        cwd=_PROJECT,
        capture_output=True,
        text=True,
        env={**os.environ, "UNREALPERSON_HOME": str(_PROJECT)},
    )
    if result.returncode != 0:
        raise MissingRequirement(
            "Registering the deployments of infra/prefect.yaml failed:\n"
            + (result.stderr or result.stdout)[-2000:]
        )


def _record_path() -> Path:
    return state_folder() / "farm" / "workers.json"
