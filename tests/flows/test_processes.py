"""Jobs as processes: their results, their errors, and that none outlives its parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from flows.executors.processes import LocalProcesses
from manifests.errors import BadScene, EngineLost, FactoryError, FrameRefused
from tasks.render.watching import ShardFailure

JOBS = """
import json, os, sys, time
from pathlib import Path
for line in iter(sys.stdin.readline, ""):
    job = json.loads(Path(json.loads(line)["job"]).read_text())
    if pid_file := job.get("pid_file"):
        Path(pid_file).write_text(str(os.getpid()))
    for event in job.get("say", []):
        print(event if isinstance(event, str) else json.dumps(event), flush=True)
    time.sleep(job.get("sleep", 0))
    if "exit" in job:
        sys.exit(job["exit"])
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "job_script.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def run(
        executor: LocalProcesses, on_event: Callable[[dict], None] | None = None, **content: object
    ) -> tuple[dict, list[dict]]:
        job_file = tmp_path / "job.json"
        job_file.write_text(json.dumps(content))
        events: list[dict] = []
        listen = on_event or events.append
        result = executor.run("job_script", job_file, tmp_path / "job.log", listen)
        return result, events

    return run


def test_a_job_reports_events_and_a_result(job, tmp_path: Path) -> None:
    with LocalProcesses() as executor:
        result, events = job(
            executor,
            say=[{"event": "progress", "done": 1}, "plain text", {"event": "result", "value": 7}],
        )

    assert result["value"] == 7
    assert events == [{"event": "progress", "done": 1}]
    assert "plain text" in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize(
    "told",
    [
        BadScene("no camera cam1"),
        FrameRefused("lit frame is black", reason="black"),
        EngineLost("no reply\nits log"),
    ],
)
def test_an_error_arrives_whole(job, told: FactoryError) -> None:
    with LocalProcesses() as executor, pytest.raises(type(told)) as heard:
        job(executor, say=[{"event": "error", **told.to_dict()}], exit=told.exit_code)

    assert heard.value.to_dict() == told.to_dict()
    assert heard.value.retryable == told.retryable


def test_a_reason_is_the_one_that_the_job_told(job) -> None:
    black = FrameRefused("lit frame is black", reason="black")
    with LocalProcesses() as executor, pytest.raises(FrameRefused, match="is black") as heard:
        job(executor, say=[{"event": "error", **black.to_dict()}], exit=22)

    assert heard.value.reason == "black"


def test_a_silent_death_is_a_lost_engine_with_the_log(job) -> None:
    with LocalProcesses() as executor, pytest.raises(EngineLost, match="last words") as death:
        job(executor, say=[{"event": "progress", "frames": 5}, "last words"], exit=3)

    assert ShardFailure("a shard", 1, "EngineLost", str(death.value)).frame == 5


def test_an_error_name_from_outside_the_tree_is_not_trusted(job) -> None:
    said = [{"event": "error", "error": "annotations", "message": "what it said"}]
    with LocalProcesses() as executor, pytest.raises(EngineLost, match="annotations: what it said"):
        job(executor, say=said, exit=3)


def test_leaving_the_executor_ends_what_runs(job, tmp_path: Path) -> None:
    executor = LocalProcesses()
    failures: list[Exception] = []

    def run() -> None:
        try:
            job(executor, sleep=60, pid_file=str(tmp_path / "pid"))
        except EngineLost as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    pid = _wait_for_pid(tmp_path / "pid")
    executor.close()
    thread.join(timeout=60)

    assert not thread.is_alive()
    assert failures
    assert not psutil.pid_exists(pid)
    with pytest.raises(EngineLost, match="ending"):
        job(executor)


def test_a_process_that_waits_outlives_the_thread_that_asked_it(job, tmp_path: Path) -> None:
    pids: list[str] = []

    def run() -> None:
        job(executor, pid_file=str(tmp_path / "pid"), say=[{"event": "result"}])
        pids.append((tmp_path / "pid").read_text())

    with LocalProcesses() as executor:
        for _ in range(3):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()

    assert len(pids) == 3 and len(set(pids)) == 1


def test_nobody_works_on_whom_nobody_listens_to(tmp_path: Path, job) -> None:
    def break_off(event: dict) -> None:
        raise KeyboardInterrupt

    with LocalProcesses() as executor:
        with pytest.raises(KeyboardInterrupt):
            job(
                executor,
                break_off,
                pid_file=str(tmp_path / "pid"),
                say=[{"event": "progress"}],
                sleep=600,
            )
        assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="parent-death signals are Linux's")
def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "job_script.py").write_text(JOBS)
    (tmp_path / "job.json").write_text(f'{{"sleep": 60, "pid_file": "{tmp_path}/pid"}}')
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                from pathlib import Path
                from flows.executors.processes import LocalProcesses
                folder = Path({str(tmp_path)!r})
                with LocalProcesses() as executor:
                    executor.run("job_script", folder / "job.json", folder / "log", print)
            """),
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    pid = _wait_for_pid(tmp_path / "pid")
    parent.send_signal(signal.SIGKILL)
    parent.wait(timeout=60)

    _wait_until_gone(pid)


def _wait_for_pid(path: Path) -> int:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()):
            return int(text)
        time.sleep(0.02)
    raise AssertionError("the job did not start")


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} outlived its parent")


def test_a_job_that_takes_too_long_is_ended(job) -> None:
    others = set(psutil.Process().children())
    with LocalProcesses(timeout=0.5) as executor, pytest.raises(EngineLost, match="longer than 0"):
        job(executor, sleep=600)

    assert set(psutil.Process().children()) <= others
