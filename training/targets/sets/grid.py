"""QMUL underGround Re-IDentification (GRID): 250 pairs, 775 distractors, 8 cameras.

The standard protocol has ten splits of 125 people for training and 125 for testing, with all
distractors in the gallery. UnrealPerson (CVPR 2021, section 4) tests on all 250 people; as it
does not say whether the distractors take part, both readings are offered.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import scipy.io

from manifests.errors import CorruptData, NotFound
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    QUERY,
    TRAIN,
    LabelledImage,
    Official,
    Target,
    image_files,
)
from training.targets.registry import TARGETS, TargetSet

_SPLITS = 10
_NOBODY = 0
_PARTITIONS = "features_and_partitions.mat"


def _read_splits(root: Path) -> list[Target]:
    targets: list[Target] = []
    for split in range(_SPLITS):
        trained = _training_people(root, split)
        images = tuple(
            LabelledImage(i.path, i.person, i.camera, TRAIN) if int(i.person) in trained else i
            for i in _everything(root, distractors=True)
        )
        targets.append(Target("grid", root, images, split=str(split)))
    return targets


def _read_as_the_paper(name: str, distractors: bool, root: Path) -> list[Target]:
    return [Target(name, root, tuple(_everything(root, distractors)))]


def _everything(root: Path, distractors: bool) -> list[LabelledImage]:
    images = []
    for role, folder in ((QUERY, "probe"), (GALLERY, "gallery")):
        for path in image_files(root / folder):
            fields = path.name.split("_")
            if len(fields) < 3 or not (fields[0].isdigit() and fields[1].isdigit()):
                raise CorruptData(f"grid: {path} is not named like an image of this data set")
            nobody = int(fields[0]) == _NOBODY
            if not nobody or distractors:
                own_role = DISTRACTOR if nobody else role
                images.append(LabelledImage(path, fields[0], fields[1], own_role))
    return images


def _training_people(root: Path, split: int) -> set[int]:
    path = root / _PARTITIONS
    if not path.is_file():
        raise NotFound(f"grid: {path} is missing; it holds the ten official splits")
    try:
        partitions = scipy.io.loadmat(path)["trainIdxAll"][0]
        return {int(who) for who in partitions[split][0][0][2][0]}
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise CorruptData(f"grid: {path} does not hold split {split}: {error}") from error


_TESTED = (Official((QUERY,), 125, 125), Official((GALLERY,), 125, 125))
_ALL = (Official((QUERY,), 250, 250), Official((GALLERY,), 250, 250))
_DISTRACTORS = Official((DISTRACTOR,), 775)

for _target_set in (
    TargetSet("grid", _read_splits, (Official((TRAIN,), 250, 125), *_TESTED, _DISTRACTORS)),
    TargetSet("grid-250", partial(_read_as_the_paper, "grid-250", False), _ALL),
    TargetSet(
        "grid-250-distractors",
        partial(_read_as_the_paper, "grid-250-distractors", True),
        (*_ALL, _DISTRACTORS),
    ),
):
    TARGETS.add(_target_set)
