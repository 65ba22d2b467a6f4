"""How a crowd is dressed: profiles of season, layers, colours and things carried, by name.

A profile says what is usual; the factors of a recipe (``tastes``) work on top of it. Drawing the
clothes themselves is ``outfits``' and ``things``'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from synth_workers.people.looks.colours import PALETTES

Table = Mapping[str, float]


@dataclass(frozen=True)
class Dress:
    """What is usual in a crowd.

    ``season``: the range a person's season is drawn from, 0 hot to 1 cold. ``outer``: share of
    people with something over their top, at season 0 and what it gains to season 1. ``dresses``:
    of women; ``skirts``: of women who wear none. ``palettes``: weights of colour families by
    place. ``garments``, ``fabrics``: factors on what is usually drawn, 1 where not named.
    ``accessories``: probabilities, the accessory's own where not named.
    """

    about: str
    season: tuple[float, float] = (0.0, 1.0)
    outer: tuple[float, float] = (0.12, 0.55)
    dresses: float = 0.14
    skirts: float = 0.2
    palettes: Mapping[str, Table] = field(default_factory=lambda: PALETTES)
    garments: Table = field(default_factory=dict)
    fabrics: Table = field(default_factory=dict)
    accessories: Table = field(default_factory=dict)

    def factors(self, name: str) -> Table:
        """Factors on what a recipe's field ``name`` weighs."""
        return {"garments": self.garments, "fabrics": self.fabrics}.get(name, {})


_STREET_PALETTES: dict[str, dict[str, float]] = {
    "top": {
        "black": 14, "charcoal": 6, "grey": 13, "light_grey": 10, "white": 22, "cream": 3.5,
        "navy": 2.5, "blue": 2.2, "light_blue": 2, "teal": 0.4, "forest": 0.8, "olive": 0.9,
        "sage": 0.4, "green": 0.7, "khaki": 1, "beige": 1.6, "camel": 0.8, "brown": 2,
        "burgundy": 2.2, "red": 4, "rust": 1.1, "mustard": 0.5, "yellow": 0.8, "pink": 1.2,
        "rose": 0.6, "lavender": 1.1, "purple": 1.6,
    },
    "outer": {
        "black": 25, "charcoal": 8, "grey": 13, "light_grey": 6, "white": 7, "cream": 1.5,
        "navy": 5, "blue": 2.5, "forest": 0.9, "olive": 1.3, "khaki": 1, "beige": 2, "camel": 1,
        "brown": 3, "burgundy": 2, "red": 3.5, "rust": 0.8, "purple": 1.2, "pink": 0.8,
        "yellow": 0.5,
    },
    "bottom": {
        "black": 33, "charcoal": 12, "grey": 26, "light_grey": 10, "white": 4, "cream": 1.5,
        "navy": 3, "blue": 1, "olive": 0.6, "khaki": 1.5, "beige": 2, "brown": 2.5,
        "burgundy": 0.6,
    },
    "skirt": {
        "black": 30, "charcoal": 10, "grey": 10, "light_grey": 3, "white": 9, "cream": 3,
        "navy": 6, "blue": 3, "light_blue": 2, "beige": 3, "brown": 2, "burgundy": 2, "red": 3,
        "pink": 2, "purple": 1.5, "forest": 1, "yellow": 0.7,
    },
    "shoes": {
        "black": 40, "white": 24, "grey": 10, "light_grey": 6, "charcoal": 3, "brown": 9,
        "camel": 2.5, "red": 2, "forest": 0.5, "rust": 0.4, "yellow": 0.4, "blue": 0.4,
    },
    "bag": PALETTES["bag"],
    "hat": PALETTES["hat"],
}  # fmt: skip

_STREET_THINGS: dict[str, float] = {
    "cap": 0.022, "beanie": 0.008, "bucket_hat": 0.003, "sun_hat": 0.004,
    "sunglasses": 0.032, "glasses": 0.10, "mask": 0.001, "scarf": 0.019,
    "headphones": 0.007, "earphones": 0.03, "umbrella": 0.002, "phone": 0.05,
    "backpack": 0.29, "crossbody": 0.24,
    "handbag": 0.17, "tote": 0.12, "shopping_bag": 0.075, "suitcase": 0.033,
}  # fmt: skip

DRESSES: dict[str, Dress] = {
    "varied": Dress("everything there is, in every season: clothes tell people apart"),
    "street": Dress(
        "as labelled people of public photographs: dark, few bright colours, hardly a hat, "
        "three in four carry something",
        season=(0.15, 1.0),
        outer=(0.10, 0.30),
        dresses=0.05,
        skirts=0.12,
        palettes=_STREET_PALETTES,
        garments={
            "tank": 0.5, "crop_tee": 0.4, "turtleneck": 0.6, "chunky_sweater": 0.4,
            "tunic": 0.5, "puffer_vest": 0.4, "long_puffer": 0.5, "wide_trousers": 0.5,
            "flared_jeans": 0.4, "cargo": 0.6, "hot_pants": 0.25, "leggings": 0.8,
            "shorts": 0.9, "capri": 1.2, "jeans": 0.75, "slim_jeans": 0.75,
        },
        fabrics={
            "camouflage": 0.1, "gradient": 0.2, "colour_block": 0.5, "floral": 0.35, "dots": 0.35,
            "print": 0.6, "plaid": 0.7, "horizontal_stripe": 0.6, "check": 0.6,
        },
        accessories=_STREET_THINGS,
    ),
    "summer": Dress(
        "the street in July: short sleeves and bare legs, lighter colours, sunglasses",
        season=(0.0, 0.2),
        outer=(0.03, 0.1),
        dresses=0.2,
        skirts=0.25,
        palettes=_STREET_PALETTES
        | {"bottom": _STREET_PALETTES["bottom"] | {"khaki": 5, "beige": 6, "white": 6, "blue": 4}},
        garments={"shorts": 1.6, "bermudas": 1.3},
        accessories=_STREET_THINGS | {"sunglasses": 0.14, "cap": 0.06, "sun_hat": 0.02,
                                      "scarf": 0.0, "beanie": 0.0},
    ),
    "winter": Dress(
        "the street in January: coats and boots, scarves, hats of wool",
        season=(0.8, 1.0),
        outer=(0.5, 0.45),
        dresses=0.04,
        skirts=0.08,
        palettes=_STREET_PALETTES,
        garments={"shorts": 0.0, "bermudas": 0.0, "hot_pants": 0.0, "capri": 0.0, "ballerinas": 0.2,
                  "blazer": 0.3, "denim_jacket": 0.3, "vest": 0.3},
        accessories=_STREET_THINGS | {"scarf": 0.22, "beanie": 0.16, "sunglasses": 0.01},
    ),
    "office": Dress(
        "people at work: shirts, blouses, blazers and trousers in quiet colours",
        season=(0.2, 0.7),
        outer=(0.25, 0.3),
        dresses=0.12,
        skirts=0.3,
        palettes=_STREET_PALETTES
        | {
            "top": {"white": 30, "light_blue": 14, "black": 12, "grey": 6, "light_grey": 7,
                    "cream": 6, "navy": 6, "charcoal": 5, "pink": 2, "beige": 3, "burgundy": 2},
            "outer": {"black": 26, "charcoal": 18, "navy": 20, "grey": 10, "beige": 4, "brown": 3},
        },
        garments={"shirt": 3, "blouse": 3, "blazer": 6, "coat": 1.5, "trench": 1.5, "trousers": 3,
                  "chinos": 1.5, "pencil_skirt": 3, "sheath_dress": 3, "loafers": 3,
                  "*": 0.3, "cardigan": 1, "sweater": 0.8, "polo": 1, "ballerinas": 1.5,
                  "ankle_boots": 1, "jeans": 0.5, "slim_jeans": 0.5, "knee_skirt": 1,
                  "midi_skirt": 1, "shirt_dress": 1, "long_sleeve": 0.6, "sneakers": 0.6},
        fabrics={"camouflage": 0.0, "print": 0.3, "colour_block": 0.3, "gradient": 0.3},
        accessories=_STREET_THINGS | {"backpack": 0.15, "crossbody": 0.28, "phone": 0.10,
                                      "glasses": 0.22, "cap": 0.0, "beanie": 0.0},
    ),
    "campus": Dress(
        "students: tees, hoodies, jeans and backpacks",
        season=(0.05, 0.8),
        outer=(0.08, 0.4),
        dresses=0.05,
        skirts=0.12,
        palettes=_STREET_PALETTES,
        garments={"tee": 1.5, "loose_tee": 2, "hoodie": 2.5, "sweatshirt": 1.8, "zip_hoodie": 2,
                  "jeans": 1.4, "slim_jeans": 1.4, "joggers": 1.5, "sneakers": 1.6, "blazer": 0.15,
                  "coat": 0.5, "trench": 0.2, "shirt": 0.7, "trousers": 0.5, "loafers": 0.2},
        accessories=_STREET_THINGS | {"backpack": 0.58, "crossbody": 0.12, "headphones": 0.06,
                                      "phone": 0.12, "cap": 0.06},
    ),
}  # fmt: skip
"""Every profile by name. ``street`` follows the shares of labels in PETA (Deng et al., ACM MM
2014; 8,707 people), ``varied`` is what was drawn before there were profiles and may not change;
the others are the street's, moved by judgement."""
