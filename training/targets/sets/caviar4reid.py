"""CAVIAR4REID: 72 people of a shopping mall, ten pictures each by one camera or by both (Cheng,
Cristani, Stoppa, Bazzani, Murino, BMVC 2011).

50 people were seen by both cameras. Names number a person's pictures: the first ten are one
camera's, the others the other's; by whom the 22 were seen who have ten only, no name says, so
they are for training and in no gallery. ``caviar4reid`` tests ten random halves of the 50, as is
usual, drawn by us; ``caviar4reid-50`` tests all 50. Every picture of the first camera is a query.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from training.targets.folders import FolderLayout
from training.targets.images import GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import drawn_halves, everybody
from training.targets.registry import TARGETS, TargetSet

_OF_A_CAMERA = 10
_UNSAID = "unsaid"

_LAYOUT = FolderLayout(
    "caviar4reid",
    ((QUERY, "PETA dataset/CAVIAR4REID/archive|CAVIAR4REID/archive|CAVIAR4REID|archive|."),),
    # 0001001.jpg, in PETA 0001_001.jpg
    r"^(?P<person>\d{4})_?(?P<camera>\d{3})\.",
    camera=lambda match: "1" if int(match["camera"]) <= _OF_A_CAMERA else "2",
    role=lambda match: QUERY if int(match["camera"]) <= _OF_A_CAMERA else GALLERY,
    flat=True,
)


def _read(root: Path) -> Target:
    (target,) = _LAYOUT.read(root)
    pictures = Counter(image.person for image in target.images)
    images = tuple(
        image
        if pictures[image.person] > _OF_A_CAMERA
        else replace(image, role=TRAIN, camera=_UNSAID)
        for image in target.images
    )
    return replace(target, images=images)


def _tested_alone(root: Path) -> list[Target]:
    target = everybody(_read(root), "caviar4reid-50")
    return [replace(target, images=tuple(i for i in target.images if i.role != TRAIN))]


def _pairs(people: int) -> tuple[Official, ...]:
    images = people * _OF_A_CAMERA
    return Official((QUERY,), images, people), Official((GALLERY,), images, people)


for _target_set in (
    TargetSet(
        "caviar4reid",
        lambda root: drawn_halves(_read(root)),
        (Official((TRAIN,), 720, 47), *_pairs(25)),
    ),
    TargetSet("caviar4reid-50", _tested_alone, _pairs(50)),
):
    TARGETS.add(_target_set)
