"""What a person carries and how they move with it: accessories and gait, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synth_workers.people.looks import colours
from synth_workers.people.looks.outfits import make_fabric
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.spec import (
    AccessorySpec,
    CarryPose,
    FabricSpec,
    GaitSpec,
    IdleStyle,
    WalkStyle,
)
from synth_workers.people.textures.fabrics import FABRICS
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Accessory,
    Place,
    accessories_at,
)


def probabilities(
    overrides: Mapping[str, float], female: bool, tastes: Tastes = NO_TASTES
) -> dict[str, float]:
    """Probability of each kind of accessory for a woman or a man; overrides hold for both.

    Where a place would exceed 1, kinds that were not overridden give way.
    """
    usual = {row.name: row.chance for row in ACCESSORIES} | dict(tastes.dress.accessories)
    wanted = {
        row.name: overrides.get(row.name, usual[row.name] * (2 - row.men if female else row.men))
        for row in ACCESSORIES
    }
    for place in Place:
        kinds = [row.name for row in accessories_at(place)]
        asked = sum(wanted[kind] for kind in kinds if kind in overrides)
        rest = sum(wanted[kind] for kind in kinds if kind not in overrides)
        for kind in kinds:
            if kind in overrides:
                wanted[kind] /= max(asked, 1.0)
            elif asked + rest > 1.0:
                wanted[kind] *= max(0.0, 1.0 - asked) / rest
    return wanted


def sample_accessories(
    rng: np.random.Generator,
    overrides: Mapping[str, float],
    female: bool,
    dark: bool,
    tastes: Tastes = NO_TASTES,
) -> tuple[AccessorySpec, ...]:
    """Draw at most one kind for each place."""
    chance = probabilities(overrides, female, tastes)
    hand = "l" if rng.random() < 0.4 else "r"
    found = []
    for place in Place:
        at, seed = rng.random(), int(rng.integers(2**31))
        side = hand if place is Place.hand else ("r" if hand == "l" else "l")
        for row in accessories_at(place):
            if at < chance[row.name]:
                own = np.random.default_rng(seed)
                found.append(make_accessory(own, row.name, dark, side, tastes))
                break
            at -= chance[row.name]
    return tuple(found)


def make_accessory(
    rng: np.random.Generator,
    kind: str,
    dark: bool,
    hand: str = "r",
    tastes: Tastes = NO_TASTES,
) -> AccessorySpec:
    """One accessory with its cloth and size."""
    return AccessorySpec(
        kind=kind,
        fabric=_fabric(rng, ACCESSORIES.find(kind), dark, tastes),
        size=round(float(rng.uniform(0.85, 1.15)), 3),
        hand=hand,
    )


def _fabric(rng: np.random.Generator, row: Accessory, dark: bool, tastes: Tastes) -> FabricSpec:
    if row.colours:
        at = int(rng.integers(len(row.colours)))
        return FabricSpec(kind="solid", colours=(row.colours[at],))
    allowed = tastes.weights("fabrics", row.cloth)
    cloth = colours.pick(rng, allowed if any(allowed.values()) else dict(row.cloth))
    if dark and not FABRICS.find(cloth).dark:
        cloth = "plain"
    base = colours.family_colour(rng, row.base) if row.base and not dark else None
    pictured = tastes.picture_fabric(rng, row.pictures, dark) if row.pictures else None
    return pictured or make_fabric(rng, cloth, row.palette, dark, base, tastes)


def sample_gait(
    rng: np.random.Generator,
    age: float,
    accessories: tuple[AccessorySpec, ...],
    tastes: Tastes = NO_TASTES,
) -> GaitSpec:
    """Draw a walk and a stance; arms carry what the person has."""
    old = float(np.interp(age, [55, 68, 80], [0.0, 0.35, 0.9]))
    usual = {"normal": 0.5, "brisk": 0.22, "relaxed": 0.28}
    usual = {walk: share * (1 - old) for walk, share in usual.items()} | {"elder": old + 1e-6}
    walk = tastes.pick(rng, "walks", usual)
    free: dict[str, CarryPose | None] = {"l": None, "r": None}
    worn = [(ACCESSORIES.find(accessory.kind), accessory.hand) for accessory in accessories]
    free |= {hand: row.pose for row, hand in worn if row.pose}
    pack = any(row.straps for row, _ in worn)
    for side in ("l", "r"):
        habit = rng.random()
        if free[side] is None:
            if pack and habit < 0.14:
                free[side] = CarryPose.strap
            elif habit > 0.9:
                free[side] = CarryPose.pocket
    return GaitSpec(
        walk=WalkStyle(walk),
        idle=IdleStyle(colours.pick(rng, {"sway": 0.6, "look_around": 0.4})),
        stride=round(float(rng.uniform(0.9, 1.1)), 3),
        cadence=round(float(rng.uniform(0.92, 1.08)), 3),
        arm_swing=round(float(rng.uniform(0.6, 1.25)), 3),
        head=round(float(np.clip(rng.normal(0, 6), -20, 20)), 2),
        left=free["l"],
        right=free["r"],
    )
