"""The whole factory on a tiny recipe: real server, real engine, real training, real kills."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.flow_runs import OPEN, read_flow_runs, read_task_runs, runs_in, task_runs_in
from flows.local_server import LocalServer
from manifests.dataset import Dataset
from manifests.snapshots import Snapshot, latest_snapshot
from manifests.stores import open_store
from tests.integration.conftest import Cli, cli_in, environment_in

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def snapshot_in(store: Path) -> Snapshot:
    snapshot = latest_snapshot(Dataset("tiny", open_store(str(store))))
    assert snapshot is not None
    return snapshot


IMAGES = 4
QUICK = {"images_per_person": IMAGES, "image.supersampling": 1.0}


def asked(changed: dict[str, object]) -> list[str]:
    """Words of a command that ask for the recipe "tiny", changed."""
    pairs = [("--set", f"{key}={value}") for key, value in changed.items()]
    return ["--recipe", "tiny", *(word for pair in pairs for word in pair)]


TINY = asked({"people.count": 6, "splits.test_share": 0.34, **QUICK})
SECRETS = {
    "AWS_ACCESS_KEY_ID": "key-that-nobody-may-see",
    "AWS_SECRET_ACCESS_KEY": "secret-that-nobody-may-see",
    "AWS_SESSION_TOKEN": "session-that-nobody-may-see",
    "UNREALPERSON_ENGINE_TOKEN": "token-that-nobody-may-see",
}


@dataclass(frozen=True)
class WholeRun:
    """The factory from one end to the other, once for all tests of this file."""

    done: subprocess.CompletedProcess[str]
    store: Path
    folder: Path


@pytest.fixture(scope="module")
def whole(prefect_server: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    folder = tmp_path_factory.mktemp("whole")
    environment = environment_in(folder, prefect_server) | SECRETS
    cli, store = cli_in(folder, environment), folder / "store"
    done = cli("factory", *TINY, "--training", "tiny", "--store", str(store))
    assert done.returncode == 0, done.stderr
    return WholeRun(done, store, folder)


def test_from_recipe_to_measured_model(cli: Cli, whole: WholeRun) -> None:
    run, store = whole.done, whole.store
    snapshot = snapshot_in(store)
    assert snapshot.crops == snapshot.people * IMAGES
    assert snapshot.content_digest in run.stdout
    assert re.search(r"trained\s+[01]\.\d{3}\s+[01]\.\d{3}", run.stdout)
    assert "/runs/flow-run/" in run.stdout
    report = whole.folder / "out" / "reports" / "tiny" / "report.html"
    assert report.stat().st_size > 50_000

    again = cli("build", *TINY, "--store", str(store))
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stdout
    assert snapshot.content_digest in again.stdout

    verified = cli("verify", "tiny", "--store", str(store))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_no_secret_of_the_environment_is_written_anywhere(whole: WholeRun) -> None:
    """Neither into data and reports nor into what Prefect keeps: parameters, logs, artifacts."""
    state = Path(os.environ["UNREALPERSON_STATE"])
    files = [path for place in (whole.folder, state) for path in place.rglob("*")]
    written = {str(path): path.read_bytes() for path in files if path.is_file()}
    assert any(name.endswith(".db") for name in written)
    assert any(name.endswith("report.html") for name in written)
    written["the terminal"] = (whole.done.stdout + whole.done.stderr).encode()
    assert [name for name, data in written.items() if b"that-nobody-may-see" in data] == []


def test_kill_9_then_run_again_gives_the_same_data_set(
    cli: Cli,
    environment: dict[str, str],
    whole: WholeRun,
    prefect_server: LocalServer,
    tmp_path: Path,
) -> None:
    killed = tmp_path / "killed"
    build = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "build", *TINY, "--store", str(killed)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env=environment,
    )
    family = _kill_after_first_claim(build, killed / "tiny" / "claims" / "crops")
    _assert_all_end(family)
    claims = {path.name: path.read_bytes() for path in (killed / "tiny" / "claims").rglob("*.json")}
    # Any other command on this server may have noticed the death already.
    begun = _runs_of(build.pid, prefect_server, StateType.RUNNING, StateType.CRASHED)

    resumed = cli("build", *TINY, "--store", str(killed))

    assert resumed.returncode == 0, resumed.stderr
    assert snapshot_in(killed).content_digest == snapshot_in(whole.store).content_digest
    for path in (killed / "tiny" / "claims").rglob("*.json"):
        assert claims.get(path.name, path.read_bytes()) == path.read_bytes()
    # What nobody works on any more has ended for the server, too.
    assert begun
    assert _runs_of(build.pid, prefect_server, *OPEN) == set()
    assert begun <= _runs_of(build.pid, prefect_server, StateType.CRASHED)


def test_adding_people_keeps_every_shard(cli: Cli, tmp_path: Path) -> None:
    store = tmp_path / "store"

    def claims_of_build(people: int) -> dict[str, bytes]:
        scenes = "[{name: street, cameras: demo, lights: [day]}]"
        changed = {"people.count": people, "shards.people_per_shard": 4, "scenes": scenes}
        run = cli("build", *asked(changed | QUICK), "--store", str(store))
        assert run.returncode == 0, run.stderr
        assert snapshot_in(store).people == people
        folder = store / "tiny" / "claims" / "crops"
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    few = claims_of_build(3)
    grown = claims_of_build(5)

    assert few.items() < grown.items()
    rendered = list((store / "tiny" / "crops").rglob("*.parquet"))
    assert len(rendered) == len(grown)


def test_two_builders_at_once_publish_one_data_set(
    environment: dict[str, str], whole: WholeRun, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    command = [sys.executable, "-m", "flows.cli", "build", *TINY]
    builders = [
        subprocess.Popen(
            [*command, "--workers", "1", "--store", str(store)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**environment, "UNREALPERSON_OUT": str(tmp_path / name)},
        )
        for name in ("first", "second")
    ]
    outputs = [builder.communicate(timeout=600) for builder in builders]

    assert [builder.returncode for builder in builders] == [0, 0], outputs
    digest = snapshot_in(store).content_digest
    assert digest == snapshot_in(whole.store).content_digest
    assert all(digest in output for output, _ in outputs)
    claims = list((store / "tiny" / "claims" / "crops").glob("*.json"))
    assert len(claims) == 2


def test_an_interrupt_ends_cleanly(environment: dict[str, str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    build = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "build", *TINY, "--store", str(store)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment,
        # Whoever started the tests in the background left interrupts ignored, for children too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    family = _wait_for_workers(build)
    build.send_signal(signal.SIGINT)
    _, errors = build.communicate(timeout=600)

    assert build.returncode == 130, errors
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    _assert_all_end(family)


def _runs_of(pid: int, server: LocalServer, *states: StateType) -> set[UUID]:
    """Flow and task runs of one process in these states."""
    with (
        temporary_settings({PREFECT_API_URL: server.api_url}),
        get_client(sync_client=True) as client,
    ):
        found = [
            *read_flow_runs(client, runs_in(*states)),
            *read_task_runs(client, task_runs_in(*states)),
        ]
    return {run.id for run in found if any(f"process {pid} of" in tag for tag in run.tags)}


def _kill_after_first_claim(build: subprocess.Popen, claims: Path) -> list[psutil.Process]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and build.poll() is None:
        if claims.is_dir() and any(claims.glob("*.json")):
            family = psutil.Process(build.pid).children(recursive=True)
            os.kill(build.pid, signal.SIGKILL)
            build.wait()
            return family
        time.sleep(0.02)
    raise AssertionError("no shard was claimed before the build ended")


def _wait_for_workers(build: subprocess.Popen) -> list[psutil.Process]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and build.poll() is None:
        family = psutil.Process(build.pid).children(recursive=True)
        if any("tasks.render.process" in " ".join(_command(process)) for process in family):
            time.sleep(1.0)
            return psutil.Process(build.pid).children(recursive=True)
        time.sleep(0.25)
    raise AssertionError("no worker process was seen")


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _assert_all_end(family: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(family, timeout=60)
    running = [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert running == []
