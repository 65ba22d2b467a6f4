"""PRID2011, single-shot: 385 people by camera a, 749 by camera b, the first 200 of them by both
(Hirzer, Beleznai, Roth, Bischof, SCIA 2011).

The usual protocol trains on a random half of the 200 pairs and looks for the other 100 among
649 people of camera b: their matches and the 549 who are in b alone; its ten draws are not
published, so they are ours. ``prid2011-200`` looks for all 200 among all 749, as its authors
did. Who is in camera a alone is never asked for.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.targets.folders import FolderLayout, first_that_fits
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import drawn_halves, everybody
from training.targets.registry import TARGETS, TargetSet

_PLACES = "prid_2011/single_shot/cam_{0}|single_shot/cam_{0}|cam_{0}"
_LAYOUTS = (
    FolderLayout(
        "prid2011",
        ((QUERY, _PLACES.format("a")), (GALLERY, _PLACES.format("b"))),
        r"cam_(?P<camera>[ab])/person_(?P<person>\d{4})\.",
        whole_path=True,
        flat=True,
    ),
    # As in PETA.
    FolderLayout(
        "prid2011",
        ((QUERY, "PETA dataset/PRID/archive|PRID/archive|archive|."),),
        r"^(?P<person>\d{4})_(?P<camera>[ab])\.",
        role=lambda match: QUERY if match["camera"] == "a" else GALLERY,
        flat=True,
    ),
)
_PAIRS = 200


def _read(root: Path) -> Target:
    (target,) = first_that_fits(root, _LAYOUTS).read(root)
    # Beyond the pairs equal numbers are different people.
    images = tuple(
        image
        if int(image.person) <= _PAIRS
        else replace(image, person=f"{image.camera}{image.person}")
        for image in target.images
    )
    return replace(target, images=images)


_ELSEWHERE = Official((DISTRACTOR,), 549, 549)

for _target_set in (
    TargetSet(
        "prid2011",
        lambda root: drawn_halves(_read(root)),
        (
            Official((TRAIN,), 200, 100),
            Official((QUERY,), 100, 100),
            Official((GALLERY,), 100, 100),
            _ELSEWHERE,
        ),
    ),
    TargetSet(
        "prid2011-200",
        lambda root: [everybody(_read(root), "prid2011-200")],
        (Official((QUERY,), 200, 200), Official((GALLERY,), 200, 200), _ELSEWHERE),
    ),
):
    TARGETS.add(_target_set)
