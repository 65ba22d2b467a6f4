"""Market stalls and what belongs to them."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.kit.registry import Colour, piece
from synth_workers.scenes.kit.shop import fruit_uv
from synth_workers.scenes.kit.street import canopy_shape
from synth_workers.scenes.mesh import upright
from synth_workers.scenes.parts import Level, Sketch

_PETALS = np.array([(196, 74, 92), (214, 178, 84), (168, 110, 160), (210, 206, 196)])


@piece(
    "stall",
    boxes=lambda length, **_: [
        (-0.6, -length / 2, 0.0, 1.1, length / 2, 1.0),
        (-1.2, -length / 2, 0.0, -0.6, length / 2, 0.6),
    ],
    overhead=lambda length, **_: [(-1.35, -length / 2 - 0.25, 2.0, 1.4, length / 2 + 0.25, 2.9)],
)
def build_stall(
    sketch: Sketch, length: float = 3.2, cloth: Colour = (168, 60, 50), goods: str = "fruit"
) -> None:
    """A market stall along y, its counter towards +x; ``goods``: fruit, cloth or flowers."""
    rng, y, dyed = sketch.rng, length / 2, np.asarray(cloth, float)
    posts = [(x, side * (y - 0.08), 0) for x in (-1.0, 1.0) for side in (-1, 1)]
    sketch.boxes(posts, (0.05, 0.05, 2.35), "metal", (150, 152, 152))
    sketch.add(canopy_shape(length + 0.5, 2.7, 2.3, 2.85), "awning", dyed, two_sided=True)
    flap = upright(1.35, -y - 0.25, y + 0.25, 2.06, 2.3)
    sketch.quads(flap, "awning", dyed * 0.92, two_sided=True)
    sketch.boxes((0.45, 0, 0.0), (1.1, length - 0.2, 0.72), "awning", dyed * 0.8)
    count = max(int(length / 0.55), 1)
    pitch = (length - 0.2) / count
    for k in range(count):
        y0 = -y + 0.1 + k * pitch + 0.02
        y1 = y0 + pitch - 0.04
        for x0, x1, z0, z1 in ((0.46, 1.0, 0.86, 0.74), (-0.1, 0.44, 0.98, 0.87)):
            front = (x1, (y0 + y1) / 2, z1 - 0.14)
            sketch.boxes(front, (0.02, y1 - y0, 0.16), "planks", (196, 168, 126))
            corners = [(x0, y0, z0), (x1, y0, z1), (x1, y1, z1), (x0, y1, z0)]
            if goods == "fruit":
                uv = fruit_uv(int(rng.integers(4)), rng.uniform(0, 1), 0.4)
                sketch.quads(corners, "fruit", np.full(3, 238) * rng.uniform(0.85, 1), uv)
            elif goods == "flowers":
                tint = _PETALS[rng.integers(4)] * rng.uniform(0.85, 1.05)
                sketch.quads(corners, "foliage", tint * 1.15)
            else:
                place = ((x0 + x1) / 2, (y0 + y1) / 2, z1 - 0.04)
                pile = (x1 - x0 - 0.06, y1 - y0 - 0.04, rng.uniform(0.08, 0.2))
                sketch.boxes(place, pile, "plaster", 0.6 * rng.uniform(60, 210, 3) + 0.4 * 130)
    crates = rng.uniform(-1, 1, (3, 2)) * (0.1, y - 0.4)
    bottoms = np.column_stack([crates[:, 0] - 0.9, crates[:, 1], np.zeros(3)])
    sketch.boxes(bottoms, (0.4, 0.6, 0.32), "planks", (186, 158, 118))
    scale = [(0.1, 0.98), (0.1, 1.12), (0.16, 1.14), (0, 1.15)]
    sketch.lathe(scale, 10, "metal", (172, 174, 176), at=(0.1, y * 0.6, 0), level=Level.NEAR)
