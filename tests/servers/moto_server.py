"""moto's stand-in for S3, in a process of its own: quick to start, not a real store."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.endpoint import S3Endpoint, free_ports
from tests.servers.processes import ServerProcesses

_START_SECONDS = 240.0
_PROGRAM = "from moto.server import main; import sys; main(sys.argv[1:])"


@contextmanager
def moto_server(folder: Path) -> Generator[S3Endpoint]:
    """A running stand-in; its log lies in ``folder``."""
    (port,) = free_ports(1)
    with ServerProcesses(folder) as processes:
        command = [sys.executable, "-c", _PROGRAM, "-H", "127.0.0.1", "-p", str(port)]
        processes.start("moto", command, dict(os.environ))
        url = f"http://127.0.0.1:{port}"
        processes.wait_for_http(f"{url}/moto-api/", _START_SECONDS)
        yield S3Endpoint("moto", url, "anybody", "anything")
