"""Ports for engines that need a fixed one: never two at once, never one again too soon."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.errors import EngineLost
from synth_workers.processes.ports import PortAllocator


class Clock:
    """Seconds that pass when the test says so."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def allocator(folder: Path, count: int = 4, clock: Clock | None = None) -> PortAllocator:
    """``count`` ports that nobody needs to bind."""
    return PortAllocator(folder, 9100, 9099 + count, 120, clock or Clock(), lambda port: True)


def test_the_next_port_is_always_another_one(tmp_path: Path):
    ports = allocator(tmp_path)
    taken = []
    for _ in range(4):
        taken.append(ports.take())
        ports.give_back(taken[-1])
    assert taken == [9100, 9101, 9102, 9103]


def test_a_port_rests_for_two_minutes_after_it_was_given_back(tmp_path: Path):
    clock = Clock()
    ports = allocator(tmp_path, 1, clock)
    ports.give_back(ports.take())
    clock.now += 119
    with pytest.raises(EngineLost, match=r"9100 and 9100 .* less than 120 s ago"):
        ports.take()
    clock.now += 2
    assert ports.take() == 9100
    with pytest.raises(EngineLost, match="held by a worker"):
        ports.take()


def test_a_clock_that_was_set_back_does_not_lock_ports_for_ever(tmp_path: Path):
    clock = Clock()
    ports = allocator(tmp_path, 1, clock)
    ports.give_back(ports.take())
    clock.now -= 86_400
    assert ports.take() == 9100


def test_the_port_of_a_worker_that_was_killed_rests_and_comes_back(tmp_path: Path):
    clock = Clock()
    code = (
        "import os; from pathlib import Path;"
        "from synth_workers.processes.ports import PortAllocator;"
        f"PortAllocator(Path({str(tmp_path)!r}), 9100, 9100, can_bind=lambda port: True).take();"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    ports = allocator(tmp_path, 1, clock)
    with pytest.raises(EngineLost):
        ports.take()  # notices the death
    clock.now += 121
    assert ports.take() == 9100


def test_many_workers_at_once_get_different_ports(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path;"
        "from synth_workers.processes.ports import PortAllocator;"
        f"ports = PortAllocator(Path({str(tmp_path)!r}), 9100, 9139, can_bind=lambda port: True);"
        "print(*[ports.take() for _ in range(10)], flush=True); sys.stdin.read()"
    )
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    lines = [worker.stdout.readline() for worker in workers if worker.stdout is not None]
    own = allocator(tmp_path, 40)
    with ThreadPoolExecutor(5) as pool:
        taken = list(pool.map(lambda _: own.take(), range(10)))
    taken += [int(port) for line in lines for port in line.split()]
    for worker in workers:
        worker.communicate("")
    assert sorted(taken) == list(range(9100, 9140))


def test_a_port_that_somebody_else_uses_is_passed_over(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(EngineLost):
            PortAllocator(tmp_path, port, port).take()


def test_notes_that_were_damaged_are_started_anew(tmp_path: Path):
    (tmp_path / "ports.json").write_text('{"last": "half')
    assert allocator(tmp_path).take() == 9100
