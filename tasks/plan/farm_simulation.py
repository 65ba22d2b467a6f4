"""How long a farm would take, by playing its work through event by event.

Workers take shards in order; a worker whose host lacks the shard's people builds them first;
settling a shard (its claim, its run's end) goes through one queue, as does publishing at the end.
Pure: the same arguments give the same forecast.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ShardWork:
    """One shard: the group of people it needs, the seconds that building and rendering take."""

    group: int
    people_seconds: float
    render_seconds: float


@dataclass(frozen=True)
class FarmForecast:
    """Seconds. ``makespan``: from the first shard to the snapshot; ``utilisation``: the workers'
    share of it spent on shards and people; ``people``: spent on people, by all hosts together;
    ``waited``: in the queue of the store and the Prefect server."""

    workers: int
    shards: int
    makespan: float
    utilisation: float
    people: float
    waited: float


def simulate_farm(
    shards: Sequence[ShardWork],
    workers: int,
    *,
    slots_per_host: int = 1,
    settle_seconds: float = 0.0,
    publish_seconds: float = 0.0,
) -> FarmForecast:
    """Play ``shards`` through on ``workers``, ``slots_per_host`` of which share built people."""
    if workers < 1 or slots_per_host < 1:
        raise ValueError("a farm needs at least one worker, and a host one slot")
    # (moment, worker, whether a shard is rendered then); else the worker is free for another.
    events: list[tuple[float, int, bool]] = [(0.0, worker, False) for worker in range(workers)]
    waiting = iter(shards)
    built: set[tuple[int, int]] = set()
    end = queue_free = worked = people = waited = 0.0
    while events:
        now, worker, rendered = heapq.heappop(events)
        if rendered:
            start = max(now, queue_free)
            waited += start - now
            end = queue_free = start + settle_seconds
            heapq.heappush(events, (queue_free, worker, False))
            continue
        shard = next(waiting, None)
        if shard is None:
            continue
        home = (worker // slots_per_host, shard.group)
        preparing = 0.0 if home in built else shard.people_seconds
        built.add(home)
        seconds = preparing + shard.render_seconds
        people += preparing
        worked += seconds
        heapq.heappush(events, (now + seconds, worker, True))
    end += publish_seconds
    return FarmForecast(
        workers=workers,
        shards=len(shards),
        makespan=end,
        utilisation=worked / (workers * end) if end else 0.0,
        people=people,
        waited=waited,
    )
