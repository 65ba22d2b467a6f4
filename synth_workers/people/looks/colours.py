"""Colours people wear and have: restrained palettes of cloth, shoes, bags, skin and hair.

Street clothes are mostly black, grey, white, blue and earth; saturation is capped and falls
with value, because fully saturated cloth is the first thing that gives a rendering away.
Everything is a pure function of a generator; colours are sRGB triples of ints.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from synth_workers.people.spec import Colour

MAX_SATURATION = 0.6
"""Of cloth (HSV); bright cloth gets less."""


@dataclass(frozen=True)
class Family:
    """A box in HSV (hue in turns, may exceed 1 to wrap) that has a name in everyday speech."""

    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]


FAMILIES: dict[str, Family] = {
    "black": Family((0.0, 1.0), (0.0, 0.12), (0.06, 0.15)),
    "charcoal": Family((0.55, 0.7), (0.02, 0.12), (0.17, 0.30)),
    "grey": Family((0.5, 0.7), (0.0, 0.07), (0.36, 0.56)),
    "light_grey": Family((0.5, 0.7), (0.0, 0.05), (0.62, 0.78)),
    "white": Family((0.08, 0.16), (0.0, 0.06), (0.84, 0.94)),
    "cream": Family((0.09, 0.13), (0.10, 0.22), (0.78, 0.90)),
    "navy": Family((0.60, 0.67), (0.35, 0.60), (0.16, 0.32)),
    "blue": Family((0.57, 0.63), (0.38, 0.60), (0.38, 0.62)),
    "light_blue": Family((0.55, 0.60), (0.16, 0.36), (0.66, 0.84)),
    "teal": Family((0.47, 0.54), (0.30, 0.55), (0.28, 0.52)),
    "forest": Family((0.36, 0.45), (0.25, 0.55), (0.17, 0.36)),
    "olive": Family((0.17, 0.25), (0.25, 0.45), (0.24, 0.42)),
    "sage": Family((0.25, 0.38), (0.10, 0.24), (0.50, 0.68)),
    "green": Family((0.33, 0.42), (0.35, 0.58), (0.36, 0.58)),
    "khaki": Family((0.10, 0.13), (0.24, 0.40), (0.52, 0.68)),
    "beige": Family((0.08, 0.12), (0.14, 0.28), (0.66, 0.82)),
    "camel": Family((0.07, 0.10), (0.38, 0.54), (0.50, 0.64)),
    "brown": Family((0.04, 0.08), (0.30, 0.55), (0.20, 0.38)),
    "burgundy": Family((0.95, 1.0), (0.45, 0.60), (0.22, 0.38)),
    "red": Family((0.97, 1.02), (0.52, 0.60), (0.46, 0.64)),
    "rust": Family((0.03, 0.06), (0.48, 0.60), (0.44, 0.58)),
    "mustard": Family((0.11, 0.135), (0.48, 0.60), (0.56, 0.70)),
    "yellow": Family((0.13, 0.15), (0.34, 0.46), (0.74, 0.86)),
    "pink": Family((0.93, 1.0), (0.16, 0.34), (0.70, 0.86)),
    "rose": Family((0.93, 0.98), (0.34, 0.50), (0.50, 0.66)),
    "lavender": Family((0.70, 0.78), (0.12, 0.28), (0.58, 0.76)),
    "purple": Family((0.74, 0.82), (0.30, 0.52), (0.26, 0.46)),
}

PALETTES: dict[str, dict[str, float]] = {
    "top": {
        "black": 16, "charcoal": 6, "grey": 7, "light_grey": 7, "white": 15, "cream": 5,
        "navy": 8, "blue": 5, "light_blue": 5, "teal": 2, "forest": 2, "olive": 2.5, "sage": 2,
        "green": 2, "khaki": 1.5, "beige": 3, "camel": 1.5, "brown": 2, "burgundy": 3, "red": 3.5,
        "rust": 1.5, "mustard": 1.5, "yellow": 1.5, "pink": 3, "rose": 2, "lavender": 1.5,
        "purple": 1.5,
    },
    "outer": {
        "black": 24, "charcoal": 10, "grey": 6, "light_grey": 3, "white": 2, "cream": 2.5,
        "navy": 13, "blue": 4, "teal": 1.5, "forest": 3, "olive": 6, "khaki": 4, "beige": 5,
        "camel": 5, "brown": 5, "burgundy": 3, "red": 2.5, "rust": 1, "mustard": 1.2, "pink": 1.2,
    },
    "bottom": {
        "black": 26, "charcoal": 12, "grey": 9, "light_grey": 3, "white": 3, "cream": 2.5,
        "navy": 14, "blue": 2, "olive": 5, "khaki": 7, "beige": 6, "camel": 1.5, "brown": 4,
        "burgundy": 1.2, "forest": 1.2,
    },
    "skirt": {
        "black": 20, "charcoal": 6, "grey": 5, "white": 5, "cream": 4, "navy": 9, "blue": 3,
        "light_blue": 3, "teal": 2.5, "forest": 3, "olive": 3, "beige": 5, "camel": 3, "brown": 3,
        "burgundy": 4, "red": 2.5, "rust": 2.5, "mustard": 2, "pink": 4, "rose": 2.5,
        "lavender": 2.5, "purple": 2,
    },
    "shoes": {
        "black": 36, "white": 22, "brown": 12, "camel": 4, "charcoal": 5, "grey": 5,
        "light_grey": 3, "navy": 4, "beige": 3, "burgundy": 1.5, "red": 1.5, "blue": 1.5,
        "olive": 1, "pink": 1,
    },
    "bag": {
        "black": 32, "charcoal": 9, "grey": 7, "light_grey": 2, "navy": 11, "brown": 10, "camel": 7,
        "beige": 4, "cream": 2, "olive": 4, "burgundy": 4, "red": 3, "blue": 3, "teal": 1.5,
        "mustard": 1.5, "pink": 2, "white": 1.5,
    },
    "hat": {
        "black": 26, "charcoal": 9, "grey": 8, "white": 8, "cream": 4, "navy": 13, "blue": 3,
        "olive": 4, "khaki": 5, "beige": 5, "burgundy": 4, "red": 4, "forest": 2, "mustard": 2,
        "pink": 2,
    },
}  # fmt: skip

_SKIN_RAMP = np.array(
    [(222, 181, 157), (211, 166, 138), (194, 147, 117), (171, 125, 96), (139, 97, 72),
     (102, 70, 53), (72, 51, 41)], dtype=np.float64,
)  # fmt: skip

HAIR_COLOURS = {
    "black": (36, 31, 29),
    "soft_black": (46, 38, 34),
    "dark_brown": (64, 47, 37),
    "brown": (90, 65, 47),
    "light_brown": (104, 78, 54),
    "dark_blond": (132, 104, 72),
    "blond": (160, 132, 94),
    "auburn": (88, 48, 34),
    "grey": (118, 115, 112),
    "silver": (160, 157, 153),
}


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


def saturation_cap(value: float) -> float:
    """Largest HSV saturation of cloth at this HSV value."""
    return MAX_SATURATION * float(np.interp(value, [0.0, 0.62, 0.95], [1.0, 1.0, 0.45]))


def capped(colour: Colour) -> Colour:
    """The colour with its saturation brought under the cap of its value."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    return _rgb(hue, min(saturation, saturation_cap(value)), value)


def pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """Draw a key in proportion to its weight; keys of weight 0 are never drawn."""
    names = [name for name, weight in weights.items() if weight > 0]
    shares = np.array([weights[name] for name in names], dtype=np.float64)
    at = np.searchsorted(np.cumsum(shares), rng.random() * shares.sum(), side="right")
    return names[min(int(at), len(names) - 1)]


def family_colour(rng: np.random.Generator, name: str) -> Colour:
    """A colour of a named family."""
    family = FAMILIES[name]
    value = rng.uniform(*family.value)
    saturation = min(rng.uniform(*family.saturation), saturation_cap(value))
    return _rgb(rng.uniform(*family.hue), saturation, value)


def dark_colour(rng: np.random.Generator) -> Colour:
    """Near black, as in the black-clothing variant."""
    value = int(rng.integers(12, 46))
    red, green, blue = (int(np.clip(value + d, 5, 60)) for d in rng.integers(-5, 7, 3))
    return (red, green, blue)


def any_colour(rng: np.random.Generator) -> Colour:
    """Any colour at all, as randomly generated textures have them."""
    return _rgb(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.95))


def near(rng: np.random.Generator, colour: Colour, dark: bool = False) -> Colour:
    """A colour close to the given one but never equal: CIE distance between 7 and 24."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    low, high = (4.0, 12.0) if dark else (7.0, 24.0)
    best, best_error = colour, np.inf
    for _ in range(40):
        moved_value = float(np.clip(value + rng.normal(0, 0.10), 0.05, 0.26 if dark else 0.94))
        moved_saturation = float(np.clip(saturation + rng.normal(0, 0.08), 0, 1))
        other = capped(_rgb(hue + rng.normal(0, 0.025), moved_saturation, moved_value))
        apart = distance(colour, other)
        error = max(low - apart, apart - high, 0.0)
        if other != colour and error < best_error:
            best, best_error = other, error
        if error == 0.0 and other != colour:
            return other
    if best == colour:
        red, green, blue = colour
        best = (red, green, blue + 9 if blue < 128 else blue - 9)
    return best


def lab(colour: Colour | np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of sRGB 0..255, shape (..., 3)."""
    srgb = np.asarray(colour, dtype=np.float64) / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def distance(one: Colour, other: Colour) -> float:
    """CIE76 distance; about 2 is just visible side by side."""
    return float(np.linalg.norm(lab(one) - lab(other)))


def skin_colour(rng: np.random.Generator, african: float, asian: float, caucasian: float) -> Colour:
    """Skin from a ramp of seven, placed by ancestry, with a little scatter."""
    total = african + asian + caucasian
    place = (
        caucasian * rng.uniform(0.1, 1.6)
        + asian * rng.uniform(0.6, 2.2)
        + african * rng.uniform(3.6, 6.0)
    ) / total
    ramp = [np.interp(place, range(len(_SKIN_RAMP)), _SKIN_RAMP[:, c]) for c in range(3)]
    lightness = rng.normal(0, 4)
    red, green, blue = (
        int(np.clip(round(c + lightness + rng.normal(0, 1.5)), 20, 245)) for c in ramp
    )
    return (red, green, blue)


def hair_colour_weights(age: float, african: float, caucasian: float) -> dict[str, float]:
    """How common each of ten hair colours is: light ones need ancestry, grey ones age."""
    grey = float(np.interp(age, [42, 55, 70, 82], [0.0, 0.3, 0.75, 0.95]))
    silver = float(np.clip((age - 50) / 40, 0.05, 0.8))
    light = max(0.0, caucasian - african)
    natural = {
        "black": 1.2,
        "soft_black": 1.3,
        "dark_brown": 1.0 + light,
        "brown": 0.35 + 2.2 * light,
        "light_brown": 1.3 * light,
        "dark_blond": 0.8 * light,
        "blond": 0.45 * light,
        "auburn": 0.3 * light,
    }
    share = (1 - grey) / sum(natural.values())
    weights = {name: weight * share for name, weight in natural.items()}
    # A trace of grey at any age lets a recipe ask for it.
    greys = max(grey, 1e-6)
    return weights | {"grey": greys * (1 - silver), "silver": greys * silver}


def hair_colour(rng: np.random.Generator, name: str) -> Colour:
    """A shade of one of the named hair colours."""
    shift = rng.normal(0, 5)
    red, green, blue = (
        int(np.clip(round(c * (1 + shift / 60) + rng.normal(0, 1)), 8, 190))
        for c in HAIR_COLOURS[name]
    )
    return (red, green, blue)


def eye_colour(rng: np.random.Generator, caucasian: float) -> Colour:
    """Iris colour: brown, or now and then hazel, grey or blue."""
    light = 0.45 * caucasian
    shades = {
        "brown": ((58, 40, 28), 0.5),
        "dark": ((38, 28, 24), 0.5),
        "hazel": ((88, 72, 44), light),
        "grey": ((96, 106, 110), 0.6 * light),
        "blue": ((80, 110, 140), light),
    }
    return shades[pick(rng, {name: weight for name, (_, weight) in shades.items()})][0]
