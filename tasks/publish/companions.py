"""What is published beside the rows: card, examples, Croissant, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.identity import canonical_json, sha256_hex
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.snapshots import PartInfo, Snapshot
from tasks.publish.cameras import cameras_document
from tasks.publish.card import dataset_card
from tasks.publish.croissant import croissant
from tasks.publish.examples import example_sheet
from tasks.publish.frame_tables import FRAME_FILES, read_frame_tables
from tasks.publish.origins import origins

Companion = Literal["README.md", "examples.jpg", "croissant.json", "claims.json", "cameras.json"]
COMPANIONS: tuple[Companion, ...] = get_args(Companion)


def companion(
    dataset: Dataset,
    recipe: Recipe,
    snapshot: Snapshot,
    claims: Mapping[str, Claim],
    name: str,
    expenses: Iterable[str] | None = None,
) -> bytes:
    """One of ``COMPANIONS`` or ``FRAME_FILES`` of a snapshot that is not committed, whose parts are
    stored.

    ``expenses``: see ``origins``.
    """
    if name == "README.md":
        return dataset_card(recipe, snapshot).encode()
    if name == "examples.jpg":
        return example_sheet(SnapshotReader(dataset, snapshot))
    if name == "croissant.json":
        return croissant(recipe, snapshot)
    if name == "cameras.json":
        return cameras_document(claims.values())
    if name in FRAME_FILES:
        return read_frame_tables(dataset, recipe, snapshot.lineage["plans"]).files()[name]
    return canonical_json(origins(dataset, claims, expenses))


def keep_companion(
    dataset: Dataset,
    recipe: Recipe,
    snapshot: Snapshot,
    claims: Mapping[str, Claim],
    name: Companion,
) -> PartInfo:
    """Store one of ``COMPANIONS``; what a snapshot records of it."""
    data = companion(dataset, recipe, snapshot, claims, name)
    return store_companion(dataset, dataset.published_key(snapshot.publish_id, name), data)


def store_companion(dataset: Dataset, key: str, data: bytes) -> PartInfo:
    """Store a finished companion; what a snapshot records of it."""
    dataset.store.put(key, data)
    return companion_info(key, data)


def companion_info(key: str, data: bytes) -> PartInfo:
    """What a snapshot records of a companion."""
    return PartInfo(key=key, sha256=sha256_hex(data), bytes=len(data))
