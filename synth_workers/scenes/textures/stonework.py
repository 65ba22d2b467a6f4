"""Stones and pavers in more patterns than rows, in colours that are drawn with them."""

from __future__ import annotations

from collections.abc import Sequence

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

Colour = tuple[float, float, float]

STONE: tuple[Colour, ...] = (
    (186, 182, 176), (150, 148, 146), (206, 194, 170), (176, 158, 136), (118, 118, 120),
    (196, 178, 164), (164, 168, 166), (212, 206, 194), (140, 128, 116),
)  # fmt: skip
CLAY: tuple[Colour, ...] = (
    (168, 122, 104), (150, 112, 100), (186, 152, 122), (128, 106, 98), (196, 170, 138),
    (158, 134, 118),
)  # fmt: skip


def pick(rng: np.random.Generator, colours: Sequence[Colour]) -> Colour:
    """One of several colours, a little lighter or darker."""
    tone = rng.uniform(0.9, 1.06)
    red, green, blue = colours[int(rng.integers(len(colours)))]
    return (red * tone, green * tone, blue * tone)


def cells(points: np.ndarray, rng: np.random.Generator, metres: float, stretch: float) -> Masonry:
    """Blocks around points (n, 2) in 0..1, each of the texels that are nearest to its own;
    seamless. ``stretch``: how many times longer than high they are."""
    margin = TEXTURE_SIZE // 4
    width, height = TEXTURE_SIZE + 2 * margin, round((TEXTURE_SIZE + 2 * margin) * stretch)
    seeds = np.full((height, width), 255, np.uint8)
    owner = np.zeros((height, width), np.int32)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            x = np.floor((points[:, 0] + dx) * TEXTURE_SIZE + margin).astype(int)
            y = np.floor(((points[:, 1] + dy) * TEXTURE_SIZE + margin) * stretch).astype(int)
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            seeds[y[inside], x[inside]] = 0
            owner[y[inside], x[inside]] = np.flatnonzero(inside)
    _, found = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    labels = np.asarray(found, np.int32)
    of_label = np.zeros(labels.max() + 1, np.int32)
    of_label[labels[seeds == 0]] = owner[seeds == 0]
    block = of_label[labels]
    border = np.zeros(block.shape, bool)
    border[:, 1:] |= block[:, 1:] != block[:, :-1]
    border[1:] |= block[1:] != block[:-1]
    edge = cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    size = (width, width)
    block = np.asarray(cv2.resize(block, size, interpolation=cv2.INTER_NEAREST), np.int32)
    edge = cv2.resize(edge, size, interpolation=cv2.INTER_AREA)
    inner = np.s_[margin : margin + TEXTURE_SIZE, margin : margin + TEXTURE_SIZE]
    tones = rng.standard_normal(len(points)).astype(np.float32)
    return Masonry(tones[block[inner]], edge[inner] * metres / TEXTURE_SIZE)


def scattered(rng: np.random.Generator, count: int, shake: float = 0.8) -> np.ndarray:
    """(count * count, 2) places in 0..1: a grid, each shaken within its field."""
    at = np.stack(np.meshgrid(np.arange(count), np.arange(count)), axis=-1).reshape(-1, 2)
    return ((at + 0.5 + shake * rng.uniform(-0.5, 0.5, at.shape)) / count) % 1.0


def herringbone_blocks(rng: np.random.Generator, count: int, metres: float) -> Masonry:
    """Blocks twice as long as wide, in turns along u and along v; ``count``: a multiple of 4,
    widths in a tile."""
    at = (np.arange(TEXTURE_SIZE) + 0.5) * count / TEXTURE_SIZE
    whole = at.astype(int)
    i, j = whole[None], whole[:, None]
    turn = (i - j) % 4
    flat = turn < 2
    across, along = np.where(flat, i - turn, i), np.where(flat, j, j - (3 - turn))
    tones = rng.standard_normal((count, count)).astype(np.float32)
    u, v = at[None] - across, at[:, None] - along
    long, wide = np.where(flat, u, v), np.where(flat, v, u)
    edge = np.minimum(np.minimum(long, 2 - long), np.minimum(wide, 1 - wide))
    return Masonry(tones[along % count, across % count], edge * metres / count)


def laid(
    rng: np.random.Generator, blocks: Masonry, colours: np.ndarray, *, joint: float,
    joint_tone: float, spread: float, rough: float = 0.03, crown: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Blocks in ``colours`` (512, 512, 3) or of one, with joints, stains, and ``crown`` metres of
    rounded edge."""
    tone = 1 + spread * blocks.tone + 0.05 * fractal_noise(rng, 3) + rough * grain(rng)
    if crown:
        tone *= 0.62 + 0.38 * np.clip(blocks.edge / crown, 0, 1)
    in_joint = np.clip((joint - blocks.edge) / (joint * 0.6), 0, 1)
    tone = tone * (1 - in_joint) + joint_tone * (1 + 0.1 * lattice_noise(rng, 64)) * in_joint
    image = tone[..., None] * np.asarray(colours, np.float32)
    warm = 0.2 * spread * blocks.tone
    image[..., 0] *= 1 + warm
    image[..., 2] *= 1 - warm
    return image


def herringbone(rng: np.random.Generator) -> np.ndarray:
    """Pavers of 12.5 x 25 cm in herringbone, clay or stone; tile 2 m."""
    colour = pick(rng, CLAY if rng.random() < 0.6 else STONE)
    blocks = herringbone_blocks(rng, 16, 2.0)
    return laid(rng, blocks, np.array(colour), joint=0.005, joint_tone=0.68, spread=0.09)


def flagstones(rng: np.random.Generator) -> np.ndarray:
    """Broken slabs of all shapes; tile 4 m."""
    blocks = cells(scattered(rng, int(rng.integers(7, 11)), 0.95), rng, 4.0, 1.0)
    colour = np.array(pick(rng, STONE))
    return laid(rng, blocks, colour, joint=0.02, joint_tone=0.66, spread=0.1, rough=0.045)


def cobbles(rng: np.random.Generator) -> np.ndarray:
    """Rounded field stones of about 12 cm in sand; tile 2 m."""
    blocks = cells(scattered(rng, 17, 0.6), rng, 2.0, 1.0)
    colour = np.array(pick(rng, STONE))
    return laid(rng, blocks, colour, joint=0.009, joint_tone=0.5, spread=0.14, crown=0.04)


def hexagons(rng: np.random.Generator) -> np.ndarray:
    """Hexagonal pavers of about 30 cm in two colours; tile 4 m."""
    rows, columns = 14, 12
    j, i = np.divmod(np.arange(rows * columns), columns)
    points = np.column_stack([(i + 0.25 + 0.5 * (j % 2)) / columns, (j + 0.5) / rows])
    blocks = cells(points, rng, 4.0, 1.0)
    first, second = np.array(pick(rng, STONE)), np.array(pick(rng, STONE + CLAY))
    other = (blocks.tone > rng.uniform(0.3, 1.4))[..., None]
    colours = np.where(other, second, first)
    return laid(rng, blocks, colours, joint=0.006, joint_tone=0.66, spread=0.04)


def mosaic(rng: np.random.Generator) -> np.ndarray:
    """Small light and dark stones that draw waves, diamonds, rings or stripes; tile 4 m."""
    blocks = masonry(rng, 50, 50, 4.0, 0.4)
    light, dark = np.array(pick(rng, STONE[:3])), np.array(pick(rng, STONE[4:5] + CLAY[3:4]))
    at = (np.arange(TEXTURE_SIZE) + 0.5) / TEXTURE_SIZE
    u, v = at[None], at[:, None]
    turns = int(rng.integers(2, 4))
    kind = int(rng.integers(4))
    if kind == 0:
        drawn = np.sin(2 * np.pi * (turns * v + 0.14 * np.sin(4 * np.pi * u))) > 0
    elif kind == 1:
        drawn = np.abs((u * turns) % 1 - 0.5) + np.abs((v * turns) % 1 - 0.5) < 0.36
    elif kind == 2:
        away = np.hypot((u * turns) % 1 - 0.5, (v * turns) % 1 - 0.5)
        drawn = (away < 0.42) & (away > 0.27)
    else:
        drawn = ((u * turns) % 1 < 0.3) ^ ((v * turns) % 1 < 0.3)
    colours = np.where(np.broadcast_to(drawn, blocks.tone.shape)[..., None], dark, light)
    return laid(rng, blocks, colours, joint=0.008, joint_tone=0.62, spread=0.1, crown=0.016)


def banded_slabs(rng: np.random.Generator) -> np.ndarray:
    """Slabs of a drawn format, crossed by bands of another stone; tile 4 m."""
    rows, columns = int(rng.choice([6, 8, 10])), int(rng.choice([4, 6, 8]))
    blocks = masonry(rng, rows, columns, 4.0, float(rng.choice([0.0, 0.33, 0.5])))
    row = np.arange(TEXTURE_SIZE) * rows // TEXTURE_SIZE
    first, second = np.array(pick(rng, STONE)), np.array(pick(rng, STONE + CLAY))
    colours = np.where((row % (rows // 2) == 0)[:, None, None], second, first)
    return laid(rng, blocks, colours, joint=0.006, joint_tone=0.64, spread=0.045, rough=0.045)


def gravel(rng: np.random.Generator) -> np.ndarray:
    """Rolled gravel of many colours; tile 1.5 m."""
    tone = 0.92 + 0.34 * soft_grain(rng) + 0.06 * fractal_noise(rng, 4)
    image = coloured(tone, pick(rng, STONE[:4] + CLAY[2:]))
    warm = 0.05 * lattice_noise(rng, 128)
    image[..., 0] *= 1 + warm
    image[..., 2] *= 1 - warm
    return image


def tarmac(rng: np.random.Generator) -> np.ndarray:
    """Asphalt in the grey or the colour that it was given, patched and cracked; tile 6 m.

    Patches hardly differ from what is around them: on an empty square one sees them come again.
    """
    greys = ((92, 92, 90), (112, 110, 106), (74, 74, 74), (132, 128, 122))
    tinted = ((128, 86, 74), (150, 128, 100), (96, 104, 92))
    colour = pick(rng, greys if rng.random() < 0.7 else tinted)
    tone = 1 + 0.1 * grain(rng) + rng.uniform(0.03, 0.09) * fractal_noise(rng, 2, 5)
    for _ in range(int(rng.integers(0, 4))):
        x, y = rng.integers(0, TEXTURE_SIZE - 170, 2)
        wide, high = rng.integers(60, 170, 2)
        tone[y : y + high, x : x + wide] *= rng.uniform(0.91, 1.05)
    cracks = np.abs(lattice_noise(rng, 5) + 0.25 * lattice_noise(rng, 30))
    tone = np.where(cracks < rng.uniform(0.0, 0.035), tone * 0.62, tone)
    return coloured(tone, colour)


def lawn_grass(rng: np.random.Generator) -> np.ndarray:
    """Grass between lush and dry, mown in stripes or worn, with clover or leaves; tile 3 m."""
    greens = ((104, 114, 70), (118, 122, 78), (96, 108, 66), (132, 128, 86), (110, 116, 80))
    tone = 0.88 + 0.13 * lattice_noise(rng, 250, 120) + 0.1 * fractal_noise(rng, 4, 5)
    if rng.random() < 0.4:
        tone *= np.where(np.arange(TEXTURE_SIZE) // 128 % 2, 1.05, 0.95)[:, None]
    image = coloured(tone, pick(rng, greens))
    dry = np.clip(fractal_noise(rng, 3, 3) - rng.uniform(0.3, 1.4), 0, 1)[..., None] * 0.7
    image = image * (1 - dry) + np.array([150, 138, 100]) * dry
    if rng.random() < 0.5:
        spots = (lattice_noise(rng, 200) > 2.4)[..., None]
        image = np.where(spots, np.array(pick(rng, ((206, 202, 186), (176, 138, 70)))), image)
    return image


def rubble(rng: np.random.Generator) -> np.ndarray:
    """A wall of field stones longer than high, in mortar; tile 2 m."""
    blocks = cells(scattered(rng, int(rng.integers(8, 12)), 0.9), rng, 2.0, 1.7)
    colour = np.array(pick(rng, STONE))
    pale = float(rng.choice([0.62, 1.08]))
    return laid(rng, blocks, colour, joint=0.016, joint_tone=pale, spread=0.13, rough=0.05)
