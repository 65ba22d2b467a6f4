"""Which shards travel together to a work pool: as one run, carried out one after the other.

A run costs some CPU-seconds whatever it does (a process with its imports, a dozen of the server's
transactions). Small shards share that. Nobody waits long for it: a run has a minute or two of work,
and towards the end of a round runs get smaller and smaller, so that no host works alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from manifests.shards import ShardSpec

SHARDS_PER_RUN = 16
CROPS_PER_RUN = 2_400
"""What some shards together may be asked for; a minute or two of one core's work."""

RUNS_LEFT = 16
"""A run is at most this part of what has not been sent yet."""


def grouped(shards: Sequence[ShardSpec]) -> list[list[ShardSpec]]:
    """``shards`` in their order, as runs: groups of people stay together as far as that goes, so
    that one host builds them; within a run shards of one scene do, which share an engine."""
    groups: list[list[ShardSpec]] = []
    first = 0
    while first < len(shards):
        most = min(SHARDS_PER_RUN, max(1, (len(shards) - first) // RUNS_LEFT))
        crops, end = _crops(shards[first]), first + 1
        while end < min(len(shards), first + most):
            crops += _crops(shards[end])
            if crops > CROPS_PER_RUN:
                break
            end += 1
        groups.append(sorted(shards[first:end], key=lambda shard: shard.scene))
        first = end
    return groups


def _crops(shard: ShardSpec) -> int:
    """What is wanted of a shard; recordings want everything and travel alone."""
    if shard.video is not None:
        return CROPS_PER_RUN
    return max(1, sum(wish.images for wish in shard.wanted))
