"""Goods on shelves: packages, fruit and boxes.

A layer holds four products, one in each row of 128 texels; each repeats eight times along u,
so that a whole block of equal packages is one strip of texture.
"""

from __future__ import annotations

import colorsys

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures.noise import atlas, fractal_noise

PRODUCT_ROWS = 4
PACKAGES_PER_TILE = 8

# Families of shelf goods: hues (degrees) that brands of the family use, how colourful they
# are, how bright; real shelves are mostly white, red, blue, green, brown and cream.
_FAMILIES = {
    "cereal": ((28, 42, 8, 210), (0.45, 0.75), (0.6, 0.85)),
    "dairy": ((210, 205, 120, 350), (0.08, 0.4), (0.82, 0.95)),
    "pasta": ((215, 228, 45, 12), (0.35, 0.65), (0.45, 0.85)),
    "cans": ((4, 120, 42, 350), (0.4, 0.7), (0.4, 0.75)),
    "coffee": ((18, 24, 30, 355), (0.4, 0.7), (0.22, 0.5)),
    "cleaning": ((205, 175, 320, 50), (0.3, 0.65), (0.6, 0.9)),
    "paper": ((210, 130, 330, 40), (0.04, 0.22), (0.85, 0.95)),
    "drinks": ((8, 120, 28, 200), (0.35, 0.7), (0.35, 0.75)),
}
FAMILY_NAMES = tuple(_FAMILIES)


def _rgb(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    r, g, b = colorsys.hsv_to_rgb(hue / 360 % 1, saturation, value)
    return (255 * r, 255 * g, 255 * b)


def _package(rng: np.random.Generator, family: str) -> np.ndarray:
    """One front, (128, 64, 3)."""
    hues, saturation, value = _FAMILIES[family]
    hue = float(rng.choice(hues)) + rng.normal(0, 6)
    ground = _rgb(hue, rng.uniform(*saturation), rng.uniform(*value))
    accent = _rgb(hue + float(rng.choice([0, 25, 180, 200])), rng.uniform(0.2, 0.7), 0.85)
    cream = (236.0, 232.0, 220.0)
    front = np.ones((128, 64, 3)) * ground
    if rng.random() < 0.35:
        front[:] = np.asarray(cream) * 0.96
        front[: int(rng.integers(24, 56))] = ground
    band = int(rng.integers(16, 40))
    front[band : band + int(rng.integers(16, 28)), 4:60] = cream if rng.random() < 0.6 else accent
    y = band + 5
    while y < band + 16:
        left = int(rng.integers(8, 14))
        front[y : y + 3, left : left + int(rng.integers(22, 42))] = np.asarray(ground) * 0.45
        y += 6
    middle = (32 + int(rng.integers(-5, 6)), 84 + int(rng.integers(-8, 9)))
    if rng.random() < 0.7:
        radius = int(rng.integers(11, 20))
        axes = (radius, int(radius * rng.uniform(0.7, 1.2)))
        cv2.ellipse(front, middle, axes, 0, 0, 360, accent, -1)
        cv2.circle(front, (middle[0] - 4, middle[1] - 4), radius // 3, cream, -1)
    for k in range(3):
        y = 112 + 5 * k
        front[y : y + 2, 8 : 8 + int(rng.integers(18, 46))] = np.asarray(ground) * 0.5
    shade = np.linspace(1.0, 0.88, 64)[None, :, None]
    front = front * shade
    front[:, :2] *= 0.55
    front[:, -1:] *= 0.7
    front[:2] *= 0.75
    return front


def packages(rng: np.random.Generator, family: str) -> np.ndarray:
    """Four products of one family, eight packages of each side by side."""
    image = np.concatenate(
        [np.tile(_package(rng, family), (1, PACKAGES_PER_TILE, 1)) for _ in range(PRODUCT_ROWS)]
    )
    return image * (1 + 0.03 * fractal_noise(rng, 6, 4))[..., None]


def fruit(rng: np.random.Generator) -> np.ndarray:
    """Four heaps seen from above: oranges, apples, tomatoes, lettuce; 128 texels each."""
    image = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE, 3))
    kinds = [((214, 132, 48), 13), ((158, 52, 42), 12), ((186, 58, 40), 9), ((96, 132, 58), 20)]
    for view, (colour, size) in zip(atlas(1, PRODUCT_ROWS), kinds):
        heap = np.ones((128, TEXTURE_SIZE, 3)) * np.asarray(colour) * 0.35
        for _ in range(9000 // (size * size) * 6):
            x, y = int(rng.integers(0, TEXTURE_SIZE)), int(rng.integers(-4, 132))
            tone = rng.uniform(0.72, 1.08)
            radius = int(size * rng.uniform(0.85, 1.1))
            body = tuple(float(c * tone) for c in colour)
            dark = tuple(float(c * tone * 0.62) for c in colour)
            lit = tuple(float(min(c * tone * 1.25 + 16, 255)) for c in colour)
            for dx in (-TEXTURE_SIZE, 0, TEXTURE_SIZE):
                cv2.circle(heap, (x + dx, y), radius, dark, -1)
                cv2.circle(heap, (x + dx, y - 1), radius - 2, body, -1)
                cv2.circle(heap, (x + dx - radius // 3, y - radius // 3), radius // 3, lit, -1)
        image[view] = heap
    return image
