"""A safe UnrealCV connection around the official ``unrealcv`` client.

Every command has a deadline, every reply is checked, and any timeout, missing reply or
exception poisons the connection for good: after one late reply the official client answers
every later request with the reply of the one before, which would silently mislabel data.
Nothing here knows about scenes, people or frames (see ``synth_workers.contracts.person.level``).
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import re
import secrets
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import unrealcv

from manifests.errors import EngineLost, MissingRequirement, ProtocolError
from synth_workers.worker.authentication import AUTHENTICATE, REFUSAL, engine_token

logging.getLogger("unrealcv").setLevel(logging.CRITICAL)
_PATIENCE = 2.0  # seconds for which refused connections are tried again
_GLANCE = 0.05  # seconds between looks at what has become of a connection
_log = logging.getLogger(__name__)
# The official client prints; stdout belongs to the results of the program that uses it.
setattr(unrealcv, "print", lambda *words: _log.debug(" ".join(map(str, words))))  # noqa: B010

Reply = str | bytes
_FRAME_HEADER = struct.Struct("<II")
_MAGIC = 0x9E2B83C1
_STATUS_PORT = re.compile(r"Port: (\d+)")
_STATUS_SIZE = re.compile(r"Width: (\d+)\s+Height: (\d+)")


class CommandKind(StrEnum):
    """What a command makes the engine do; decides how long it may take."""

    status = "status"
    setting = "setting"
    capture = "capture"
    level = "level"


@dataclass(frozen=True)
class Deadlines:
    """Seconds that one command (or the slowest one of a batch) of each kind may take."""

    connect: float = 15.0
    status: float = 5.0
    setting: float = 10.0
    capture: float = 30.0
    level: float = 180.0

    def of(self, kind: CommandKind) -> float:
        """The deadline of one command of ``kind``."""
        return float(getattr(self, kind.value))


@dataclass(frozen=True)
class Endpoint:
    """Where an engine listens.

    ``engine_port``: the port the engine itself knows, if it is reached through another one.
    ``size``: width and height of pictures that its settings must say, if they matter.
    Plugins of UE 4.27 and later leave TCP for a Unix socket after the first connection on
    Linux; ``socket_folder`` is where they put it.
    """

    port: int
    host: str = "127.0.0.1"
    engine_port: int | None = None
    socket_folder: Path = Path("/tmp")
    size: tuple[int, int] | None = None

    @property
    def unix_socket(self) -> Path:
        """The Unix socket that such a plugin creates once it has left TCP."""
        return self.socket_folder / f"unrealcv_{self.engine_port or self.port}.socket"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def number(value: float) -> str:
    """``value`` as the plugin's parser accepts it: never scientific, always with decimals."""
    if not math.isfinite(value):
        raise ValueError(f"cannot send {value!r} to an engine")
    return f"{value:.4f}"


def numbers(*values: float) -> str:
    """Several values, separated by single blanks."""
    return " ".join(number(value) for value in values)


class _Client(unrealcv.Client):
    """The official client, which passes on whatever ends its receiving thread."""

    RECONNECT_ATTEMPTS = 0

    def receive_loop_queue(self) -> None:
        try:
            super().receive_loop_queue()
        except Exception as error:
            self.recv_data_q.put(error)

    def send_together(self, commands: Sequence[bytes], seconds: float) -> None:
        """Send requests back to back; ``OSError`` if the peer takes no byte for ``seconds``.

        Unlike ``send`` of the base class this writes nothing of them to any log.
        """
        first, self.send_message_id = self.send_message_id, self.send_message_id + len(commands)
        frames: list[bytes] = []
        for identity, command in enumerate(commands, start=first):
            payload = b"%d:%s" % (identity, command)
            frames += (_FRAME_HEADER.pack(_MAGIC, len(payload)), payload)
        if self.sock is None:
            raise ConnectionError("the engine closed the connection")
        whole, fraction = divmod(seconds, 1.0)
        limit = struct.pack("@ll", int(whole), int(fraction * 1e6))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self.sock.sendall(b"".join(frames))


class Session:
    """One connection to one engine. Not thread-safe; never usable again after a fault."""

    def __init__(self, client: Any, endpoint: Endpoint, deadlines: Deadlines) -> None:
        self._client = client
        self._endpoint = endpoint
        self._deadlines = deadlines
        self._fault: str | None = None
        self.commands_sent = 0

    @classmethod
    def connect(cls, endpoint: Endpoint, deadlines: Deadlines | None = None) -> Session:
        """Connect within ``deadlines.connect`` seconds, or raise ``EngineLost``.

        The first contact is always a real client, because plugins of UE 4.27 and later take
        even a bare probe of their port as their one TCP connection.
        """
        limits = deadlines or Deadlines()
        client = _connected(endpoint, limits.connect)
        if client is None:
            raise EngineLost(
                f"no greeting from an UnrealCV server at {endpoint} within {limits.connect:.0f} "
                "s: the engine is not listening, or another client holds its only connection"
            )
        session = cls(client, endpoint, limits)
        session._authenticate_if_asked()
        session.check_in_step()
        session._check_identity()
        return session

    def request(self, command: str, kind: CommandKind = CommandKind.status) -> Reply:
        """Send one command and return its reply."""
        return self.batch([command], kind)[0]

    def batch(
        self, commands: Sequence[str], kind: CommandKind = CommandKind.setting
    ) -> list[Reply]:
        """Send all ``commands`` at once and return their replies in order.

        The deadline starts anew with every reply that arrives, so a long batch may take long
        but a stalled one ends after the deadline of a single command.
        """
        if self._fault is not None:
            raise EngineLost(f"connection to {self._endpoint} is unusable: {self._fault}")
        self._send([_encoded(command) for command in commands], kind)
        return [self._receive(command, kind) for command in commands]

    def batch_in_step(
        self, commands: Sequence[str], kind: CommandKind = CommandKind.capture
    ) -> list[Reply]:
        """``batch`` between two random words that must come back at their places, so that no
        reply in between can belong to another request."""
        words = secrets.token_hex(8), secrets.token_hex(8)
        first, last = (f"vget /unrealcv/echo {word}" for word in words)
        before, *replies, after = self.batch([first, *commands, last], kind)
        if (before, after) != words:
            raise self.poison(
                f"replies are out of step: echoes answered {before!r:.40} and {after!r:.40}"
            )
        return replies

    def _send(self, commands: Sequence[bytes], kind: CommandKind) -> None:
        client, limit = self._client, self._deadlines.of(kind)
        client.recv_num_q.put(-len(commands))
        try:
            client.send_together(commands, limit)
        except OSError as error:
            stuck = isinstance(error, BlockingIOError)
            why = f"the engine reads nothing for {limit:g} s" if stuck else str(error)
            raise self.poison(f"sending failed, {why}") from None
        self.commands_sent += len(commands)

    def _receive(self, command: str, kind: CommandKind) -> Reply:
        limit = self._deadlines.of(kind)
        try:
            reply = self._client.recv_data_q.get(timeout=limit)
        except queue.Empty:
            raise self.poison(f"no reply to {command[:80]!r} within {limit:g} s") from None
        if isinstance(reply, Exception):
            raise self.poison(f"{reply} while waiting for the reply to {command[:80]!r}")
        if reply is None:
            raise self.poison(f"garbage instead of a reply to {command[:80]!r}")
        return reply

    def text(self, command: str, kind: CommandKind = CommandKind.status) -> str:
        """The reply to ``command``, which must be text and not an error."""
        return _expect_text(command, self.request(command, kind))

    def must(self, commands: Sequence[str], kind: CommandKind = CommandKind.setting) -> None:
        """Send ``commands``; every reply must be exactly ``ok``."""
        for command, reply in zip(commands, self.batch(commands, kind)):
            expect_ok(command, reply)

    def check_in_step(self) -> None:
        """Prove with a random word that replies belong to the requests they follow."""
        word = secrets.token_hex(8)
        reply = self.request(f"vget /unrealcv/echo {word}")
        if reply != word:
            raise self.poison(f"replies are out of step: echo of {word} answered {reply!r:.80}")

    def _authenticate_if_asked(self) -> None:
        """Present the token from the environment to a server that wants one."""
        greeting = self.request("vget /unrealcv/version")
        if not (isinstance(greeting, str) and greeting.startswith(REFUSAL)):
            return
        try:
            token = engine_token()
        except MissingRequirement:
            self.close()
            raise
        self._send([AUTHENTICATE + token.encode()], CommandKind.status)
        if self._receive("the token", CommandKind.status) != "ok":
            self.close()
            raise MissingRequirement(f"the engine at {self._endpoint} refuses the token")

    def _check_identity(self) -> None:
        """The engine that answers is the one that was asked for: instances that share a folder
        overwrite each other's settings."""
        status = self.request("vget /unrealcv/status")
        match = _STATUS_PORT.search(status) if isinstance(status, str) else None
        expected = self._endpoint.engine_port or self._endpoint.port
        if match is not None and int(match.group(1)) != expected:
            raise self.poison(
                f"the engine says it listens on port {match.group(1)}, not {expected}: its "
                "settings were overwritten; give each engine a folder of its own"
            )
        size = _STATUS_SIZE.search(status) if isinstance(status, str) else None
        asked = self._endpoint.size
        if size is not None and asked is not None and tuple(map(int, size.groups())) != asked:
            raise self.poison(
                f"the engine says its pictures are {'x'.join(size.groups())}, not "
                f"{asked[0]}x{asked[1]}: it did not read the settings written for it"
            )

    def poison(self, fault: str) -> EngineLost:
        """Make the connection unusable for good; returns the error to raise."""
        self._fault = self._fault or fault
        _close(self._client)
        return EngineLost(f"lost the engine at {self._endpoint}: {fault}")

    @property
    def usable(self) -> bool:
        """Whether commands may still be sent."""
        return self._fault is None

    def close(self) -> None:
        """Disconnect; the session is unusable afterwards."""
        self._fault = self._fault or "closed by the worker"
        _close(self._client)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def expect_ok(command: str, reply: Reply) -> None:
    """Raise ``ProtocolError`` unless ``reply`` is exactly ``ok``."""
    if reply != "ok":
        raise ProtocolError(f"{command[:120]!r} must answer 'ok', got {reply[:200]!r}")


def is_error(reply: Reply) -> bool:
    """Whether ``reply`` is the plugin's way to say that a command failed."""
    return isinstance(reply, str) and reply.startswith("error")


def expect_binary(command: str, reply: Reply) -> bytes:
    """``reply`` as bytes (an image); text of any kind is a ``ProtocolError``."""
    if isinstance(reply, str):
        raise ProtocolError(f"{command[:120]!r} must answer an image, got {reply[:200]!r}")
    return reply


def _expect_text(command: str, reply: Reply) -> str:
    if not isinstance(reply, str):
        raise ProtocolError(f"{command[:120]!r} must answer text, got {len(reply)} bytes")
    if is_error(reply):
        raise ProtocolError(f"{command[:120]!r} failed: {reply[:200]}")
    return reply


def _encoded(command: str) -> bytes:
    if "\n" in command or not command.isascii():
        raise ValueError(f"a command must be one line of ASCII text, got {command[:120]!r}")
    return command.encode("ascii")


def _connected(endpoint: Endpoint, seconds: float) -> _Client | None:
    """A greeted client at the unix socket, if the plugin has moved there, else over TCP.

    A plugin may need a moment until it notices that its TCP client has gone and moves, so the
    socket is looked for as long as TCP is waited for.
    """
    began = time.monotonic()
    end, patience = began + seconds, began + min(_PATIENCE, seconds)
    while True:
        mark = _socket_mark(endpoint.unix_socket)
        if mark is not None:
            half = max((end - time.monotonic()) / 2, 0.05)
            if client := _greeted_client(str(endpoint.unix_socket), "unix", half):
                return client

        def moved(before: tuple[int, int] | None = mark) -> bool:
            return _socket_mark(endpoint.unix_socket) not in (None, before)

        left = max(end - time.monotonic(), 0.05)
        if client := _greeted_client((endpoint.host, endpoint.port), "inet", left, moved):
            return client
        now = time.monotonic()
        # An engine that lets go of one client may need a moment until it takes the next.
        if now >= end or (now >= patience and not moved()):
            return None
        time.sleep(_GLANCE)


def _socket_mark(path: Path) -> tuple[int, int] | None:
    """What tells one socket file from a later one at the same place; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns) if stat.S_ISSOCK(found.st_mode) else None


def _greeted_client(
    address: Any, kind: str, deadline: float, give_up: Callable[[], bool] = lambda: False
) -> _Client | None:
    client = _Client(address, kind)
    client._command_capabilities_checked = True  # else it matches each request against a list
    outcome: list[bool] = []

    thread = threading.Thread(
        target=lambda: outcome.append(client.connect()), daemon=True, name="unrealcv-connect"
    )
    thread.start()
    end = time.monotonic() + deadline
    while thread.is_alive() and time.monotonic() < end and not give_up():
        thread.join(_GLANCE)
    if outcome and outcome[0]:
        return client
    _close(client)
    return None


def _close(client: Any) -> None:
    connection = client.sock
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            connection.close()
    client.recv_num_q.put(None)
