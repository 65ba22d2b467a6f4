"""What hosts of a farm run that is no part of this project: ``python -m benchmarks.hosts.services
database`` (PostgreSQL) and ``store`` (Ceph's S3 gateway), on their ports and for all hosts."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from tests.servers import postgres, radosgw

DATABASE_PORT = 5432
STORE_PORT = 7480
BUCKET = "factory"
NETWORK = "10.77.0.0/24"
PASSWORD = "DATABASE_PASSWORD"


def serve_database() -> None:
    """Until terminated."""
    folder = Path("/var/lib/database")
    folder.mkdir(exist_ok=True)
    durable = postgres.Durable(DATABASE_PORT, os.environ[PASSWORD], NETWORK)
    with postgres.postgres(folder, durable):
        signal.pause()


def serve_store() -> None:
    """Until terminated, or until one of its processes ends."""
    folder = Path("/var/lib/store")
    folder.mkdir(exist_ok=True)
    keys = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    with radosgw.running_gateway(folder, radosgw.Durable(STORE_PORT, *keys)) as gateway:
        gateway.make_bucket(BUCKET)
        while True:
            gateway.check_alive()
            time.sleep(1.0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    {"database": serve_database, "store": serve_store}[sys.argv[1]]()
