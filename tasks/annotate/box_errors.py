"""How far boxes are off that a detector makes, or somebody by hand: what is cut then.

Labels keep the exact box. Sizes are judgement, guided by what crops of public sets look like: no
measured error distribution of their boxes was to be had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Boxes = Literal["exact", "drawn", "detected"]


@dataclass(frozen=True)
class BoxErrors:
    """Distributions of errors, as shares of the box they happen to.

    ``shift``: deviation of the centre, of width and height. ``scale``: deviation of the logarithm
    of both sides together. ``cut``: how often one end is missing, ``most``: the largest share of
    the height that is. ``aspect``: width / height that every box is given, None for its own.
    """

    shift: tuple[float, float]
    scale: float
    cut: float = 0.0
    most: float = 0.0
    aspect: float | None = None

    def moved(self, box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """``box`` (4,) int64, half-open pixels, with one draw of errors; may leave the frame."""
        x0, y0, x1, y1 = box.tolist()
        width, height = x1 - x0, y1 - y0
        across, down, grown = rng.normal(size=3)
        missing = float(rng.random() < self.cut) * rng.uniform(0.0, self.most) * height
        at_the_feet = rng.random() < 0.75
        top = y0 + self.shift[1] * down * height
        low = top + height
        top, low = (top, low - missing) if at_the_feet else (top + missing, low)
        size = float(np.exp(self.scale * grown))
        tall = (low - top) * size
        wide = tall * self.aspect if self.aspect else width * size
        centre_x = (x0 + x1) / 2 + self.shift[0] * across * width
        centre_y = (top + low) / 2
        sides = (centre_x - wide / 2, centre_y - tall / 2, centre_x + wide / 2, centre_y + tall / 2)
        return np.round(sides).astype(np.int64)


BOX_ERRORS: dict[str, BoxErrors] = {
    "drawn": BoxErrors(shift=(0.04, 0.02), scale=0.06),
    # Detectors made of parts know one shape; feet are what they miss most.
    "detected": BoxErrors(shift=(0.07, 0.04), scale=0.10, cut=0.12, most=0.25, aspect=0.46),
}
"""Errors by what ``annotation.boxes`` calls them; ``exact`` has none."""
