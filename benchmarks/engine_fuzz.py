"""An engine's socket under input that nobody means well: ``python -m benchmarks.engine_fuzz``.

One engine serves client after client for ``--seconds``, by seed. Most send frames: commands of its
own list with odd arguments (numbers without end, names that are none, half of a command, other
alphabets), then a plain one; the others send noise, half frames and headers that lie, and leave.
``unanswered``: commands without their one reply; ``internal``: replies that admit a fault of the
engine; ``dead``: whether it stopped serving; ``slowest_s``: the longest that a batch of commands
took; ``start_mb``, ``peak_mb``: its memory when it began to serve and at most. The exit code is 1
unless all are answered, none is internal and the engine lives.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import socket
import struct
import sys
import tempfile
import time
from collections import Counter

import psutil

from synth_workers.framing import MAGIC, encode_frame
from tests.synth_workers.engine.processes import EngineProcess, running
from tests.synth_workers.engine.wire import connect, receive

TAKES = "three minutes"
SMOKE = ("--seconds", "5")

BATCH = 12
SOBER = b"vget /unrealcv/echo sober"
PLACEHOLDER = re.compile(r"\[(?:str|uint|float)\]")
LARGEST = ["vset /camera/0/size", "vset /camera/0/supersampling"]
"""Commands after which pictures may take seconds: their arguments stay small."""

ARGUMENTS = [
    "0", "1", "-1", "2", "17", "0.5", ".5", "1e5", "nan", "inf", "-0", "00", "65536", "4294967296",
    "9" * 400, "1" * 30_000, "1" * 30_000 + "x", "." * 500, "/" * 5_000, "a" * 60_000, "", " ",
    "%s", "{}", "'", '"', "\\", "\x00", "\r\n", "ü", "\u202e", "\ufffd", "../../etc/passwd",
    "/dev/zero", "lit", "png", "jpg", "bmp", "npy", "x.png", "depth", "object_mask",
    "BP_Person_C", "BP_Person_C_0", "yard", "camera", "rot", "true", "[1]", '{"a": 1}', "day",
]  # fmt: skip


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--seed", type=int, default=20210621)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, running(UNREALPERSON_CACHE=cache) as engine:
        figures = fuzz(engine, random.Random(options.seed), options.seconds)
    print(json.dumps(figures))
    return 1 if figures["unanswered"] or figures["internal"] or figures["dead"] else 0


def fuzz(engine: EngineProcess, rng: random.Random, seconds: float) -> dict[str, float]:
    """Everything that is measured, of so many seconds."""
    process, counts = psutil.Process(engine.process.pid), Counter[str]()
    start = peak = process.memory_info().rss
    slowest, began = 0.0, time.monotonic()
    templates = known_templates(engine)
    while engine.process.poll() is None and time.monotonic() - began < seconds:
        if rng.random() < 0.2:
            send_noise(engine, rng)
            counts["noise"] += 1
        else:
            batch = [odd_command(templates, rng) for _ in range(BATCH)]
            slowest = max(slowest, converse(engine, batch, counts))
        peak = max(peak, process.memory_info().rss)
    dead = engine.process.poll() is not None or not converse(engine, [], counts)
    return {
        "commands": counts["commands"],
        "noise": counts["noise"],
        "refused": counts["refused"],
        "unanswered": counts["unanswered"],
        "internal": counts["internal"],
        "dead": int(dead),
        "slowest_s": round(slowest, 2),
        "start_mb": round(start / 1e6),
        "peak_mb": round(peak / 1e6),
    }


def known_templates(engine: EngineProcess) -> list[str]:
    """The engine's own list of commands."""
    with connect(engine) as sock:
        receive(sock)
        sock.sendall(encode_frame(b"0:vget /unrealcv/help"))
        lines = receive(sock).decode().removeprefix("0:").splitlines()
    return [line for line in lines if PLACEHOLDER.search(line) or line.startswith("v")]


def odd_command(templates: list[str], rng: random.Random) -> bytes:
    """One command with odd arguments; sometimes half of it, or twice, or with a byte changed."""
    template = rng.choice(templates)
    few = ARGUMENTS[:5] if any(template.startswith(name) for name in LARGEST) else ARGUMENTS
    text = PLACEHOLDER.sub(lambda _: rng.choice(few), template)
    data = bytearray(text.encode())
    match rng.randrange(6):
        case 0:
            data = data[: rng.randrange(len(data) + 1)]
        case 1:
            data += b" " + data
        case 2:
            data[rng.randrange(len(data))] = rng.randrange(256)
        case _:
            pass
    return bytes(data)


def converse(engine: EngineProcess, commands: list[bytes], counts: Counter[str]) -> float:
    """Ask everything and something sober at the end; seconds, 0 if that is not answered."""
    began = time.monotonic()
    try:
        with connect(engine) as sock:
            sock.settimeout(60)
            receive(sock)
            for number, command in enumerate([*commands, SOBER]):
                sock.sendall(encode_frame(f"{number}:".encode() + command))
                reply = receive(sock)
                counts["commands"] += 1
                counts["unanswered"] += not reply.startswith(f"{number}:".encode())
                counts["refused"] += b":error" in reply[:12]
                if b"Internal error" in reply[:100]:
                    counts["internal"] += 1
                    print(f"internal: {command[:200]!r}", file=sys.stderr)
                if not reply:
                    print(f"no reply to {command[:200]!r}", file=sys.stderr)
                    return 0.0
    except OSError as error:
        counts["unanswered"] += 1
        print(f"{error} after {[c[:60] for c in commands]}", file=sys.stderr)
        return 0.0
    return time.monotonic() - began


def send_noise(engine: EngineProcess, rng: random.Random) -> None:
    """Bytes that are no frames, or only half of one, and nobody who waits for an answer."""
    lengths = [0, 1, 5, 2**20, 2**20 + 1, 2**31, 2**32 - 1]
    noise = b"".join(
        rng.choice(
            [
                rng.randbytes(rng.randrange(1, 5_000)),
                struct.pack("<II", rng.choice([MAGIC, 0, 0xFFFFFFFF]), rng.choice(lengths)),
                encode_frame(b"0:" + SOBER)[: rng.randrange(1, 30)],
            ]
        )
        for _ in range(rng.randrange(1, 6))
    )
    with connect(engine) as sock:
        try:
            sock.sendall(noise)
            if rng.random() < 0.5:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the engine has had enough already


if __name__ == "__main__":
    sys.exit(main())
