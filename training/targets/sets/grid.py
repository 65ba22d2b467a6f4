"""QMUL underGround Re-IDentification (GRID): 250 pairs, 775 distractors, 8 cameras.

The standard protocol has ten splits of 125 people for training and 125 for testing, with all
distractors in the gallery. They are in ``features_and_partitions.mat``; where that is missing, as
in PETA, ten of ours take their place. UnrealPerson (CVPR 2021, section 4) tests on all 250
people; as it does not say whether the distractors take part, both readings are offered.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from manifests.errors import CorruptData
from manifests.matlab_files import matlab_variables
from training.targets.folders import FolderLayout, first_that_fits
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import divided, drawn_halves, everybody, pairs
from training.targets.registry import TARGETS, TargetSet

_SPLITS = 10
_PAIRS = 250
_PARTITIONS = "features_and_partitions.mat"
_NAME = r"^(?P<person>\d{4})_(?P<camera>\d+)_"
_NOBODY = "0000"

_RELEASE = FolderLayout(
    "grid",
    ((QUERY, "underground_reid/probe|probe"), (GALLERY, "underground_reid/gallery|gallery")),
    _NAME,
    distractors=frozenset({_NOBODY}),
)
# All in one folder, and people without a match numbered on from the pairs.
_PETA = FolderLayout(
    "grid", ((GALLERY, "PETA dataset/GRID/archive|GRID/archive|archive|."),), _NAME, flat=True
)


def _read(root: Path) -> Target:
    layout = first_that_fits(root, (_RELEASE, _PETA))
    (target,) = layout.read(root)
    return _with_queries(target) if layout is _PETA else target


def _with_queries(target: Target) -> Target:
    """The first image of every pair, which is by the lower camera, is the query."""
    seen: set[str] = set()
    images = []
    for image in target.images:
        paired = image.person != _NOBODY and int(image.person) <= _PAIRS
        first = paired and image.person not in seen
        seen.add(image.person)
        images.append(replace(image, role=QUERY if first else GALLERY if paired else DISTRACTOR))
    return replace(target, images=tuple(images))


def _read_splits(root: Path) -> list[Target]:
    target = _read(root)
    for folder in (root, root / "underground_reid"):
        if (folder / _PARTITIONS).is_file():
            return _official_splits(target, folder / _PARTITIONS)
    return drawn_halves(target)


def _official_splits(target: Target, path: Path) -> list[Target]:
    people = pairs(target)
    targets: list[Target] = []
    for split, trained in enumerate(_training_people(path)):
        tested = [person for person in people if int(person) not in trained]
        targets.append(divided(target, tested, str(split)))
    return targets


def _training_people(path: Path) -> list[set[int]]:
    """Of each split: the third field of its struct."""
    try:
        partitions = matlab_variables(path)["trainIdxAll"][0]
        fields = [[*partitions[split][0][0].values()] for split in range(_SPLITS)]
        return [{int(who) for who in of_split[2][0]} for of_split in fields]
    except (OSError, LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise CorruptData(f"grid: {path} does not hold its {_SPLITS} splits: {error}") from error


def _read_as_the_paper(name: str, distractors: bool, root: Path) -> list[Target]:
    target = everybody(_read(root), name)
    kept = tuple(i for i in target.images if distractors or i.role != DISTRACTOR)
    return [replace(target, images=kept)]


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
