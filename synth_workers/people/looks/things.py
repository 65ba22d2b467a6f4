"""What a person carries and how they move with it: accessories and gait, drawn at random.

Shapes of accessories are ``accessories``, clips are ``motion``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synth_workers.people.looks import colours
from synth_workers.people.looks.outfits import make_fabric
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.spec import (
    AccessoryKind,
    AccessorySpec,
    CarryPose,
    Colour,
    FabricKind,
    FabricSpec,
    GaitSpec,
    IdleStyle,
    WalkStyle,
)

K = AccessoryKind

PROBABILITY: dict[AccessoryKind, float] = {
    K.backpack: 0.24,
    K.crossbody: 0.12,
    K.handbag: 0.10,
    K.tote: 0.06,
    K.suitcase: 0.04,
    K.shopping_bag: 0.06,
    K.umbrella: 0.02,
    K.phone: 0.08,
    K.cap: 0.09,
    K.beanie: 0.04,
    K.bucket_hat: 0.02,
    K.sun_hat: 0.02,
    K.hood: 0.0,
    K.glasses: 0.13,
    K.sunglasses: 0.06,
    K.mask: 0.08,
    K.scarf: 0.06,
    K.headphones: 0.05,
    K.earphones: 0.05,
}
"""How often a person has each accessory when the recipe does not say."""

EXCLUSIVE = (
    (K.backpack, K.crossbody),
    (K.handbag, K.tote, K.suitcase, K.shopping_bag),
    (K.umbrella, K.phone),
    (K.cap, K.beanie, K.bucket_hat, K.sun_hat, K.hood),
    (K.glasses, K.sunglasses),
    (K.mask,),
    (K.scarf,),
    (K.headphones, K.earphones),
)
"""Kinds of one row never occur together (there is one head, one free hand, one back)."""

IN_HAND = frozenset({K.handbag, K.tote, K.suitcase, K.shopping_bag})

_RARE_FOR_MEN = {K.handbag: 0.15, K.tote: 0.5, K.sun_hat: 0.15}


def probabilities(overrides: Mapping[str, float], female: bool) -> dict[AccessoryKind, float]:
    """Probability of each kind for a woman or a man; overrides hold for both.

    Where a row of ``EXCLUSIVE`` would exceed 1, kinds that were not overridden give way.
    """
    wanted = {}
    for kind, share in PROBABILITY.items():
        usual = share
        if kind in _RARE_FOR_MEN:
            rarity = _RARE_FOR_MEN[kind]
            usual = share * (2 - rarity if female else rarity)
        wanted[kind] = overrides.get(str(kind), usual)
    for row in EXCLUSIVE:
        asked = sum(wanted[kind] for kind in row if str(kind) in overrides)
        rest = sum(wanted[kind] for kind in row if str(kind) not in overrides)
        for kind in row:
            if str(kind) in overrides:
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
    """Draw at most one kind of each row of ``EXCLUSIVE``."""
    chance = probabilities(overrides, female)
    hand = "l" if rng.random() < 0.4 else "r"
    found = []
    for row in EXCLUSIVE:
        at, seed = rng.random(), int(rng.integers(2**31))
        for kind in row:
            if at < chance[kind]:
                side = hand if kind in IN_HAND else ("r" if hand == "l" else "l")
                found.append(make_accessory(np.random.default_rng(seed), kind, dark, side, tastes))
                break
            at -= chance[kind]
    return tuple(found)


def make_accessory(
    rng: np.random.Generator,
    kind: AccessoryKind,
    dark: bool,
    hand: str = "r",
    tastes: Tastes = NO_TASTES,
) -> AccessorySpec:
    """One accessory with its cloth and size."""
    return AccessorySpec(
        kind=kind,
        fabric=_accessory_fabric(rng, kind, dark, tastes),
        size=round(float(rng.uniform(0.85, 1.15)), 3),
        hand=hand,
    )


_FIXED: dict[AccessoryKind, tuple[Colour, ...]] = {
    K.glasses: ((22, 20, 20), (60, 42, 30), (96, 96, 100)),
    K.sunglasses: ((18, 18, 20), (40, 28, 22)),
    K.mask: ((214, 220, 226), (150, 182, 208), (28, 28, 32), (214, 220, 226)),
    K.headphones: ((24, 24, 27), (205, 205, 205), (112, 40, 40)),
    K.earphones: ((225, 225, 225), (28, 28, 30)),
    K.phone: ((20, 20, 24), (150, 152, 158)),
}


def _accessory_fabric(
    rng: np.random.Generator, kind: AccessoryKind, dark: bool, tastes: Tastes
) -> FabricSpec:
    if kind in _FIXED:
        choices = _FIXED[kind]
        at = int(rng.integers(len(choices)))
        return FabricSpec(kind=FabricKind.solid, colours=(choices[at],))
    cloth, palette = {
        K.backpack: ({"plain": 6, "heather": 1, "camouflage": 0.5, "colour_block": 0.8}, "bag"),
        K.crossbody: ({"plain": 3, "leather": 3}, "bag"),
        K.handbag: ({"leather": 5, "plain": 1, "quilted": 0.7}, "bag"),
        K.tote: ({"plain": 4, "print": 1, "horizontal_stripe": 0.7}, "bag"),
        K.suitcase: ({"plain": 1}, "bag"),
        K.shopping_bag: ({"solid": 3, "print": 0.7}, "top"),
        K.umbrella: ({"solid": 4, "dots": 0.5, "plaid": 0.5}, "bag"),
        K.cap: ({"twill": 4, "denim": 0.5}, "hat"),
        K.beanie: ({"knit": 1}, "hat"),
        K.bucket_hat: ({"twill": 3, "denim": 0.5, "camouflage": 0.3}, "hat"),
        K.sun_hat: ({"knit": 1}, "hat"),
        K.hood: ({"plain": 1}, "outer"),
        K.scarf: ({"knit": 3, "plaid": 3, "plain": 2}, "top"),
    }[kind]
    allowed = tastes.weights("fabrics", cloth)
    cloth_kind = FabricKind(colours.pick(rng, allowed if any(allowed.values()) else cloth))
    if dark and cloth_kind in (FabricKind.camouflage, FabricKind.denim):
        cloth_kind = FabricKind.plain
    base = None
    if kind is K.sun_hat and not dark:
        base = colours.family_colour(rng, "beige")
    use = {"bag": "bag"}.get(palette, str(kind))
    if use in ("bag", "scarf") and kind is not K.umbrella:
        pictured = tastes.picture_fabric(rng, use, dark)
        if pictured:
            return pictured
    return make_fabric(rng, cloth_kind, palette, dark, base, tastes)


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
    for accessory in accessories:
        if accessory.kind in IN_HAND:
            trolley = accessory.kind is K.suitcase
            free[accessory.hand] = CarryPose.trolley if trolley else CarryPose.bag
        elif accessory.kind is K.umbrella:
            free[accessory.hand] = CarryPose.umbrella
        elif accessory.kind is K.phone:
            free[accessory.hand] = CarryPose.phone
    pack = any(accessory.kind is K.backpack for accessory in accessories)
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
