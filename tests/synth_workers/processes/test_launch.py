"""Engine processes: ready when they say so, always ended, orphans found by what they left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from manifests.errors import BadScene, EngineLost, MissingRequirement
from synth_workers.processes.launch import AttachedEngine, EngineCommand, EngineProcess
from synth_workers.processes.orphans import end_orphans
from synth_workers.worker.endpoint import Endpoint

READY = "print('GL_RENDERER: none', flush=True); print('Start listening on 4711', flush=True);"
SLEEP = "import time; time.sleep(600);"


def engine(code: str, **options: float) -> EngineCommand:
    """An 'engine' that runs ``code``."""
    return EngineCommand((sys.executable, "-c", code), **options)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    """Whether the process exists and is not merely waiting to be reaped."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 60
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_an_engine_is_ready_when_its_log_says_so_and_ended_with_its_block(tmp_path: Path):
    with EngineProcess(engine(READY + SLEEP), pid_folder=tmp_path) as process:
        assert process.start().port == 4711
        assert process.renderer == "none"
        process.check()
        assert process.memory_mb() > 1 and not process.outgrown()
        assert len(list(tmp_path.glob("*.json"))) == 1
    assert not alive(process.pid)
    assert not list(tmp_path.iterdir())


def test_an_engine_that_ignores_polite_requests_is_killed_with_its_children(tmp_path: Path):
    stubborn = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(f'child {child.pid}', flush=True);"
    )
    process = EngineProcess(engine(stubborn + READY + SLEEP), pid_folder=tmp_path)
    process.start()
    child = int(process.log_tail().split("child ")[1].split()[0])
    assert alive(child)
    process.end(grace=0.2)
    assert wait_until_gone(process.pid) and wait_until_gone(child)


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [
        ("print('no luck'); raise SystemExit(3)", EngineLost, "no luck"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", EngineLost, "signal 11"),
        ("print('no libEGL'); raise SystemExit(12)", MissingRequirement, "no libEGL"),
        ("print('no such scene'); raise SystemExit(11)", BadScene, "no such scene"),
        (
            "print('Refusing to run with the root privileges.'); raise SystemExit(1)",
            MissingRequirement,
            "does not run as root",
        ),
        ("print('Cannot start listening', flush=True);" + SLEEP, EngineLost, "port in use"),
    ],
)
def test_engines_that_fail_to_start_say_why(
    code: str, error: type[Exception], said: str, tmp_path: Path
):
    process = EngineProcess(engine(code), pid_folder=tmp_path)
    with pytest.raises(error, match=said):
        process.start()
    assert not alive(process.pid) and not list(tmp_path.iterdir())


def test_an_engine_that_never_gets_ready_is_given_up(tmp_path: Path):
    process = EngineProcess(engine(SLEEP, ready_seconds=0.3), pid_folder=tmp_path)
    with pytest.raises(EngineLost, match="not ready after"):
        process.start()
    assert not alive(process.pid)


def test_a_crash_and_too_much_memory_are_noticed(tmp_path: Path):
    with EngineProcess(engine(READY + SLEEP), pid_folder=tmp_path) as process:
        process.start()
        os.kill(process.pid, signal.SIGKILL)
        assert wait_until_gone(process.pid)
        with pytest.raises(EngineLost, match="signal 9"):
            process.check()
    with EngineProcess(engine(READY + SLEEP, memory_mb=1), pid_folder=tmp_path) as process:
        process.start()
        process.check()
        assert process.outgrown()


def test_cpu_seconds_of_the_engine_are_known_after_its_end(tmp_path: Path):
    busy = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    with EngineProcess(engine(busy + READY + SLEEP), pid_folder=tmp_path) as process:
        process.start()
    assert process.cpu_seconds() >= 0.3


def test_the_most_memory_of_an_engine_can_be_counted_anew(tmp_path: Path):
    large = "held = bytearray(150_000_000); del held;"
    with EngineProcess(engine(large + READY + SLEEP), pid_folder=tmp_path) as process:
        assert process.peak_bytes() == 0, "nobody has started it"
        process.start()
        most = process.peak_bytes()
        process.forget_peak()
        assert process.peak_bytes() < 150_000_000 < most
    assert process.peak_bytes() == 0


def test_a_killed_worker_takes_its_engine_with_it(tmp_path: Path):
    worker = (
        "import sys, time; from pathlib import Path;"
        "from synth_workers.processes.launch import EngineCommand, EngineProcess;"
        f"p = EngineProcess(EngineCommand((sys.executable, '-c', {READY + SLEEP!r})),"
        f" pid_folder=Path({str(tmp_path)!r}));"
        "p.start(); print(p.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert alive(pid)
        process.kill()
    assert wait_until_gone(pid)


def test_orphans_are_ended_and_the_engines_of_living_workers_are_not(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as orphan:
        started = psutil.Process(orphan.pid).create_time()
        me = psutil.Process()
        record = {"pid": orphan.pid, "started": started, "worker": me.pid, "mark": "none"}
        path = tmp_path / f"{orphan.pid}.json"
        path.write_text(json.dumps(record | {"worker_started": me.create_time()}))
        assert end_orphans(tmp_path) == [] and alive(orphan.pid)
        # The worker's id is in use again, by somebody who started at another time.
        path.write_text(json.dumps(record | {"worker_started": me.create_time() - 500}))
        assert end_orphans(tmp_path) == [orphan.pid]
        orphan.wait(60)
    assert not list(tmp_path.iterdir())


def test_children_of_an_engine_that_died_with_its_worker_are_ended_too(tmp_path: Path):
    parent = (
        "import subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(f'child {child.pid}', flush=True);"
    )
    worker = (
        "import os, signal, sys; from pathlib import Path;"
        "from synth_workers.processes.launch import EngineCommand, EngineProcess;"
        f"p = EngineProcess(EngineCommand((sys.executable, '-c', {parent + READY + SLEEP!r})),"
        f" pid_folder=Path({str(tmp_path)!r}));"
        "p.start(); print(p.pid, p.log_tail().split('child ')[1].split()[0], flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True)
    engine_pid, child = map(int, done.stdout.split())
    assert wait_until_gone(engine_pid) and alive(child)
    assert end_orphans(tmp_path) == [child]
    assert wait_until_gone(child) and not list(tmp_path.iterdir())


def test_a_pid_that_was_given_to_somebody_else_is_left_alone(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as bystander:
        started = psutil.Process(bystander.pid).create_time() - 1000
        record = {"pid": bystander.pid, "started": started, "mark": "none"}
        record |= {"worker": 1, "worker_started": 0.0}
        (tmp_path / "1.json").write_text(json.dumps(record))
        (tmp_path / "2.json").write_text("not even JSON")
        assert end_orphans(tmp_path) == [] and alive(bystander.pid)
        bystander.kill()
    assert not list(tmp_path.iterdir())


def test_an_attached_engine_is_left_running():
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as somebody_elses:
        engine = AttachedEngine(Endpoint(4711))
        assert engine.start() == Endpoint(4711)
        engine.check()
        engine.end()
        assert alive(somebody_elses.pid)
        somebody_elses.kill()
