"""What may happen to a farm of several hosts, and in which order: all of it from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

RENDER_HOSTS = ("render-0", "render-1", "render-2")
WORKING = (*RENDER_HOSTS, "trainer")
CLOCK_HOSTS = ("render-2", "trainer")
"""Their clocks can be set wrong: what runs there asks ``clock.c``."""

HOSTS = ("database", "server", "store", *WORKING, "operator")

PAIRS = (
    ("server", "database"),
    *((host, "server") for host in WORKING),
    *((host, "store") for host in WORKING),
)


class Kind(StrEnum):
    """Kinds of faults."""

    delay = "delay of 200 ms"
    loss = "2 % loss"
    cut = "partition of a pair"
    long_cut = "partition of a pair, 5 minutes"
    one_way_cut = "one-way partition of a pair"
    slow_store = "a store that answers slowly"
    wrong_clock = "a clock 10 minutes off"
    full_disk = "a full disk"
    freeze = "a host that freezes"
    power_loss = "a host without power"
    old_code = "a worker with older code"


_RARE = 4
"""Of so many rounds of all kinds, five-minute partitions have a turn in one."""


@dataclass(frozen=True)
class Fault:
    """One fault: where (a host, or a pair) and for how many seconds."""

    number: int
    kind: Kind
    where: tuple[str, ...]
    seconds: float
    pause: float

    def __str__(self) -> str:
        return f"{self.number}: {self.kind}, {' - '.join(self.where)}, {self.seconds:.0f} s"

    def written(self) -> dict[str, object]:
        """JSON-ready."""
        return {**asdict(self), "kind": str(self.kind)}


def schedule(faults: int, seed: int, kinds: Sequence[Kind] = tuple(Kind)) -> list[Fault]:
    """``faults`` faults in an order that depends on ``seed`` alone; of two lengths the shorter one
    begins the longer."""
    rng = random.Random(seed)
    planned: list[Fault] = []
    round_number = 0
    while len(planned) < faults:
        turn = [k for k in kinds if k is not Kind.long_cut or round_number % _RARE == 0]
        round_number += 1
        planned += [_fault(kind, 0, rng) for kind in rng.sample(turn, len(turn))]
    return [
        Fault(number, f.kind, f.where, f.seconds, f.pause)
        for number, f in enumerate(planned[:faults], 1)
    ]


def _fault(kind: Kind, number: int, rng: random.Random) -> Fault:
    where: tuple[str, ...]
    seconds = rng.uniform(15.0, 30.0)
    if kind in (Kind.cut, Kind.long_cut, Kind.one_way_cut):
        where = rng.choice(PAIRS)
        if kind is Kind.one_way_cut and rng.random() < 0.5:
            where = where[::-1]
        seconds = {Kind.cut: 10.0, Kind.long_cut: 300.0}.get(kind, seconds)
    elif kind is Kind.slow_store:
        where = ("store",)
    elif kind is Kind.wrong_clock:
        where, seconds = (rng.choice(CLOCK_HOSTS), rng.choice(("ahead", "behind"))), 100.0
    elif kind in (Kind.full_disk, Kind.old_code):
        where = (rng.choice(RENDER_HOSTS),)
    elif kind is Kind.freeze:
        where, seconds = (rng.choice(WORKING),), 130.0
    elif kind is Kind.power_loss:
        where, seconds = (rng.choice(HOSTS[:-1]),), rng.uniform(5.0, 20.0)
    else:
        where = (rng.choice(HOSTS[:-1]),)
    return Fault(number, kind, where, round(seconds, 1), round(rng.uniform(1.0, 5.0), 1))
