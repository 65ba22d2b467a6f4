"""Puts an engine behind its port and serves it until a signal says stop."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
from pathlib import Path

from manifests.errors import MissingRequirement
from synth_workers.engine.access import Access
from synth_workers.engine.commands import register_all
from synth_workers.engine.engine import Engine
from synth_workers.engine.server import SecondClient, UnrealcvServer

_log = logging.getLogger(__name__)
_BACKLOG = 8


def open_listener(host: str, port: int) -> socket.socket:
    """A listening TCP socket; ``MissingRequirement`` when the port cannot be had."""
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise MissingRequirement(
            f"Cannot start listening on {host}:{port}: {error}. "
            "Choose another --port (0 takes a free one)"
        ) from error


def serve(
    engine: Engine,
    listener: socket.socket,
    *,
    second_client: SecondClient | None = None,
    socket_folder: Path | None = None,
    access: Access | None = None,
) -> None:
    """Answer clients on ``listener`` until SIGTERM or SIGINT; run it in the main thread.

    ``second_client``: by default as the dialect does it. ``socket_folder``: where dialects that
    leave TCP put their ``unrealcv_<port>.socket`` (default: the folder of temporary files).
    """
    access = access or Access()
    engine.port = listener.getsockname()[1]
    register_all(engine)

    if second_client is None:
        second_client = SecondClient.REJECT if engine.dialect.superset else SecondClient.PARK
    socket_path = None
    if engine.dialect.switches_to_socket:
        folder = socket_folder or Path(tempfile.gettempdir())
        socket_path = folder / f"unrealcv_{engine.port}.socket"

    def note_client(connected: bool) -> None:
        engine.client_connected = connected
        access.forget()

    server = UnrealcvServer(
        listener,
        access.guard(engine.execute),
        f"connected to {engine.world.scene}",
        engine.dialect,
        engine.faults,
        second_client=second_client,
        on_connection=note_client,
        socket_path=socket_path,
    )
    previous = {
        number: signal.signal(number, lambda *_: server.stop())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    # A handler runs only once the loop does: a signal that came just before it began to wait, or
    # that another thread took, would otherwise be noticed with the next request.
    previous_wakeup = signal.set_wakeup_fd(server.wakeup_fd, warn_on_full_buffer=False)
    print(f"GL_RENDERER: {engine.renderer.name}", flush=True)
    print(f"Start listening on {engine.port}", flush=True)
    try:
        server.run()
    finally:
        signal.set_wakeup_fd(previous_wakeup)
        for number, handler in previous.items():
            signal.signal(number, handler)
    _log.info("stopped")
