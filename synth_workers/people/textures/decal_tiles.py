"""Drawings that cover one panel once: logos, prints, pockets, zips, plackets, seams.

A decal's ``motif`` names the drawing, its first colour is the garment it lies on, the second
the mark itself. Marks and lettering are invented; letters use Pillow's bundled font.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth_workers.people.spec import FabricSpec

_SUPERSAMPLING = 2
_SYLLABLES = (
    "KRO", "BEL", "DUN", "VAS", "MIR", "TOL", "SEF", "NUR", "GAD", "PLO", "ZIM", "HOB", "WEX",
    "JUP", "LOK", "FEN",
)  # fmt: skip


def draw_decal(fabric: FabricSpec, n: int) -> np.ndarray:
    """The (n, n, 3) uint8 drawing of a decal fabric."""
    drawing = _Drawing(fabric, n * _SUPERSAMPLING)
    _MOTIFS[fabric.motif or "logo"](drawing)
    tile = drawing.image.resize((n, n), Image.Resampling.BOX)
    grain = drawing.rng.standard_normal((n, n, 1)).astype(np.float32) * 2.5
    return np.clip(np.rint(np.asarray(tile, dtype=np.float32) + grain), 0, 255).astype(np.uint8)


def _shade(colour: tuple, factor: float) -> tuple[int, int, int]:
    red, green, blue = (int(np.clip(round(c * factor + (factor - 1) * 14), 0, 255)) for c in colour)
    return red, green, blue


class _Drawing:
    """One panel in the making; public methods draw the motifs that they are named after.

    Places are shares of the panel, x to the right, y down; ``n`` is its side in pixels. ``ground``
    is the garment's colour, ``mark`` the drawing's, ``third`` one more.
    """

    def __init__(self, fabric: FabricSpec, n: int) -> None:
        self.rng, self.n = np.random.default_rng(fabric.seed), n
        self.ground, *marks = fabric.colours
        self.mark, self.third = (*marks, marks[-1])[:2] if marks else (self.ground, self.ground)
        self.image = Image.new("RGB", (n, n), self.ground)
        self._draw = ImageDraw.Draw(self.image)

    def _places(self, shares: Sequence[float]) -> list[float]:
        return [share * self.n for share in shares]

    def _box(self, *shares: float, fill: tuple) -> None:
        self._draw.rectangle(self._places(shares), fill=fill)

    def _oval(self, *shares: float, fill: tuple) -> None:
        self._draw.ellipse(self._places(shares), fill=fill)

    def _polygon(self, *shares: float, fill: tuple) -> None:
        self._draw.polygon(self._places(shares), fill=fill)

    def _line(self, *shares: float, fill: tuple, width: int) -> None:
        self._draw.line(self._places(shares), fill=fill, width=width)

    def _word(self, syllables: int = 2) -> str:
        """A word that means nothing and sells nothing, e.g. ``DUNVAS``."""
        return "".join(self.rng.choice(_SYLLABLES, syllables, replace=False))

    def _text(self, text: str, size: float, fill: tuple) -> None:
        font = ImageFont.load_default(self.n * size)
        self._draw.text((self.n * 0.5, self.n * 0.5), text, fill=fill, font=font, anchor="mm")

    def _lettering(self) -> None:
        n, word = self.n, self._word()
        font = ImageFont.load_default(n * 0.9 / max(3, len(word)) * 1.35)
        left, top, right, bottom = self._draw.textbbox((0, 0), word, font=font)
        at = ((n - right + left) / 2 - left, (n - bottom + top) / 2 - top)
        self._draw.text(at, word, fill=self.mark, font=font)
        if self.rng.random() < 0.5:
            y = n / 2 + (bottom - top) * 0.8
            self._draw.rectangle((n * 0.12, y, n * 0.88, y + n * 0.05), fill=self.third)

    def _emblem(self) -> None:
        n, ground, mark = self.n, self.ground, self.mark
        shape = int(self.rng.integers(6))
        if shape == 0:
            self._oval(0.1, 0.1, 0.9, 0.9, fill=mark)
            self._oval(0.3, 0.3, 0.7, 0.7, fill=self.third if self.third != mark else ground)
        elif shape == 1:
            for i in range(3):
                self._box(0.12, 0.2 + 0.22 * i, 0.88, 0.34 + 0.22 * i, fill=mark)
        elif shape == 2:
            self._polygon(0.5, 0.08, 0.94, 0.88, 0.06, 0.88, fill=mark)
            self._polygon(0.5, 0.42, 0.72, 0.8, 0.28, 0.8, fill=ground)
        elif shape == 3:
            self._oval(0.1, 0.1, 0.9, 0.9, fill=mark)
            for i in range(4):
                self._box(0.05, 0.5 + 0.1 * i, 0.95, 0.54 + 0.1 * i, fill=ground)
        elif shape == 4:
            points = []
            for i in range(10):
                radius = 0.45 if i % 2 == 0 else 0.2
                angle = np.pi * (i / 5 - 0.5)
                points += [n * (0.5 + radius * np.cos(angle)), n * (0.5 + radius * np.sin(angle))]
            self._draw.polygon(points, fill=mark)
        else:
            self._box(0.08, 0.3, 0.92, 0.7, fill=mark)
            self._text(self._word(1), 0.3, ground)

    def _number(self) -> None:
        self._text(str(self.rng.integers(1, 100)), 0.85, self.mark)

    def _picture(self) -> None:
        """A printed landscape or blotches in two inks: what photo prints look like from afar."""
        n, rng = self.n, self.rng
        self._box(0.08, 0.08, 0.92, 0.92, fill=self.mark)
        horizon = rng.uniform(0.45, 0.7)
        heights = horizon + 0.12 * np.cumsum(rng.standard_normal(9)) / 3
        outline = [
            (n * (0.08 + 0.84 * i / 8), n * np.clip(h, 0.2, 0.85)) for i, h in enumerate(heights)
        ]
        self._draw.polygon([*outline, (n * 0.92, n * 0.92), (n * 0.08, n * 0.92)], fill=self.third)
        x, radius = rng.uniform(0.25, 0.75), rng.uniform(0.07, 0.13)
        self._oval(x - radius, 0.26 - radius, x + radius, 0.26 + radius, fill=self.ground)

    def logo(self) -> None:
        (self._lettering, self._emblem, self._emblem)[int(self.rng.integers(3))]()

    def graphic(self) -> None:
        marks = (self._lettering, self._emblem, self._emblem, self._number)
        (*marks, self._picture, self._picture)[int(self.rng.integers(6))]()

    def pocket(self) -> None:
        """A patch pocket: shadowed edge, hem at the opening, sometimes a flap."""
        mark = self.mark
        self._box(0, 0, 1, 1, fill=_shade(mark, 0.62))
        self._box(0.07, 0.05, 0.93, 0.93, fill=mark)
        self._line(0.07, 0.2, 0.93, 0.2, fill=_shade(mark, 0.7), width=max(1, self.n // 40))
        if self.rng.random() < 0.4:
            flap = (0.02, 0.0, 0.98, 0.0, 0.98, 0.24, 0.5, 0.38, 0.02, 0.24)
            self._polygon(*flap, fill=_shade(mark, 0.86))

    def welt(self) -> None:
        """The slanted slit of a jacket or trouser pocket."""
        shadow = _shade(self.ground, 0.5)
        self._line(0.2, 0.95, 0.8, 0.05, fill=shadow, width=max(2, self.n // 7))
        self._line(0.28, 0.95, 0.88, 0.05, fill=self.mark, width=max(1, self.n // 14))

    def kangaroo(self) -> None:
        outline = (0.22, 0.04, 0.78, 0.04, 0.98, 0.9, 0.02, 0.9)
        self._polygon(*outline, fill=_shade(self.mark, 0.94))
        seam = _shade(self.mark, 0.6)
        self._line(*outline, *outline[:2], fill=seam, width=max(2, self.n // 22))

    def zip(self) -> None:
        """A zip between two facings."""
        self._box(0, 0, 1, 1, fill=_shade(self.ground, 0.8))
        self._box(0.34, 0, 0.66, 1, fill=_shade(self.ground, 0.45))
        for i in range(32):
            self._box(0.42, i / 32, 0.58, i / 32 + 0.014, fill=(150, 150, 150))
        self._box(0.36, 0.0, 0.64, 0.035, fill=(175, 175, 175))

    def placket(self) -> None:
        """The button strip of a shirt or coat."""
        self._box(0, 0, 0.14, 1, fill=_shade(self.ground, 0.6))
        self._box(0.86, 0, 1, 1, fill=_shade(self.ground, 0.78))
        button = (222, 220, 214) if max(self.mark) > 90 else (40, 40, 42)
        for y in (np.arange(6) + 0.5) / 6:
            self._oval(0.32, y - 0.018, 0.68, y + 0.018, fill=button)

    def fly(self) -> None:
        seam, curve = _shade(self.ground, 0.55), _shade(self.mark, 0.8)
        self._line(0.45, 0, 0.45, 1, fill=seam, width=max(2, self.n // 10))
        corner = self._places((0.2, 0.4, 0.95, 1.0))
        self._draw.arc(corner, 0, 90, fill=curve, width=max(1, self.n // 20))

    def belt(self) -> None:
        """A belt around the waist; the buckle sits in the middle of the front."""
        self.band()
        self._box(0.45, 0.05, 0.55, 0.95, fill=(168, 160, 140))
        self._box(0.47, 0.25, 0.53, 0.75, fill=self.mark)

    def band(self) -> None:
        """A belt's back: no buckle."""
        self._box(0, 0, 1, 1, fill=self.mark)
        self._box(0, 0, 1, 0.12, fill=_shade(self.mark, 0.7))
        self._box(0, 0.88, 1, 1, fill=_shade(self.mark, 0.6))

    def stripe(self) -> None:
        """One or three stripes along the limb."""
        if self.rng.random() < 0.5:
            self._box(0.0, 0, 1.0, 1, fill=self.mark)
        else:
            for left in (0.02, 0.39, 0.76):
                self._box(left, 0, left + 0.22, 1, fill=self.mark)

    def rib(self) -> None:
        """Ribbed knit of cuffs and hems."""
        self._box(0, 0, 1, 1, fill=self.mark)
        for i in range(24):
            self._box(i / 24, 0, i / 24 + 0.016, 1, fill=_shade(self.mark, 0.78))
        self._box(0, 0, 1, 0.06, fill=_shade(self.mark, 0.6))

    def laces(self) -> None:
        """The front of a laced shoe: tongue, two facings, laces across, toe at the bottom."""
        self._box(0, 0, 1, 1, fill=_shade(self.ground, 0.82))
        self._box(0.3, 0, 0.7, 0.9, fill=_shade(self.ground, 0.6))
        for i in range(5):
            y = 0.06 + 0.17 * i
            for start, end in ((0.12, 0.88), (0.88, 0.12)):
                self._line(start, y, end, y + 0.09, fill=self.mark, width=max(2, self.n // 18))

    def plain(self) -> None:
        self._box(0, 0, 1, 1, fill=self.mark)


_MOTIFS = {name: draw for name, draw in vars(_Drawing).items() if not name.startswith("_")}
MOTIFS = tuple(_MOTIFS)
"""Names of all drawings."""
