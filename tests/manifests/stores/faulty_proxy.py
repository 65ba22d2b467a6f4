"""An HTTP proxy that spoils chosen requests on their way to a real server."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal[
    "storm",  # 503 SlowDown instead of the answer
    "broken",  # 500 InternalError instead of the answer
    "conflict",  # 409 ConditionalRequestConflict instead of the answer
    "skewed",  # 403 RequestTimeTooSkewed instead of the answer
    "reset",  # the connection is reset before the request reaches the server
    "lost_reply",  # the server carries it out, but the answer never arrives
    "truncated",  # the connection ends in the middle of the answer's body
    "stalled",  # the server carries it out, but answers after the client's time-out
    "slow",  # the answer takes a while
]

_STATUS = {
    "storm": (503, "SlowDown"),
    "broken": (500, "InternalError"),
    "conflict": (409, "ConditionalRequestConflict"),
    "skewed": (403, "RequestTimeTooSkewed"),
}
STALL_SECONDS = 3.0


@dataclass
class FaultPlan:
    """Which requests are spoilt: the next ``times`` ones of each method, with a fault."""

    pending: list[tuple[str, Fault]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def spoil(self, method: str, fault: Fault, times: int = 1) -> None:
        self.pending.extend([(method, fault) for _ in range(times)])

    def next(self, method: str) -> Fault | None:
        with self.lock:
            self.seen[method] += 1
            for index, (wanted, fault) in enumerate(self.pending):
                if wanted == method:
                    del self.pending[index]
                    return fault
        return None


@contextmanager
def faulty_proxy(upstream: str) -> Generator[tuple[str, FaultPlan]]:
    """URL of a proxy before ``upstream``, and the plan by which it misbehaves."""
    plan, target = FaultPlan(), urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            fault = plan.next(self.command)
            if fault == "reset":
                return self.hang_up()
            if fault in _STATUS:
                return self.refuse(*_STATUS[fault])
            status, headers, answer = self.forward(body)
            if fault == "lost_reply":
                return self.hang_up()
            if fault in ("stalled", "slow"):
                time.sleep(STALL_SECONDS if fault == "stalled" else 0.2)
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            size = next((v for k, v in headers if k.lower() == "content-length"), len(answer))
            self.send_header("Content-Length", str(size))
            self.end_headers()
            if fault == "truncated":
                self.wfile.write(answer[: len(answer) // 2])
                self.wfile.flush()
                return self.hang_up()
            self.wfile.write(answer)
            return None

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815 (http.server's names)

        def forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(target, timeout=30)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
                connection.request(self.command, self.path, body, headers)
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            finally:
                connection.close()

        def refuse(self, status: int, code: str) -> None:
            body = f"<Error><Code>{code}</Code><Message>spoilt</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def hang_up(self) -> None:
            # Zero linger: the peer sees a reset instead of an orderly end.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()

        def log_message(self, format: str, *args: object) -> None:
            pass

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return  # we hung up on purpose

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # pyright: ignore[reportAttributeAccessIssue] (clients hang up too)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", plan
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
