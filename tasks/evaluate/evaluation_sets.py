"""Whom models are tested on: the test split of a snapshot, or somebody else's query and gallery.

Only people and pictures that a model has never seen may be tested: that is checked here, people by
name within one data set, pictures by their bytes wherever they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from manifests.errors import TrainingFailed
from manifests.reader import SnapshotReader
from training.data.crops import CropSet, load_crops, picture_cache
from training.data.fingerprints import fingerprints_of
from training.evaluation.protocol import Protocol
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, LabelledImage, Target

if TYPE_CHECKING:
    from training.checkpoints import Checkpoint  # imports torch

_TEST = "test"
_TESTED = (QUERY, GALLERY, DISTRACTOR)


@dataclass(frozen=True)
class Pictures:
    """What a data set is trained and tested with, undecoded; arrays (N,).

    ``fingerprint``: int64, see ``training.data.fingerprints``; ``role``: train, query, gallery or
    distractor; ``person`` and ``key``: texts.
    """

    fingerprint: np.ndarray
    role: np.ndarray
    person: np.ndarray
    key: np.ndarray

    def of(self, *roles: str) -> Pictures:
        """Those of some roles."""
        chosen = np.isin(self.role, roles)
        return Pictures(**{name: value[chosen] for name, value in vars(self).items()})

    def among(self, fingerprints: np.ndarray) -> Pictures:
        """Those that are among other pictures."""
        chosen = np.isin(self.fingerprint, fingerprints)
        return Pictures(**{name: value[chosen] for name, value in vars(self).items()})

    def __len__(self) -> int:
        return len(self.key)

    def counted(self) -> str:
        """How many pictures, and of how many people."""
        return f"{len(self)} pictures of {len(np.unique(self.person))} people"

    def example(self, twins: Pictures) -> str:
        """The first of them beside the same picture among ``twins``."""
        return f"first {self.key[0]}, the same as {twins.among(self.fingerprint[:1]).key[0]}"


@dataclass(frozen=True)
class EvaluationSet:
    """``lineage``: which data that is; ``people``: everybody who is asked for or to be found;
    ``crops``: loads all crops at a height and width; ``encoded``: the bytes of the same crops, in
    the same order; ``pictures``: of training and test, read once, for nothing if that is after
    ``crops``. The first and the last raise ``TrainingFailed`` if one picture is in two
    places that must be apart."""

    dataset: str
    lineage: dict[str, Any]
    people: frozenset[str]
    crops: Callable[[int, int], CropSet]
    pictures: Callable[[], Pictures]
    encoded: Callable[[], Iterator[bytes]]


def snapshot_set(reader: SnapshotReader) -> EvaluationSet:
    """The test split of a snapshot, decoded once for each size.

    ``TrainingFailed`` if its people or pictures are in training too, if a query is in the gallery
    too, or if nobody can be asked for or found.
    """
    snapshot = reader.snapshot
    rows = reader.table(["person_id", "split", "role", "crop_key", "crop_digest"])
    *labels, digests = rows.columns
    person, split, role, key = (np.asarray(column.to_pylist(), np.str_) for column in labels)
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
    pictures = Pictures(fingerprints_of(digests.to_pylist()), role, person, key)
    require_apart(snapshot.dataset, pictures)

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
        lambda: pictures,
        lambda: reader.images(tested),
    )


def target_set(target: Target, protocol: Protocol = Protocol.standard) -> EvaluationSet:
    """Query, gallery and distractors of somebody else's data set.

    ``TrainingFailed`` if people are in both its training and its test images, or if nobody can be
    asked for or found under ``protocol``.
    """
    tested = target.people_in(QUERY, GALLERY)
    require_disjoint(target.name, target.people_in(TRAIN), tested)
    _require_matches(target, protocol)

    @cache
    def pictures() -> Pictures:
        chosen = [image for image in target.images if image.role in (TRAIN, *_TESTED)]
        found = Pictures(
            target.fingerprints(chosen),
            np.array([image.role for image in chosen], np.str_),
            np.array([image.person for image in chosen], np.str_),
            np.array([str(image.path.relative_to(target.root)) for image in chosen], np.str_),
        )
        require_apart(target.name, found)
        return found

    def crops(height: int, width: int) -> CropSet:
        loaded = target.crops(_TESTED, height, width, cache=picture_cache())
        pictures()
        return loaded

    return EvaluationSet(
        target.name,
        {"dataset": target.name, "split": target.split, "content_digest": target.content_digest()},
        frozenset(tested),
        crops,
        pictures,
        lambda: target.encoded(_TESTED),
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


def require_apart(dataset: str, pictures: Pictures) -> None:
    """Refuse a data set with one picture in both its training and its test images, or in both its
    queries and its gallery, whatever it is called and whoever it is said to show."""
    train, query, gallery = (
        pictures.of(*roles) for roles in ((TRAIN,), (QUERY,), (GALLERY, DISTRACTOR))
    )
    learnt = pictures.of(*_TESTED).among(train.fingerprint)
    if len(learnt):
        raise TrainingFailed(
            f"{dataset}: {learnt.counted()} are in both the training and the test images, byte by "
            f"byte ({learnt.example(train)}); metrics on them would mean nothing, take them out of "
            "one of the two"
        )
    given = query.among(gallery.fingerprint)
    if len(given):
        raise TrainingFailed(
            f"{dataset}: {given.counted()} are in both the queries and the gallery, byte by byte "
            f"({given.example(gallery)}); finding them again would mean nothing, take them out of "
            "one of the two"
        )


def require_unseen(checkpoint: Checkpoint, tested: EvaluationSet) -> None:
    """Refuse to test a model on people or pictures that it was trained on.

    Reads the files of test and training images of data sets that are not ours.
    """
    require_unseen_people(checkpoint, tested.dataset, tested.people)
    require_unseen_pictures(checkpoint, tested)


def require_unseen_pictures(checkpoint: Checkpoint, tested: EvaluationSet) -> None:
    """Refuse test pictures that the model, or the one it started from, learnt from, with labels or
    without, whatever the data were called then. Models made before 0.2 remember none."""
    if checkpoint.fingerprints is not None:
        lineage = checkpoint.lineage
        parts = [lineage[part] for part in ("source", "target") if part in lineage] or [lineage]
        names = " and ".join(str(part.get("dataset", "unknown data")) for part in parts)
        seen = checkpoint.fingerprints.numpy()
        require_untested(f"the model (trained on {names}) has seen", seen, tested)


def require_untested(who: str, fingerprints: np.ndarray, tested: EvaluationSet) -> None:
    """Refuse pictures, by their fingerprints (N,) int64, that are tested.

    ``who``: the beginning of a sentence that goes on with their number, e.g. "the source has".
    """
    pictures = tested.pictures().of(*_TESTED)
    shared = pictures.among(fingerprints)
    if len(shared):
        raise TrainingFailed(
            f"{tested.dataset}: {who} {shared.counted()} among the {len(pictures)} that are "
            f"tested, first {shared.key[0]}; train without them, or test on other data"
        )


def require_unseen_people(checkpoint: Checkpoint, dataset: str, tested: Iterable[str]) -> None:
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
