"""The wardrobe: every named garment with its cut, cloth, construction and typical wearers.

Only the data of garments lives here. Which of them a person wears is decided by
``looks.outfits``; how a cut becomes geometry is ``garments``. New garments stand at the end of
those of their slot: the order decides what people wear.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from manifests.registry import Registry
from synth_workers.people.spec import CutKind, DetailKind, GarmentCut, Neck, Slot

D = DetailKind


@dataclass(frozen=True)
class GarmentStyle:
    """One named garment.

    ``cuts``: one clip, or two that share cloth. ``fabrics``: weights of cloth kinds.
    ``female``, ``male``: how common it is. ``warmth``: 0 high summer to 1 winter.
    ``over_50``, ``under_16``: factors on that at those ages. ``details``: construction and how
    often it is seen; ``two_pockets``: a chest pocket is on both sides; ``laced``: of shoes.
    ``vary``: largest changes of cut parameters from person to person, template units.
    """

    name: str
    slot: Slot
    cuts: tuple[GarmentCut, ...]
    fabrics: dict[str, float]
    female: float = 1.0
    male: float = 1.0
    warmth: float = 0.5
    details: dict[DetailKind, float] = field(default_factory=dict)
    vary: dict[str, float] = field(default_factory=dict)
    wrinkle: float = 0.06
    gloss: float = 0.03
    over_50: float = 1.0
    under_16: float = 1.0
    two_pockets: bool = False
    laced: bool = False


CASUAL = {
    "plain": 6, "heather": 2, "horizontal_stripe": 1.6, "colour_block": 0.7, "gradient": 0.35,
    "dots": 0.3, "camouflage": 0.25, "print": 0.6, "floral": 0.25,
}  # fmt: skip
SHIRTING = {
    "plain": 4, "plaid": 2.4, "check": 1.1, "vertical_stripe": 1.2, "pinstripe": 0.8, "denim": 0.7,
    "floral": 0.5, "dots": 0.4, "print": 0.4,
}  # fmt: skip
FEMININE = {
    "plain": 4, "floral": 2.2, "dots": 1.1, "horizontal_stripe": 0.9, "print": 0.9, "plaid": 0.4,
    "gradient": 0.4, "vertical_stripe": 0.4,
}  # fmt: skip
KNITWEAR = {"knit": 6, "heather": 1.5, "horizontal_stripe": 1.2, "colour_block": 0.6, "plain": 1}
COATING = {"plain": 4, "twill": 3, "heather": 1.5, "plaid": 0.6}
TROUSERING = {"twill": 4, "plain": 4, "heather": 1, "pinstripe": 0.4, "check": 0.3, "plaid": 0.25}


_VARY: dict[Slot, dict[str, float]] = {
    Slot.top: {"sleeve": 0.3, "hem": 0.06, "loose": 0.08},
    Slot.outer: {"sleeve": 0.14, "hem": 0.05, "loose": 0.08, "off": 0.04, "leg": 0.25},
    Slot.bottom: {"leg": 0.24, "loose": 0.1, "waist": 0.025},
    Slot.skirt: {"leg": 0.28, "flare": 0.14},
    Slot.dress: {"sleeve": 0.35, "leg": 0.28, "flare": 0.14},
    Slot.shoes: {"top": 0.05, "off": 0.02},
}
"""How far the cuts of one style differ from person to person, unless the style says more."""


_top = partial(GarmentCut, kind=CutKind.top)
_bottom = partial(GarmentCut, kind=CutKind.bottom)
_skirt = partial(GarmentCut, kind=CutKind.skirt, waist=0.30, loose=0.0)
_shoe = partial(GarmentCut, kind=CutKind.shoe, loose=0.0)

GARMENTS: Registry[GarmentStyle] = Registry("garment")


def garment(
    name: str, slot: Slot, cuts: GarmentCut | tuple[GarmentCut, ...], **about: object
) -> None:
    """Registers a garment; ``about`` are further fields of ``GarmentStyle``."""
    pair = cuts if isinstance(cuts, tuple) else (cuts,)
    vary = {**_VARY[slot], **about.pop("vary", {})}  # type: ignore[dict-item]
    GARMENTS.add(GarmentStyle(name, slot, pair, vary=vary, **about))  # type: ignore[arg-type]


def rack(slot: Slot) -> list[GarmentStyle]:
    """All garments of a slot."""
    return [style for style in GARMENTS if style.slot is slot]


def _dress(name: str, top: dict, skirt: dict, **options: object) -> None:
    cuts = (
        _top(**{"hem": 0.24, "off": 0.1, "loose": 0.08, **top}),
        _skirt(**{"waist": 0.34, "off": 0.11, **skirt}),
    )
    garment(name, Slot.dress, cuts, **{"male": 0.0, **options})


# fmt: off
garment("tee", Slot.top, _top(sleeve=0.6, hem=0.06, off=0.11, loose=0.14), fabrics=CASUAL, female=2,
    male=5, warmth=0.1, details={D.chest_pocket: 0.12, D.front_print: 0.22, D.chest_logo: 0.2},
    vary={"sleeve": 0.22})
garment("v_tee", Slot.top, _top(sleeve=0.55, hem=0.06, neck=Neck.v, neck_depth=1.3, loose=0.16),
    fabrics=CASUAL, female=2, male=0.8, warmth=0.1, details={D.chest_pocket: 0.15},
    vary={"sleeve": 0.22, "neck_depth": 0.5})
garment("loose_tee", Slot.top, _top(sleeve=0.85, hem=-0.03, loose=0.28, flare=0.08), fabrics=CASUAL,
    female=1.5, male=2, warmth=0.1, over_50=0.12, details={D.front_print: 0.35, D.back_print: 0.2},
    vary={"sleeve": 0.25, "hem": 0.07})
garment("tank", Slot.top, _top(sleeve=0.03, hem=0.08, neck=Neck.scoop, off=0.07, loose=0.1),
    fabrics=CASUAL, female=1.8, male=0.5, warmth=0.0, vary={"hem": 0.05})
garment("crop_tee", Slot.top, _top(sleeve=0.5, hem=0.3, off=0.08, loose=0.1), fabrics=CASUAL,
    female=1.2, male=0, warmth=0.0, over_50=0.12, details={D.front_print: 0.15},
    vary={"sleeve": 0.2})
garment("boat_top", Slot.top, _top(sleeve=1.35, hem=0.1, neck=Neck.boat, off=0.07, loose=0.1),
    fabrics={"horizontal_stripe": 3, "plain": 3, "floral": 1}, female=1.5, male=0, warmth=0.3,
    details={D.hem_band: 0.2}, vary={"sleeve": 0.3})
garment("long_sleeve", Slot.top, _top(sleeve=2.05, hem=0.06, loose=0.14), fabrics=CASUAL,
    female=1.5, male=2, warmth=0.5,
    details={D.placket: 0.2, D.chest_pocket: 0.12, D.front_print: 0.15, D.chest_logo: 0.15})
garment("turtleneck", Slot.top, _top(sleeve=2.05, hem=0.07, neck=Neck.turtle, loose=0.1),
    fabrics=KNITWEAR, female=1.5, male=0.7, warmth=0.8, details={D.hem_band: 0.35})
garment("shirt", Slot.top, _top(sleeve=2.05, hem=0.0, neck=Neck.shirt, off=0.12, loose=0.2),
    fabrics=SHIRTING, female=1.2, male=3, warmth=0.4, wrinkle=0.08,
    details={D.placket: 0.95, D.collar: 0.95, D.chest_pocket: 0.4, D.yoke: 0.2})
garment("short_shirt", Slot.top, _top(sleeve=0.7, hem=0.02, neck=Neck.shirt, loose=0.2),
    fabrics=SHIRTING, female=0.5, male=1.8, warmth=0.05, wrinkle=0.08,
    details={D.placket: 0.95, D.collar: 0.95, D.chest_pocket: 0.4})
garment("polo", Slot.top, _top(sleeve=0.62, hem=0.05, neck=Neck.shirt, loose=0.15),
    fabrics={"plain": 5, "horizontal_stripe": 2, "colour_block": 1, "heather": 1}, female=0.5,
    male=2, warmth=0.1,
    details={D.placket: 0.4, D.hem_band: 0.15, D.collar: 1.0, D.chest_logo: 0.5})
garment("blouse", Slot.top, _top(sleeve=1.25, hem=0.04, neck=Neck.scoop, loose=0.24, flare=0.05),
    fabrics=FEMININE, female=2.5, male=0, warmth=0.25, wrinkle=0.08,
    details={D.placket: 0.4, D.collar: 0.3, D.belt: 0.12}, vary={"sleeve": 0.4})
garment("tunic", Slot.top,
    _top(sleeve=1.6, hem=-0.12, neck=Neck.v, neck_depth=1.2, loose=0.24, flare=0.16),
    fabrics=FEMININE, female=1.1, male=0, warmth=0.35, details={D.belt: 0.3, D.placket: 0.2},
    vary={"sleeve": 0.3, "hem": 0.05})
garment("sweatshirt", Slot.top, _top(sleeve=2.05, hem=0.06, off=0.15, loose=0.22),
    fabrics={"plain": 4, "heather": 3, "colour_block": 1.2}, female=1.5, male=2.2, warmth=0.6,
    details={D.yoke: 0.15, D.front_print: 0.3, D.chest_logo: 0.25, D.hem_band: 0.8})
garment("hoodie", Slot.top, _top(sleeve=2.05, hem=0.05, neck=Neck.hood, off=0.15, loose=0.24),
    fabrics={"plain": 5, "heather": 3, "colour_block": 1}, female=1.3, male=2.5, warmth=0.6,
    details={D.kangaroo_pocket: 0.9, D.front_print: 0.25, D.hem_band: 0.8})
garment("sweater", Slot.top, _top(sleeve=2.05, hem=0.05, off=0.14, loose=0.18), fabrics=KNITWEAR,
    female=1.8, male=1.6, warmth=0.8, details={D.yoke: 0.2, D.hem_band: 0.7})
garment("chunky_sweater", Slot.top,
    _top(sleeve=2.05, hem=0.0, neck=Neck.turtle, off=0.18, loose=0.28), fabrics=KNITWEAR,
    female=1.2, male=0.3, warmth=0.9, details={D.hem_band: 0.6})

garment("jacket", Slot.outer,
    _top(sleeve=2.05, hem=0.06, neck=Neck.shirt, off=0.24, loose=0.18, open=0.7), fabrics=COATING,
    female=1.2, male=2, warmth=0.6, wrinkle=0.08,
    details={D.collar: 0.4, D.chest_pocket: 0.2, D.hip_pockets: 0.6, D.hem_band: 0.5},
    vary={"open": 0.3}, two_pockets=True)
garment("bomber", Slot.outer, _top(sleeve=2.05, hem=0.1, neck=Neck.crew, off=0.26, loose=0.26),
    fabrics={"plain": 5, "camouflage": 0.6, "twill": 1}, female=0.8, male=1.8, warmth=0.6,
    wrinkle=0.09, gloss=0.08,
    details={D.zip: 1.0, D.hem_band: 1.0, D.hip_pockets: 0.6, D.chest_logo: 0.2})
garment("denim_jacket", Slot.outer,
    _top(sleeve=2.05, hem=0.12, neck=Neck.shirt, off=0.22, loose=0.14, open=0.5),
    fabrics={"denim": 1}, female=1.4, male=1, warmth=0.5,
    details={D.collar: 0.9, D.chest_pocket: 0.9, D.hem_band: 0.6}, vary={"open": 0.3},
    two_pockets=True)
garment("leather_jacket", Slot.outer,
    _top(sleeve=2.05, hem=0.12, neck=Neck.shirt, off=0.22, loose=0.12, open=0.5),
    fabrics={"leather": 1}, female=1, male=1, warmth=0.6, wrinkle=0.1, gloss=0.22,
    details={D.collar: 0.9, D.hip_pockets: 0.5}, two_pockets=True)
garment("blazer", Slot.outer,
    _top(sleeve=2.05, hem=-0.02, neck=Neck.v, neck_depth=2.6, off=0.22, loose=0.12, open=0.3),
    fabrics={"plain": 5, "twill": 2, "pinstripe": 1, "check": 0.7, "heather": 1}, female=1.2,
    male=1.6, warmth=0.5, under_16=0.05, wrinkle=0.04, details={D.collar: 0.9, D.hip_pockets: 0.9})
garment("puffer", Slot.outer, _top(sleeve=2.05, hem=0.08, neck=Neck.turtle, off=0.38, loose=0.28),
    fabrics={"quilted": 1}, female=1.3, male=1.3, warmth=1.0, wrinkle=0.05, gloss=0.1,
    details={D.hip_pockets: 0.5, D.yoke: 0.25, D.zip: 1.0, D.chest_logo: 0.25})
garment("long_puffer", Slot.outer,
    (_top(sleeve=2.05, hem=0.1, neck=Neck.turtle, off=0.38, loose=0.26), _skirt(leg=0.95,
     off=0.42, flare=0.08)), fabrics={"quilted": 1}, female=1.0, male=0.3, warmth=1.0, wrinkle=0.05,
    gloss=0.1, details={D.zip: 1.0}, vary={"leg": 0.2})
garment("puffer_vest", Slot.outer,
    _top(sleeve=0.03, hem=0.08, neck=Neck.turtle, off=0.34, loose=0.2), fabrics={"quilted": 1},
    female=0.8, male=0.9, warmth=0.7, wrinkle=0.05, gloss=0.1,
    details={D.hip_pockets: 0.4, D.zip: 1.0})
garment("vest", Slot.outer,
    _top(sleeve=0.03, hem=0.08, neck=Neck.shirt, off=0.24, loose=0.14, open=0.45), fabrics=COATING,
    female=0.5, male=0.7, warmth=0.4, details={D.chest_pocket: 0.4, D.hip_pockets: 0.6})
garment("zip_hoodie", Slot.outer, _top(sleeve=2.05, hem=0.06, neck=Neck.hood, off=0.22, loose=0.2),
    fabrics={"plain": 4, "heather": 3}, female=1.2, male=1.8, warmth=0.6,
    details={D.zip: 1.0, D.hip_pockets: 0.7, D.hem_band: 0.8, D.back_print: 0.15})
garment("windbreaker", Slot.outer,
    _top(sleeve=2.05, hem=0.05, neck=Neck.turtle, off=0.26, loose=0.24),
    fabrics={"plain": 4, "colour_block": 4}, female=0.8, male=1.3, warmth=0.5, wrinkle=0.11,
    gloss=0.1, details={D.yoke: 0.35, D.hip_pockets: 0.4, D.zip: 1.0, D.chest_logo: 0.4})
garment("cardigan", Slot.outer,
    _top(sleeve=2.0, hem=-0.02, neck=Neck.v, neck_depth=3.0, off=0.2, loose=0.16, open=0.8),
    fabrics=KNITWEAR, female=1.8, male=0.6, warmth=0.5,
    details={D.hip_pockets: 0.4, D.hem_band: 0.5}, vary={"open": 0.3, "hem": 0.05})
garment("long_cardigan", Slot.outer,
    (_top(sleeve=2.0, hem=0.08, neck=Neck.v, neck_depth=3.0, off=0.2, loose=0.14, open=0.9),
     _skirt(leg=0.8, off=0.3, flare=0.05, open=0.9)), fabrics=KNITWEAR, female=1.2, male=0,
    warmth=0.6, vary={"leg": 0.3})
garment("coat", Slot.outer,
    (_top(sleeve=2.05, hem=0.08, neck=Neck.shirt, off=0.28, loose=0.18), _skirt(leg=0.95,
     off=0.36, flare=0.1)), fabrics=COATING, female=1.6, male=1.0, warmth=0.9,
    details={D.hip_pockets: 0.6, D.placket: 0.9, D.collar: 0.9, D.belt: 0.3},
    vary={"leg": 0.3, "flare": 0.08})
garment("open_coat", Slot.outer,
    (_top(sleeve=2.05, hem=0.08, neck=Neck.shirt, off=0.28, loose=0.16, open=0.5), _skirt(leg=1.0,
     off=0.36, flare=0.12, open=0.55)), fabrics=COATING, female=1.4, male=0.8, warmth=0.8,
    details={D.hip_pockets: 0.5, D.collar: 0.9}, vary={"leg": 0.35})
garment("parka", Slot.outer,
    (_top(sleeve=2.05, hem=0.08, neck=Neck.hood, off=0.32, loose=0.24), _skirt(leg=0.6, off=0.4,
     flare=0.1)), fabrics={"plain": 3, "twill": 2}, female=1, male=1.2, warmth=0.95, wrinkle=0.08,
    details={D.belt: 0.2, D.zip: 1.0, D.hip_pockets: 0.7}, vary={"leg": 0.25})
garment("trench", Slot.outer,
    (_top(sleeve=2.05, hem=0.08, neck=Neck.shirt, off=0.26, loose=0.16), _skirt(leg=1.05,
     off=0.34, flare=0.16)), fabrics={"twill": 3, "plain": 2}, female=1.1, male=0.5, warmth=0.6,
    under_16=0.05, details={D.hip_pockets: 0.5, D.belt: 1.0, D.placket: 1.0, D.collar: 1.0},
    vary={"leg": 0.3})

garment("trousers", Slot.bottom, _bottom(waist=0.26, leg=1.97, off=0.08, loose=0.18),
    fabrics=TROUSERING, female=1.2, male=2.5, warmth=0.5,
    details={D.belt: 0.5, D.fly: 0.7, D.back_pockets: 0.5})
garment("chinos", Slot.bottom, _bottom(waist=0.25, leg=1.9, off=0.07, loose=0.13),
    fabrics={"twill": 4, "plain": 2}, female=0.6, male=2, warmth=0.4,
    details={D.belt: 0.7, D.fly: 0.7, D.back_pockets: 0.7, D.hip_pockets: 0.4})
garment("jeans", Slot.bottom, _bottom(waist=0.25, leg=1.96, off=0.07, loose=0.15),
    fabrics={"denim": 1}, female=1.5, male=3.2, warmth=0.5,
    details={D.belt: 0.4, D.fly: 0.8, D.back_pockets: 1.0})
garment("slim_jeans", Slot.bottom, _bottom(waist=0.25, leg=1.92, off=0.05, loose=0.06),
    fabrics={"denim": 1}, female=3, male=1.8, warmth=0.5,
    details={D.belt: 0.25, D.fly: 0.8, D.back_pockets: 1.0}, vary={"leg": 0.12, "loose": 0.03})
garment("leggings", Slot.bottom, _bottom(waist=0.27, leg=1.9, off=0.04, loose=0.01),
    fabrics={"plain": 8, "heather": 1, "print": 0.4}, female=2.4, male=0, warmth=0.5, wrinkle=0.03,
    details={D.side_stripe: 0.12}, vary={"leg": 0.45, "loose": 0.01})
garment("wide_trousers", Slot.bottom,
    _bottom(waist=0.29, leg=1.97, off=0.09, loose=0.34, taper=0.0, flare=0.35),
    fabrics={"plain": 5, "twill": 1, "pinstripe": 0.5, "print": 0.3, "floral": 0.3}, female=1.4,
    male=0.2, warmth=0.4, wrinkle=0.08, details={D.belt: 0.3, D.hip_pockets: 0.3})
garment("flared_jeans", Slot.bottom,
    _bottom(waist=0.27, leg=1.97, off=0.05, loose=0.08, taper=0.0, flare=0.3), fabrics={"denim": 1},
    female=1, male=0, warmth=0.5, over_50=0.12,
    details={D.back_pockets: 0.8, D.belt: 0.3, D.fly: 0.8})
garment("cargo", Slot.bottom, _bottom(waist=0.25, leg=1.95, off=0.1, loose=0.26),
    fabrics={"twill": 3, "plain": 2, "camouflage": 0.8}, female=0.5, male=1.2, warmth=0.5,
    wrinkle=0.09, details={D.belt: 0.5, D.hip_pockets: 0.9, D.back_pockets: 0.8})
garment("joggers", Slot.bottom, _bottom(waist=0.26, leg=1.88, off=0.1, loose=0.26, taper=0.75),
    fabrics={"plain": 4, "heather": 3}, female=1, male=1.8, warmth=0.5,
    details={D.side_stripe: 0.3, D.hip_pockets: 0.3})
garment("track_trousers", Slot.bottom,
    _bottom(waist=0.26, leg=1.95, off=0.08, loose=0.2, taper=0.45), fabrics={"plain": 1},
    female=0.6, male=1.1, warmth=0.5, gloss=0.08, details={D.side_stripe: 1.0})
garment("shorts", Slot.bottom, _bottom(waist=0.25, leg=0.82, off=0.1, loose=0.3, taper=0.0),
    fabrics={"plain": 4, "twill": 2, "denim": 1.5, "print": 0.4, "plaid": 0.4}, female=0.8, male=2,
    warmth=0.0, details={D.belt: 0.2, D.side_stripe: 0.15, D.fly: 0.5, D.back_pockets: 0.5},
    vary={"leg": 0.3})
garment("bermudas", Slot.bottom, _bottom(waist=0.25, leg=1.05, off=0.1, loose=0.28, taper=0.0),
    fabrics={"plain": 3, "twill": 3, "denim": 1, "camouflage": 0.5, "plaid": 0.6}, female=0.4,
    male=1.5, warmth=0.05, details={D.back_pockets: 0.6, D.belt: 0.3, D.hip_pockets: 0.4},
    vary={"leg": 0.2})
garment("hot_pants", Slot.bottom, _bottom(waist=0.26, leg=0.42, off=0.07, loose=0.14, taper=0.0),
    fabrics={"denim": 3, "plain": 2}, female=1, male=0, warmth=0.0, over_50=0.12,
    details={D.back_pockets: 0.7, D.belt: 0.3, D.fly: 0.6})
garment("capri", Slot.bottom, _bottom(waist=0.25, leg=1.5, off=0.06, loose=0.12),
    fabrics={"plain": 4, "denim": 2, "twill": 1}, female=1, male=0.2, warmth=0.1,
    details={D.back_pockets: 0.4, D.belt: 0.2}, vary={"leg": 0.25})

garment("mini_skirt", Slot.skirt, _skirt(leg=0.55, off=0.1, flare=0.22),
    fabrics={"plain": 4, "denim": 2, "plaid": 1.5, "leather": 0.7}, male=0, warmth=0.15,
    over_50=0.12, details={D.belt: 0.3, D.placket: 0.2, D.back_pockets: 0.2}, vary={"leg": 0.2})
garment("knee_skirt", Slot.skirt, _skirt(leg=0.95, off=0.1, flare=0.2), fabrics=FEMININE,
    female=1.2, male=0, warmth=0.25, details={D.belt: 0.25, D.placket: 0.15},
    vary={"leg": 0.25, "flare": 0.18})
garment("midi_skirt", Slot.skirt, _skirt(leg=1.4, off=0.1, flare=0.32), fabrics=FEMININE,
    female=1.2, male=0, warmth=0.4, wrinkle=0.08, details={D.belt: 0.25, D.placket: 0.2},
    vary={"leg": 0.3, "flare": 0.2})
garment("maxi_skirt", Slot.skirt, _skirt(leg=1.82, off=0.1, flare=0.28), fabrics=FEMININE,
    female=0.7, male=0, warmth=0.3, wrinkle=0.08, details={D.belt: 0.2})
garment("pencil_skirt", Slot.skirt, _skirt(leg=1.0, off=0.07, flare=-0.2),
    fabrics={"plain": 5, "twill": 2, "pinstripe": 0.6, "check": 0.6}, male=0, warmth=0.5,
    under_16=0.05, details={D.belt: 0.35}, vary={"leg": 0.2})

_dress("sundress", {"sleeve": 0.03, "neck": Neck.scoop}, {"leg": 0.85, "flare": 0.24},
    fabrics=FEMININE, warmth=0.0, details={D.belt: 0.25, D.placket: 0.2}, vary={"leg": 0.3})
_dress("tee_dress", {"sleeve": 0.6, "loose": 0.14}, {"leg": 0.8, "flare": 0.05}, fabrics=CASUAL,
    warmth=0.1, details={D.chest_pocket: 0.2, D.belt: 0.2}, vary={"leg": 0.25})
_dress("shirt_dress", {"sleeve": 1.3, "neck": Neck.shirt, "loose": 0.16},
    {"leg": 1.0, "flare": 0.12}, fabrics=SHIRTING, warmth=0.3,
    details={D.placket: 1.0, D.collar: 1.0, D.belt: 0.7}, vary={"leg": 0.3})
_dress("wrap_dress", {"sleeve": 1.3, "neck": Neck.v, "neck_depth": 1.7},
    {"leg": 1.15, "flare": 0.24}, fabrics=FEMININE, warmth=0.3, details={D.belt: 0.5},
    vary={"sleeve": 0.4, "leg": 0.15})
_dress("sheath_dress", {"sleeve": 0.1, "neck": Neck.crew, "loose": 0.02},
    {"leg": 1.0, "flare": -0.16}, fabrics={"plain": 4, "twill": 1, "check": 0.5}, warmth=0.4,
    under_16=0.05, details={D.belt: 0.35})
_dress("knit_dress", {"sleeve": 1.93, "neck": Neck.turtle}, {"leg": 0.95, "flare": 0.0},
    fabrics=KNITWEAR, warmth=0.8, details={D.belt: 0.35}, vary={"leg": 0.2})
_dress("maxi_dress", {"sleeve": 0.4, "neck": Neck.scoop}, {"leg": 1.8, "flare": 0.28},
    fabrics=FEMININE, warmth=0.1, wrinkle=0.08, details={D.belt: 0.3}, vary={"sleeve": 0.3})

garment("sneakers", Slot.shoes, _shoe(top=1.97, off=0.11), fabrics={"solid": 1}, female=3, male=4,
    warmth=0.4, wrinkle=0.0, gloss=0.08, details={D.sole: 0.9}, laced=True)
garment("high_tops", Slot.shoes, _shoe(top=1.86, off=0.12), fabrics={"solid": 1}, female=1.2,
    male=1.6, warmth=0.5, over_50=0.12, wrinkle=0.0, gloss=0.08, details={D.sole: 0.9}, laced=True)
garment("loafers", Slot.shoes, _shoe(top=1.99, off=0.1), fabrics={"solid": 1}, female=1, male=2,
    warmth=0.4, under_16=0.05, wrinkle=0.0, gloss=0.2, details={D.sole: 0.5})
garment("ballerinas", Slot.shoes, _shoe(top=2.04, off=0.07), fabrics={"solid": 1}, female=1.8,
    male=0, warmth=0.1, wrinkle=0.0, gloss=0.12)
garment("ankle_boots", Slot.shoes, _shoe(top=1.78, off=0.14), fabrics={"solid": 1}, female=1.8,
    male=1.3, warmth=0.8, wrinkle=0.03, gloss=0.14, details={D.sole: 0.7}, vary={"top": 0.1},
    laced=True)
garment("boots", Slot.shoes, _shoe(top=1.4, off=0.16), fabrics={"solid": 1}, female=1.2, male=0.15,
    warmth=0.9, under_16=0.05, wrinkle=0.05, gloss=0.14, details={D.sole: 0.7}, vary={"top": 0.28})
