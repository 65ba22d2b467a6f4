"""What the safe connection costs over the bare official client: ``python -m
benchmarks.session``.

One engine, the two clients in turn, round by round, so that whatever else the machine does
meets both. ``overhead_request`` and ``overhead_batch`` are the session's seconds per command
over the bare client's, for single requests and for pipelined batches of 120 setters; medians
over rounds. ``overhead_capture`` is that of a frame's images.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import time
from collections.abc import Callable, Sequence

import unrealcv

from benchmarks.calibration import calibration_cpu_s
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.session import CommandKind, Deadlines, Session
from tests.synth_workers.engine.processes import running

TAKES = "half a minute"
SMOKE = ("--rounds", "1")

ECHO = "vget /unrealcv/echo hello"
SETTERS = [f"vset /camera/0/location {n}.0000 200.0000 300.0000" for n in range(120)]
IMAGES = ["vget /camera/0/lit jpg", "vget /camera/0/object_mask png"]
PATIENT = Deadlines(connect=30, status=30, setting=30, capture=60)

Ask = Callable[[Sequence[str]], object]


def seconds_per_command(ask: Ask, commands: Sequence[str], times: int) -> float:
    """Seconds that one of ``commands`` takes when all are sent together, ``times`` over."""
    began = time.perf_counter()
    for _ in range(times):
        ask(commands)
    return (time.perf_counter() - began) / times / len(commands)


def measure(ask_one: Ask, ask_many: Ask, ask_images: Ask) -> dict[str, float]:
    """Seconds per command of each kind with one connection."""
    for ask, commands in ((ask_one, [ECHO]), (ask_many, SETTERS), (ask_images, IMAGES)):
        ask(commands)
    return {
        "request": seconds_per_command(ask_one, [ECHO], 1500),
        "batch": seconds_per_command(ask_many, SETTERS, 25),
        "capture": seconds_per_command(ask_images, IMAGES, 40),
    }


def with_bare_client(port: int) -> dict[str, float]:
    """The official client as its documentation uses it."""
    client = unrealcv.Client(("127.0.0.1", port))
    client._command_capabilities_checked = True  # pyright: ignore[reportPrivateUsage]  (else every request is matched against a list)
    with contextlib.redirect_stdout(io.StringIO()):
        assert client.connect()
    try:
        return measure(
            lambda commands: client.request(commands[0]),
            lambda commands: client.request(list(commands)),
            lambda commands: client.request(list(commands)),
        )
    finally:
        client.disconnect()


def with_session(port: int) -> dict[str, float]:
    """Our connection, replies checked."""
    with Session.connect(Endpoint(port), PATIENT) as session:
        return measure(
            lambda commands: session.request(commands[0]),
            session.must,
            lambda commands: session.batch(commands, CommandKind.capture),
        )


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with running(["--width", "1280", "--height", "720"]) as engine:
        pairs = [(with_bare_client(engine.port), with_session(engine.port)) for _ in range(rounds)]
    result: dict[str, float] = {}
    for kind in ("request", "batch", "capture"):
        bare = statistics.median(pair[0][kind] for pair in pairs)
        ours = statistics.median(pair[1][kind] for pair in pairs)
        result |= {
            f"{kind}_us_bare": round(bare * 1e6, 1),
            f"{kind}_us_session": round(ours * 1e6, 1),
            f"overhead_{kind}": round(ours / bare - 1, 3),
        }
    print(json.dumps(result | {"calibration_cpu_s": round(calibration_cpu_s(), 3)}))


if __name__ == "__main__":
    main()
