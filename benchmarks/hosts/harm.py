"""How each kind of fault is done to a farm, and undone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from benchmarks.hosts.farm import Farm, set_clock
from benchmarks.hosts.faults import Fault, Kind
from benchmarks.hosts.host import Host
from benchmarks.hosts.network import Rules, both_ways, everywhere, one_way
from benchmarks.hosts.root import PROJECT

_DELAY = 0.1
"""Each way: 200 ms there and back."""

_CLOCK_SECONDS = 600
_VERSIONED = "manifests/identity.py"


@contextmanager
def harmed(farm: Farm, fault: Fault) -> Generator[None]:
    """The block runs while the fault lasts; it is over when the block has been left."""
    begin, end = _ways(farm, fault)
    begin()
    try:
        yield
    finally:
        end()


def _ways(farm: Farm, fault: Fault) -> tuple[Callable[[], None], Callable[[], None]]:
    first, *rest = fault.where
    host = farm.hosts[first]
    if (rules := _rules(farm, fault)) is not None:
        return (lambda: farm.set_rules(rules)), (lambda: farm.set_rules([]))
    if fault.kind is Kind.wrong_clock:
        seconds = _CLOCK_SECONDS if rest == ["ahead"] else -_CLOCK_SECONDS
        return (lambda: set_clock(host, seconds)), (lambda: set_clock(host, 0))
    if fault.kind is Kind.full_disk:
        return host.fill, host.empty
    if fault.kind is Kind.freeze:
        return host.freeze, host.thaw
    if fault.kind is Kind.power_loss:
        return (lambda: farm.power_off(first)), (lambda: farm.power_on(first))
    return (lambda: _install(farm, host, older=True)), (lambda: _install(farm, host, older=False))


def _rules(farm: Farm, fault: Fault) -> Rules | None:
    """What the network does in a fault of the network."""
    first, second = (*fault.where, "")[:2]
    if fault.kind in (Kind.cut, Kind.long_cut):
        return both_ways(first, second, lost=1.0)
    if fault.kind is Kind.one_way_cut:
        return one_way(first, second, lost=1.0)
    if fault.kind is Kind.delay:
        return everywhere(first, farm.hosts, delay=_DELAY)
    if fault.kind is Kind.loss:
        return everywhere(first, farm.hosts, lost=0.02)
    if fault.kind is Kind.slow_store:
        return [r for host in farm.hosts for r in one_way(first, host, delay=1.0, rate=100_000)]
    return None


def _install(farm: Farm, host: Host, *, older: bool) -> None:
    """Start a host anew with the code of another version of the data, or with this one's."""
    farm.power_off(host.name)
    host.over = []
    if older:
        text = (PROJECT / _VERSIONED).read_text()
        changed = re.sub(
            r"^DATA_VERSION = (\d+)", lambda m: f"DATA_VERSION = {int(m[1]) - 1}", text, flags=re.M
        )
        if changed == text:
            raise RuntimeError(f"{_VERSIONED} names no DATA_VERSION")
        copy = host.folder / "older.py"
        copy.write_text(changed)
        host.over = [(str(copy), _VERSIONED)]
    time.sleep(1.0)
    farm.power_on(host.name)
