"""The official ``unrealcv`` client, connected to a server that greets it within a deadline."""

from __future__ import annotations

import contextlib
import logging
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from synth_workers.framing import encode_frame
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.official import unrealcv

_PATIENCE = 2.0  # seconds for which refused connections are tried again
_GLANCE = 0.05  # seconds between looks at what has become of a connection

logging.getLogger("unrealcv").setLevel(logging.CRITICAL)
_log = logging.getLogger(__name__)
# The official client prints; stdout belongs to the results of the program that uses it.
setattr(unrealcv, "print", lambda *words: _log.debug(" ".join(map(str, words))))  # noqa: B010


class Client(unrealcv.Client):
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
        frames = [
            encode_frame(b"%d:%s" % (identity, command))
            for identity, command in enumerate(commands, start=first)
        ]
        if self.sock is None:
            raise ConnectionError("the engine closed the connection")
        whole, fraction = divmod(seconds, 1.0)
        limit = struct.pack("@ll", int(whole), int(fraction * 1e6))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self.sock.sendall(b"".join(frames))


def connected(endpoint: Endpoint, seconds: float) -> Client | None:
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
) -> Client | None:
    client = Client(address, kind)
    client._command_capabilities_checked = True  # pyright: ignore[reportPrivateUsage]  (else it matches each request against a list)
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
    close(client)
    return None


def close(client: Any) -> None:
    connection = client.sock
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            connection.close()
    client.recv_num_q.put(None)
