"""What changed between two snapshots of a data set: crops, people, splits, roles, request."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np

from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.reader import SnapshotReader
from manifests.snapshots import Snapshot, find_snapshot, repaired_as
from tasks.publish.candidates import digest_words
from tasks.publish.wording import some

_SHOWN = 12


@dataclass(frozen=True)
class SnapshotDiff:
    """From ``old`` to ``new``. Crops are the same if their image bytes are.

    ``moved``: people whose split changed; ``changed_roles``: kept crops whose role changed;
    ``recipe``: unified diff of the two requests, line by line.
    """

    old: Snapshot
    new: Snapshot
    added_crops: int
    removed_crops: int
    kept_crops: int
    added_people: tuple[int, ...]
    removed_people: tuple[int, ...]
    moved: tuple[int, ...]
    changed_roles: int
    recipe: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both are the same data."""
        return self.old.content_digest == self.new.content_digest

    def __str__(self) -> str:
        title = f"{self.new.dataset}: snapshot {self.old.number} -> {self.new.number}"
        if self.same:
            return f"{title}: the same data ({self.new.content_digest})"
        lines = [
            title,
            f"  crops   {self.kept_crops:,} kept, {self.added_crops:,} added, "
            f"{self.removed_crops:,} removed; {self.changed_roles:,} kept ones changed role",
            f"  people  added: {_some(self.added_people)}; removed: {_some(self.removed_people)}; "
            f"moved to another split: {_some(self.moved)}",
        ]
        return "\n".join([*lines, *(f"  {line}" for line in self.recipe)])


def diff_snapshots(dataset: Dataset, old: int, new: int) -> SnapshotDiff:
    """Compare snapshots ``old`` and ``new`` of ``dataset``, reading their manifests alone; for one
    that was repaired as another, with the same data, that of the other."""
    before, after = (_Side(dataset, number) for number in (old, new))
    _, in_before, in_after = np.intersect1d(before.digest, after.digest, return_indices=True)
    kept = len(in_before)
    roles = before.role[in_before] != after.role[in_after]
    people = before.people.keys() & after.people.keys()
    return SnapshotDiff(
        before.snapshot,
        after.snapshot,
        added_crops=len(after.digest) - kept,
        removed_crops=len(before.digest) - kept,
        kept_crops=kept,
        added_people=tuple(sorted(after.people.keys() - before.people.keys())),
        removed_people=tuple(sorted(before.people.keys() - after.people.keys())),
        moved=tuple(sorted(p for p in people if before.people[p] != after.people[p])),
        changed_roles=int(np.count_nonzero(roles)),
        recipe=_recipe_diff(dataset, before.snapshot, after.snapshot),
    )


class _Side:
    def __init__(self, dataset: Dataset, number: int) -> None:
        self.snapshot = find_snapshot(dataset, number, withdrawn=True)
        reader = SnapshotReader(dataset, repaired_as(dataset, self.snapshot) or self.snapshot)
        rows = reader.table(["crop_digest", "person_index", "split", "role"])
        # As pairs of numbers, which numpy sorts.
        words = digest_words(rows["crop_digest"])
        self.digest = words.view([("high", "u8"), ("low", "u8")]).ravel()
        self.role = np.asarray(rows["role"].to_pylist())
        split = rows["split"].to_pylist()
        self.people = dict(zip(rows["person_index"].to_pylist(), split))


def _recipe_diff(dataset: Dataset, old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    texts = []
    for snapshot in (old, new):
        try:
            text = dataset.store.get(dataset.recipe_key(snapshot.recipe_digest))
        except FactoryError:
            return (f"(the recipe of snapshot {snapshot.number} cannot be read)",)
        texts.append(text.decode("utf-8", "replace").splitlines())
    lines = difflib.unified_diff(
        texts[0], texts[1], f"snapshot {old.number}", f"snapshot {new.number}", n=0, lineterm=""
    )
    return tuple(lines)


def _some(people: tuple[int, ...]) -> str:
    return f"{len(people)} ({some(people, _SHOWN)})" if people else "none"
