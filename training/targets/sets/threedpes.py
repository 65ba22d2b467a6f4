"""3DPeS: snapshots of 192 people of a campus (Baltieri, Vezzani, Cucchiara, J-HGBU 2011).

Names tell the person, the recording and the frame, but not which of the eight cameras it was. So
the recordings of a person are dealt in turn to two sides that stand for cameras: pictures of side
a are looked for among those of side b. Whoever was recorded once cannot be looked for. No splits
are published: ``3dpes`` tests ten random halves of those who can be, drawn by us, and trains on
everybody else; ``3dpes-all`` tests all of them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from training.targets.folders import FolderLayout
from training.targets.images import GALLERY, QUERY, TRAIN, Official, Target
from training.targets.pairs import drawn_halves, everybody
from training.targets.registry import TARGETS, TargetSet

_LAYOUT = FolderLayout(
    "3dpes",
    ((TRAIN, "3DPeS_ReId_Snap/RGB|RGB|PETA dataset/3DPeS/archive|3DPeS/archive|archive|."),),
    r"^(?P<person>\d+)_(?P<sequence>\d+)_FRAME_(?P<frame>\d+)(?:_\d+)?_RGB\.",
    camera=lambda match: match["sequence"],
    flat=True,
)


def _read(root: Path) -> Target:
    (target,) = _LAYOUT.read(root)
    recordings: dict[str, set[int]] = {}
    for image in target.images:
        recordings.setdefault(image.person, set()).add(int(image.session))
    images = []
    for image in target.images:
        own = sorted(recordings[image.person])
        on_side_b = own.index(int(image.session)) % 2
        camera, role = ("b", GALLERY) if on_side_b else ("a", QUERY)
        images.append(replace(image, camera=camera, role=role if len(own) > 1 else TRAIN))
    return replace(target, images=tuple(images))


def _tested_alone(root: Path) -> list[Target]:
    target = everybody(_read(root), "3dpes-all")
    return [replace(target, images=tuple(i for i in target.images if i.role != TRAIN))]


# The second of each pair counts the copy in PETA.
_ALL = Official((TRAIN, QUERY, GALLERY), (1_011, 1_012), (192, 193))

for _target_set in (
    TargetSet("3dpes", lambda root: drawn_halves(_read(root)), (_ALL,)),
    TargetSet("3dpes-all", _tested_alone),
):
    TARGETS.add(_target_set)
