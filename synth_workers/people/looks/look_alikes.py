"""Look-alikes: five people who share body and clothes and differ in one or two local details.

Every edit is small and local, recolours stay close to the old colour, and no two members of
a group are equal. The idea of such groups: UnrealPerson, CVPR 2021, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from synth_workers.people.looks import colours
from synth_workers.people.looks.outfits import detail_colour
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.looks.things import make_accessory, probabilities
from synth_workers.people.spec import (
    AccessorySpec,
    CutKind,
    DetailKind,
    DetailSpec,
    FabricSpec,
    GarmentSpec,
    PersonSpec,
    Slot,
)
from synth_workers.people.textures.fabrics import FABRICS
from synth_workers.people.worn.accessories.registry import Place, accessories_at, has_at, place_of
from synth_workers.people.worn.hair.registry import HAIR_STYLES

GROUP_SIZE = 5

_COLLIDING = ({"hat", "hair"}, {"logo", "top_colour"}, {"logo", "sleeve"})
"""Edits that touch the same place and could undo each other."""

Streams = Callable[..., np.random.Generator]


@dataclass(frozen=True)
class Likes:
    """What edits may draw: accessory probabilities of the recipe, and its tastes."""

    accessories: Mapping[str, float] = field(default_factory=dict)
    tastes: Tastes = NO_TASTES


Edit = Callable[[np.random.Generator, PersonSpec, Likes], PersonSpec | None]


def edited(
    base: PersonSpec, member: int, streams: Streams, likes: Likes
) -> tuple[PersonSpec, tuple[str, ...]]:
    """Member ``member`` (0..4) of the group around ``base``, and the names of its edits.

    ``streams(*path)`` gives the group's generators. An accessory of probability 0 is never put
    on anybody, one of 1 never taken off.
    """
    plan = edit_plan(base, streams, likes)[member]
    spec = base
    for name in plan:
        changed = EDITS[name](streams("edit", member, name), spec, likes)
        if changed is None:
            raise AssertionError(f"edit {name!r} does not apply although it did to the base")
        spec = changed
    return spec, plan


def edit_plan(base: PersonSpec, streams: Streams, likes: Likes) -> list[tuple[str, ...]]:
    """Five different sets of one or two edits that apply to ``base``."""
    rng = streams("plan")
    usable = [name for name, edit in EDITS.items() if edit(np.random.default_rng(0), base, likes)]
    singles = [(name,) for name in usable]
    pairs = [pair for pair in combinations(usable, 2) if set(pair) not in _COLLIDING]
    plan: list[tuple[str, ...]] = []
    while len(plan) < GROUP_SIZE:
        pool = singles if (rng.random() < 0.55 and singles) or not pairs else pairs
        plan.append(pool.pop(int(rng.integers(len(pool)))))
    return plan


def _replaced(spec: PersonSpec, old: GarmentSpec, new: GarmentSpec | None) -> PersonSpec | None:
    if new is None or new == old:
        return None
    garments = tuple(new if garment is old else garment for garment in spec.garments)
    return spec.model_copy(update={"garments": garments})


def _recoloured(rng: np.random.Generator, fabric: FabricSpec, dark: bool) -> FabricSpec:
    main = colours.near(rng, fabric.colours[0], dark)
    return fabric.model_copy(update={"colours": (main, *fabric.colours[1:])})


def _near_cloth(*slots: Slot, under: Slot | None = None) -> Edit:
    """An edit that changes a garment's colour a little, unless something at ``under`` hides it."""

    def edit(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
        garment = spec.worn_at(*slots)
        if garment is None or (under is not None and spec.worn_at(under)):
            return None
        fabric = _recoloured(rng, garment.fabric, spec.dark_clothing)
        return _replaced(spec, garment, garment.model_copy(update={"fabric": fabric}))

    return edit


def _shoes(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
    shoes = spec.worn_at(Slot.shoes)
    if shoes is None:
        return None
    main = shoes.fabric.main_colour
    for _ in range(20):
        colour = likes.tastes.cloth_colour(rng, "shoes", spec.dark_clothing)
        if colours.distance(colour, main) > (6 if spec.dark_clothing else 20):
            break
    else:
        colour = colours.near(rng, main, spec.dark_clothing)
    fabric = shoes.fabric.model_copy(update={"colours": (colour, *shoes.fabric.colours[1:])})
    details = tuple(
        detail.model_copy(
            update={"colours": (detail_colour(rng, detail.kind, colour, spec.dark_clothing),)}
        )
        for detail in shoes.details
    )
    changed = shoes.model_copy(update={"fabric": fabric, "details": details})
    return _replaced(spec, shoes, changed)


def _sleeve(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
    top = spec.worn_at(Slot.top, Slot.dress)
    if top is None or top.pack is not None or spec.worn_at(Slot.outer):
        return None
    cut = next(cut for cut in top.cuts if cut.kind is CutKind.top)
    sleeve = float(rng.choice([0.95, 1.25, 1.5]) if cut.sleeve > 1.7 else cut.sleeve + 0.4)
    cuts = tuple(
        cut.model_copy(update={"sleeve": round(sleeve, 3)}) if cut.kind is CutKind.top else cut
        for cut in top.cuts
    )
    return _replaced(spec, top, top.model_copy(update={"cuts": cuts}))


def _logo(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
    top = spec.worn_at(Slot.outer) or spec.worn_at(Slot.top)
    if top is None or any(cut.open for cut in top.cuts):
        return None
    if not FABRICS.find(top.fabric.kind).printable:
        return None
    marks = {DetailKind.chest_logo, DetailKind.front_print}
    kept = tuple(detail for detail in top.details if detail.kind not in marks)
    if any(detail.kind is DetailKind.front_print for detail in top.details):
        return _replaced(spec, top, top.model_copy(update={"details": kept}))
    seed = int(rng.integers(2**31))
    colour = detail_colour(rng, DetailKind.front_print, top.fabric.main_colour, spec.dark_clothing)
    closed = {DetailKind.placket, DetailKind.zip, DetailKind.kangaroo_pocket}
    wide = not any(detail.kind in closed for detail in kept)
    kind = DetailKind.front_print if wide else DetailKind.chest_logo
    mark = DetailSpec(kind=kind, colours=(colour,), seed=seed)
    return _replaced(spec, top, top.model_copy(update={"details": (*kept, mark)}))


def _hair(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
    if has_at(spec, Place.head):
        return None
    near = HAIR_STYLES.find(spec.hair.style).near
    allowed = likes.tastes.weights("hair_styles", dict.fromkeys(near, 1.0))
    if not any(allowed.values()):
        return None
    style = colours.pick(rng, allowed)
    return spec.model_copy(update={"hair": spec.hair.model_copy(update={"style": style})})


def _toggled(place: Place) -> Edit:
    """An edit that takes off what is worn at a place, recolours it, or puts something on."""

    def edit(rng: np.random.Generator, spec: PersonSpec, likes: Likes) -> PersonSpec | None:
        worn = next((a for a in spec.accessories if place_of(a.kind) is place), None)
        chance = probabilities(likes.accessories, spec.gender == "female", likes.tastes)
        if worn is not None:
            recolour = rng.random() < 0.5 and worn.fabric.kind != "solid"
            if recolour or chance[worn.kind] >= 1.0:
                other = worn.model_copy(
                    update={"fabric": _recoloured(rng, worn.fabric, spec.dark_clothing)}
                )
                return _with_accessories(spec, worn, other)
            return _with_accessories(spec, worn, None)
        if place is Place.hand and has_at(spec, Place.arms):
            return None
        kinds = [row.name for row in accessories_at(place)]
        allowed = {kind: chance[kind] for kind in kinds if chance[kind] > 0}
        if not allowed:
            return None
        kind = colours.pick(rng, allowed)
        taken = {a.hand for a in spec.accessories if place_of(a.kind) is Place.other_hand}
        hand = "l" if place is Place.hand and "r" in taken else "r"
        return _with_accessories(
            spec, None, make_accessory(rng, kind, spec.dark_clothing, hand, likes.tastes)
        )

    return edit


def _with_accessories(
    spec: PersonSpec, old: AccessorySpec | None, new: AccessorySpec | None
) -> PersonSpec:
    kept = [accessory for accessory in spec.accessories if accessory is not old]
    if new is not None:
        kept.append(new)
    order = list(Place)
    kept.sort(key=lambda accessory: order.index(place_of(accessory.kind)))
    return spec.model_copy(update={"accessories": tuple(kept)})


EDITS: dict[str, Edit] = {
    "shoes": _shoes,
    "bottom_colour": _near_cloth(Slot.bottom, Slot.skirt),
    "top_colour": _near_cloth(Slot.top, Slot.dress, under=Slot.outer),
    "outer_colour": _near_cloth(Slot.outer),
    "sleeve": _sleeve,
    "logo": _logo,
    "hair": _hair,
    "bag": _toggled(Place.back),
    "hand_bag": _toggled(Place.hand),
    "hat": _toggled(Place.head),
    "glasses": _toggled(Place.eyes),
    "mask": _toggled(Place.mouth),
    "scarf": _toggled(Place.neck),
    "headphones": _toggled(Place.ears),
}
"""Every edit by the name it has in ``LookAlike.edits``; each returns None where it cannot."""
