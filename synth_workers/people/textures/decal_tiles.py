"""Drawings that cover one panel once: logos, prints, pockets, zips, plackets, seams.

A decal's ``motif`` names the drawing, its first colour is the garment it lies on, the second
the mark itself. Marks and lettering are invented; letters use Pillow's bundled font.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth_workers.people.spec import FabricSpec

_SUPERSAMPLING = 2
_SYLLABLES = (
    "KRO", "BEL", "DUN", "VAS", "MIR", "TOL", "SEF", "NUR", "GAD", "PLO", "ZIM", "HOB", "WEX",
    "JUP", "LOK", "FEN",
)  # fmt: skip

Box = tuple[float, float, float, float]
Draw = Callable[[np.random.Generator, ImageDraw.ImageDraw, int, tuple, tuple, tuple], None]


def draw_decal(fabric: FabricSpec, n: int) -> np.ndarray:
    """The (n, n, 3) uint8 drawing of a decal fabric."""
    rng = np.random.default_rng(fabric.seed)
    ground = fabric.colours[0]
    mark = fabric.colours[1] if len(fabric.colours) > 1 else ground
    third = fabric.colours[2] if len(fabric.colours) > 2 else mark
    size = n * _SUPERSAMPLING
    image = Image.new("RGB", (size, size), tuple(ground))
    motif = fabric.motif or "logo"
    _MOTIFS[motif](rng, ImageDraw.Draw(image), size, tuple(ground), tuple(mark), tuple(third))
    tile = np.asarray(image.resize((n, n), Image.Resampling.BOX), dtype=np.float32)
    tile = tile + rng.standard_normal((n, n, 1)).astype(np.float32) * 2.5
    return np.clip(np.rint(tile), 0, 255).astype(np.uint8)


def _box(n: int, *shares: float) -> tuple[float, ...]:
    return tuple(share * n for share in shares)


def _shade(colour: tuple, factor: float) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(round(c * factor + (factor - 1) * 14), 0, 255)) for c in colour)
    return red, green, blue


def invented_word(rng: np.random.Generator, syllables: int = 2) -> str:
    """A word that means nothing and sells nothing, e.g. ``DUNVAS``."""
    return "".join(str(part) for part in rng.choice(_SYLLABLES, syllables, replace=False))


def _lettering(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    word = invented_word(rng)
    font = ImageFont.load_default(n * 0.9 / max(3, len(word)) * 1.35)
    left, top, right, bottom = draw.textbbox((0, 0), word, font=font)
    at = ((n - right + left) / 2 - left, (n - bottom + top) / 2 - top)
    draw.text(at, word, fill=mark, font=font)
    if rng.random() < 0.5:
        line = n * 0.05
        y = n / 2 + (bottom - top) * 0.8
        draw.rectangle((n * 0.12, y, n * 0.88, y + line), fill=third)


def _emblem(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    shape = int(rng.integers(6))
    if shape == 0:
        draw.ellipse(_box(n, 0.1, 0.1, 0.9, 0.9), fill=mark)
        draw.ellipse(_box(n, 0.3, 0.3, 0.7, 0.7), fill=third if third != mark else ground)
    elif shape == 1:
        for i in range(3):
            draw.rectangle(_box(n, 0.12, 0.2 + 0.22 * i, 0.88, 0.34 + 0.22 * i), fill=mark)
    elif shape == 2:
        draw.polygon(_box(n, 0.5, 0.08, 0.94, 0.88, 0.06, 0.88), fill=mark)
        draw.polygon(_box(n, 0.5, 0.42, 0.72, 0.8, 0.28, 0.8), fill=ground)
    elif shape == 3:
        draw.ellipse(_box(n, 0.1, 0.1, 0.9, 0.9), fill=mark)
        for i in range(4):
            draw.rectangle(_box(n, 0.05, 0.5 + 0.1 * i, 0.95, 0.54 + 0.1 * i), fill=ground)
    elif shape == 4:
        points = []
        for i in range(10):
            radius = 0.45 if i % 2 == 0 else 0.2
            angle = np.pi * (i / 5 - 0.5)
            points += [n * (0.5 + radius * np.cos(angle)), n * (0.5 + radius * np.sin(angle))]
        draw.polygon(points, fill=mark)
    else:
        draw.rectangle(_box(n, 0.08, 0.3, 0.92, 0.7), fill=mark)
        font = ImageFont.load_default(n * 0.3)
        draw.text((n * 0.5, n * 0.5), invented_word(rng, 1), fill=ground, font=font, anchor="mm")


def _number(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    font = ImageFont.load_default(n * 0.85)
    draw.text((n / 2, n / 2), str(rng.integers(1, 100)), fill=mark, font=font, anchor="mm")


def _picture(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """A printed landscape or blotches in two inks: what photo prints look like from afar."""
    draw.rectangle(_box(n, 0.08, 0.08, 0.92, 0.92), fill=mark)
    horizon = rng.uniform(0.45, 0.7)
    top = _shade(third, 1.0)
    heights = horizon + 0.12 * np.cumsum(rng.standard_normal(9)) / 3
    outline = [
        (n * (0.08 + 0.84 * i / 8), n * np.clip(h, 0.2, 0.85)) for i, h in enumerate(heights)
    ]
    draw.polygon([*outline, (n * 0.92, n * 0.92), (n * 0.08, n * 0.92)], fill=top)
    x, radius = rng.uniform(0.25, 0.75), rng.uniform(0.07, 0.13)
    draw.ellipse(_box(n, x - radius, 0.26 - radius, x + radius, 0.26 + radius), fill=ground)


def _logo(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    drawing = (_lettering, _emblem, _emblem)[int(rng.integers(3))]
    drawing(rng, draw, n, ground, mark, third)


def _graphic(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    drawing = (_lettering, _emblem, _emblem, _number, _picture, _picture)[int(rng.integers(6))]
    drawing(rng, draw, n, ground, mark, third)


def _pocket(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """A patch pocket: shadowed edge, hem at the opening, sometimes a flap."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=_shade(mark, 0.62))
    draw.rectangle(_box(n, 0.07, 0.05, 0.93, 0.93), fill=mark)
    draw.line(_box(n, 0.07, 0.2, 0.93, 0.2), fill=_shade(mark, 0.7), width=max(1, n // 40))
    if rng.random() < 0.4:
        draw.polygon(_box(n, 0.02, 0.0, 0.98, 0.0, 0.98, 0.24, 0.5, 0.38, 0.02, 0.24),
                     fill=_shade(mark, 0.86))  # fmt: skip


def _welt(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """The slanted slit of a jacket or trouser pocket."""
    draw.line(_box(n, 0.2, 0.95, 0.8, 0.05), fill=_shade(ground, 0.5), width=max(2, n // 7))
    draw.line(_box(n, 0.28, 0.95, 0.88, 0.05), fill=mark, width=max(1, n // 14))


def _kangaroo(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    outline = _box(n, 0.22, 0.04, 0.78, 0.04, 0.98, 0.9, 0.02, 0.9)
    draw.polygon(outline, fill=_shade(mark, 0.94))
    draw.line((*outline, *outline[:2]), fill=_shade(mark, 0.6), width=max(2, n // 22))


def _zip(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """A zip between two facings."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=_shade(ground, 0.8))
    draw.rectangle(_box(n, 0.34, 0, 0.66, 1), fill=_shade(ground, 0.45))
    for i in range(32):
        draw.rectangle(_box(n, 0.42, i / 32, 0.58, i / 32 + 0.014), fill=(150, 150, 150))
    draw.rectangle(_box(n, 0.36, 0.0, 0.64, 0.035), fill=(175, 175, 175))


def _placket(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """The button strip of a shirt or coat."""
    draw.rectangle(_box(n, 0, 0, 0.14, 1), fill=_shade(ground, 0.6))
    draw.rectangle(_box(n, 0.86, 0, 1, 1), fill=_shade(ground, 0.78))
    button = (222, 220, 214) if max(mark) > 90 else (40, 40, 42)
    for i in range(6):
        y = (i + 0.5) / 6
        draw.ellipse(_box(n, 0.32, y - 0.018, 0.68, y + 0.018), fill=button)


def _fly(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    draw.line(_box(n, 0.45, 0, 0.45, 1), fill=_shade(ground, 0.55), width=max(2, n // 10))
    draw.arc(_box(n, 0.2, 0.4, 0.95, 1.0), 0, 90, fill=_shade(mark, 0.8), width=max(1, n // 20))


def _belt(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """A belt around the waist; the buckle sits in the middle of the front."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=mark)
    draw.rectangle(_box(n, 0, 0, 1, 0.12), fill=_shade(mark, 0.7))
    draw.rectangle(_box(n, 0, 0.88, 1, 1), fill=_shade(mark, 0.6))
    draw.rectangle(_box(n, 0.45, 0.05, 0.55, 0.95), fill=(168, 160, 140))
    draw.rectangle(_box(n, 0.47, 0.25, 0.53, 0.75), fill=mark)


def _band(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """A belt's back: no buckle."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=mark)
    draw.rectangle(_box(n, 0, 0, 1, 0.12), fill=_shade(mark, 0.7))
    draw.rectangle(_box(n, 0, 0.88, 1, 1), fill=_shade(mark, 0.6))


def _stripe(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """One or three stripes along the limb."""
    if rng.random() < 0.5:
        draw.rectangle(_box(n, 0.0, 0, 1.0, 1), fill=mark)
    else:
        for left in (0.02, 0.39, 0.76):
            draw.rectangle(_box(n, left, 0, left + 0.22, 1), fill=mark)


def _rib(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """Ribbed knit of cuffs and hems."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=mark)
    for i in range(24):
        draw.rectangle(_box(n, i / 24, 0, i / 24 + 0.016, 1), fill=_shade(mark, 0.78))
    draw.rectangle(_box(n, 0, 0, 1, 0.06), fill=_shade(mark, 0.6))


def _laces(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    """The front of a laced shoe: tongue between two facings, laces across, toe at the bottom."""
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=_shade(ground, 0.82))
    draw.rectangle(_box(n, 0.3, 0, 0.7, 0.9), fill=_shade(ground, 0.6))
    for i in range(5):
        y = 0.06 + 0.17 * i
        draw.line(_box(n, 0.12, y, 0.88, y + 0.09), fill=mark, width=max(2, n // 18))
        draw.line(_box(n, 0.88, y, 0.12, y + 0.09), fill=mark, width=max(2, n // 18))


def _plain(rng, draw: ImageDraw.ImageDraw, n: int, ground, mark, third) -> None:
    draw.rectangle(_box(n, 0, 0, 1, 1), fill=mark)


_MOTIFS: dict[str, Draw] = {
    "logo": _logo,
    "graphic": _graphic,
    "pocket": _pocket,
    "welt": _welt,
    "kangaroo": _kangaroo,
    "zip": _zip,
    "placket": _placket,
    "fly": _fly,
    "belt": _belt,
    "band": _band,
    "stripe": _stripe,
    "rib": _rib,
    "laces": _laces,
    "plain": _plain,
}

MOTIFS = tuple(_MOTIFS)
"""Names of all drawings."""
