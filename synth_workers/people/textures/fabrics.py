"""Seamless cloth tiles from a ``FabricSpec``: weaves, stripes, checks, prints, denim, knits.

``render_tile`` is pure: the same spec gives the same bytes. Patterns are drawn with periods that
divide the tile, with analytic anti-aliasing, so tiles repeat without a seam in either
direction. Pieces that are drawn once (logos, pockets) are ``decal_tiles``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from manifests.errors import CorruptData
from synth_workers.people.spec import FabricKind, FabricSpec
from synth_workers.people.textures.decal_tiles import draw_decal
from synth_workers.people.textures.library import library_tile

Draw = Callable[[np.random.Generator, np.ndarray, int, float], np.ndarray]
"""(generator, colours (k, 3) float, tile size, scale) -> (n, n, 3) float."""


def render_tile(fabric: FabricSpec, n: int = 128) -> np.ndarray:
    """The (n, n, 3) uint8 sRGB tile of a fabric; row 0 is the top of the cloth."""
    rng = np.random.default_rng(fabric.seed)
    colours = np.array(fabric.colours, dtype=np.float32)
    if fabric.kind is FabricKind.decal:
        return draw_decal(fabric, n)
    if fabric.kind is FabricKind.image:
        return _picture_tile(fabric, n)
    tile = _DRAW[fabric.kind](rng, colours, n, fabric.scale)
    return np.clip(np.rint(tile), 0, 255).astype(np.uint8)


def _picture_tile(fabric: FabricSpec, n: int) -> np.ndarray:
    """A tile cut from a picture, tinted so that its mean is the fabric's colour."""
    if fabric.image is None:
        raise CorruptData(f"a fabric of kind image names no picture: {fabric!r}")
    tile = library_tile(fabric.image).astype(np.float32)
    tile *= np.array(fabric.main_colour, np.float32) / np.maximum(tile.mean(axis=(0, 1)), 4.0)
    picture = Image.fromarray(np.clip(np.rint(tile), 0, 255).astype(np.uint8))
    if n == len(tile):
        return np.asarray(picture)
    return np.asarray(picture.resize((n, n), Image.Resampling.BICUBIC))


def noise(rng: np.random.Generator, n: int, cells: float, power: float = 1.0) -> np.ndarray:
    """Seamless noise (n, n), mean 0, deviation 1, with features of about ``n / cells`` pixels."""
    white = rng.standard_normal((n, n)).astype(np.float32)
    fy = np.fft.fftfreq(n)[:, None] * n
    fx = np.fft.rfftfreq(n)[None, :] * n
    radius = np.hypot(fy, fx)
    kept = np.fft.rfft2(white) * np.exp(-((radius / cells) ** (2 * power)))
    kept[0, 0] = 0
    smooth = np.fft.irfft2(kept, s=(n, n)).astype(np.float32)
    return smooth / max(float(smooth.std()), 1e-6)


def _grid(n: int) -> tuple[np.ndarray, np.ndarray]:
    axis = (np.arange(n, dtype=np.float32) + 0.5) / n
    return np.meshgrid(axis, axis, indexing="ij")


def _wave(position: np.ndarray, period: float, share: float, soft: float) -> np.ndarray:
    """1 on the first ``share`` of every period, else 0, with edges ``soft`` wide."""
    inside = np.abs((position / period) % 1.0 - 0.5) * period
    return np.clip((inside - (1 - share) * period / 2) / soft + 0.5, 0, 1)


def _woven(
    rng: np.random.Generator, tile: np.ndarray, fine: float = 3.0, coarse: float = 0.7
) -> np.ndarray:
    """Add yarn noise and gentle unevenness; dark cloth gets less."""
    n = len(tile)
    relief = fine * rng.standard_normal((n, n)).astype(np.float32) + coarse * noise(rng, n, 14)
    level = 0.45 + 0.55 * tile.mean(axis=2, keepdims=True) / 255
    return tile + relief[..., None] * level


def _flat(colour: np.ndarray, n: int) -> np.ndarray:
    return np.broadcast_to(colour, (n, n, 3)).astype(np.float32)


def _mix(base: np.ndarray, over: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return base + (over - base) * alpha[..., None]


def _periods(rng: np.random.Generator, low: int, high: int, scale: float) -> int:
    return max(1, round(float(rng.integers(low, high + 1)) / scale))


def _solid(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    return _flat(c[0], n)


def _plain(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    return _woven(rng, _flat(c[0], n))


def _twill(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y, x = _grid(n)
    ridges = np.sin(2 * np.pi * (x + y) * round(36 / scale))
    return _woven(rng, _flat(c[0], n) * (1 + 0.035 * ridges[..., None]))


def _heather(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    fibres = rng.standard_normal((n, n)).astype(np.float32)
    fibres = 0.6 * fibres + 0.8 * (fibres + np.roll(fibres, 1, 1) + np.roll(fibres, 2, 1)) / 2
    light = _flat(c[0], n) + (fibres * 8)[..., None] * (0.35 + 0.65 * c[0].mean() / 255)
    return light + 0.7 * noise(rng, n, 12)[..., None]


def _horizontal(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y, _ = _grid(n)
    count = _periods(rng, 3, 12, scale)
    share = float(rng.choice([0.5, 0.5, 0.3, 0.2]))
    alpha = _wave(y, 1 / count, share, 1.2 / n)
    return _woven(rng, _mix(_flat(c[0], n), c[1], alpha))


def _vertical(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    _, x = _grid(n)
    alpha = _wave(x, 1 / _periods(rng, 7, 16, scale), float(rng.choice([0.5, 0.3])), 1.2 / n)
    return _woven(rng, _mix(_flat(c[0], n), 0.3 * c[0] + 0.7 * c[1], alpha))


def _pinstripe(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    _, x = _grid(n)
    alpha = 0.7 * _wave(x, 1 / _periods(rng, 10, 16, scale), 0.14, 1.2 / n)
    return _woven(rng, _mix(_flat(c[0], n), c[1], alpha))


def _check(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Gingham: two stripe systems that darken where they cross."""
    y, x = _grid(n)
    count = _periods(rng, 6, 14, scale)
    rows, columns = (_wave(axis, 1 / count, 0.5, 1.2 / n) for axis in (y, x))
    return _woven(rng, _mix(_flat(c[0], n), c[1], (rows + columns) / 2))


def _plaid(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Tartan: the same sequence of bands along warp and weft, crossed as a twill."""
    y, x = _grid(n)
    count = _periods(rng, 2, 4, scale)
    tile = _flat(c[0], n)
    pale = np.array([226, 224, 216], np.float32) * (0.25 if c.max() < 100 else 1)
    bands = ((c[1], 0.34, 0.0, 0.8), (c[2], 0.10, 0.5, 0.8), (pale, 0.03, 0.28, 0.6))
    for colour, share, offset, strength in bands:
        for axis in (y, x):
            alpha = 0.55 * strength * _wave(axis + offset / count, 1 / count, share, 1.2 / n)
            tile = _mix(tile, colour, alpha)
    return _woven(rng, tile)


def _dots(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y, x = _grid(n)
    count = _periods(rng, 6, 14, scale)
    radius = float(rng.uniform(0.16, 0.3))
    u, v = (x * count) % 1 - 0.5, (y * count) % 1 - 0.5
    near = np.hypot(u, v)
    odd = np.hypot((x * count + 0.5) % 1 - 0.5, (y * count + 0.5) % 1 - 0.5)
    alpha = np.clip((radius - np.minimum(near, odd)) * n / count + 0.5, 0, 1)
    return _woven(rng, _mix(_flat(c[0], n), c[1], alpha))


def _floral(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Five-petalled flowers and leaves, scattered, wrapped round the tile's edges."""
    tile = _flat(c[0], n).copy()
    leaf = 0.5 * c[0] + 0.5 * np.array([70, 96, 62], np.float32)
    heart = np.array([206, 172, 84], np.float32)
    count = max(6, round(float(rng.integers(14, 34)) / scale**2))
    for _ in range(count):
        centre, turn = rng.random(2) * n, rng.uniform(0, 2 * np.pi)
        radius = float(rng.uniform(0.045, 0.11)) * n * scale
        _petals(tile, centre, radius * 1.5, turn, leaf, 2, 0.35)
        _petals(tile, centre, radius, turn, c[1] if rng.random() < 0.65 else c[2], 5, 0.8)
        _petals(tile, centre, radius * 0.34, turn, heart, 1, 0.0)
    return _woven(rng, tile, 2.0, 0.7)


def _petals(
    tile: np.ndarray,
    centre: np.ndarray,
    radius: float,
    turn: float,
    colour: np.ndarray,
    petals: int,
    depth: float,
) -> None:
    """Blend one rosette into the tile in place."""
    n = len(tile)
    reach = int(np.ceil(radius)) + 1
    offsets = np.arange(-reach, reach + 1)
    rows, columns = int(centre[0]) + offsets, int(centre[1]) + offsets
    y, x = np.meshgrid(rows - centre[0], columns - centre[1], indexing="ij")
    edge = radius * (1 - depth * (0.5 - 0.5 * np.cos(petals * (np.arctan2(y, x) + turn))))
    alpha = np.clip(edge - np.hypot(x, y) + 0.5, 0, 1)[..., None]
    where = np.ix_(rows % n, columns % n)
    tile[where] += (colour - tile[where]) * alpha


def _camouflage(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y = noise(rng, n, 4.5 / scale) + 0.5 * noise(rng, n, 11 / scale)
    other = noise(rng, n, 4.5 / scale) + 0.5 * noise(rng, n, 11 / scale)
    tile = _mix(_flat(c[0], n), c[1], np.clip((y - 0.2) * 6 + 0.5, 0, 1))
    tile = _mix(tile, c[2], np.clip((other - 0.7) * 6 + 0.5, 0, 1))
    dark = np.clip((noise(rng, n, 7 / scale) - 1.2) * 6 + 0.5, 0, 1)
    return _woven(rng, _mix(tile, 0.4 * c[2], dark))


def _denim(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Diagonal weave of blue warp and pale weft, washed unevenly."""
    y, x = _grid(n)
    ridges = np.sin(2 * np.pi * (x + y) * 32) + 0.5 * rng.standard_normal((n, n))
    slubs = np.repeat(rng.standard_normal((1, n)), n, axis=0)
    wash = 0.012 * noise(rng, n, 6) + 0.045 * ridges + 0.045 * slubs
    tile = _flat(c[0], n) * (1 + wash[..., None])
    return tile + 5 * rng.standard_normal((n, n, 1)).astype(np.float32)


def _knit(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Columns of V stitches, now and then with cables."""
    y, x = _grid(n)
    columns = max(8, round(20 / scale / 2) * 2)
    v = np.abs((x * columns) % 1 - 0.5)
    stitch = np.sin(2 * np.pi * (y * columns * 1.5 + v))
    groove = np.cos(2 * np.pi * x * columns)
    shade = 1 + 0.10 * stitch - 0.12 * np.clip(groove, 0, 1)
    if rng.random() < 0.3:
        cable = np.clip(np.sin(2 * np.pi * x * 3), 0, 1) * np.sin(
            2 * np.pi * (y * 4 + 0.25 * np.sin(2 * np.pi * x * 6))
        )
        shade = shade + 0.09 * cable
    return _woven(rng, _flat(c[0], n) * shade[..., None], 2.0, 0.7)


def _gradient(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y, _ = _grid(n)
    alpha = 0.5 - 0.5 * np.cos(2 * np.pi * y)
    return _woven(rng, _mix(_flat(c[0], n), c[1], alpha))


def _colour_block(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    y, _ = _grid(n)
    share = float(rng.uniform(0.25, 0.5))
    offset = float(rng.uniform(0.0, 1.0))
    return _woven(rng, _mix(_flat(c[0], n), c[1], _wave(y + offset, 1.0, share, 1.2 / n)))


def _print(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """An all-over print: brush marks, rings, leaves or zigzags."""
    y, x = _grid(n)
    which = int(rng.integers(4))
    count = _periods(rng, 3, 7, scale)
    if which == 0:
        field = noise(rng, n, 9 / scale)
        alpha = np.clip((np.abs(field) - 0.9) * 5 + 0.5, 0, 1)
        second = np.clip((noise(rng, n, 9 / scale) - 1.4) * 5 + 0.5, 0, 1)
    elif which == 1:
        radius = np.hypot((x * count) % 1 - 0.5, (y * count) % 1 - 0.5)
        alpha = np.clip((0.07 - np.abs(radius - 0.3)) * n / count + 0.5, 0, 1)
        second = np.clip((0.12 - radius) * n / count + 0.5, 0, 1)
    elif which == 2:
        tile = _flat(c[0], n).copy()
        for _ in range(int(26 / scale**2)):
            place, turn = rng.random(2) * n, rng.uniform(0, 2 * np.pi)
            _petals(tile, place, rng.uniform(0.06, 0.12) * n * scale, turn, c[1 + rng.integers(2)],
                    2, 0.72)  # fmt: skip
        return _woven(rng, tile, 2.0, 0.7)
    else:
        zigzag = y + 0.5 / count * np.abs((x * count) % 1 - 0.5) * 2
        alpha = _wave(zigzag, 1 / count, 0.4, 1.4 / n)
        second = _wave(zigzag + 0.5 / count, 1 / count, 0.1, 1.4 / n)
    tile = _mix(_flat(c[0], n), c[1], alpha)
    return _woven(rng, _mix(tile, c[2], second))


def _leather(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    grain = noise(rng, n, 40) * 0.03 + np.clip(np.abs(noise(rng, n, 14)), 0, 1) * 0.05
    return _flat(c[0], n) * (0.97 + grain[..., None]) + 0.8 * noise(rng, n, 9)[..., None]


def _quilted(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Baffles of a puffer: shaded rolls between horizontal seams."""
    y, x = _grid(n)
    count = max(3, round(5 / scale))
    wobble = 0.006 * np.sin(2 * np.pi * x * 7) + 0.004 * noise(rng, n, 8)
    roll = ((y + wobble) * count) % 1.0
    shade = 0.80 + 0.28 * np.sin(np.pi * roll) ** 0.8 + 0.05 * (0.5 - roll)
    crease = 0.03 * noise(rng, n, 12) * (1 - np.sin(np.pi * roll))
    return _woven(rng, _flat(c[0], n) * (shade + crease)[..., None], 1.5, 0.7)


def _hair(rng: np.random.Generator, c: np.ndarray, n: int, scale: float) -> np.ndarray:
    """Strands along the vertical, in locks."""
    _, x = _grid(n)
    strands = rng.standard_normal((1, n)).astype(np.float32)
    strands = 0.6 * strands + 0.4 * np.roll(strands, 1, 1)
    locks = np.sin(2 * np.pi * x * 9 + 1.6 * noise(rng, n, 2.5))
    shade = 1 + 0.14 * np.repeat(strands, n, axis=0) + 0.16 * locks + 0.05 * noise(rng, n, 24)
    return _flat(c[0], n) * shade[..., None] + 2 * rng.standard_normal((n, n, 1))


_DRAW: dict[FabricKind, Draw] = {
    FabricKind.solid: _solid,
    FabricKind.plain: _plain,
    FabricKind.horizontal_stripe: _horizontal,
    FabricKind.vertical_stripe: _vertical,
    FabricKind.pinstripe: _pinstripe,
    FabricKind.check: _check,
    FabricKind.plaid: _plaid,
    FabricKind.dots: _dots,
    FabricKind.floral: _floral,
    FabricKind.camouflage: _camouflage,
    FabricKind.denim: _denim,
    FabricKind.knit: _knit,
    FabricKind.heather: _heather,
    FabricKind.twill: _twill,
    FabricKind.gradient: _gradient,
    FabricKind.colour_block: _colour_block,
    FabricKind.print: _print,
    FabricKind.leather: _leather,
    FabricKind.quilted: _quilted,
    FabricKind.hair: _hair,
}
