"""A PostgreSQL cluster of its own on a free loopback port, for tests of a farm's database.

Debian's package ``postgresql``. The server refuses to run as root, so that root runs it as the
package's user `postgres`. ``python -m tests.servers.postgres`` starts one by hand.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.endpoint import free_ports
from tests.servers.processes import ServerProcesses

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"
_START_SECONDS = 240.0
# What a test makes need not outlive the machine it runs on.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def installed() -> bool:
    """Whether this machine has the programs."""
    return _program("postgres") is not None and _program("initdb") is not None


@dataclass(frozen=True)
class Durable:
    """A database that is reached from the hosts of ``network``, on a port and with a password that
    stay; it is there again when it is started again in the same folder."""

    port: int
    password: str
    network: str


@contextmanager
def postgres(folder: Path, durable: Durable | None = None) -> Generator[str]:
    """A running server whose files lie in ``folder``; an SQLAlchemy URL of an empty database."""
    port, password = durable.port if durable else free_ports(1)[0], secrets.token_hex(16)
    password = durable.password if durable else password
    data = folder / "postgres"
    if not data.exists():
        _make_cluster(folder, data, password)
    if durable:
        rule = f"host all all {durable.network} scram-sha-256\n"
        rules = data / "pg_hba.conf"
        if rule not in rules.read_text():
            rules.write_text(rules.read_text() + rule)
    # Whoever lost their power left it; nobody else starts one here.
    (data / "postmaster.pid").unlink(missing_ok=True)
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    addresses = "*" if durable else "127.0.0.1"
    with ServerProcesses(folder) as processes:
        processes.start(
            "postgres",
            [
                *_as_user(),
                *(str(_program("postgres")), "-D", str(data), "-p", str(port)),
                *("-c", f"listen_addresses={addresses}", "-c", f"unix_socket_directories={data}"),
                *settings,
            ],
            dict(os.environ),
        )
        _wait(port, password, processes)
        yield f"postgresql+asyncpg://{_USER}:{password}@127.0.0.1:{port}/postgres"


def _make_cluster(folder: Path, data: Path, password: str) -> None:
    data.mkdir()
    words = folder / "postgres-password"
    words.write_text(password)
    words.chmod(0o600)
    for path in (data, words):
        _give(path)
    # The user must be able to reach the folder, not to read it.
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    _run("initdb", "-D", str(data), "-U", _USER, "--auth=scram-sha-256", f"--pwfile={words}")


def _wait(port: int, password: str, processes: ServerProcesses) -> None:
    query = [str(_program("psql")), "-h", "127.0.0.1", "-p", str(port), "-U", _USER]
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        processes.check_alive()
        done = subprocess.run(
            [*query, "-c", "select 1"],
            env={**os.environ, "PGPASSWORD": password},
            capture_output=True,
        )
        if done.returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError(f"PostgreSQL did not answer on port {port}")


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [*_as_user(), str(_program(program)), *arguments], capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed with {done.returncode}: {done.stderr[-1000:]}")


def _program(name: str) -> Path | None:
    versions = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1]
    found = shutil.which(name)
    return Path(found) if found else None


def _as_user() -> list[str]:
    return (
        ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--init-groups"] if _is_root() else []
    )


def _give(path: Path) -> None:
    if _is_root():
        user = pwd.getpwnam(_USER)
        os.chown(path, user.pw_uid, user.pw_gid)


def _is_root() -> bool:
    return os.geteuid() == 0


def main() -> None:
    """Run one until interrupted; prints how a Prefect server uses it."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder)) as url:
        print(f"export PREFECT_SERVER_DATABASE_CONNECTION_URL={json.dumps(url)}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
