"""Market stalls and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.kit.street import canopy_shape
from synth_workers.scenes.mesh import boxes, lathe, quads, upright
from synth_workers.scenes.parts import Level, Sketch


def _stall_boxes(length: float = 3.2, **_: object) -> list[Box]:
    y = length / 2
    return [(-0.6, -y, 0.0, 1.1, y, 1.0), (-1.2, -y, 0.0, -0.6, y, 0.6)]


@piece("stall", boxes=_stall_boxes)
def build_stall(
    rng: np.random.Generator,
    length: float = 3.2,
    cloth: Sequence[float] = (168, 60, 50),
    goods: str = "fruit",
) -> Sketch:
    """A market stall along y, its counter towards +x; ``goods``: fruit, cloth or flowers."""
    sketch = Sketch()
    y = length / 2
    posts = [(x, side * (y - 0.08), 0) for x in (-1.0, 1.0) for side in (-1, 1)]
    sketch.add(boxes(posts, (0.05, 0.05, 2.35)), "metal", (150, 152, 152))
    roof = canopy_shape(length + 0.5, 2.7, 2.3, 2.85)
    sketch.add(roof, "awning", np.asarray(cloth, float), two_sided=True)
    flap = upright(1.35, -y - 0.25, y + 0.25, 2.06, 2.3)
    sketch.add(quads(flap), "awning", np.asarray(cloth) * 0.92, two_sided=True)
    sketch.add(
        boxes([(0.45, 0, 0.0)], (1.1, length - 0.2, 0.72)), "awning", np.asarray(cloth) * 0.8
    )
    count = max(int(length / 0.55), 1)
    pitch = (length - 0.2) / count
    for k in range(count):
        y0 = -y + 0.1 + k * pitch + 0.02
        y1 = y0 + pitch - 0.04
        for x0, x1, z0, z1 in ((0.46, 1.0, 0.86, 0.74), (-0.1, 0.44, 0.98, 0.87)):
            corners = [[(x0, y0, z0), (x1, y0, z1), (x1, y1, z1), (x0, y1, z0)]]
            crate = boxes([(x1, (y0 + y1) / 2, z1 - 0.14)], (0.02, y1 - y0, 0.16))
            sketch.add(crate, "planks", (196, 168, 126))
            if goods == "fruit":
                row, u = int(rng.integers(4)), rng.uniform(0, 1)
                v1, v0 = 1 - (row + 0.04) / 4, 1 - (row + 0.96) / 4
                uv = np.array([[(u, v1), (u, v0), (u + 0.4, v0), (u + 0.4, v1)]])
                sketch.add(quads(corners, uv), "fruit", np.full(3, 238) * rng.uniform(0.85, 1))
            elif goods == "flowers":
                hue = np.array([(196, 74, 92), (214, 178, 84), (168, 110, 160), (210, 206, 196)])
                tint = hue[rng.integers(4)] * rng.uniform(0.85, 1.05)
                sketch.add(quads(corners), "foliage", tint * 1.15)
            else:
                pile = boxes(
                    [((x0 + x1) / 2, (y0 + y1) / 2, z1 - 0.04)],
                    (x1 - x0 - 0.06, y1 - y0 - 0.04, rng.uniform(0.08, 0.2)),
                )
                tint = 0.6 * rng.uniform(60, 210, 3) + 0.4 * 130
                sketch.add(pile, "plaster", tint)
    crates = rng.uniform(-1, 1, (3, 2)) * (0.1, y - 0.4)
    bottoms = np.column_stack([crates[:, 0] - 0.9, crates[:, 1], np.zeros(3)])
    sketch.add(boxes(bottoms, (0.4, 0.6, 0.32)), "planks", (186, 158, 118))
    scale = lathe([(0.1, 0.98), (0.1, 1.12), (0.16, 1.14), (0, 1.15)], 10)
    sketch.add(scale, "metal", (172, 174, 176), at=(0.1, y * 0.6, 0), level=Level.NEAR)
    return sketch
