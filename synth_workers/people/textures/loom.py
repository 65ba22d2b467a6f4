"""What a fabric is, the table of all fabrics, and the loom on which they are drawn.

Patterns are drawn with periods that divide the tile, with analytic anti-aliasing, so tiles
repeat without a seam in either direction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from manifests.registry import Registry
from synth_workers.people.spec import Colour, FabricSpec


class Loom:
    """One tile in the making.

    ``fabric``: what is made; ``rng``: generator of its seed; ``colours``: (k, 3) float32;
    ``n``: side of the tile, pixels; ``scale``: of the pattern; ``x``, ``y``: (n, n) float32,
    0..1 to the right and down.
    """

    def __init__(self, fabric: FabricSpec, n: int) -> None:
        self.fabric = fabric
        self.rng = np.random.default_rng(fabric.seed)
        self.colours = np.array(fabric.colours, dtype=np.float32)
        self.n, self.scale = n, fabric.scale
        axis = (np.arange(n, dtype=np.float32) + 0.5) / n
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")

    @property
    def ground(self) -> np.ndarray:
        """(n, n, 3) float32 of the main colour; may not be written to."""
        return np.broadcast_to(self.colours[0], (self.n, self.n, 3)).astype(np.float32)

    def noise(self, cells: float) -> np.ndarray:
        """Seamless noise (n, n), mean 0, deviation 1, its features about ``n / cells`` pixels."""
        white = self.rng.standard_normal((self.n, self.n)).astype(np.float32)
        fy = np.fft.fftfreq(self.n)[:, None] * self.n
        fx = np.fft.rfftfreq(self.n)[None, :] * self.n
        kept = np.fft.rfft2(white) * np.exp(-((np.hypot(fy, fx) / cells) ** 2.0))
        kept[0, 0] = 0
        smooth = np.fft.irfft2(kept, s=(self.n, self.n)).astype(np.float32)
        return smooth / max(float(smooth.std()), 1e-6)

    def grain(self, rows: int | None = None) -> np.ndarray:
        """White noise, (n, n), or (rows, n)."""
        return self.rng.standard_normal((rows or self.n, self.n))

    def periods(self, low: int, high: int) -> int:
        """How often a pattern repeats over the tile."""
        return max(1, round(float(self.rng.integers(low, high + 1)) / self.scale))

    def wave(
        self, position: np.ndarray, period: float, share: float, soft: float = 1.2
    ) -> np.ndarray:
        """1 on the first ``share`` of every period, else 0, with edges ``soft`` pixels wide."""
        inside = np.abs((position / period) % 1.0 - 0.5) * period
        return np.clip((inside - (1 - share) * period / 2) / (soft / self.n) + 0.5, 0, 1)

    def woven(self, tile: np.ndarray, fine: float = 3.0, coarse: float = 0.7) -> np.ndarray:
        """Add yarn noise and gentle unevenness; dark cloth gets less."""
        relief = fine * self.grain().astype(np.float32) + coarse * self.noise(14)
        level = 0.45 + 0.55 * tile.mean(axis=2, keepdims=True) / 255
        return tile + relief[..., None] * level

    def petals(
        self,
        tile: np.ndarray,
        centre: np.ndarray,
        radius: float,
        turn: float,
        colour: np.ndarray,
        petals: int,
        depth: float,
    ) -> None:
        """Blend one rosette into the tile in place, wrapped round its edges."""
        reach = int(np.ceil(radius)) + 1
        offsets = np.arange(-reach, reach + 1)
        rows, columns = int(centre[0]) + offsets, int(centre[1]) + offsets
        y, x = np.meshgrid(rows - centre[0], columns - centre[1], indexing="ij")
        edge = radius * (1 - depth * (0.5 - 0.5 * np.cos(petals * (np.arctan2(y, x) + turn))))
        alpha = np.clip(edge - np.hypot(x, y) + 0.5, 0, 1)[..., None]
        where = np.ix_(rows % self.n, columns % self.n)
        tile[where] += (colour - tile[where]) * alpha


def mixed(base: np.ndarray, over: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """``over`` laid on ``base`` (n, n, 3) where ``alpha`` (n, n) is 1."""
    return base + (over - base) * alpha[..., None]


Draw = Callable[[Loom], np.ndarray]
"""Gives the (n, n, 3) float tile, 0..255."""


@dataclass(frozen=True)
class Fabric:
    """One kind of cloth.

    ``colours``: how many it has. ``printable``: whether logos and prints go on it. ``dark``:
    whether it is seen in dark clothing. ``anything``: whether it may be drawn where any cloth
    will do. ``worn``: whether recipes know it. Colours of its own, with weights, in place of
    those of the garment: ``shades`` (sRGB), ``dyes`` (families, as the recipe likes them) or
    ``sets`` (several families each); families are ``looks.colours``.
    """

    name: str
    draw: Draw
    colours: int = 1
    printable: bool = False
    dark: bool = True
    anything: bool = True
    worn: bool = True
    shades: tuple[tuple[Colour, float], ...] = ()
    dyes: Mapping[str, float] = field(default_factory=dict)
    sets: Mapping[str, float] = field(default_factory=dict)


FABRICS: Registry[Fabric] = Registry("fabric")


def fabric(name: str, **about: object) -> Callable[[Draw], Draw]:
    """Registers a drawing as the fabric ``name``; ``about`` are the fields of ``Fabric``."""

    def register(draw: Draw) -> Draw:
        FABRICS.add(Fabric(name, draw, **about))  # type: ignore[arg-type]
        return draw

    return register
