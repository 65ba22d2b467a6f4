"""The farm: a database, a server, a store, three render hosts, a trainer and an operator."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.hosts.faults import CLOCK_HOSTS, HOSTS, RENDER_HOSTS
from benchmarks.hosts.host import Host
from benchmarks.hosts.network import Network, Rules, everywhere
from benchmarks.hosts.root import HOME, PROJECT, USER, install, own_user
from benchmarks.hosts.services import BUCKET, DATABASE_PORT, PASSWORD, STORE_PORT
from benchmarks.hosts.units import Unit, read_unit
from synth_workers.cache_folder import cache_root
from synth_workers.people.body.assets import assets_path

_UNITS = PROJECT / "infra" / "systemd"
_DISK_MEGABYTES = 700
_SERVICES = ("database", "store")
_CLOCK, _CLOCK_FILE = "clock.so", "clock"
_ETC = "/etc/unrealperson"


def clocks_can_differ() -> bool:
    """Whether hosts can have clocks of their own here: that takes a C compiler."""
    return shutil.which("cc") is not None


@dataclass(frozen=True)
class Farm:
    """All hosts, the network between them, and what nobody may read in a log."""

    hosts: dict[str, Host]
    network: Network
    secrets: tuple[str, ...]

    def boot(self, name: str) -> None:
        """Start a host, with its units, and connect it."""
        host = self.hosts[name]
        host.boot()
        self.network.plug(name, host.address, host.pid)
        host.start_units()

    def set_rules(self, rules: Rules) -> None:
        self.network.set_rules(rules)

    def power_off(self, name: str) -> None:
        """Nobody hears of it: its packets are lost first."""
        self.set_rules(everywhere(name, self.hosts, lost=1.0))
        self.hosts[name].power_off()
        self.network.unplug(name)

    def power_on(self, name: str) -> None:
        self.set_rules([])
        self.boot(name)

    def processes(self) -> Iterable[tuple[str, str]]:
        """Host and command line of whatever runs on working hosts beside their services."""
        for name in (*RENDER_HOSTS, "trainer"):
            for process in self.hosts[name].processes():
                try:
                    words = " ".join(process.cmdline())
                except Exception:  # it has just ended
                    continue
                if any(part in words for part in ("prefect.engine", "tasks.", "synth_workers")):
                    yield name, words


@contextmanager
def running_farm(folder: Path, stores: Iterable[str], seed: int = 0) -> Generator[Farm]:
    """All hosts in ``folder``; ``stores``: names of the places in the bucket."""
    addresses = {name: f"10.77.0.{10 + number}" for number, name in enumerate(HOSTS, 1)}
    installed = install(folder.with_name("installed"))
    hosts = {
        name: Host(name, number, addresses[name], folder / name, installed=installed)
        for number, name in enumerate(HOSTS, 1)
    }
    hidden = _make_secrets()
    for host in hosts.values():
        host.folder.mkdir(parents=True)
        host.prepare(addresses, None if host.name in _SERVICES else _DISK_MEGABYTES)
        _configure(host, hidden, sorted(stores))
    network = Network(seed)
    farm = Farm(hosts, network, tuple(hidden.values()))
    try:
        for name in HOSTS[:3]:
            farm.boot(name)
        wait_for_server(farm)
        for name in HOSTS[3:]:
            farm.boot(name)
        yield farm
    finally:
        for host in hosts.values():
            host.power_off()
            subprocess.run(["umount", "--quiet", "--lazy", host.disk], check=False)
        network.close()


def _make_secrets() -> dict[str, str]:
    return {
        "password": secrets.token_hex(16),
        "word": secrets.token_hex(16),
        "access": secrets.token_hex(10),
        "key": secrets.token_hex(20),
    }


def _configure(host: Host, hidden: dict[str, str], stores: list[str]) -> None:
    """Write what a host's owner writes, and say what it runs."""
    word = f"farm:{hidden['word']}"
    keys = {"AWS_ACCESS_KEY_ID": hidden["access"], "AWS_SECRET_ACCESS_KEY": hidden["key"]}
    secret: dict[str, str] = {}
    if host.name in _SERVICES:
        secret = {PASSWORD: hidden["password"]} if host.name == "database" else keys
        host.units.append(_service_unit(host.name))
    elif host.name == "server":
        url = (
            f"postgresql+asyncpg://postgres:{hidden['password']}@database:{DATABASE_PORT}/postgres"
        )
        secret = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": url,
            "PREFECT_SERVER_API_AUTH_STRING": word,
        }
        _write(host, "server.env", {"PYTHONPATH": str(HOME)})
        host.units.append(read_unit(_UNITS / "unrealperson-server.service"))
    else:
        secret = {"PREFECT_API_AUTH_STRING": word, **keys}
        _write(host, "worker.env", _client_settings(host.name, stores[0]))
        host.write("stores.yaml", yaml.safe_dump({name: _place(name) for name in stores}))
        _install_assets(host)
        for instance in _instances(host.name):
            host.units.append(read_unit(_UNITS / "unrealperson-worker@.service", instance))
        if host.name in CLOCK_HOSTS and clocks_can_differ():
            _install_clock(host)
    _write(host, "secrets.env", secret, 0o600)


def _instances(name: str) -> tuple[str, ...]:
    if name in RENDER_HOSTS:
        return ("render-1",)
    return ("cpu-10", "gpu-1") if name == "trainer" else ()


def _client_settings(name: str, store: str) -> dict[str, str]:
    settings = {
        "PREFECT_API_URL": "http://server:4200/api",
        "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
        "UNREALPERSON_STORES": f"{_ETC}/stores.yaml",
        "UNREALPERSON_STORE": store,
        "UNREALPERSON_HOME": str(HOME),
        "UNREALPERSON_OUT": f"/var/lib/{USER}/out",
        "UNREALPERSON_CACHE": f"/var/cache/{USER}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(HOME),
    }
    if name == "operator":
        settings["UNREALPERSON_STORE_PATIENCE"] = "0"
    if name in CLOCK_HOSTS and clocks_can_differ():
        settings |= {"LD_PRELOAD": f"{_ETC}/{_CLOCK}", "CLOCK_FILE": f"{_ETC}/{_CLOCK_FILE}"}
    return settings


def set_clock(host: Host, seconds: int) -> None:
    """How far a host's clock is ahead."""
    host.write(_CLOCK_FILE, f"{seconds}\n")


def _install_clock(host: Host) -> None:
    source, made = Path(__file__).with_name("clock.c"), host.root / f"{_ETC}/{_CLOCK}".lstrip("/")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", made, source], check=True)
    set_clock(host, 0)


def _place(name: str) -> dict[str, str]:
    return {"uri": f"s3://{BUCKET}/{name}", "endpoint": f"http://store:{STORE_PORT}"}


def _service_unit(name: str) -> Unit:
    return Unit(
        name=f"{name}.service",
        start=(f"{HOME}/.venv/bin/python", "-m", "benchmarks.hosts.services", name),
        folder=str(HOME),
        files=(f"{_ETC}/secrets.env",),
    )


def _install_assets(host: Host) -> None:
    """What ``unrealperson assets install`` brings, of the version that lies here."""
    user, _ = own_user(host.number)
    target = host.disk / "cache" / USER / assets_path().relative_to(cache_root())
    shutil.copy(assets_path(), target)
    shutil.chown(target, user, user)


def _write(host: Host, name: str, values: dict[str, str], mode: int = 0o644) -> None:
    host.write(name, "".join(f"{key}={value}\n" for key, value in values.items()), mode)


def wait_for_server(farm: Farm, seconds: float = 180.0) -> None:
    """Until the server answers on its own host."""
    deadline = time.monotonic() + seconds
    asked = "import urllib.request as r; r.urlopen('http://127.0.0.1:4200/api/health', timeout=2)"
    while True:
        try:
            farm.hosts["server"].run("python", "-c", asked, timeout=20.0)
            return
        except (RuntimeError, subprocess.TimeoutExpired):
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)
