"""Removes old snapshots with everything that nothing else needs: first listed, then deleted.

Claims that no snapshot was ever made from stay, whatever their age: they are of unfinished builds.
What lost attempts left is ``tasks.publish.garbage``'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from manifests.claims import claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, FactoryError, NotFound
from manifests.snapshots import Snapshot, read_snapshot, snapshot_numbers, standing_numbers
from manifests.withdrawals import withdraw_snapshot
from tasks.publish.copies import copy_key
from tasks.publish.garbage import LEASE_SECONDS
from tasks.publish.leases import Held, lease, leases, sweep_leases
from tasks.publish.published_claims import claimed_by
from tasks.publish.store_clock import store_clock


@dataclass
class Pruning:
    """What pruning removes. ``sizes``: key -> bytes, in the order of removal; ``snapshots``: those
    that go; ``notes``: what is left alone, and why."""

    dataset: Dataset
    snapshots: list[int] = field(default_factory=list[int])
    kept: list[int] = field(default_factory=list[int])
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    notes: list[str] = field(default_factory=list[str])
    deleted: bool = False

    def __str__(self) -> str:
        verb = "removed" if self.deleted else "would remove"
        lines = [f"  {size:>14,}  {key}" for key, size in self.sizes.items()]
        lines += [f"note: {note}" for note in self.notes]
        said = ", ".join(map(str, self.snapshots)) or "none"
        kept = ", ".join(map(str, self.kept)) or "none"
        return "\n".join(
            [
                *lines,
                f"{self.dataset.name}: {verb} {len(self.sizes)} objects "
                f"({sum(self.sizes.values()):,} bytes) of snapshots {said}; keeps {kept}",
            ]
        )


def prune(dataset: Dataset, keep: int, *, delete: bool = False) -> Pruning:
    """What goes when the ``keep`` newest snapshots stay, withdrawn ones not counted; removed only
    if ``delete``.

    A snapshot that somebody reads stays, too, and all of them while a repair is at work. Claims and
    their files go if only snapshots that go are made from them, and not while anything is built:
    what is needed then is not known yet; nor within a day of their making. A pruning that was
    killed is finished by the next.
    """
    if keep < 1:
        raise BadRecipe(f"--keep: at least one snapshot is kept, got {keep}")
    if not delete:
        return _planned(dataset, keep)
    with lease(dataset, "prune") as held:
        found = _planned(dataset, keep)
        _remove(dataset, found, held)
        found.deleted = True
    sweep_leases(dataset)
    return found


def _planned(dataset: Dataset, keep: int) -> Pruning:
    holding = leases(dataset)
    if any(one.purpose == "repair" for one in holding):
        found = Pruning(dataset, kept=snapshot_numbers(dataset))
        found.notes.append("it is being repaired: nothing is removed meanwhile")
        return found
    read = {one.snapshot for one in holding if one.snapshot is not None}
    # Of a snapshot and its repair, which are as old and both stand for a moment, the repair counts.
    newest = dict(sorted(_age(dataset, number) for number in standing_numbers(dataset)))
    kept = sorted({*[*newest.values()][-keep:], *(set(snapshot_numbers(dataset)) & read)})
    found = Pruning(dataset, kept=kept)
    needed = [read_snapshot(dataset, number) for number in kept]
    going: list[Snapshot] = []
    for number in snapshot_numbers(dataset):
        if number in kept:
            continue
        try:
            going.append(read_snapshot(dataset, number))
            found.snapshots.append(number)
        except NotFound:  # another pruning has been faster
            continue
        except CorruptData:
            found.notes.append(f"snapshot {number} is damaged and left alone; repair it first")
    if going:
        building = any(one.purpose == "build" for one in holding)
        stored = {info.key: info.size for info in _listed(dataset, building)}
        keys = [] if building else [*_of_shards(dataset, needed, going, stored)]
        if building:
            found.notes.append("something is being built: all claims, crops and plans are left")
        keys += _published(dataset, needed, going)
        keys += _scores(dataset, needed, going, stored)
        keys += [] if building else _requests(dataset, needed, going)
        found.sizes = {key: stored[key] for key in dict.fromkeys(keys) if key in stored}
    return found


def _age(dataset: Dataset, number: int) -> tuple[int, int]:
    """Rises from old to new."""
    try:
        return read_snapshot(dataset, number).place, number
    except CorruptData:
        return number, number


def _listed(dataset: Dataset, building: bool) -> Iterator:
    """All objects; of shards only what is older than the lease of running work."""
    horizon = store_clock(dataset.store) - LEASE_SECONDS
    young_rooms = tuple(f"{dataset.name}/{room}/" for room in ("claims", "crops", "frames"))
    for info in dataset.store.list(f"{dataset.name}/"):
        young = info.key.startswith(young_rooms) and info.modified > horizon
        if not young and not info.linked:
            yield info


def _of_shards(
    dataset: Dataset,
    needed: Iterable[Snapshot],
    going: Iterable[Snapshot],
    stored: Collection[str],
) -> Iterator[str]:
    """Claims, then their files, that only snapshots that go are made from. ``stored``: what may go;
    a claim that may not, since a repair wrote it today, keeps its file, however old that is."""
    stay = {id for snapshot in needed for id in claimed_by(dataset, snapshot)}
    asked: set[str] = set()
    for snapshot in going:
        with suppress(FactoryError):  # its claims went before what names them
            asked |= set(claimed_by(dataset, snapshot))
    crops = read_claims(dataset, "crops", claimed_ids(dataset, "crops"))
    asked -= stay
    gone = {
        id: claim
        for id, claim in crops.items()
        if id in asked and dataset.claim_key("crops", id) in stored
    }
    rendered = {claim.render_id for id, claim in crops.items() if id not in gone}
    asked_frames = {claim.render_id for claim in gone.values()} - rendered
    frames = read_claims(dataset, "frames", sorted(asked_frames))
    for id, claim in gone.items():
        yield dataset.claim_key("crops", id)
        yield claim.key
    for id, claim in frames.items():
        if dataset.claim_key("frames", id) in stored:
            yield dataset.claim_key("frames", id)
            yield claim.key


def _published(
    dataset: Dataset, needed: Iterable[Snapshot], going: Iterable[Snapshot]
) -> Iterator[str]:
    stay = {file.key for snapshot in needed for file in snapshot.named_files()}
    folders = {snapshot.publish_id for snapshot in needed}
    for snapshot in going:
        if snapshot.publish_id not in folders:
            yield copy_key(dataset, snapshot)
            yield dataset.published_key(snapshot.publish_id, "report.html")
        for file in snapshot.named_files():
            if file.key not in stay:
                yield file.key


def _scores(
    dataset: Dataset, needed: Iterable[Snapshot], going: Iterable[Snapshot], stored: Iterable[str]
) -> Iterator[str]:
    """Scores of what no kept snapshot contains."""
    contents = {snapshot.content_digest for snapshot in going}
    contents -= {snapshot.content_digest for snapshot in needed}
    prefixes = tuple(dataset.scores_prefix(content) for content in contents)
    yield from (key for key in stored if prefixes and key.startswith(prefixes))


def _requests(
    dataset: Dataset, needed: Iterable[Snapshot], going: Iterable[Snapshot]
) -> Iterator[str]:
    """Recipes and plans of nobody else."""

    def keys(snapshot: Snapshot) -> Iterator[str]:
        yield from (dataset.plan_key(str(name)) for name in snapshot.lineage.get("plans", []))
        yield dataset.recipe_key(snapshot.recipe_digest)

    stay = {key for snapshot in needed for key in keys(snapshot)}
    for snapshot in going:
        yield from (key for key in keys(snapshot) if key not in stay)


def _remove(dataset: Dataset, found: Pruning, held: Held) -> None:
    """Withdraw first, so that nobody begins to read what goes; the snapshot itself goes last, so
    that a pruning that is killed can be finished."""
    for number in found.snapshots:
        withdraw_snapshot(dataset, number, "pruned")
    for key in found.sizes:
        held.check()
        dataset.store.delete(key)
    for number in found.snapshots:
        held.check()
        dataset.store.delete(dataset.snapshot_key(number))
