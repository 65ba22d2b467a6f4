"""The TCP side of the engine: one listener, one client, frames in, frames out.

One thread does everything, because OpenGL must stay in one thread: the loop below reads while
it writes (sockets never block it), so a client that pipelines hundreds of images and reads
none cannot deadlock it. Memory is bounded: unread replies stop the execution of further
requests, unexecuted requests beyond a limit end the connection.
"""

from __future__ import annotations

import logging
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from synth_workers.engine.dialects import Dialect
from synth_workers.engine.faults import FaultKind, Faults
from synth_workers.framing import FrameParser, FramingError, encode_frame

_log = logging.getLogger(__name__)

_RECEIVE_BYTES = 1 << 18
_SLICE_SECONDS = 0.002  # of executing requests before the sockets are looked at again
_MAX_WAITING = 1 << 26  # bytes of requests received and not yet executed
_MAX_UNSENT = 1 << 26  # bytes of replies before execution pauses
_STALL_SECONDS = 60.0  # without progress on unsent replies


class SecondClient(StrEnum):
    """What happens to a client while another one is connected."""

    REJECT = "reject"  # accepted and closed at once
    PARK = "park"  # waits in the kernel's backlog, never greeted, as Unreal does it


class Connection:
    """One accepted client and everything that is under way for it."""

    def __init__(self, sock: socket.socket, max_payload: int) -> None:
        sock.setblocking(False)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self.parser = FrameParser(max_payload)
        self.requests: deque[bytes] = deque()
        self.waiting_bytes = 0
        self.unsent: deque[memoryview] = deque()
        self.unsent_bytes = 0
        self.progress = time.monotonic()
        self.held: bytes | None = None
        self.held_until = 0.0

    def queue(self, payload: bytes) -> None:
        """Send a frame, or as much of it as fits; the rest follows when the socket is ready."""
        view = memoryview(encode_frame(payload))
        if not self.unsent:
            self.progress = time.monotonic()
        self.unsent.append(view)
        self.unsent_bytes += len(view)
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes now. Raises ``OSError`` when the peer is gone."""
        while self.unsent:
            view = self.unsent[0]
            try:
                sent = self.socket.send(view)
            except (BlockingIOError, InterruptedError):
                return
            self.progress = time.monotonic()
            self.unsent_bytes -= sent
            if sent < len(view):
                self.unsent[0] = view[sent:]
                return
            self.unsent.popleft()


class UnrealcvServer:
    """Serves one client after another until told to stop."""

    def __init__(
        self,
        listener: socket.socket,
        execute: Callable[[str], str | bytes],
        greeting: str,
        dialect: Dialect,
        faults: Faults,
        *,
        second_client: SecondClient,
        on_connection: Callable[[bool], None],
        socket_path: Path | None,
    ) -> None:
        """``execute`` answers one command; ``on_connection`` hears of clients coming and going.

        ``socket_path``: after the first TCP connection serve this unix socket and never TCP again.
        """
        listener.setblocking(False)
        self._listener = listener
        self._execute = execute
        self._greeting = greeting.encode()
        self._dialect = dialect
        self._request = re.compile(dialect.id_pattern, re.ASCII)
        self._second_client = second_client
        self._on_connection = on_connection
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._connection: Connection | None = None
        self._socket_path = socket_path
        self._faults = faults
        self._stalled = False
        self._abandoned: list[socket.socket] = []
        self._stopping = False

    @property
    def wakeup_fd(self) -> int:
        """For ``signal.set_wakeup_fd``: makes the loop notice a signal while it waits."""
        return self._wake_write.fileno()

    def stop(self) -> None:
        """Make ``run`` return soon; safe to call from a signal handler or another thread."""
        self._stopping = True
        try:
            self._wake_write.send(b"s")
        except OSError:  # already full: the loop wakes up anyway, or already closed
            return

    def disconnect(self) -> None:
        """Drop the current client, unsent replies included."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        self._selector.unregister(connection.socket)
        connection.socket.close()
        if self._socket_path is not None and self._listener.family != socket.AF_UNIX:
            self._switch_to_socket(self._socket_path)
        elif self._second_client is SecondClient.PARK and not self._stalled:
            self._selector.register(self._listener, selectors.EVENT_READ)
        self._on_connection(False)

    def _switch_to_socket(self, path: Path) -> None:
        """Leave TCP for good; its port stays open, so later clients wait there in vain."""
        if self._second_client is SecondClient.REJECT:
            self._selector.unregister(self._listener)
        self._abandoned.append(self._listener)
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        _log.info("now listening on %s", path)

    def run(self) -> None:
        """Serve until ``stop``; closes the listener and the client on the way out."""
        try:
            while not self._stopping:
                self._step()
        finally:
            self.disconnect()
            self._selector.close()
            for sock in (self._listener, *self._abandoned, self._wake_read, self._wake_write):
                sock.close()
            if self._socket_path is not None:
                self._socket_path.unlink(missing_ok=True)

    def _step(self) -> None:
        for key, events in self._selector.select(self._timeout()):
            if key.fileobj is self._wake_read:
                self._wake_read.recv(4096)
            elif key.fileobj is self._listener:
                self._accept()
            elif self._connection is not None and key.fileobj is self._connection.socket:
                connection = self._connection
                if events & selectors.EVENT_WRITE:
                    self._guarded(connection.flush)
                if events & selectors.EVENT_READ and self._connection is connection:
                    self._guarded(self._receive, connection)
        if self._connection is not None:
            self._advance(self._connection)

    def _timeout(self) -> float | None:
        connection = self._connection
        if connection is None or self._stalled:
            return None
        if connection.held is not None:
            return max(connection.held_until - time.monotonic(), 0.0)
        if connection.unsent:
            waited = time.monotonic() - connection.progress
            if waited > _STALL_SECONDS:
                _log.warning("client dropped: it took no reply for %.0f s", waited)
                self.disconnect()
                return None
            if not self._may_execute(connection):
                return _STALL_SECONDS - waited + 0.01
        return 0.0 if connection.requests else None

    def _may_execute(self, connection: Connection) -> bool:
        return (
            bool(connection.requests)
            and connection.unsent_bytes < _MAX_UNSENT
            and connection.held is None
            and not self._stalled
        )

    def _accept(self) -> None:
        try:
            sock, peer = self._listener.accept()
        except OSError:  # the peer gave up before we came to it
            return
        # A client that comes back at once may overtake our reading of its own farewell.
        while self._connection is not None and self._guarded(self._receive, self._connection):
            continue
        if self._connection is not None:
            _log.info("second client %s refused", peer)
            sock.close()
            return
        connection = Connection(sock, self._dialect.max_payload)
        self._connection = connection
        self._selector.register(sock, selectors.EVENT_READ)
        if self._second_client is SecondClient.PARK:
            self._selector.unregister(self._listener)
        self._on_connection(True)
        if self._faults.greets():
            self._guarded(connection.queue, self._greeting)

    def _receive(self, connection: Connection) -> bool:
        """Take in what has arrived; whether anything had."""
        try:
            data = connection.socket.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        if not data:
            self.disconnect()
            return False
        payloads = connection.parser.feed(data)
        connection.requests.extend(payloads)
        connection.waiting_bytes += sum(map(len, payloads))
        if connection.waiting_bytes > _MAX_WAITING:
            raise FramingError(f"more than {_MAX_WAITING} bytes of requests wait")
        return True

    def _advance(self, connection: Connection) -> None:
        """Execute waiting requests for a short while."""
        deadline = time.monotonic() + _SLICE_SECONDS
        if connection.held is not None and time.monotonic() >= connection.held_until:
            held, connection.held = connection.held, None
            self._guarded(connection.queue, held)
        while self._connection is connection and self._may_execute(connection):
            payload = connection.requests.popleft()
            connection.waiting_bytes -= len(payload)
            reply = self._withhold(connection, self._answer(payload))
            if reply is not None:
                self._guarded(connection.queue, reply)
            if self._connection is not connection or self._stopping:
                return
            if time.monotonic() > deadline:
                break
        if self._connection is not connection:
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        if self._selector.get_key(connection.socket).events != wanted:
            self._selector.modify(connection.socket, wanted)

    def _answer(self, payload: bytes) -> bytes | None:
        text = payload.decode("utf-8", errors="replace")
        found = self._request.search(text)
        if found is None:
            _log.warning("request without an id: %.80r", text)
            complaint = f"error: Malformat raw message '{text}'".encode()
            return complaint if self._dialect.complains else None
        identifier, command = found.groups()
        body = self._execute(command)
        prefix = identifier.encode() + b":"
        return prefix + (body if isinstance(body, bytes) else body.encode())

    def _withhold(self, connection: Connection, reply: bytes | None) -> bytes | None:
        """The reply, unless a fault takes it away."""
        fault = self._faults.on_request()
        if fault is None:
            return reply
        _log.warning("fault on demand: %s", fault)
        if fault.kind is FaultKind.DROP:
            self.disconnect()
        elif fault.kind is FaultKind.STALL:
            self._stalled = True
            if self._second_client is SecondClient.REJECT:
                self._selector.unregister(self._listener)
        elif fault.kind is FaultKind.LATE:
            connection.held = reply
            connection.held_until = time.monotonic() + fault.seconds
        return None

    def _guarded(self, action: Callable[..., object], *arguments: object) -> object:
        """What an action on the current connection returns; if it fails, that is dropped."""
        try:
            return action(*arguments)
        except FramingError as error:
            _log.warning("client dropped: %s", error)
        except OSError as error:
            _log.info("client lost: %s", error)
        self.disconnect()
        return None
