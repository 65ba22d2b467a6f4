"""A single-node Ceph with an S3 gateway, as an ordinary child of the tests.

One monitor, one OSD that keeps objects in memory (or on the disk, where a store is to be started
again) and one gateway; Debian's packages ``radosgw ceph-mon ceph-osd``. Run
``python -m tests.servers.radosgw`` to get one by hand.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from tests.servers.endpoint import S3Endpoint, free_ports
from tests.servers.processes import ServerProcesses

PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "ceph-authtool")
_MEMORY_BYTES = 1 << 30
_START_SECONDS = 240.0
_GATEWAY = "gateway"

# Daemons must authenticate: a gateway without cephx cannot start. A single pool copy, one
# placement group per pool and tiny gateway queues are what keeps the start short.
_CONFIG = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon_v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {root}/keyring
run dir = {root}
admin socket = {root}/$name.asok
pid file =
log file =
log to stderr = true
err to stderr = true
mon cluster log file =
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 2
mon data avail crit = 1
mon osd min in ratio = 0
debug mon = 0
debug osd = 0
debug rgw = 0
[mon.a]
mon data = {root}/mon
[osd.0]
osd data = {root}/osd
osd objectstore = {objectstore}
memstore device bytes = {memory}
bluestore block size = {memory}
bluestore cache autotune = false
bluestore cache size = 67108864
osd max object name len = 1024
[client.rgw.a]
rgw data = {root}/rgw
rgw enable apis = s3,admin
rgw frontends = beast endpoint={address}:{port}
rgw gc max objs = 8
rgw usage max shards = 1
rgw num control oids = 1
rgw lc max objs = 1
rgw num async rados threads = 4
rgw thread pool size = 64
"""
_KEYS: tuple[tuple[str, list[str]], ...] = (
    ("mon.", ["mon", "allow *"]),
    ("client.admin", ["mon", "allow *", "osd", "allow *", "mgr", "allow *"]),
    ("osd.0", ["mon", "allow profile osd", "osd", "allow *"]),
    ("client.rgw.a", ["mon", "allow rw", "osd", "allow rwx"]),
)


def installed() -> bool:
    """Whether this machine has the programs."""
    return all(shutil.which(program) for program in PROGRAMS)


@contextmanager
def radosgw(folder: Path) -> Generator[S3Endpoint]:
    """A running gateway whose files lie in ``folder`` (empty, with a short path: sockets)."""
    with running_gateway(folder) as gateway:
        yield gateway.endpoint


@dataclass(frozen=True)
class Durable:
    """A store that is reached from elsewhere, on a port of its own, with keys that stay; what it
    holds lies on the disk and is there again when it is started again in the same folder."""

    port: int
    access_key: str
    secret_key: str


@contextmanager
def running_gateway(folder: Path, durable: Durable | None = None) -> Generator[Gateway]:
    """The same as ``radosgw``, for tests that kill the gateway and start it again."""
    cluster = _Cluster(folder, durable)
    new = not (folder / "ceph.conf").exists()
    with ServerProcesses(folder) as processes:
        if new:
            cluster.prepare()
        processes.start("mon", ["ceph-mon", "-f", "-i", "a"], cluster.environment)
        if new:
            cluster.run("ceph", "osd", "new", cluster.osd_id, timeout=_START_SECONDS)
            cluster.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", cluster.osd_id)
        processes.start("osd", ["ceph-osd", "-f", "-i", "0"], cluster.environment)
        if new:
            cluster.run("ceph", "osd", "pool", "create", ".rgw.root", "1", "1")
        command = ["radosgw", "-f", "-n", "client.rgw.a"]
        processes.start(_GATEWAY, command, cluster.environment)
        processes.wait_for_http(f"http://127.0.0.1:{cluster.port}/", _START_SECONDS)
        endpoint = cluster.create_user() if new else cluster.endpoint
        yield Gateway(endpoint, processes)


@dataclass(frozen=True)
class Gateway:
    """The process that serves S3; what holds the data lives on when it is killed."""

    endpoint: S3Endpoint
    _processes: ServerProcesses

    def make_bucket(self, name: str) -> None:
        """Make a bucket unless it is there."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint.url,
            aws_access_key_id=self.endpoint.access_key,
            aws_secret_access_key=self.endpoint.secret_key,
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=name)

    def check_alive(self) -> None:
        """``RuntimeError`` if one of its processes has died."""
        self._processes.check_alive()

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._processes.kill(_GATEWAY)

    def restart(self) -> None:
        """Start it again and wait until it answers."""
        self._processes.restart(_GATEWAY)
        self._processes.wait_for_http(f"{self.endpoint.url}/", _START_SECONDS)


class _Cluster:
    """Configuration and administration of one cluster."""

    def __init__(self, root: Path, durable: Durable | None) -> None:
        mon_v2, mon_v1, free = free_ports(3)
        self.root, self.port = root, durable.port if durable else free
        self.addresses = f"[v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon_v1}]"
        self.osd_id, self.fsid = str(uuid.uuid4()), str(uuid.uuid4())
        self.environment = {**os.environ, "CEPH_CONF": str(root / "ceph.conf")}
        keys = secrets.token_hex(10), secrets.token_hex(20)
        if durable:
            keys = durable.access_key, durable.secret_key
        self.endpoint = S3Endpoint("radosgw", f"http://127.0.0.1:{self.port}", *keys)
        self._config = _CONFIG.format(
            fsid=self.fsid,
            mon_v2=mon_v2,
            mon_v1=mon_v1,
            address="0.0.0.0" if durable else "127.0.0.1",
            port=self.port,
            root=root,
            memory=_MEMORY_BYTES,
            objectstore="bluestore" if durable else "memstore",
        )

    def prepare(self) -> None:
        """Configuration, keys and the monitor's first map."""
        for name in ("mon", "osd", "rgw"):
            (self.root / name).mkdir()
        (self.root / "ceph.conf").write_text(self._config)
        keyring, monmap = str(self.root / "keyring"), str(self.root / "monmap")
        for number, (name, caps) in enumerate(_KEYS):
            create = ["-C"] if number == 0 else []
            pairs = [part for kind, cap in _pairs(caps) for part in ("--cap", kind, cap)]
            self.run("ceph-authtool", *create, keyring, "-n", name, "--gen-key", *pairs)
        self.run(
            "monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", self.addresses, monmap
        )
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)

    def create_user(self) -> S3Endpoint:
        """The user whose keys the endpoint has."""
        self.run(
            *("radosgw-admin", "-n", "client.rgw.a", "user", "create", "--uid=test"),
            *("--display-name=test", f"--access-key={self.endpoint.access_key}"),
            f"--secret={self.endpoint.secret_key}",
        )
        return self.endpoint

    def run(self, *command: str, timeout: float = 240.0) -> str:
        """Output of one administrative command; ``RuntimeError`` with its message if it fails."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout
        )
        if done.returncode:
            # Arguments may hold keys, so that only the program is named.
            raise RuntimeError(f"{command[0]} failed with {done.returncode}: {done.stderr[-1000:]}")
        return done.stdout


def _pairs(flat: list[str]) -> list[tuple[str, str]]:
    return list(zip(flat[::2], flat[1::2]))


def main() -> None:
    """Run one until interrupted; prints how to use it as shell exports."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with tempfile.TemporaryDirectory(prefix="rgw-") as folder, radosgw(Path(folder)) as endpoint:
        for name, value in endpoint.environment().items():
            print(f"export {name}={json.dumps(value)}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
