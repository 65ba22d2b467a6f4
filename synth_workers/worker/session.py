"""A safe UnrealCV connection around the official ``unrealcv`` client.

Every command has a deadline, every reply is checked, and any timeout, missing reply or
exception poisons the connection for good: after one late reply the official client answers
every later request with the reply of the one before, which would silently mislabel data.
Nothing here knows about scenes, people or frames (see ``synth_workers.contracts.person.level``).
"""

from __future__ import annotations

import queue
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice

from manifests.errors import EngineLost, MissingRequirement
from synth_workers.worker.authentication import AUTHENTICATE, REFUSAL, engine_token
from synth_workers.worker.client import Client, close, connected
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.replies import Reply, expect_ok, expect_text

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


class Session:
    """One connection to one engine. Not thread-safe; never usable again after a fault."""

    def __init__(self, client: Client, endpoint: Endpoint, deadlines: Deadlines) -> None:
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
        client = connected(endpoint, limits.connect)
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
        self, *groups: Sequence[str], kind: CommandKind = CommandKind.capture
    ) -> list[list[Reply]]:
        """One ``batch`` of several groups, between two random words that must come back at their
        places, so that no reply in between can belong to another request; replies by group."""
        words = secrets.token_hex(8), secrets.token_hex(8)
        first, last = (f"vget /unrealcv/echo {word}" for word in words)
        before, *replies, after = self.batch([first, *chain(*groups), last], kind)
        if (before, after) != words:
            raise self.poison(
                f"replies are out of step: echoes answered {before!r:.40} and {after!r:.40}"
            )
        left = iter(replies)
        return [list(islice(left, len(group))) for group in groups]

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
        return expect_text(command, self.request(command, kind))

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
        close(self._client)
        return EngineLost(f"lost the engine at {self._endpoint}: {fault}")

    @property
    def usable(self) -> bool:
        """Whether commands may still be sent."""
        return self._fault is None

    def close(self) -> None:
        """Disconnect; the session is unusable afterwards."""
        self._fault = self._fault or "closed by the worker"
        close(self._client)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _encoded(command: str) -> bytes:
    if "\n" in command or not command.isascii():
        raise ValueError(f"a command must be one line of ASCII text, got {command[:120]!r}")
    return command.encode("ascii")
