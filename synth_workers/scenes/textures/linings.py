"""What walls, floors and ceilings are lined with: tiles, boards, panels, cloth; drawn colours."""

from __future__ import annotations

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures.noise import (
    Masonry,
    coloured,
    fractal_noise,
    grain,
    lattice_noise,
    masonry,
    soft_grain,
)
from synth_workers.scenes.textures.stonework import Colour, herringbone_blocks, laid, pick

_PALE: tuple[Colour, ...] = (
    (232, 230, 224), (222, 214, 198), (206, 214, 210), (212, 204, 200), (196, 204, 214),
)  # fmt: skip
_DEEP: tuple[Colour, ...] = (
    (62, 66, 72), (96, 62, 54), (58, 84, 78), (60, 78, 112), (140, 112, 70), (108, 110, 108),
    (120, 66, 70),
)  # fmt: skip
_WOOD: tuple[Colour, ...] = (
    (190, 156, 116), (150, 112, 80), (112, 84, 64), (206, 182, 146), (164, 138, 116),
)  # fmt: skip


def _checked(rows: int) -> np.ndarray:
    """(512, 512, 1) bool: every other field of ``rows`` x ``rows``, an even number."""
    at = np.arange(TEXTURE_SIZE) * rows // TEXTURE_SIZE
    return ((at[:, None] + at[None]) % 2 == 0)[..., None]


def checker_tiles(rng: np.random.Generator) -> np.ndarray:
    """Polished tiles in two colours by turns, or with small dark ones; tile 3.6 m."""
    rows = int(rng.choice([6, 8, 10, 12]))
    blocks = masonry(rng, rows, rows, 3.6, 0.0)
    first = np.array(pick(rng, _PALE))
    second = np.array(pick(rng, _PALE if rng.random() < 0.4 else _DEEP))
    chosen = _checked(rows) if rng.random() < 0.7 else (blocks.tone > 1.0)[..., None]
    colours = np.where(chosen, first, second)
    return laid(rng, blocks, colours, joint=0.004, joint_tone=0.7, spread=0.018, rough=0.012)


def pattern_tiles(rng: np.random.Generator) -> np.ndarray:
    """Cement tiles of 20 cm with a pattern that mirrors from one to the next; tile 1.6 m."""
    side = TEXTURE_SIZE // 16
    quarter = np.full((side, side, 3), pick(rng, _PALE), np.float32)
    canvas = np.clip(quarter, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(3, 6))):
        colour = pick(rng, _DEEP if rng.random() < 0.6 else _PALE)
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        if rng.random() < 0.6:
            cv2.circle(canvas, centre, int(rng.integers(4, 16)), colour, int(rng.choice([-1, 3])))
        else:
            end = tuple(int(v) for v in rng.integers(0, side, 2))
            cv2.line(canvas, centre, end, colour, int(rng.integers(2, 6)))
    half = np.concatenate([canvas, canvas[:, ::-1]], axis=1)
    image = np.tile(np.concatenate([half, half[::-1]]), (8, 8, 1)).astype(np.float32)
    blocks = masonry(rng, 8, 8, 1.6, 0.0)
    return laid(rng, blocks, image, joint=0.002, joint_tone=100 / 190, spread=0.02, rough=0.015)


def parquet(rng: np.random.Generator) -> np.ndarray:
    """Wooden blocks in herringbone or squares; tile 2 m."""
    colour = np.array(pick(rng, _WOOD))
    if rng.random() < 0.6:
        blocks = herringbone_blocks(rng, int(rng.choice([16, 20])), 2.0)
    else:
        upright, flat = masonry(rng, 6, 30, 2.0, 0.0), masonry(rng, 30, 6, 2.0, 0.0)
        chosen = _checked(6)[..., 0]
        blocks = Masonry(*(np.where(chosen, a, b) for a, b in zip(upright, flat)))
    return laid(rng, blocks, colour, joint=0.002, joint_tone=0.6, spread=0.07, rough=0.02)


def carpet(rng: np.random.Generator) -> np.ndarray:
    """Carpet tiles of 50 cm, plain, flecked or striped, laid by turns; tile 2 m."""
    first, second = pick(rng, _DEEP), pick(rng, _DEEP if rng.random() < 0.6 else _PALE)
    tone = 1 + 0.1 * grain(rng) + 0.05 * fractal_noise(rng, 3)
    kind = int(rng.integers(3))
    if kind == 0:
        share = 0.15 * _checked(4)
    elif kind == 1:
        share = np.clip(lattice_noise(rng, 120, 40)[..., None] - 0.9, 0, 0.8)
    else:
        at = np.arange(TEXTURE_SIZE)
        stripes = np.sin(at * 2 * np.pi * 16 / TEXTURE_SIZE) > 0.4
        share = 0.5 * np.where(_checked(4), stripes[None, :, None], stripes[:, None, None])
    return tone[..., None] * (np.array(first) * (1 - share) + np.array(second) * share)


def marble(rng: np.random.Generator) -> np.ndarray:
    """Polished slabs with veins; tile 3.2 m."""
    rows = int(rng.choice([4, 5, 8]))
    blocks = masonry(rng, rows, rows, 3.2, 0.0)
    ground = np.array(pick(rng, _PALE if rng.random() < 0.65 else _DEEP))
    bent = lattice_noise(rng, 5) + 0.5 * lattice_noise(rng, 14) + 0.25 * lattice_noise(rng, 40)
    vein = np.exp(-np.abs(bent + 0.6 * blocks.tone) / 0.16)[..., None]
    dark = ground * (0.72 if ground.mean() > 140 else 1.5)
    image = ground * (1 - vein) + np.clip(dark, 0, 240) * vein
    return laid(rng, blocks, image, joint=0.003, joint_tone=0.75, spread=0.02, rough=0.008)


def rubber(rng: np.random.Generator) -> np.ndarray:
    """Studded rubber floor in plates of 1 m; tile 2 m."""
    at = (np.arange(TEXTURE_SIZE) + 0.5) * 32 / TEXTURE_SIZE % 1 - 0.5
    stud = np.clip((0.33 - np.hypot(at[None], at[:, None])) / 0.08, 0, 1)
    tone = 0.9 + 0.16 * stud + 0.05 * fractal_noise(rng, 3) + 0.02 * grain(rng)
    tone *= np.where(masonry(rng, 2, 2, 2.0, 0.0).edge < 0.005, 0.75, 1.0)
    return coloured(tone, pick(rng, _DEEP))


def glazed_tiles(rng: np.random.Generator) -> np.ndarray:
    """Glazed wall tiles in a drawn format, plain or mixed; meant to be tinted; tile 2 m."""
    rows, columns = ((20, 10), (14, 14), (20, 20), (10, 20))[int(rng.integers(4))]
    blocks = masonry(rng, rows, columns, 2.0, float(rng.choice([0.0, 0.5])))
    lively = float(rng.choice([0.02, 0.05, 0.1]))
    white = np.array((240.0, 240.0, 236.0))
    return laid(rng, blocks, white, joint=0.004, joint_tone=0.75, spread=lively, rough=0.01)


def boards(rng: np.random.Generator) -> np.ndarray:
    """Painted or oiled boards upright or level, 10 to 20 cm; meant to be tinted; tile 2 m."""
    count = int(rng.choice([10, 12, 16, 20]))
    blocks = masonry(rng, count, 1, 2.0, 0.31)
    tone = 0.92 + 0.05 * blocks.tone + 0.04 * lattice_noise(rng, 160, 5) + 0.015 * grain(rng)
    tone *= np.where(blocks.edge < 0.008, 0.55, 1.0)
    image = coloured(tone, (236, 230, 222))
    return image if rng.random() < 0.4 else np.ascontiguousarray(image.transpose(1, 0, 2))


def facade_panels(rng: np.random.Generator) -> np.ndarray:
    """Large facade panels of a drawn format with open joints; meant to be tinted; tile 4 m."""
    rows, columns = ((4, 2), (4, 4), (8, 2), (2, 6), (6, 5))[int(rng.integers(5))]
    blocks = masonry(rng, rows, columns, 4.0, float(rng.choice([0.0, 0.5])))
    lively = float(rng.choice([0.02, 0.06, 0.1]))
    white = np.array((238.0, 238.0, 236.0))
    return laid(rng, blocks, white, joint=0.014, joint_tone=0.45, spread=lively, rough=0.01)


def corrugated(rng: np.random.Generator) -> np.ndarray:
    """Sheet metal with upright ribs; meant to be tinted; tile 2 m."""
    ribs = int(rng.choice([10, 16, 26]))
    u = (np.arange(TEXTURE_SIZE) + 0.5) * ribs / TEXTURE_SIZE
    rib = 0.86 + 0.14 * np.sin(2 * np.pi * u)
    tone = rib[None] * (1 + 0.03 * fractal_noise(rng, 3))
    tone = tone * (1 - 0.05 * np.clip(lattice_noise(rng, 2, 40), 0, 3))
    return coloured(tone, (230, 232, 232))


def pebbledash(rng: np.random.Generator) -> np.ndarray:
    """Rough render with streaks of rain; meant to be tinted; tile 2 m."""
    tone = 0.9 + 0.1 * soft_grain(rng) + 0.03 * fractal_noise(rng, 3)
    tone = tone - 0.03 * np.clip(lattice_noise(rng, 2, 50), 0, 3)
    return coloured(tone, (242, 238, 230))


def bond_brick(rng: np.random.Generator) -> np.ndarray:
    """Bricks of two colours in stripes, lozenges or at random; meant to be tinted; tile 2 m."""
    blocks = masonry(rng, 26, 8, 2.0)
    at = (np.arange(TEXTURE_SIZE) + 0.5) / TEXTURE_SIZE
    u, v = at[None], at[:, None]
    kind = int(rng.integers(3))
    if kind == 0:
        dark = np.broadcast_to(np.floor(v * 26) % 13 < 3, blocks.tone.shape)
    elif kind == 1:
        lozenge = np.abs((2 * u) % 1 - 0.5) + np.abs((2 * v) % 1 - 0.5)
        dark = np.abs(lozenge - 0.45) < 0.07
    else:
        dark = blocks.tone > 0.5
    colours = np.where(dark[..., None], np.array((178.0, 172, 170)), np.array((246.0, 238, 230)))
    mortar = float(rng.choice([0.7, 1.06]))
    return laid(rng, blocks, colours, joint=0.006, joint_tone=mortar, spread=0.07, rough=0.035)


def wallpaper(rng: np.random.Generator) -> np.ndarray:
    """Wall covering with stripes, dots or a weave; meant to be tinted; tile 1 m."""
    at = (np.arange(TEXTURE_SIZE) + 0.5) / TEXTURE_SIZE
    u, v = at[None], at[:, None]
    turns, kind = int(rng.choice([4, 6, 8])), int(rng.integers(3))
    if kind == 0:
        drawn = np.broadcast_to((u * turns) % 1 < 0.5, (TEXTURE_SIZE, TEXTURE_SIZE))
    elif kind == 1:
        drawn = np.hypot((u * turns) % 1 - 0.5, (v * turns) % 1 - 0.5) < 0.22
    else:
        drawn = np.sin(2 * np.pi * turns * u) * np.sin(2 * np.pi * turns * v) > 0
    tone = np.where(drawn, 0.86, 0.97) * (1 + 0.01 * grain(rng))
    return coloured(tone, (244, 240, 234))


def slats(rng: np.random.Generator) -> np.ndarray:
    """A ceiling of slats with dark gaps, metal or wood; tile 2.4 m."""
    count = int(rng.choice([12, 16, 24]))
    v = (np.arange(TEXTURE_SIZE) + 0.5) * count / TEXTURE_SIZE % 1
    open_ = v < rng.uniform(0.12, 0.35)
    tone = np.where(open_, 0.3, 1.0)[:, None] * (1 + 0.02 * lattice_noise(rng, 100, 6))
    return coloured(tone, pick(rng, (*_WOOD, *_PALE[:2])))
