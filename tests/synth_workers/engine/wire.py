"""Speaking UnrealCV with a bare socket."""

from __future__ import annotations

import socket

from tests.synth_workers.engine.processes import EngineProcess

PATIENCE = 60.0
"""Seconds that an answer may take, on a machine that does much else."""


def connect(engine: EngineProcess) -> socket.socket:
    """A connected socket that sends at once."""
    sock = socket.create_connection(("127.0.0.1", engine.port), timeout=PATIENCE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def receive(sock: socket.socket) -> bytes:
    """One frame's payload; b"" at the end of the stream."""

    def exactly(count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = sock.recv(count - len(data))
            if not more:
                return b""
            data += more
        return data

    header = exactly(8)
    if not header:
        return b""
    assert header[:4] == bytes.fromhex("C1832B9E")
    return exactly(int.from_bytes(header[4:], "little"))


def closes(sock: socket.socket) -> bool:
    """Whether the server ends the connection (perhaps by a reset)."""
    sock.settimeout(PATIENCE)
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
