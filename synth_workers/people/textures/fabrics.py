"""Every fabric: weaves, stripes, checks, prints, denim, knits; and the tiles made of them.

``render_tile`` is pure: the same spec gives the same bytes. Pieces that are drawn once (logos,
pockets) are ``decal_tiles``. New fabrics stand at the end: the order decides what people wear.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from manifests.errors import CorruptData
from synth_workers.people.spec import FabricSpec
from synth_workers.people.textures.decal_tiles import draw_decal
from synth_workers.people.textures.library import library_tile
from synth_workers.people.textures.loom import FABRICS, Loom, fabric, mixed


def render_tile(fabric: FabricSpec, n: int = 128) -> np.ndarray:
    """The (n, n, 3) uint8 sRGB tile of a fabric; row 0 is the top of the cloth."""
    return _bytes(FABRICS.find(fabric.kind).draw(Loom(fabric, n)))


def _bytes(tile: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(tile), 0, 255).astype(np.uint8)


@fabric("solid", anything=False)
def _solid(loom: Loom) -> np.ndarray:
    return loom.ground


@fabric("plain", printable=True)
def _plain(loom: Loom) -> np.ndarray:
    return loom.woven(loom.ground)


@fabric("horizontal_stripe", colours=2)
def _horizontal(loom: Loom) -> np.ndarray:
    count = loom.periods(3, 12)
    share = float(loom.rng.choice([0.5, 0.5, 0.3, 0.2]))
    return loom.woven(mixed(loom.ground, loom.colours[1], loom.wave(loom.y, 1 / count, share)))


@fabric("vertical_stripe", colours=2)
def _vertical(loom: Loom) -> np.ndarray:
    alpha = loom.wave(loom.x, 1 / loom.periods(7, 16), float(loom.rng.choice([0.5, 0.3])))
    stripe = 0.3 * loom.colours[0] + 0.7 * loom.colours[1]
    return loom.woven(mixed(loom.ground, stripe, alpha))


@fabric("pinstripe", colours=2)
def _pinstripe(loom: Loom) -> np.ndarray:
    alpha = 0.7 * loom.wave(loom.x, 1 / loom.periods(10, 16), 0.14)
    return loom.woven(mixed(loom.ground, loom.colours[1], alpha))


@fabric("check", colours=2)
def _check(loom: Loom) -> np.ndarray:
    """Gingham: two stripe systems that darken where they cross."""
    count = loom.periods(6, 14)
    rows, columns = (loom.wave(axis, 1 / count, 0.5) for axis in (loom.y, loom.x))
    return loom.woven(mixed(loom.ground, loom.colours[1], (rows + columns) / 2))


@fabric("plaid", colours=3)
def _plaid(loom: Loom) -> np.ndarray:
    """Tartan: the same sequence of bands along warp and weft, crossed as a twill."""
    c, count, tile = loom.colours, loom.periods(2, 4), loom.ground
    pale = np.array([226, 224, 216], np.float32) * (0.25 if c.max() < 100 else 1)
    bands = ((c[1], 0.34, 0.0, 0.8), (c[2], 0.10, 0.5, 0.8), (pale, 0.03, 0.28, 0.6))
    for colour, share, offset, strength in bands:
        for axis in (loom.y, loom.x):
            alpha = 0.55 * strength * loom.wave(axis + offset / count, 1 / count, share)
            tile = mixed(tile, colour, alpha)
    return loom.woven(tile)


@fabric("dots", colours=2)
def _dots(loom: Loom) -> np.ndarray:
    x, y, count = loom.x, loom.y, loom.periods(6, 14)
    radius = float(loom.rng.uniform(0.16, 0.3))
    u, v = (x * count) % 1 - 0.5, (y * count) % 1 - 0.5
    near = np.hypot(u, v)
    odd = np.hypot((x * count + 0.5) % 1 - 0.5, (y * count + 0.5) % 1 - 0.5)
    alpha = np.clip((radius - np.minimum(near, odd)) * loom.n / count + 0.5, 0, 1)
    return loom.woven(mixed(loom.ground, loom.colours[1], alpha))


@fabric("floral", colours=3, dark=False)
def _floral(loom: Loom) -> np.ndarray:
    """Five-petalled flowers and leaves, scattered."""
    rng, c, n, tile = loom.rng, loom.colours, loom.n, loom.ground.copy()
    leaf = 0.5 * c[0] + 0.5 * np.array([70, 96, 62], np.float32)
    heart = np.array([206, 172, 84], np.float32)
    count = max(6, round(float(rng.integers(14, 34)) / loom.scale**2))
    for _ in range(count):
        centre, turn = rng.random(2) * n, rng.uniform(0, 2 * np.pi)
        radius = float(rng.uniform(0.045, 0.11)) * n * loom.scale
        loom.petals(tile, centre, radius * 1.5, turn, leaf, 2, 0.35)
        loom.petals(tile, centre, radius, turn, c[1] if rng.random() < 0.65 else c[2], 5, 0.8)
        loom.petals(tile, centre, radius * 0.34, turn, heart, 1, 0.0)
    return loom.woven(tile, 2.0, 0.7)


@fabric(
    "camouflage",
    colours=3,
    dark=False,
    sets={"olive khaki brown": 5, "grey charcoal light_grey": 2, "beige khaki brown": 2},
)
def _camouflage(loom: Loom) -> np.ndarray:
    c, scale = loom.colours, loom.scale
    first = loom.noise(4.5 / scale) + 0.5 * loom.noise(11 / scale)
    other = loom.noise(4.5 / scale) + 0.5 * loom.noise(11 / scale)
    tile = mixed(loom.ground, c[1], np.clip((first - 0.2) * 6 + 0.5, 0, 1))
    tile = mixed(tile, c[2], np.clip((other - 0.7) * 6 + 0.5, 0, 1))
    dark = np.clip((loom.noise(7 / scale) - 1.2) * 6 + 0.5, 0, 1)
    return loom.woven(mixed(tile, 0.4 * c[2], dark))


@fabric(
    "denim",
    dark=False,
    shades=(
        ((34, 44, 68), 4.0),
        ((52, 70, 102), 4.0),
        ((82, 104, 136), 2.5),
        ((124, 144, 166), 1.2),
        ((27, 28, 33), 3.0),
        ((92, 94, 98), 1.2),
    ),
)
def _denim(loom: Loom) -> np.ndarray:
    """Diagonal weave of blue warp and pale weft, washed unevenly."""
    ridges = np.sin(2 * np.pi * (loom.x + loom.y) * 32) + 0.5 * loom.grain()
    slubs = np.repeat(loom.grain(1), loom.n, axis=0)
    wash = 0.012 * loom.noise(6) + 0.045 * ridges + 0.045 * slubs
    return loom.ground * (1 + wash[..., None]) + 5 * loom.grain().astype(np.float32)[..., None]


@fabric("knit", printable=True)
def _knit(loom: Loom) -> np.ndarray:
    """Columns of V stitches, now and then with cables."""
    x, y = loom.x, loom.y
    columns = max(8, round(20 / loom.scale / 2) * 2)
    v = np.abs((x * columns) % 1 - 0.5)
    stitch = np.sin(2 * np.pi * (y * columns * 1.5 + v))
    groove = np.cos(2 * np.pi * x * columns)
    shade = 1 + 0.10 * stitch - 0.12 * np.clip(groove, 0, 1)
    if loom.rng.random() < 0.3:
        cable = np.clip(np.sin(2 * np.pi * x * 3), 0, 1) * np.sin(
            2 * np.pi * (y * 4 + 0.25 * np.sin(2 * np.pi * x * 6))
        )
        shade = shade + 0.09 * cable
    return loom.woven(loom.ground * shade[..., None], 2.0, 0.7)


@fabric("heather", printable=True)
def _heather(loom: Loom) -> np.ndarray:
    fibres = loom.grain().astype(np.float32)
    fibres = 0.6 * fibres + 0.8 * (fibres + np.roll(fibres, 1, 1) + np.roll(fibres, 2, 1)) / 2
    level = 0.35 + 0.65 * loom.colours[0].mean() / 255
    return loom.ground + (fibres * 8)[..., None] * level + 0.7 * loom.noise(12)[..., None]


@fabric("twill", printable=True)
def _twill(loom: Loom) -> np.ndarray:
    ridges = np.sin(2 * np.pi * (loom.x + loom.y) * round(36 / loom.scale))
    return loom.woven(loom.ground * (1 + 0.035 * ridges[..., None]))


@fabric("gradient", colours=2)
def _gradient(loom: Loom) -> np.ndarray:
    alpha = 0.5 - 0.5 * np.cos(2 * np.pi * loom.y)
    return loom.woven(mixed(loom.ground, loom.colours[1], alpha))


@fabric("colour_block", colours=2)
def _colour_block(loom: Loom) -> np.ndarray:
    share = float(loom.rng.uniform(0.25, 0.5))
    offset = float(loom.rng.uniform(0.0, 1.0))
    alpha = loom.wave(loom.y + offset, 1.0, share)
    return loom.woven(mixed(loom.ground, loom.colours[1], alpha))


@fabric("print", colours=3)
def _print(loom: Loom) -> np.ndarray:
    """An all-over print: brush marks, rings, leaves or zigzags."""
    rng, c, x, y, n, scale = loom.rng, loom.colours, loom.x, loom.y, loom.n, loom.scale
    which = int(rng.integers(4))
    count = loom.periods(3, 7)
    if which == 0:
        alpha = np.clip((np.abs(loom.noise(9 / scale)) - 0.9) * 5 + 0.5, 0, 1)
        second = np.clip((loom.noise(9 / scale) - 1.4) * 5 + 0.5, 0, 1)
    elif which == 1:
        radius = np.hypot((x * count) % 1 - 0.5, (y * count) % 1 - 0.5)
        alpha = np.clip((0.07 - np.abs(radius - 0.3)) * n / count + 0.5, 0, 1)
        second = np.clip((0.12 - radius) * n / count + 0.5, 0, 1)
    elif which == 2:
        tile = loom.ground.copy()
        for _ in range(int(26 / scale**2)):
            place, turn = rng.random(2) * n, rng.uniform(0, 2 * np.pi)
            radius = rng.uniform(0.06, 0.12) * n * scale
            loom.petals(tile, place, radius, turn, c[1 + rng.integers(2)], 2, 0.72)
        return loom.woven(tile, 2.0, 0.7)
    else:
        zigzag = y + 0.5 / count * np.abs((x * count) % 1 - 0.5) * 2
        alpha = loom.wave(zigzag, 1 / count, 0.4, 1.4)
        second = loom.wave(zigzag + 0.5 / count, 1 / count, 0.1, 1.4)
    return loom.woven(mixed(mixed(loom.ground, c[1], alpha), c[2], second))


@fabric("leather", dyes={"black": 6, "brown": 2, "camel": 1, "burgundy": 0.4})
def _leather(loom: Loom) -> np.ndarray:
    grain = loom.noise(40) * 0.03 + np.clip(np.abs(loom.noise(14)), 0, 1) * 0.05
    return loom.ground * (0.97 + grain[..., None]) + 0.8 * loom.noise(9)[..., None]


@fabric("quilted", printable=True)
def _quilted(loom: Loom) -> np.ndarray:
    """Baffles of a puffer: shaded rolls between horizontal seams."""
    count = max(3, round(5 / loom.scale))
    wobble = 0.006 * np.sin(2 * np.pi * loom.x * 7) + 0.004 * loom.noise(8)
    roll = ((loom.y + wobble) * count) % 1.0
    shade = 0.80 + 0.28 * np.sin(np.pi * roll) ** 0.8 + 0.05 * (0.5 - roll)
    crease = 0.03 * loom.noise(12) * (1 - np.sin(np.pi * roll))
    return loom.woven(loom.ground * (shade + crease)[..., None], 1.5, 0.7)


@fabric("hair", worn=False)
def _hair(loom: Loom) -> np.ndarray:
    """Strands along the vertical, in locks."""
    strands = loom.grain(1).astype(np.float32)
    strands = 0.6 * strands + 0.4 * np.roll(strands, 1, 1)
    locks = np.sin(2 * np.pi * loom.x * 9 + 1.6 * loom.noise(2.5))
    strands = np.repeat(strands, loom.n, axis=0)
    shade = 1 + 0.14 * strands + 0.16 * locks + 0.05 * loom.noise(24)
    return loom.ground * shade[..., None] + 2 * loom.grain()[..., None]


@fabric("decal", worn=False)
def _decal(loom: Loom) -> np.ndarray:
    return draw_decal(loom.fabric, loom.n)


@fabric("image", worn=False)
def _image(loom: Loom) -> np.ndarray:
    """A tile cut from a picture, tinted so that its mean is the fabric's colour."""
    if loom.fabric.image is None:
        raise CorruptData(f"a fabric of kind image names no picture: {loom.fabric!r}")
    tile = library_tile(loom.fabric.image).astype(np.float32)
    tile *= loom.colours[0] / np.maximum(tile.mean(axis=(0, 1)), 4.0)
    if loom.n == len(tile):
        return tile
    picture = Image.fromarray(_bytes(tile))
    return np.asarray(picture.resize((loom.n, loom.n), Image.Resampling.BICUBIC))
