"""iLIDS-VID: 300 people by two cameras of an airport (Wang, Gong, Zhu, Wang, ECCV 2014), here its
single pictures, one of a person and camera, in place of the sequences.

Ten divisions into 150 people to train on and 150 to test are official; where their file is
missing, ten of ours take their place. ``ilids-vid-300`` tests everybody.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manifests.errors import CorruptData
from manifests.matlab_files import matlab_variables
from training.targets.folders import FolderLayout
from training.targets.images import GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import divided, drawn_halves, everybody, pairs
from training.targets.registry import TARGETS, TargetSet

_PLACES = "i-LIDS-VID/images/cam{0}|images/cam{0}"
_SPLITS = "train-test people splits/train_test_splits_ilidsvid.mat"

_LAYOUT = FolderLayout(
    "ilids-vid",
    ((QUERY, _PLACES.format(1)), (GALLERY, _PLACES.format(2))),
    r"^cam(?P<camera>[12])_person(?P<person>\d{3})\.",
)


def _read(root: Path) -> Target:
    (target,) = _LAYOUT.read(root)
    return target


def _read_splits(root: Path) -> list[Target]:
    target = _read(root)
    path = root / _SPLITS
    return _official_splits(target, path) if path.is_file() else drawn_halves(target)


def _official_splits(target: Target, path: Path) -> list[Target]:
    """Every row lists all people by their places in order: first those who are tested."""
    people = pairs(target)
    try:
        rows = np.asarray(matlab_variables(path)["ls_set"], np.int64)
        if rows.min() < 1:
            raise IndexError("its people are numbered from 0, and those of MATLAB are from 1")
        tested = [[people[place - 1] for place in row[: len(row) // 2]] for row in rows.tolist()]
    except (OSError, LookupError, ValueError, TypeError) as error:
        raise CorruptData(
            f"ilids-vid: {path} does not divide the {len(people)} people in {target.root}: {error}"
        ) from error
    return [divided(target, chosen, str(split)) for split, chosen in enumerate(tested)]


def _pairs(count: int) -> tuple[Official, ...]:
    return Official((QUERY,), count, count), Official((GALLERY,), count, count)


for _target_set in (
    TargetSet("ilids-vid", _read_splits, (Official((TRAIN,), 300, 150), *_pairs(150))),
    TargetSet("ilids-vid-300", lambda root: [everybody(_read(root), "ilids-vid-300")], _pairs(300)),
):
    TARGETS.add(_target_set)
