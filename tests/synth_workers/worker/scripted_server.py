"""A scripted UnrealCV server on a real socket, which can be told to misbehave.

It speaks the real framing; what it answers comes from a function, what it does wrong from
``Fault``s that strike at the n-th command that contains a text.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from synth_workers.worker.endpoint import Endpoint

_MAGIC = 0x9E2B83C1

Answer = Callable[[str], str | bytes]
FaultKind = Literal[
    "stall", "drop", "late", "garbage", "truncate", "wrong-id", "unsolicited", "mute", "reject"
]


@dataclass
class Fault:
    """``kind`` strikes when the ``at``-th command containing ``text`` arrives (from 1).

    ``mute`` and ``reject`` strike at connections instead: never greeted, or closed at once.
    ``times``: how often; ``seconds``: how late a ``late`` reply is.
    """

    kind: FaultKind
    text: str = ""
    at: int = 1
    times: int = 1
    seconds: float = 0.5
    seen: int = field(default=0, init=False)

    def strikes(self, command: str) -> bool:
        """Whether it is this command's turn."""
        if self.text not in command:
            return False
        self.seen += 1
        return self.at <= self.seen < self.at + self.times


class ScriptedServer:
    """Serves one client at a time on a loopback port, by default a free one; a context manager.

    ``leaves_tcp``: after the first connection it goes on at a Unix socket in ``socket_folder``,
    as plugins of UE 4.27 and later do on Linux: ``moves_after`` that many seconds, and if it
    ``parks``, its TCP port goes on taking clients that are never greeted.
    """

    def __init__(
        self,
        answer: Answer,
        faults: tuple[Fault, ...] = (),
        *,
        leaves_tcp: bool = False,
        moves_after: float = 0.0,
        parks: bool = False,
        socket_folder: Path = Path("/tmp"),
        port: int = 0,
    ) -> None:
        self._answer, self.faults = answer, faults
        self._listener = socket.create_server(("127.0.0.1", port))
        self.endpoint = Endpoint(self._listener.getsockname()[1], socket_folder=socket_folder)
        self._leaves_tcp = leaves_tcp
        self._moves_after, self._parks = moves_after, parks
        self._parked: list[socket.socket] = []
        self._stopping = threading.Event()
        self._connection: socket.socket | None = None
        self.commands: list[str] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for sock in (self._connection, self._listener, *self._parked):
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
        self._thread.join(5)
        self.endpoint.unix_socket.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._connection = connection
            with contextlib.suppress(OSError, EOFError), connection:
                self._talk(connection)
            if self._leaves_tcp and not self._stopping.is_set():
                self._leaves_tcp = False
                self._stopping.wait(self._moves_after)
                self._parked.append(self._listener)
                if not self._parks:
                    self._listener.close()
                self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._listener.bind(str(self.endpoint.unix_socket))
                self._listener.listen(1)

    def _talk(self, connection: socket.socket) -> None:
        for fault in self.faults:
            if fault.kind in ("mute", "reject") and fault.strikes(""):
                if fault.kind == "mute":
                    self._stopping.wait()
                return
        _send(connection, b"connected to Scripted")
        while True:
            identity, command = _receive(connection)
            self.commands.append(command)
            fault = next((f for f in self.faults if f.text and f.strikes(command)), None)
            if fault is None:
                _send(connection, identity + b":" + _bytes(self._answer(command)))
            elif not self._misbehave(fault.kind, fault.seconds, connection, identity, command):
                return

    def _misbehave(
        self,
        kind: FaultKind,
        seconds: float,
        connection: socket.socket,
        identity: bytes,
        command: str,
    ) -> bool:
        """Do something wrong; whether the conversation goes on afterwards."""
        reply = identity + b":" + _bytes(self._answer(command))
        if kind == "stall":
            self._stopping.wait()
        elif kind == "late":
            time.sleep(seconds)
            _send(connection, reply)
        elif kind == "garbage":
            connection.sendall(b"\x00\x01\x02\x03garbage instead of a frame")
        elif kind == "truncate":
            connection.sendall(struct.pack("<II", _MAGIC, len(reply) + 1000) + reply)
            self._stopping.wait()
        elif kind == "wrong-id":
            _send(connection, b"%d:ok" % (int(identity) + 7))
        elif kind == "unsolicited":
            _send(connection, b"999999:surprise")
            _send(connection, reply)
        return kind in ("late", "wrong-id", "unsolicited")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _send(connection: socket.socket, payload: bytes) -> None:
    connection.sendall(struct.pack("<II", _MAGIC, len(payload)) + payload)


def _receive(connection: socket.socket) -> tuple[bytes, str]:
    magic, length = struct.unpack("<II", _exactly(connection, 8))
    assert magic == _MAGIC
    identity, _, command = _exactly(connection, length).partition(b":")
    return identity, command.decode()


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data
