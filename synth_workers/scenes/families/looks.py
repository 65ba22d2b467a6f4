"""How the sensors and lenses of drawn cameras differ: one table of distributions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.lens import SHARE_STEP
from synth_workers.scenes.scene_file import Look


@dataclass(frozen=True)
class Spread:
    """A number between ``low`` and ``high``; in ``share`` of all cameras, else ``usual``."""

    low: float
    high: float
    usual: float = 0.0
    share: float = 1.0

    def draw(self, rng: np.random.Generator) -> float:
        """One number, rounded to thousandths."""
        drawn, value = rng.random() < self.share, rng.uniform(self.low, self.high)
        return round(float(value if drawn else self.usual), 3)


LOOKS = {
    "exposure": Spread(0.95, 1.4),
    "warmth": Spread(-0.08, 0.08),
    "green": Spread(0.98, 1.02),
    "vignette": Spread(0.02, 0.22),
    "noise": Spread(0.003, 0.02),
    "blur": Spread(0.3, 1.0, usual=0.0, share=0.5),
    "sharpening": Spread(0.15, 1.1, usual=0.0, share=0.6),
    "distortion": Spread(-0.03, 0.004),
}
"""Distributions of `Look` and of the lens (share of half the width by which its edge moves).

White balances err between warm and cold, where light does, and hardly between green and magenta:
``warmth`` is added to the gain of red and taken from that of blue, both divided by ``green``.
"""


def draw_look(rng: np.random.Generator) -> tuple[Look, float]:
    """One camera's look, and its radial distortion (see ``CameraEntry.distortion``)."""
    drawn = {name: spread.draw(rng) for name, spread in LOOKS.items()}
    warmth, green, distortion = (drawn.pop(name) for name in ("warmth", "green", "distortion"))
    balance = (round((1 + warmth) / green, 3), round((1 - warmth) / green, 3))
    return Look(white_balance=balance, **drawn), round(distortion / SHARE_STEP) * SHARE_STEP
