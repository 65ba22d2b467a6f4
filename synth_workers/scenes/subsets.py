"""Named subsets of the shipped cameras: the steps in which the paper adds scenes.

UnrealPerson, CVPR 2021, section 4: four scenes of 6, 16, 6 and 6 cameras, and six more under
the ceilings for the indoor variant.
"""

from __future__ import annotations

from manifests.errors import BadScene
from synth_workers.scenes.library import load_scene

_STEPS = (("street", "all"), ("crossing", "all"), ("plaza", "all"), ("supermarket", "all"))

SUBSETS: dict[str, tuple[tuple[str, str], ...]] = {
    "6": _STEPS[:1],
    "16": _STEPS[1:2],
    "22": _STEPS[:2],
    "28": _STEPS[:3],
    "34": _STEPS,
    "40": (*_STEPS, ("supermarket", "high")),
    "indoor": (("supermarket", "all"), ("supermarket", "high")),
}
"""Subset -> pairs of a scene and one of its camera sets; numeric names say how many cameras."""


def camera_subset(name: str) -> dict[str, tuple[str, ...]]:
    """Scene -> names of its cameras in the subset; `BadScene` naming the known subsets."""
    if name not in SUBSETS:
        raise BadScene(f"unknown camera subset {name!r}; known are {', '.join(SUBSETS)}")
    cameras: dict[str, tuple[str, ...]] = {}
    for scene, camera_set in SUBSETS[name]:
        cameras[scene] = (*cameras.get(scene, ()), *load_scene(scene).camera_sets[camera_set])
    return cameras
