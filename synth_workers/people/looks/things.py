"""What a person carries and how they move with it: accessories and gait, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synth_workers.people.looks import colours
from synth_workers.people.looks.outfits import make_fabric
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.motion.activities import ACTIVITIES
from synth_workers.people.spec import (
    AccessorySpec,
    CarryPose,
    FabricSpec,
    GaitSpec,
    IdleStyle,
    Stance,
    WalkStyle,
)
from synth_workers.people.textures.fabrics import FABRICS
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Accessory,
    Place,
    accessories_at,
    place_of,
)

_OTHER = {"l": "r", "r": "l"}


def probabilities(
    overrides: Mapping[str, float], female: bool, tastes: Tastes = NO_TASTES
) -> dict[str, float]:
    """Probability of each kind of accessory for a woman or a man; overrides hold for both.

    Where a place would exceed 1, kinds that were not overridden give way.
    """
    usual = {row.name: row.chance for row in ACCESSORIES} | dict(tastes.dress.accessories)
    usual |= tastes.movement.accessories
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
        side = hand if place is Place.hand else _OTHER[hand]
        for row in accessories_at(place):
            if at < chance[row.name]:
                own = np.random.default_rng(seed)
                found.append(make_accessory(own, row.name, dark, side, tastes))
                break
            at -= chance[row.name]
    full = any(place_of(each.kind) is Place.arms for each in found)
    in_hand = (Place.hand, Place.other_hand)
    return tuple(each for each in found if not (full and place_of(each.kind) in in_hand))


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
    movement = tastes.movement
    usual = {walk: share * (1 - old) for walk, share in movement.walks.items()}
    usual |= {"elder": old + 1e-6}
    walk = tastes.pick(rng, "walks", usual)
    free: dict[str, CarryPose | None] = {"l": None, "r": None}
    worn = [(ACCESSORIES.find(accessory.kind), accessory.hand) for accessory in accessories]
    free |= {hand: row.pose for row, hand in worn if row.pose}
    free |= {_OTHER[hand]: row.other_pose for row, hand in worn if row.other_pose}
    pack = any(row.straps for row, _ in worn)
    for side in ("l", "r"):
        habit = rng.random()
        if free[side] is None:
            if pack and habit < 0.14:
                free[side] = CarryPose.strap
            elif habit > 0.9:
                free[side] = CarryPose.pocket
    gait = GaitSpec(
        walk=WalkStyle(walk),
        idle=IdleStyle(colours.pick(rng, {"sway": 0.6, "look_around": 0.4})),
        stride=round(float(rng.uniform(*movement.stride)), 3),
        cadence=round(float(rng.uniform(*movement.cadence)), 3),
        arm_swing=round(float(rng.uniform(*movement.arm_swing)), 3),
        head=round(float(np.clip(rng.normal(0, 6), -20, 20)), 2),
        left=free["l"],
        right=free["r"],
    )
    changed: dict[str, object] = {}
    if movement.own_ways:
        changed["lean"] = round(float(np.clip(rng.normal(1.5, 2.5), -4, 8)), 2)
        changed["elbow"] = round(float(np.clip(rng.normal(6, 12), -10, 50)), 2)
        changed["width"] = round(float(np.clip(rng.normal(0.02, 0.03), -0.04, 0.10)), 3)
    worn_behind = any(place_of(each.kind) is Place.back for each in accessories)
    if activities := _activities(gait, age, worn_behind, tastes):
        changed["activities"] = activities
        ways = {"hips": 0.25, "clasped": 0.35, "behind": 0.0 if worn_behind else 0.15, "": 0.25}
        changed["stance"] = Stance(way) if (way := colours.pick(rng, ways)) else None
    if any(ACTIVITIES[name].on == "seats" for name, _ in activities):
        changed["sprawl"] = round(float(rng.uniform(0.0, 1.0)), 2)
    return gait.model_copy(update=changed)


def _activities(
    gait: GaitSpec, age: float, worn_behind: bool, tastes: Tastes
) -> tuple[tuple[str, float], ...]:
    """What somebody who walks like this does, and for which share of the moments.

    ``worn_behind``: whether something is worn on the back.

    Where that would be more than all moments, what was not asked for by name gives way.
    """
    able = [
        row.name
        for row in ACTIVITIES.values()
        if row.able(gait, age) and not (row.back_free and worn_behind)
    ]
    asked = {name: share for name, share in tastes.activities.items() if name in able}
    usual = {
        name: share
        for name, share in tastes.movement.activities.items()
        if name in able and name not in asked
    }
    left, rest = 1.0 - sum(asked.values()), sum(usual.values())
    if rest > left:
        usual = {name: share * left / rest for name, share in usual.items()}
    shares = usual | asked
    return tuple((name, shares[name]) for name in able if shares.get(name))
