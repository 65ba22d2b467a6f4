"""Snapshots: immutable, numbered commits of a data set.

A snapshot names its published files with their digests. It is stored last, by one conditional
write of the next free number; readers pin one and never list data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import Field, ValidationError

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, MissingRequirement, NotFound, StoreConflict
from manifests.layout import repairing
from manifests.model import Stored, since
from manifests.schema import ROLES, SCHEMA_VERSION
from manifests.sealed import Sealed
from manifests.withdrawals import read_withdrawal, withdrawn_numbers

_MAX_RACES = 1000


class PartInfo(Stored):
    """One published file: key, SHA-256, rows (0 if it has none) and bytes; ``role``: of all rows of
    a part, empty where those of all roles lie side by side (schema versions 1 and 2)."""

    key: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(default=0, ge=0)
    bytes: int = Field(ge=0)
    role: Literal["", "train", "query", "gallery", "junk", "distractor"] = ""


class Snapshot(Sealed):
    """What one commit of a data set consists of, and where it came from.

    ``versions``: of code, engine and scenes that made it (``tasks.publish.published``).
    ``content_digest`` identifies the data (``manifests.content``); ``selection_digest`` the
    choice of crops before labels were read. ``counts``: split -> role -> crops.
    ``tracklets``: none in snapshots of schema version 1. ``files``: the card and other
    companions. ``lineage`` holds provenance and never enters a digest. ``dropped_people``:
    indices left out because of ``on_shortfall: drop_person``. ``repair_of``: the number of the
    snapshot whose place it takes since a repair, 0 if it takes none's.
    """

    number: int = Field(ge=1)
    dataset: str
    schema_version: int
    recipe_digest: str
    data_version: int
    annotation_version: int
    versions: dict[str, str] = Field(default_factory=dict)
    content_digest: str
    selection_digest: str
    publish_id: str
    parts: tuple[PartInfo, ...]
    manifest: PartInfo
    tracklets: PartInfo | None = None
    files: tuple[PartInfo, ...] = ()
    people: int
    crops: int
    images_per_person: int
    counts: dict[str, dict[str, int]]
    people_by_split: dict[str, int]
    statistics: dict[str, Any] = Field(default_factory=dict)
    lineage: dict[str, Any] = Field(default_factory=dict)
    dropped_people: tuple[int, ...] = ()
    licence: str = ""
    created: str = Field(default="", description="ISO 8601, UTC.")
    repair_of: int = since("0.3", 0, ge=0)

    @property
    def place(self) -> int:
        """Which is newer: a repair makes nothing new of an old snapshot."""
        return self.repair_of or self.number

    def roles(self) -> tuple[str, ...]:
        """What its crops are for: those of ``ROLES`` that there are."""
        present = {role for roles in self.counts.values() for role in roles}
        return tuple(role for role in ROLES if role in present)

    def named_files(self) -> tuple[PartInfo, ...]:
        """Every published file that this snapshot names."""
        tracklets = () if self.tracklets is None else (self.tracklets,)
        return (*self.parts, self.manifest, *tracklets, *self.files)


def snapshot_numbers(dataset: Dataset) -> list[int]:
    """The numbers of all snapshots of ``dataset``, rising; empty if it has none."""
    listed = dataset.store.list(dataset.snapshots_prefix)
    found = (dataset.snapshot_number(info.key) for info in listed)
    return sorted(number for number in found if number is not None)


def latest_snapshot(dataset: Dataset) -> Snapshot | None:
    """The newest snapshot of ``dataset`` that is not withdrawn, or ``None`` if there is none; one
    that was repaired is as old as it was before."""
    newest = None
    for number in reversed(standing_numbers(dataset)):
        if newest is not None and number <= newest.place:
            break
        found = read_snapshot(dataset, number)
        if newest is None or found.place > newest.place:
            newest = found
    return newest


def standing_numbers(dataset: Dataset) -> list[int]:
    """The numbers of all snapshots that are not withdrawn, rising."""
    withdrawn = set(withdrawn_numbers(dataset))
    return [number for number in snapshot_numbers(dataset) if number not in withdrawn]


def repaired_as(dataset: Dataset, snapshot: Snapshot) -> Snapshot | None:
    """The newest snapshot that took the place of ``snapshot``, with the same data, when files of
    that could not be had again byte for byte; ``None`` if none did."""
    later = [number for number in snapshot_numbers(dataset) if number > snapshot.number]
    for found in read_snapshots(dataset, reversed(later)):
        if found.place == snapshot.place:
            return found
    return None


def readmit_snapshot(dataset: Dataset, number: int) -> Snapshot:
    """Take the withdrawal of snapshot ``number`` back, and return it; ``BadRecipe`` if a repair has
    put another in its place, since files that it names have other bytes since then."""
    snapshot = read_snapshot(dataset, number)
    if (instead := repaired_as(dataset, snapshot)) is not None:
        raise BadRecipe(
            f"{dataset.store.uri}: snapshot {number} of {dataset.name!r} was repaired as snapshot "
            f"{instead.number}, which has the same data; use that, or take its withdrawal back"
        )
    dataset.store.delete(dataset.withdrawal_key(number))
    return snapshot


def find_snapshot(
    dataset: Dataset,
    number: int | None = None,
    content_digest: str | None = None,
    *,
    withdrawn: bool = False,
) -> Snapshot:
    """Snapshot ``number`` of ``dataset``, or its newest; ``NotFound`` says how to make one.

    With ``content_digest`` the snapshot must be exactly that data (``CorruptData`` otherwise).
    One that is withdrawn is found by its number alone, and only if ``withdrawn``.
    ``MissingRequirement`` for one whose rows a later version of this program has written.
    """
    snapshot = latest_snapshot(dataset) if number is None else read_snapshot(dataset, number)
    if number is not None and not withdrawn and (why := read_withdrawal(dataset, number)):
        raise NotFound(
            f"{dataset.store.uri}: snapshot {number} of {dataset.name!r} was {why}; "
            "`--withdrawn` (`withdrawn=True`) takes it all the same"
        )
    if snapshot is None:
        if gone := snapshot_numbers(dataset):
            raise NotFound(
                f"{dataset.store.uri}: every snapshot of {dataset.name!r} is withdrawn; the newest "
                f"was {read_withdrawal(dataset, gone[-1])}; name one by its number"
            )
        raise NotFound(
            f"{dataset.store.uri} holds no published data set {dataset.name!r}; "
            f"`unrealperson build --recipe {dataset.name}` makes one"
        )
    if snapshot.schema_version > SCHEMA_VERSION:
        raise MissingRequirement(
            f"{dataset.store.uri}: snapshot {snapshot.number} of {dataset.name!r} was published by "
            f"a newer unrealperson (schema version {snapshot.schema_version}; this one reads up to "
            f"{SCHEMA_VERSION}): update it, or name an older snapshot"
        )
    if content_digest is not None and snapshot.content_digest != content_digest:
        raise CorruptData(
            f"{dataset.store.uri}: snapshot {snapshot.number} of {dataset.name!r} has the content "
            f"digest {snapshot.content_digest}, not {content_digest} as asked"
        )
    return snapshot


def read_snapshot(dataset: Dataset, number: int) -> Snapshot:
    """Snapshot ``number`` of ``dataset``; its file names are checked to lie inside it.

    Raises ``NotFound``, or ``CorruptData`` for a document that is damaged or forged.
    """
    key = dataset.snapshot_key(number)
    try:
        snapshot = Snapshot.unseal(dataset.store.get(key))
    except CorruptData as error:
        raise CorruptData(f"{dataset.where(key)}: {error}; {repairing(key)}") from None
    except NotFound:
        known = snapshot_numbers(dataset)
        having = f"it has {known[0]} to {known[-1]}" if known else "nothing is published there"
        raise NotFound(
            f"{dataset.store.uri}: data set {dataset.name!r} has no snapshot {number}; {having}"
        ) from None
    except ValidationError as error:
        problem = error.errors()[0]
        raise CorruptData(
            f"{dataset.where(key)}: not a valid snapshot: {'.'.join(map(str, problem['loc']))} "
            f"{problem['msg']}; {repairing(key)}"
        ) from None
    if snapshot.dataset != dataset.name or snapshot.number != number:
        raise CorruptData(
            f"{dataset.where(key)}: describes snapshot {snapshot.number} of {snapshot.dataset!r}"
        )
    for file in snapshot.named_files():
        dataset.own(file.key)
    if sum(part.rows for part in snapshot.parts) != snapshot.crops:
        raise CorruptData(
            f"{dataset.where(key)}: its parts do not add up to {snapshot.crops} crops"
        )
    return snapshot


def read_snapshots(dataset: Dataset, numbers: Iterable[int]) -> Iterator[Snapshot]:
    """Those of ``numbers`` that are there; somebody may be removing old ones just now."""
    for number in numbers:
        try:
            found = read_snapshot(dataset, number)
        except NotFound:
            continue
        yield found


def commit_snapshot(
    dataset: Dataset, snapshot: Snapshot, instead_of: int | None = None
) -> Snapshot:
    """Store ``snapshot`` under the next free number; the snapshot as committed.

    All of its files must be stored already. If a snapshot that stands already has the same
    recipe and content, that one is the answer: publishing again changes nothing, and of two
    publishers of the same data one commits, whatever others commit meanwhile. It is not if it is
    the one ``instead_of`` which ``snapshot`` is committed. No number is given twice, also if its
    snapshot is gone.
    """
    wanted = snapshot.recipe_digest, snapshot.content_digest
    for _ in range(_MAX_RACES):
        # Looked up once: a number above what was compared would let both of two publishers commit.
        numbers, withdrawn = snapshot_numbers(dataset), withdrawn_numbers(dataset)
        standing = sorted(set(numbers) - {*withdrawn, instead_of}, reverse=True)
        for found in read_snapshots(dataset, standing):
            if (found.recipe_digest, found.content_digest) == wanted:
                return found
        number = max((0, *numbers, *withdrawn)) + 1
        candidate, document = snapshot.model_copy(update={"number": number}).seal()
        if dataset.store.put_if_absent(dataset.snapshot_key(number), document):
            return candidate
    raise StoreConflict(
        f"{dataset.store.uri}: could not commit a snapshot of {dataset.name!r}: "
        f"others took {_MAX_RACES} numbers meanwhile; try again"
    )
