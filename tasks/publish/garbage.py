"""Finds and removes what no claim and no snapshot names: losing attempts, dead publishers.

Publishers that died on this host are known (``tasks.publish.abandoned``); of others only age tells.

Nothing young is touched: an attempt that is still running looks exactly like an orphan. Age
is measured by the store's own clock, so that a builder whose clock is wrong loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from manifests.claims import claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.layout import ClaimKind, DatasetLayout
from manifests.snapshots import read_snapshots, snapshot_numbers
from manifests.stores import Leftover, ObjectInfo
from tasks.publish.abandoned import (
    abandoned_publications,
    patience_with_dead,
    sweep_publications,
)
from tasks.publish.leases import sweep_leases
from tasks.publish.store_clock import store_clock

LEASE_SECONDS = 24 * 3600.0
"""An unnamed file younger than this may belong to work that is still going on."""

_DATA = ("frames", "crops", "published")
_KINDS: tuple[ClaimKind, ...] = ("frames", "crops")


@dataclass(frozen=True)
class Garbage:
    """What nobody names.

    ``orphans``: objects; ``leftovers``: interrupted writes; ``deleted``: whether both were
    removed; ``young``: unnamed files that were spared; ``foreign``: files that nobody here wrote
    or that lie behind a link, left alone.
    """

    dataset: str
    orphans: tuple[ObjectInfo, ...]
    leftovers: tuple[Leftover, ...]
    young: int
    deleted: bool
    foreign: tuple[ObjectInfo, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(orphan.size for orphan in self.orphans)

    def __str__(self) -> str:
        verb = "removed" if self.deleted else "would remove"
        lines = [f"  {orphan.size:>14,}  {orphan.key}" for orphan in self.orphans]
        lines += [f"  {'interrupted':>14}  {leftover.key}" for leftover in self.leftovers]
        lines += [f"  {'not ours':>14}  {file.key!r}" for file in self.foreign]
        total = (
            f"{self.dataset}: {verb} {len(self.orphans)} orphans ({self.bytes:,} bytes) and "
            f"{len(self.leftovers)} interrupted writes; spared {self.young} young files"
        )
        if self.foreign:
            total += f", left {len(self.foreign)} alone that are not ours or lie behind links"
        return "\n".join([*lines, total])


def collect_garbage(
    dataset: Dataset, *, lease_seconds: float = LEASE_SECONDS, delete: bool = False
) -> Garbage:
    """What nothing names in ``dataset`` and is older than the lease; removed only if ``delete``.

    Claims, snapshots, recipes and plans are never garbage, nor is anything behind a link of the
    file system or under a name that this factory does not give. All files of one publication
    share the age of its youngest, so that a long publication is spared as a whole. What a
    publisher of this host began that is known to be gone needs no lease. What probes of the whole
    store left is garbage of every data set.
    """
    store, now = dataset.store, store_clock(dataset.store)
    horizon = now - lease_seconds
    dead = {f"published/{publish_id}" for publish_id in abandoned_publications(dataset)}
    horizon_of_dead = max(horizon, now - patience_with_dead(dataset))
    # Data is listed before claims and snapshots: what was named by the time we look is kept,
    # what is stored later was not listed.
    listed = [info for room in _DATA for info in store.list(f"{dataset.name}/{room}/")]
    remains = [left for left in store.leftovers(f"{dataset.name}/") if left.modified < horizon]
    named = _named(dataset)
    unnamed = [info for info in listed if info.key not in named]
    ours = [info for info in unnamed if not info.linked and dataset.names_data(info.key)]
    foreign = tuple(info for info in unnamed if info.linked or not dataset.names_data(info.key))
    youngest: defaultdict[str, float] = defaultdict(float)
    for info in listed:
        unit = _unit(dataset, info.key)
        youngest[unit] = max(youngest[unit], info.modified)

    def forgotten(info: ObjectInfo) -> bool:
        unit = _unit(dataset, info.key)
        return youngest[unit] < horizon or (unit in dead and youngest[unit] <= horizon_of_dead)

    passing = [info for info in store.passing() if info.modified < horizon]
    orphans = (*(info for info in ours if forgotten(info)), *passing)
    if delete:
        for orphan in orphans:
            store.delete(orphan.key)
        for leftover in remains:
            store.discard(leftover)
        sweep_publications(dataset)
        sweep_leases(dataset)
    young = len(ours) + len(passing) - len(orphans)
    return Garbage(dataset.name, orphans, tuple(remains), young, delete, foreign)


def _named(dataset: Dataset) -> set[str]:
    named: set[str] = set()
    for kind in _KINDS:
        claims = read_claims(dataset, kind, claimed_ids(dataset, kind))
        named |= {claim.key for claim in claims.values()}
    for snapshot in read_snapshots(dataset, snapshot_numbers(dataset)):
        named |= {file.key for file in snapshot.named_files()}
        # Written after the commit, the report perhaps by a run that measured a model.
        named.add(dataset.published_key(snapshot.publish_id, "report.html"))
        named.add(dataset.published_key(snapshot.publish_id, "snapshot.json"))
    return named


def _unit(layout: DatasetLayout, key: str) -> str:
    """What shares one age: a whole publication, else a single file."""
    room, _, rest = key.removeprefix(f"{layout.name}/").partition("/")
    return f"published/{rest.partition('/')[0]}" if room == "published" else key
