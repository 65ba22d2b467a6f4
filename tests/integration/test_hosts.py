"""Hosts in namespaces, and what the product does when the network between them is bad.

The short form of ``python -m benchmarks.hosts``: the same hosts and the same faults without a
Prefect server. It needs root and namespaces, and says so where they are not allowed.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.hosts.faults import Kind, schedule
from benchmarks.hosts.host import Host
from benchmarks.hosts.namespaces import why_not
from benchmarks.hosts.network import Network, both_ways, one_way
from benchmarks.hosts.record import CALM, Record
from benchmarks.hosts.root import HOME
from benchmarks.hosts.units import Unit, read_unit
from tests.farms.supervision import wait_for

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "hosts can be made here"),
]

ADDRESSES = {"one": "10.77.0.11", "two": "10.77.0.12"}
PORT = 9000
PUT = """
import json, sys
from manifests.stores.retry import Patience
from manifests.stores.s3 import S3Store
store = S3Store("factory", endpoint="http://one:9000", connect_timeout=1.0, read_timeout=1.0,
                patience=Patience(attempts=30, first_pause=0.2, longest_pause=0.5))
print("asking", flush=True)
print(json.dumps(store.put_if_absent("claim", sys.argv[1].encode())))
"""
STORE = """
from tests.servers.answering_s3 import answering_s3
import signal
with answering_s3("0.0.0.0", 9000):
    signal.pause()
"""
FILL = """
from pathlib import Path
from manifests.errors import FolderUnsuitable
from manifests.whole_files import write_whole
try:
    write_whole(Path("/var/lib/unrealperson/file"), "x" * 5_000_000)
except FolderUnsuitable as error:
    print(error)
"""
CONNECT = """
import socket, sys
try:
    socket.create_connection(("one", 9000), timeout=float(sys.argv[1])).close()
    print("yes")
except OSError:
    print("no")
"""


class Lab:
    """Two hosts on a network; a store runs on the first."""

    def __init__(self, folder: Path) -> None:
        self.network = Network()
        self.one, self.two = (
            Host(name, number, address, folder / name)
            for number, (name, address) in enumerate(ADDRESSES.items(), 1)
        )
        python = f"{HOME}/.venv/bin/python"
        self.one.units.append(
            Unit("store", (python, "-c", STORE), user="unrealperson", folder=str(HOME), restart=0.1)
        )

    def boot(self, host: Host) -> None:
        host.boot()
        self.network.plug(host.name, host.address, host.pid)
        host.start_units()

    def reached(self, seconds: float) -> bool:
        """Whether the second host reaches the first one's store in time."""
        return self.two.run("python", "-c", CONNECT, str(seconds)) == "yes\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("hosts"))
    hosts = (lab.one, lab.two)
    try:
        for host in hosts:
            host.folder.mkdir()
            host.prepare(ADDRESSES, disk_megabytes=32)
            lab.boot(host)
        wait_for("the store", lambda: lab.reached(1.0), 240.0)
        yield lab
    finally:
        for host in hosts:
            host.power_off()
            subprocess.run(["umount", "--lazy", host.disk], check=False)
        lab.network.close()


@pytest.fixture(autouse=True)
def network_is_well(lab: Lab) -> Iterator[None]:
    yield
    lab.network.set_rules([])


def test_hosts_share_nothing_but_programs_and_a_network(lab: Lab) -> None:
    said = {
        host.name: host.run("sh", "-c", "hostname; id -u; touch /tmp/mine; ls /tmp; ps ax | wc -l")
        for host in (lab.one, lab.two)
    }
    for host in (lab.one, lab.two):
        with pytest.raises(RuntimeError, match="Read-only file system"):
            host.run("touch", f"{HOME}/mine")

    assert said["one"].split()[:3] == ["one", "61001", "mine"]
    assert said["two"].split()[:3] == ["two", "61002", "mine"]
    # Of the machine's processes each sees its own: the first, what runs, and these.
    assert all(int(text.split()[-1]) < 12 for text in said.values())


def test_a_network_that_is_cut_one_way_or_both_heals(lab: Lab) -> None:
    for rules in (
        both_ways("one", "two", lost=1.0),
        one_way("one", "two", lost=1.0),
        one_way("two", "one", lost=1.0),
        both_ways("one", "two", delay=5.0),
    ):
        lab.network.set_rules(rules)
        assert not lab.reached(0.3)
    lab.network.set_rules([])
    wait_for("the host", lambda: lab.reached(5.0), 60.0)


def test_a_conditional_write_whose_replies_are_lost_counts_once(lab: Lab) -> None:
    """The store has it and the writer does not know: asked again, it finds that it is its own."""
    process = subprocess.Popen(
        lab.two.command("python", "-c", PUT, "ours"),
        env={**lab.two.environment(), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "asking\n"
    lab.network.set_rules(one_way("one", "two", lost=1.0))
    time.sleep(1.5)
    lab.network.set_rules([])

    said, _ = process.communicate(timeout=60)

    assert json.loads(said) is True
    more = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert json.loads(lab.two.run("python", "-c", PUT, "theirs", more=more).split()[-1]) is False


def test_a_full_disk_is_named(lab: Lab) -> None:
    lab.two.fill()
    full = lab.two.run("python", "-c", FILL)
    lab.two.empty()

    assert "no space left" in full and "/var/lib/unrealperson/file" in full
    assert lab.two.run("python", "-c", FILL) == ""


def test_a_frozen_host_is_silent_and_comes_back(lab: Lab) -> None:
    lab.one.freeze()
    # Each stops when it is its turn to run.
    wait_for("silence", lambda: {p.status() for p in lab.one.processes()} == {"stopped"}, 60.0)
    lab.one.thaw()

    wait_for("the host", lambda: lab.reached(5.0), 60.0)


def test_without_power_everything_ends_and_the_disk_stays(lab: Lab) -> None:
    lab.one.run("touch", "/var/lib/unrealperson/kept", "/tmp/lost")
    processes = lab.one.processes()
    lab.one.power_off()
    lab.network.unplug("one")
    assert not any(process.is_running() for process in processes)
    assert not lab.reached(0.3)

    lab.boot(lab.one)

    left = lab.one.run("ls", "/tmp", "/var/lib/unrealperson").split()
    assert left == ["/tmp:", "/var/lib/unrealperson:", "kept"]
    wait_for("the store", lambda: lab.reached(1.0), 240.0)


def test_the_units_of_a_farm_are_what_its_hosts_start() -> None:
    unit = read_unit(Path("infra/systemd/unrealperson-worker@.service"), "render-1")

    assert unit.start == ("/opt/unrealperson/infra/systemd/start-worker.sh", "render-1")
    assert unit.before == (("/opt/unrealperson/.venv/bin/python", "-m", "flows.bootstrap"),)
    assert (unit.user, unit.folder, unit.restart) == ("unrealperson", "/opt/unrealperson", 5.0)
    assert "/etc/unrealperson/secrets.env" in unit.files


def test_a_schedule_of_faults_depends_on_its_seed_and_goes_on() -> None:
    assert schedule(30, seed=7) == schedule(60, seed=7)[:30]
    assert schedule(30, seed=7) != schedule(30, seed=8)
    assert {fault.kind for fault in schedule(11, seed=7)} == set(Kind)


def test_a_record_of_faults_is_gone_on_with_and_tells_what_nobody_judged(tmp_path: Path) -> None:
    first = Record.read(tmp_path)
    first.add_build({"store": CALM, "digest": "d"})
    first.add_build({"store": "storm-1", "digest": "d"})
    first.add_fault({"store": "storm-1"})
    first.add_fault({"store": "storm-2"})  # and then the run was ended

    second = Record.read(tmp_path)
    second.add_build({"store": CALM, "digest": "e"})
    second.add_build({"store": "storm-2", "digest": "d"})

    assert (first.unjudged, first.digests_equal) == (1, True)
    assert (second.run, len(second.faults), second.unjudged) == (2, 2, 1)
    assert not second.digests_equal
