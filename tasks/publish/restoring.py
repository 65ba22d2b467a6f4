"""Writes published files again that are damaged or gone: each comes out as the snapshot names it,
or it is said that it does not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.expenses import read_expenses
from manifests.part_rows import part_rows
from manifests.recipe import Recipe
from manifests.schema import MANIFEST, ROLES
from manifests.snapshots import PartInfo, Snapshot
from synth_workers.processes.scratch import scratch_folder
from tasks.publish.candidates import read_candidates
from tasks.publish.companions import (
    COMPANIONS,
    companion,
    companion_info,
    store_companion,
)
from tasks.publish.frame_tables import FRAME_FILES, read_frame_tables
from tasks.publish.lineage import lineage
from tasks.publish.origins import refusals
from tasks.publish.parts import LabelFiles, SetAside, file_info, gather, write_part
from tasks.publish.selection import Selection, select
from tasks.publish.statistics import rows_counted
from tasks.publish.videos import coders, store_videos, videos_of

_MOST_DOUBTFUL = 8
_ORIGINS = "claims.json"


def restored(
    dataset: Dataset,
    recipe: Recipe,
    snapshot: Snapshot,
    claims: Mapping[str, Claim],
    damaged: Collection[str],
) -> Snapshot:
    """``snapshot`` with every file of ``damaged`` (keys) stored again from the crops of ``claims``.

    It is ``snapshot`` itself if all came out byte for byte; else one that names what came out, with
    the same content, that nobody has committed. Raises ``CorruptData``, and stores nothing, if the
    crops are not those that were published.
    """
    selection = select(recipe, read_candidates(dataset.store, claims))
    if selection.digest != snapshot.selection_digest:
        raise CorruptData(
            f"snapshot {snapshot.number}: the crops that there are now give another selection "
            f"({selection.digest} instead of {snapshot.selection_digest})"
        )
    with scratch_folder("repair") as scratch:
        data = _data_files(dataset, recipe, snapshot, selection, damaged, scratch)
    found, again = snapshot.model_copy(update=data), set(damaged)
    files = {file.key: file for file in snapshot.files}

    def make(key: str) -> None:
        there = found.model_copy(update={"files": tuple(files.values())})
        files[key] = _companion(dataset, recipe, there, claims, files[key])

    first = [key for key in files if key in again and key.endswith((_ORIGINS, *FRAME_FILES))]
    for key in first:
        make(key)
    videos = videos_of(snapshot)
    if lost := again.intersection(videos):
        there = found.model_copy(update={"files": tuple(files.values())})
        files |= {info.key: info for info in store_videos(dataset, recipe, there, lost)}
    if found != snapshot or tuple(files.values()) != snapshot.files:
        # Other claims, or other names of files: what is said of them is to be said anew.
        plans = [str(name) for name in snapshot.lineage.get("plans", [])]
        made = lineage(recipe, claims, plans, str(snapshot.lineage.get("run", "")))
        made |= coders(snapshot, lost)
        statistics = rows_counted(dataset.store.open_parquet(found.manifest.key), found.parts)
        rejected = refusals(recipe, claims.values())
        counted = {**statistics.result(), "rejected": rejected}
        found = found.model_copy(update={"lineage": made, "statistics": counted})
        again |= files.keys()
    for key in files:
        if key in again and key not in (*first, *videos):
            make(key)
    return found.model_copy(update={"files": tuple(files.values())})


def _data_files(
    dataset: Dataset,
    recipe: Recipe,
    snapshot: Snapshot,
    selection: Selection,
    damaged: Collection[str],
    scratch: Path,
) -> dict[str, object]:
    """The parts, the manifest and the tracklets, with new names for what came out differently."""
    store, parts = dataset.store, list(snapshot.parts)
    digested = {info.key for info in (snapshot.manifest, snapshot.tracklets) if info is not None}
    digested |= {info.key for info in snapshot.files if info.key.endswith(FRAME_FILES)}
    every = bool(digested & set(damaged))
    made: list[tuple[PartInfo, Path]] = []

    def make(info: PartInfo, path: Path) -> PartInfo:
        new = file_info(info.key, path, info.rows).model_copy(update={"role": info.role})
        made.append((new, path))
        return info if new == info else new

    version = snapshot.schema_version
    with SetAside(scratch) as aside:
        for place, piece in enumerate(part_rows(snapshot.parts, selection.roles)):
            info = piece.part
            if not every and info.key not in damaged:
                continue
            table = gather(store, selection, piece.rows)
            if every:
                aside.add(info.role, table.select(MANIFEST.names))
            if info.key in damaged:
                path = scratch / f"part-{place}.parquet"
                write_part(table, path, version)
                parts[place] = make(info, path)
    divided = any(info.role for info in snapshot.parts)
    order = (selection.roles, ROLES) if divided else (np.zeros_like(selection.roles), ("",))
    with LabelFiles(scratch, version) as labels:
        for rows in aside.in_order(*order) if every else ():
            labels.update(rows)
    found: dict[str, object] = {"parts": tuple(parts)}
    if every:
        content = labels.content.hexdigest()
        plans = snapshot.lineage.get("plans", [])
        content = read_frame_tables(dataset, recipe, plans).content_digest(content)
        if content != snapshot.content_digest:
            raise CorruptData(
                f"snapshot {snapshot.number}: what there is now has the content digest "
                f"{content} instead of {snapshot.content_digest}"
            )
        if snapshot.manifest.key in damaged:
            found["manifest"] = make(snapshot.manifest, labels.manifest)
        if snapshot.tracklets is not None and snapshot.tracklets.key in damaged:
            found["tracklets"] = make(snapshot.tracklets, labels.tracklets)
    for info, path in made:
        store.put_file(info.key, path)
    return found


def _companion(
    dataset: Dataset,
    recipe: Recipe,
    snapshot: Snapshot,
    claims: Mapping[str, Claim],
    info: PartInfo,
) -> PartInfo:
    """Store a companion again; what is to be recorded of it."""
    names = (*COMPANIONS, *FRAME_FILES)
    name = next(name for name in names if info.key.endswith(f"/{name}"))
    # As it was when they were written: not committed, and naming none of them.
    others = tuple(file for file in snapshot.files if not file.key.endswith(COMPANIONS))
    unnamed = snapshot.model_copy(update={"number": 1, "files": others, "self_digest": ""})

    def make(expenses: Collection[str] | None = None) -> bytes:
        return companion(dataset, recipe, unnamed, claims, name, expenses)

    data = _as_before(dataset, snapshot, make, info) if name == _ORIGINS else make()
    return store_companion(dataset, info.key, data)


def _as_before(
    dataset: Dataset,
    snapshot: Snapshot,
    make: Callable[[Collection[str]], bytes],
    info: PartInfo,
) -> bytes:
    """``claims.json``, which names the expenses noted before publication.

    Times of notes are in whole seconds: those of that very second are tried out.
    """
    noted = [expense for expense in read_expenses(dataset) if expense.name]
    before = [expense.name for expense in noted if expense.created < snapshot.created]
    doubtful = [expense.name for expense in noted if expense.created == snapshot.created]
    doubtful = doubtful[:_MOST_DOUBTFUL]
    for count in range(len(doubtful) + 1):
        for some in combinations(doubtful, count):
            data = make(sorted([*before, *some]))
            if companion_info(info.key, data) == info:
                return data
    return make(sorted(before))
