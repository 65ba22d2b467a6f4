"""What a person wears: garments that go together, their cloth, colours and construction.

One latent season runs through an outfit, so that nobody wears a puffer over hot pants; layers
are made to fit under each other. Bodies, hair and bags are ``sampling``'s.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from manifests.errors import BadRecipe
from manifests.people import TextureMode
from synth_workers.people.clothes.pack_templates import STAND_IN
from synth_workers.people.clothes.packs import InstalledPack
from synth_workers.people.clothes.wardrobe import GARMENTS, GarmentStyle, rack
from synth_workers.people.looks import colours
from synth_workers.people.looks.tastes import NO_TASTES, Tastes
from synth_workers.people.spec import (
    Colour,
    CutKind,
    DetailKind,
    DetailSpec,
    FabricSpec,
    GarmentCut,
    GarmentSpec,
    Neck,
    Slot,
)
from synth_workers.people.textures.fabrics import FABRICS

PRINTED = {DetailKind.front_print, DetailKind.back_print, DetailKind.chest_logo}
"""Details that are printed or sewn on cloth of one colour only."""


def sample_outfit(
    rng: np.random.Generator, female: bool, age: float, dark: bool, tastes: Tastes = NO_TASTES
) -> tuple[GarmentSpec, ...]:
    """Draw a complete outfit, innermost garment first, shoes last.

    ``BadRecipe`` when the tastes leave somebody nothing to wear.
    """
    tastes = tastes.of_wearer(female)
    crowd = tastes.dress
    season = float(rng.uniform(*crowd.season))
    wants_dress = female and rng.random() < crowd.dresses
    wants_skirt = female and rng.random() < crowd.skirts
    wants_outer = rng.random() < crowd.outer[0] + crowd.outer[1] * season

    def choose(*slots: Slot) -> GarmentStyle | None:
        """Draw from the first slot for which anything is left."""
        for slot in slots:
            weights = style_weights(rack(slot), female, age, season, tastes)
            if any(weights.values()):
                return GARMENTS.find(colours.pick(rng, weights))
        return None

    def needed(what: str, *slots: Slot) -> GarmentStyle:
        style = choose(*slots)
        if style is None:
            wearer = "a woman" if female else "a man"
            names = tastes.offered("garments", [s.name for slot in slots for s in rack(slot)])
            raise BadRecipe(
                f"people.garments leaves {wearer} without {what}: give at least one of "
                f"{names} a factor above 0"
            )
        return style

    dress = choose(Slot.dress) if wants_dress else None
    if dress is None and female and choose(Slot.top) is None:
        dress = choose(Slot.dress)
    # No garment of ours is a man's in one piece, but packs have suits.
    suit = None if female else tastes.pack(rng, Slot.dress)
    if dress:
        garments = [make_garment(rng, dress, dark, tastes)]
    elif suit:
        style = replace(needed("trousers", Slot.bottom), slot=Slot.dress)
        garments = [make_garment(rng, style, dark, tastes, suit)]
    else:
        slots = (Slot.skirt, Slot.bottom) if wants_skirt else (Slot.bottom, Slot.skirt)
        below = needed("trousers or a skirt", *(slots if female else (Slot.bottom,)))
        garments = [
            make_garment(rng, below, dark, tastes),
            make_garment(rng, needed("a top", Slot.top), dark, tastes),
        ]
    outer = choose(Slot.outer) if wants_outer else None
    if outer:
        garments = [*map(tucked, garments), make_garment(rng, outer, dark, tastes)]
    garments.append(make_garment(rng, needed("shoes", Slot.shoes), dark, tastes))
    return tuple(garments)


def style_weights(
    styles: list[GarmentStyle], female: bool, age: float, season: float, tastes: Tastes
) -> dict[str, float]:
    """How likely each style is: by wearer, age and season, times the recipe's factors."""
    usual = {
        style.name: (style.female if female else style.male)
        * math.exp(-(((style.warmth - season) / 0.45) ** 2))
        * (style.over_50 if age > 50 else style.under_16 if age < 16 else 1.0)
        for style in styles
    }
    return tastes.weights("garments", usual)


def tucked(garment: GarmentSpec) -> GarmentSpec:
    """The garment as worn under another: tight enough that it cannot show through."""
    if garment.slot not in (Slot.top, Slot.dress):
        return garment
    cuts = tuple(
        cut.model_copy(
            update={
                "off": min(cut.off, 0.08),
                "loose": min(cut.loose, 0.05),
                "flare": 0.0,
                "hem": max(cut.hem, 0.1),
                "neck": Neck.crew if cut.neck is Neck.hood else cut.neck,
            }
        )
        if cut.kind is CutKind.top
        else cut
        for cut in garment.cuts
    )
    thick = (DetailKind.kangaroo_pocket, DetailKind.back_print)
    kept = tuple(detail for detail in garment.details if detail.kind not in thick)
    return garment.model_copy(update={"cuts": cuts, "details": kept})


def make_garment(
    rng: np.random.Generator,
    style: GarmentStyle,
    dark: bool,
    tastes: Tastes = NO_TASTES,
    pack: InstalledPack | None = None,
) -> GarmentSpec:
    """A garment of this style: cut varied a little, cloth and details drawn.

    ``pack`` gives it its shape; else one is drawn where the tastes have some.
    """
    usual = style.fabrics
    anything = {row.name: 1.0 for row in FABRICS if row.worn and row.anything}
    if tastes.mode is TextureMode.generated and style.slot is not Slot.shoes:
        # Generated textures are drawn without regard to what they are put on.
        usual = anything
    if not any(tastes.weights("fabrics", usual).values()):
        # What it is usually made of is excluded: any cloth that is left will do.
        usual = anything
    kind = tastes.pick(rng, "fabrics", usual)
    if dark and not FABRICS.find(kind).dark:
        kind = "plain"
    palette = "skirt" if style.slot is Slot.dress else str(style.slot)
    fabric = make_fabric(rng, kind, palette, dark, tastes=tastes)
    if style.slot is not Slot.shoes:
        fabric = tastes.picture_fabric(rng, str(style.slot), dark) or fabric
    name, cuts, details = style.name, style.cuts, ()
    pack = pack or tastes.pack(rng, style.slot)
    if pack:
        name, cuts = pack.name, (_stand_in(style),)
    else:
        steps = {what: float(rng.uniform(-most, most)) for what, most in style.vary.items()}
        cuts = tuple(_varied(cut, steps) for cut in cuts)
        details = _details(rng, style, fabric, dark, tastes)
    return GarmentSpec(
        name=name,
        slot=style.slot,
        cuts=cuts,
        fabric=fabric,
        pack=pack.digest if pack else None,
        details=details,
        wrinkle=style.wrinkle,
        gloss=style.gloss,
    )


def _stand_in(style: GarmentStyle) -> GarmentCut:
    """The cut whose place the mesh of a pack takes: one, or it would be worn twice."""
    kind = STAND_IN[style.slot]
    return next((cut for cut in style.cuts if cut.kind is kind), GarmentCut(kind=kind))


_LIMITS = {
    "sleeve": (0.03, 2.06, 0.15),
    "hem": (-0.2, 0.36, 0.04),
    "neck_depth": (0.5, 3.2, 0.4),
    "waist": (0.2, 0.36, 0.04),
    "leg": (0.3, 1.97, 0.1),
    "top": (1.1, 2.06, 0.07),
    "open": (0.15, 1.2, 0.2),
    "off": (0.03, 0.45, 0.02),
    "loose": (0.0, 0.55, 0.02),
    "flare": (-0.3, 0.5, 0.02),
}
"""Smallest and largest value of every cut parameter that varies, and the steps in which it does.

Those of outlines are wide, so that few templates serve many people."""

_OF_KIND = {
    CutKind.top: {"sleeve", "hem", "neck_depth", "open", "off", "loose", "flare"},
    CutKind.bottom: {"waist", "leg", "off", "loose", "flare"},
    CutKind.skirt: {"leg", "open", "flare"},
    CutKind.shoe: {"top", "off"},
}

_ONLY_IF_PRESENT = {"neck_depth", "open"}


def _varied(cut: GarmentCut, steps: dict[str, float]) -> GarmentCut:
    """Move the cut's parameters by the garment's steps, within limits."""
    moved: dict[str, float] = {}
    for name, step in steps.items():
        value = getattr(cut, name)
        absent = name in _ONLY_IF_PRESENT or (name == "flare" and cut.kind is not CutKind.skirt)
        if name in _OF_KIND[cut.kind] and (value or not absent):
            low, high, size = _LIMITS[name]
            moved[name] = round(float(np.clip(value + size * round(step / size), low, high)), 3)
    return cut.model_copy(update=moved)


def make_fabric(
    rng: np.random.Generator,
    kind: str,
    palette: str,
    dark: bool = False,
    base: Colour | None = None,
    tastes: Tastes = NO_TASTES,
) -> FabricSpec:
    """Draw the colours, seed and scale of a cloth of one kind.

    ``base`` fixes the main colour instead of drawing it.
    """
    cloth = FABRICS.find(kind)
    main = base or tastes.cloth_colour(rng, palette, dark)
    own = base is None and not dark
    if own and cloth.shades:
        shades = {str(at): weight for at, (_, weight) in enumerate(cloth.shades)}
        main = cloth.shades[int(colours.pick(rng, shades))][0]
        main = shaded(main, float(rng.normal(1.0, 0.06)))
    if own and any(tastes.weights("colours", cloth.dyes).values()):
        main = colours.family_colour(rng, tastes.pick(rng, "colours", cloth.dyes))
    drawn = [main]
    if cloth.colours > 1:
        drawn.append(tastes.contrasting(rng, main, palette, dark))
    if cloth.colours > 2:
        drawn.append(tastes.cloth_colour(rng, palette, dark))
    if own and cloth.sets:
        families = colours.pick(rng, dict(cloth.sets)).split()
        drawn = [colours.family_colour(rng, family) for family in families]
    return FabricSpec(
        kind=kind,
        colours=tuple(drawn),
        seed=int(rng.integers(2**31)),
        scale=round(float(rng.uniform(0.75, 1.35)), 2),
    )


def _details(
    rng: np.random.Generator,
    style: GarmentStyle,
    fabric: FabricSpec,
    dark: bool,
    tastes: Tastes,
) -> tuple[DetailSpec, ...]:
    found = []
    for kind, share in style.details.items():
        seen, seed = rng.random() < share, int(rng.integers(2**31))
        own = np.random.default_rng(seed)
        colour = detail_colour(own, kind, fabric.main_colour, dark, tastes)
        if seen and not (kind in PRINTED and not FABRICS.find(fabric.kind).printable):
            found.append(DetailSpec(kind=kind, colours=(colour,), seed=seed))
    if {DetailKind.front_print, DetailKind.chest_logo} <= {detail.kind for detail in found}:
        found = [d for d in found if d.kind is not DetailKind.chest_logo]
    return tuple(found)


def detail_colour(
    rng: np.random.Generator,
    kind: DetailKind,
    main: Colour,
    dark: bool = False,
    tastes: Tastes = NO_TASTES,
) -> Colour:
    """The colour of a detail on a garment of colour ``main``."""
    if kind in PRINTED:
        return tastes.contrasting(rng, main, "top", dark)
    if kind is DetailKind.side_stripe:
        if dark:
            return colours.dark_colour(rng)
        return (225, 225, 222) if max(main) < 150 else (30, 30, 34)
    if kind is DetailKind.belt:
        name = colours.pick(rng, {"black": 5, "brown": 3, "camel": 1})
        return colours.dark_colour(rng) if dark else colours.family_colour(rng, name)
    if kind is DetailKind.sole:
        white = 0.0 if dark else (0.75 if max(main) > 60 else 0.35)
        return (222, 220, 214) if rng.random() < white else shaded(main, 0.45)
    return shaded(main, float(rng.choice([0.72, 0.82, 1.18])))


def shaded(colour: Colour, factor: float) -> Colour:
    """The colour made lighter or darker."""
    red, green, blue = (int(np.clip(round(c * factor), 4, 248)) for c in colour)
    return (red, green, blue)
