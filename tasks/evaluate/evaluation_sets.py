"""Whom models are tested on: the test split of a snapshot, or somebody else's query and gallery.

Only people whom a model has never seen may be asked for: that is checked here, before any crop is
decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from manifests.errors import TrainingFailed
from manifests.reader import SnapshotReader
from training.checkpoints import Checkpoint
from training.data.crops import CropSet, load_crops, picture_cache
from training.evaluation.protocol import Protocol
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, LabelledImage, Target

_TEST = "test"


@dataclass(frozen=True)
class EvaluationSet:
    """``lineage``: which data that is; ``people``: everybody who is asked for or to be found;
    ``crops``: loads all crops at a height and width."""

    dataset: str
    lineage: dict[str, Any]
    people: frozenset[str]
    crops: Callable[[int, int], CropSet]


def snapshot_set(reader: SnapshotReader) -> EvaluationSet:
    """The test split of a snapshot, decoded once for each size.

    ``TrainingFailed`` if its people are in training too, or if nobody can be asked for or found.
    """
    snapshot = reader.snapshot
    rows = reader.table(["person_id", "split", "role"])
    person, split, role = (np.asarray(column.to_pylist(), np.str_) for column in rows.columns)
    tested = split == _TEST
    require_disjoint(snapshot.dataset, person[split == TRAIN].tolist(), person[tested].tolist())
    present = sorted(set(role[tested].tolist()))
    missing = [name for name in (GALLERY, QUERY) if name not in present]
    if missing:
        raise TrainingFailed(
            f"the test split has no {' and no '.join(missing)} images (roles present: "
            f"{', '.join(present) or 'none'}); publish it again with a larger splits.test_share"
        )
    content = snapshot.content_digest

    @cache
    def crops(height: int, width: int) -> CropSet:
        return load_crops(
            reader, _TEST, height, width, picture_cache(), content, remote=reader.remote
        )

    return EvaluationSet(
        snapshot.dataset,
        {"dataset": snapshot.dataset, "snapshot": snapshot.number, "content_digest": content},
        frozenset(person[tested & np.isin(role, (QUERY, GALLERY))].tolist()),
        crops,
    )


def target_set(target: Target, protocol: Protocol = Protocol.standard) -> EvaluationSet:
    """Query, gallery and distractors of somebody else's data set.

    ``TrainingFailed`` if people are in both its training and its test images, or if nobody can be
    asked for or found under ``protocol``.
    """
    tested = target.people_in(QUERY, GALLERY)
    require_disjoint(target.name, target.people_in(TRAIN), tested)
    _require_matches(target, protocol)
    return EvaluationSet(
        target.name,
        {"dataset": target.name, "split": target.split, "content_digest": target.content_digest()},
        frozenset(tested),
        lambda height, width: target.crops(
            (QUERY, GALLERY, DISTRACTOR), height, width, cache=picture_cache()
        ),
    )


def _require_matches(target: Target, protocol: Protocol) -> None:
    """Refuse a data set in which no query has a match, before any of its crops is decoded."""
    by_role: dict[str, list[LabelledImage]] = {QUERY: [], GALLERY: []}
    for image in target.images:
        by_role.setdefault(image.role, []).append(image)
    missing = [role for role in (QUERY, GALLERY) if not by_role[role]]
    if missing:
        present = ", ".join(f"{len(of):,} {role}" for role, of in by_role.items() if of)
        remedy = "; its training part can be a test: --test-on train" if TRAIN in by_role else ""
        raise TrainingFailed(
            f"{target.name} in {target.root}: nobody can be looked for: no "
            f"{' and no '.join(missing)} images (there are {present or 'none'}){remedy}"
        )
    found: dict[str, set[tuple[str, int]]] = {}
    for image in by_role[GALLERY]:
        found.setdefault(image.person, set()).add((image.camera, image.outfit))
    changing = protocol is Protocol.cloth_changing
    if not any(
        camera != asked.camera and (outfit != asked.outfit or not changing)
        for asked in by_role[QUERY]
        for camera, outfit in found.get(asked.person, ())
    ):
        cameras = (
            f"{role} by {', '.join(sorted({image.camera for image in by_role[role]})[:9])}"
            for role in (QUERY, GALLERY)
        )
        raise TrainingFailed(
            f"{target.name} in {target.root}: no query has a match: nobody who is asked for is in "
            f"the gallery by another camera{' and in other clothes' if changing else ''} "
            f"({'; '.join(cameras)}); check the names of people and cameras"
        )


def require_disjoint(dataset: str, trained: Iterable[str], tested: Iterable[str]) -> None:
    """Refuse a data set with people in both its training and its test images."""
    shared = sorted(set(trained) & set(tested))
    if shared:
        raise TrainingFailed(
            f"{dataset}: {len(shared)} people are in both the training and the test images, "
            f"first {shared[0]}; metrics on them would mean nothing"
        )


def require_unseen(checkpoint: Checkpoint, dataset: str, tested: Iterable[str]) -> None:
    """Refuse test people of ``dataset`` whom the model learnt from another edition of it.

    Names of people are comparable within one data set only; an adapted model knows those of its
    labelled source.
    """
    labelled = checkpoint.lineage.get("source", checkpoint.lineage)
    if labelled.get("dataset") != dataset:
        return
    shared = sorted(set(checkpoint.people) & set(tested))
    if shared:
        raise TrainingFailed(
            f"{dataset}: the model was trained on {len(shared)} of the people who are tested, "
            f"first {shared[0]}; train on this edition of the data, or test on another data set"
        )
