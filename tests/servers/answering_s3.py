"""A small S3 of which each test chooses what it answers to some requests, and in which words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_NO_OBJECTS = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


@dataclass(frozen=True)
class Request:
    """What a client asks: method, path of the object, headers (names in lower case)."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer instead of the usual one; ``code`` and ``message`` become S3's XML."""

    status: int
    code: str = ""
    message: str = ""
    more: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def body(self) -> bytes:
        """As it is sent."""
        error = f"<Code>{self.code}</Code><Message>{self.message}</Message>{self.more}"
        return (f"<Error>{error}</Error>" if self.code else self.text).encode()


@dataclass
class AnsweringS3:
    """A running server: ``objects`` by their paths, the ``requests`` that came, and ``answer``,
    asked about every request; ``None``: the usual answer."""

    url: str
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Request], Reply | None] = lambda request: None

    def reply(self, request: Request, body: bytes) -> Reply | bytes:
        """What is answered; bytes: an object."""
        self.requests.append(request)
        if (special := self.answer(request)) is not None:
            return special
        if request.method == "PUT":
            if "if-none-match" in request.headers and request.path in self.objects:
                return Reply(412, "PreconditionFailed", "At least one condition did not hold")
            self.objects[request.path] = body
            return Reply(200, headers={"ETag": '"1"'})
        if request.method == "DELETE":
            self.objects.pop(request.path, None)
            return Reply(204)
        if request.path.count("/") < 2:
            return Reply(200, text=_NO_OBJECTS)
        if request.path not in self.objects:
            return Reply(404, "NoSuchKey", "The specified key does not exist.")
        return self.objects[request.path]


@contextmanager
def answering_s3(host: str = "127.0.0.1", port: int = 0) -> Generator[AnsweringS3]:
    """Such a server; by default on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            names = {name.lower(): value for name, value in self.headers.items()}
            found = server.reply(Request(self.command, urlsplit(self.path).path, names), body)
            reply = Reply(200, headers={"ETag": '"1"'}) if isinstance(found, bytes) else found
            content = found if isinstance(found, bytes) else found.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815 (http.server's names)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((host, port), Handler) as listening:
        listening.daemon_threads = True
        server = AnsweringS3(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
