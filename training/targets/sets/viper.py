"""VIPeR: 632 people, each once by two cameras (Gray, Brennan, Tao, PETS 2007).

The usual protocol tests ten random halves of 316 people and trains on the others; its authors
publish no halves, so they are ours. ``viper-632`` tests everybody, for models trained elsewhere.
"""

from __future__ import annotations

from pathlib import Path

from training.targets.folders import FolderLayout, first_that_fits
from training.targets.images import GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import drawn_halves, everybody
from training.targets.registry import TARGETS, TargetSet

_LAYOUTS = (
    FolderLayout(
        "viper",
        ((QUERY, "VIPeR/cam_a|cam_a"), (GALLERY, "VIPeR/cam_b|cam_b")),
        r"cam_(?P<camera>[ab])/(?P<person>\d{3})_\d+\.",
        whole_path=True,
    ),
    # As in PETA: person, angle, camera.
    FolderLayout(
        "viper",
        ((QUERY, "PETA dataset/VIPeR/archive|VIPeR/archive|archive|."),),
        r"^(?P<person>\d{3})_\d+_(?P<camera>[12])\.",
        role=lambda match: QUERY if match["camera"] == "1" else GALLERY,
        flat=True,
    ),
)


def _read(root: Path) -> Target:
    (target,) = first_that_fits(root, _LAYOUTS).read(root)
    return target


def _pairs(count: int) -> tuple[Official, ...]:
    return Official((QUERY,), count, count), Official((GALLERY,), count, count)


for _target_set in (
    TargetSet(
        "viper",
        lambda root: drawn_halves(_read(root)),
        (Official((TRAIN,), 632, 316), *_pairs(316)),
    ),
    TargetSet("viper-632", lambda root: [everybody(_read(root), "viper-632")], _pairs(632)),
):
    TARGETS.add(_target_set)
