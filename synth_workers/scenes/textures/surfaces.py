"""Grounds, walls and raw materials."""

from __future__ import annotations

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures.noise import (
    coloured,
    fractal_noise,
    grain,
    lattice_noise,
    masonry,
    repeats,
)  # fmt: skip


def plain_white(rng: np.random.Generator) -> np.ndarray:
    return np.full((TEXTURE_SIZE, TEXTURE_SIZE, 3), 255.0)


def _spots(rng: np.random.Generator, count: int, radius: tuple[float, float]) -> np.ndarray:
    """(512, 512) mask 0..1 of round seamless spots: chewing gum, oil, drips."""
    mask = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    places = rng.integers(0, TEXTURE_SIZE, (2, count))
    for x, y, r in zip(*places, rng.uniform(*radius, count)):
        for place in repeats(x, y):
            cv2.circle(mask, place, max(int(r), 1), 255, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32) / 255


def _laid(
    rng: np.random.Generator, rows: int, columns: int, metres: float,
    colour: tuple[float, float, float], *, joint: float = 0.006, joint_tone: float = 0.62,
    spread: float = 0.05, stain: float = 0.05, speckle: float = 0.03, offset: float = 0.5,
) -> np.ndarray:  # fmt: skip
    """Blocks with joints, worn edges, stains and speckles."""
    blocks = masonry(rng, rows, columns, metres, offset)
    wear = np.clip(blocks.edge / (joint * 3), 0, 1)
    tone = 1 + spread * blocks.tone + stain * fractal_noise(rng, 3) + speckle * grain(rng)
    tone *= 0.9 + 0.1 * wear
    in_joint = np.clip((joint - blocks.edge) / (joint * 0.6), 0, 1)
    tone = tone * (1 - in_joint) + joint_tone * (1 + 0.1 * lattice_noise(rng, 64)) * in_joint
    warm = 0.005 * lattice_noise(rng, 24) + 0.1 * blocks.tone * spread
    image = coloured(tone, colour)
    image[..., 0] *= 1 + warm
    image[..., 2] *= 1 - warm
    return image


def slabs(rng: np.random.Generator) -> np.ndarray:
    """Concrete slabs of 50 cm, grey, with gum and stains; tile 4 m."""
    image = _laid(rng, 8, 8, 4.0, (196, 192, 186), offset=0.0, spread=0.035)
    return image * (1 - 0.22 * _spots(rng, 46, (1.0, 2.6)))[..., None]


def large_slabs(rng: np.random.Generator) -> np.ndarray:
    """Granite slabs of 60 x 100 cm in running bond; tile 4 m."""
    return _laid(
        rng, 7, 4, 4.0, (178, 178, 180), spread=0.06, speckle=0.055, joint=0.005, stain=0.04
    )


def setts(rng: np.random.Generator) -> np.ndarray:
    """Small granite setts of 11 cm; tile 2 m."""
    blocks = masonry(rng, 18, 18, 2.0, 0.37)
    crown = np.clip(blocks.edge / 0.03, 0, 1)
    tone = (0.62 + 0.38 * crown) * (1 + 0.11 * blocks.tone) + 0.05 * grain(rng)
    tone *= 1 + 0.08 * fractal_noise(rng, 2, 4)
    image = coloured(tone, (158, 154, 150))
    image[..., 0] *= 1 + 0.03 * blocks.tone
    return image


def clay_pavers(rng: np.random.Generator) -> np.ndarray:
    """Brick pavers of 10 x 20 cm in stretcher bond, muted red; tile 2 m."""
    return _laid(
        rng, 20, 10, 2.0, (168, 122, 104), spread=0.10, joint=0.004, joint_tone=0.7, stain=0.07
    )


def concrete_pavers(rng: np.random.Generator) -> np.ndarray:
    """Two-tone concrete pavers of 20 x 20 cm; tile 2 m."""
    blocks = masonry(rng, 10, 10, 2.0, 0.0)
    image = _laid(rng, 10, 10, 2.0, (182, 176, 164), offset=0.0, spread=0.05, joint=0.004)
    dark = (blocks.tone > 0.9)[..., None]
    return np.where(dark, image * 0.78, image)


def asphalt(rng: np.random.Generator) -> np.ndarray:
    """Worn asphalt with aggregate, a sealed crack and patches; tile 4 m."""
    tone = 1 + 0.12 * grain(rng) + 0.09 * fractal_noise(rng, 2, 5)
    tone *= 1 - 0.14 * _spots(rng, 14, (2, 12)) * (0.5 + 0.5 * np.abs(lattice_noise(rng, 60)))
    image = coloured(tone, (98, 98, 101))
    x = np.arange(TEXTURE_SIZE)
    swings = [a * np.sin(x * turns * np.pi / TEXTURE_SIZE) for a, turns in ((26, 2), (9, 10))]
    crack = np.abs(x[:, None] - (180 + swings[0] + swings[1])) < 1.2
    image[crack] *= 0.6
    return image


def concrete(rng: np.random.Generator) -> np.ndarray:
    """Cast concrete panels with tie holes and water stains; tile 4 m."""
    panels = masonry(rng, 2, 2, 4.0, 0.0)
    tone = 1 + 0.03 * panels.tone + 0.05 * fractal_noise(rng, 3) + 0.02 * grain(rng)
    streaks = np.clip(lattice_noise(rng, 3, 80), 0, 3)
    tone *= 1 - 0.03 * streaks
    tone *= np.where(panels.edge < 0.008, 0.72, 1.0)
    return coloured(tone, (190, 188, 183))


def brick(rng: np.random.Generator) -> np.ndarray:
    """Facing bricks, 24 cm x 7.7 cm courses, paler mortar; meant to be tinted; tile 2 m."""
    blocks = masonry(rng, 26, 8, 2.0)
    tone = 0.80 + 0.085 * blocks.tone + 0.05 * fractal_noise(rng, 4) + 0.035 * grain(rng)
    mortar = np.clip((0.006 - blocks.edge) / 0.004, 0, 1)
    image = coloured(tone, (250, 243, 238))
    image[..., 1] *= 1 + 0.03 * blocks.tone
    image[..., 2] *= 1 + 0.05 * blocks.tone
    pale = coloured(0.92 + 0.03 * grain(rng), (238, 246, 252))
    return image * (1 - mortar[..., None]) + pale * mortar[..., None]


def plaster(rng: np.random.Generator) -> np.ndarray:
    """Painted render with faint streaks and patches; meant to be tinted; tile 5 m."""
    tone = 0.95 + 0.022 * fractal_noise(rng, 3, 6) + 0.012 * grain(rng)
    tone -= 0.018 * np.clip(lattice_noise(rng, 2, 60), 0, 3)
    tone -= 0.02 * np.clip(fractal_noise(rng, 2, 3) - 0.9, 0, 3)
    return coloured(tone, (246, 245, 243))


def ashlar(rng: np.random.Generator) -> np.ndarray:
    """Dressed stone of 40 x 80 cm with sunk joints; meant to be tinted; tile 3.2 m."""
    return _laid(
        rng, 8, 4, 3.2, (236, 232, 224), joint=0.012, joint_tone=0.66, spread=0.04, stain=0.045
    )


def planks(rng: np.random.Generator) -> np.ndarray:
    """Weathered boards along u, 11 cm wide; tile 1.76 m."""
    blocks = masonry(rng, 16, 1, 1.76, 0.31)
    fibre = lattice_noise(rng, 160, 4)
    tone = 0.92 + 0.09 * blocks.tone + 0.055 * fibre + 0.03 * lattice_noise(rng, 40, 3)
    tone *= np.where(blocks.edge < 0.004, 0.5, 1.0)
    return coloured(tone, (196, 164, 126))


def bark(rng: np.random.Generator) -> np.ndarray:
    """Bark with upright ridges; v runs along the trunk; tile 1 m."""
    ridges = np.abs(lattice_noise(rng, 7, 34))
    tone = 0.6 + 0.2 * ridges + 0.09 * grain(rng) + 0.07 * fractal_noise(rng, 4)
    return coloured(tone, (150, 132, 112))


def foliage(rng: np.random.Generator) -> np.ndarray:
    """Many overlapping leaves, bright over dark; meant to be tinted; tile 0.8 m."""
    image = np.full((TEXTURE_SIZE, TEXTURE_SIZE, 3), 62, np.uint8)
    count = 1500
    x, y = rng.integers(0, TEXTURE_SIZE, (2, count))
    angle = rng.uniform(0, 180, count)
    size = rng.uniform(9, 21, count)
    for i in range(count):
        level = 70 + 150 * (i / count) ** 0.8 * rng.uniform(0.75, 1.1)
        colour = (level * rng.uniform(0.92, 1.08), level, level * rng.uniform(0.7, 0.95))
        axes = (int(size[i]), int(size[i] * 0.48))
        for px, py in repeats(x[i], y[i]):
            if -24 < px < TEXTURE_SIZE + 24 and -24 < py < TEXTURE_SIZE + 24:
                cv2.ellipse(image, (px, py), axes, float(angle[i]), 0, 360, colour, -1)
    return image.astype(np.float32)


def soil(rng: np.random.Generator) -> np.ndarray:
    """Earth with bark mulch; tile 1.5 m."""
    tone = 0.8 + 0.2 * grain(rng) + 0.16 * fractal_noise(rng, 12, 4)
    return coloured(tone, (104, 84, 66))


def grass(rng: np.random.Generator) -> np.ndarray:
    """Mown lawn with worn patches; tile 3 m."""
    tone = 0.86 + 0.14 * lattice_noise(rng, 250, 120) + 0.12 * fractal_noise(rng, 4, 5)
    image = coloured(tone, (96, 118, 58))
    dry = np.clip(fractal_noise(rng, 3, 3) - 0.8, 0, 1)[..., None]
    return image * (1 - dry * 0.6) + np.array([150, 138, 96]) * dry * 0.6


def shutter(rng: np.random.Generator) -> np.ndarray:
    """Roller shutter, slats of 8 cm across v; tile 1.6 m."""
    v = (np.arange(TEXTURE_SIZE) + 0.5) * 20 / TEXTURE_SIZE % 1
    slat = 0.80 + 0.2 * np.sin(np.pi * v) - 0.3 * (v < 0.1)
    tone = slat[:, None] * (1 + 0.03 * fractal_noise(rng, 3))
    tone *= 1 - 0.05 * np.clip(lattice_noise(rng, 2, 40), 0, 3)
    return coloured(tone, (224, 226, 228))


def roof_metal(rng: np.random.Generator) -> np.ndarray:
    """Brushed sheet metal with faint dents; tile 2 m."""
    tone = 0.9 + 0.02 * lattice_noise(rng, 3, 200) + 0.03 * fractal_noise(rng, 3, 4)
    return coloured(tone, (236, 238, 240))


def road_paint(rng: np.random.Generator) -> np.ndarray:
    """Worn white road marking; tile 2 m."""
    worn = np.clip(fractal_noise(rng, 10, 4) - 0.75, 0, 1)[..., None]
    white = coloured(0.93 + 0.03 * grain(rng), (232, 232, 226))
    return white * (1 - 0.6 * worn) + 105 * 0.6 * worn


def awning_cloth(rng: np.random.Generator) -> np.ndarray:
    """Stripes of 12 cm along v, plain colour by tint; tile 1 m."""
    u = (np.arange(TEXTURE_SIZE) * 8 // TEXTURE_SIZE) % 2
    tone = np.where(u[None] == 0, 1.0, 0.72) * (1 + 0.03 * fractal_noise(rng, 3))
    return coloured(tone, (240, 238, 234))


def shop_tiles(rng: np.random.Generator) -> np.ndarray:
    """Pale polished floor tiles of 45 cm; tile 3.6 m."""
    even = {"offset": 0.0, "spread": 0.016, "stain": 0.02, "speckle": 0.02}
    image = _laid(rng, 8, 8, 3.6, (212, 209, 202), joint=0.004, joint_tone=0.74, **even)
    scuffs = np.clip(lattice_noise(rng, 90, 14) - 1.6, 0, 2)
    return image * (1 - 0.04 * scuffs)[..., None]


def terrazzo(rng: np.random.Generator) -> np.ndarray:
    """Terrazzo with stone chips, plates of 1 m; tile 2 m."""
    image = coloured(1 + 0.02 * grain(rng), (186, 178, 168))
    canvas = np.clip(image, 0, 255).astype(np.uint8)
    for _ in range(1300):
        x, y = (int(c) for c in rng.integers(2, TEXTURE_SIZE - 2, 2))
        shade = float(rng.choice([110, 150, 215, 232]))
        cv2.circle(canvas, (x, y), int(rng.integers(1, 4)), (shade, shade * 0.96, shade * 0.9), -1)
    plates = masonry(rng, 2, 2, 2.0, 0.0)
    return canvas * np.where(plates.edge < 0.006, 0.7, 1 + 0.02 * plates.tone)[..., None]


def vinyl(rng: np.random.Generator) -> np.ndarray:
    """Wood-look floor boards of 18 cm, warm; tile 3.6 m."""
    blocks = masonry(rng, 20, 3, 3.6, 0.43)
    tone = 0.95 + 0.05 * blocks.tone + 0.04 * lattice_noise(rng, 200, 6) + 0.015 * grain(rng)
    tone *= np.where(blocks.edge < 0.004, 0.75, 1.0)
    return coloured(tone, (190, 160, 126))


def ceiling_panels(rng: np.random.Generator) -> np.ndarray:
    """Mineral panels of 60 cm in a metal grid; tile 2.4 m."""
    panels = masonry(rng, 4, 4, 2.4, 0.0)
    tone = 0.93 + 0.01 * panels.tone + 0.02 * grain(rng)
    tone -= 0.10 * (lattice_noise(rng, 128) > 1.7)
    tone = np.where(panels.edge < 0.012, 0.80, tone)
    return coloured(tone, (232, 231, 226))


def cardboard(rng: np.random.Generator) -> np.ndarray:
    """Corrugated board with printing; tile 0.8 m."""
    tone = 0.95 + 0.02 * lattice_noise(rng, 256, 4) + 0.03 * fractal_noise(rng, 4)
    image = coloured(tone, (190, 154, 112))
    for k in range(4):
        y = 40 + k * 128
        image[y : y + 26, 60 : 60 + 110] *= 0.72
        image[y + 40 : y + 44, 60 : 60 + 190] *= 0.8
    return image
