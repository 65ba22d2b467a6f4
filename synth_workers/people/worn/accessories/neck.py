"""What is worn around the neck."""

from __future__ import annotations

import numpy as np

from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import joined, rounded_box, tube, vector
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer


@accessory(
    "scarf",
    Place.neck,
    chance=0.06,
    cloth={"knit": 3, "plaid": 3, "plain": 2},
    palette="top",
    pictures="scarf",
)
def _scarf(wearer: Wearer) -> list[Part]:
    body, scale = wearer.body, wearer.scale
    neck = body.joint("neck_01").astype(np.float64) + vector(0, 0.035 * scale, 0.022)
    thick = 0.06 * wearer.over
    loop = np.linspace(0, 2 * np.pi, 25)
    rings = []
    for turn in (0.0, 0.8):
        path = np.stack(
            [
                (0.068 * scale + thick + 0.008 * turn) * np.sin(loop),
                -0.010 + 0.026 * turn - 0.020 * np.cos(loop),
                (0.070 * scale + thick + 0.008 * turn) * np.cos(loop) - 0.012,
            ],
            axis=1,
        )
        rings.append(tube(neck + path, 0.025 * scale, 8))
    place = neck + vector(0.045, -0.21 * scale, 0)
    chest = wearer.surface(float(place[1]), 0.05, 0.12)[:, 2].max() + wearer.over * 0.1
    tail = rounded_box((0.048, 0.19 * scale, 0.016), 0.4).moved([place[0], place[1], chest + 0.014])
    return [wearer.rigid(joined(*rings, tail), "spine_03", specular=0.02)]
