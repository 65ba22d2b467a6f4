"""What is worn on and in the ears."""

from __future__ import annotations

import numpy as np

from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import joined, rounded_box, tube, vector
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.hair.registry import HAIR_STYLES
from synth_workers.people.worn.wearer import Wearer


@accessory(
    "headphones",
    Place.ears,
    chance=0.05,
    colours=((24, 24, 27), (205, 205, 205), (112, 40, 40)),
)
def _headphones(wearer: Wearer) -> list[Part]:
    half, centre = wearer.body.head_half, wearer.body.head_centre
    angle = np.linspace(-np.pi / 2, np.pi / 2, 17)
    over_hair = 0.0 if HAIR_STYLES.find(wearer.spec.hair.style).close else 0.008
    band = np.stack(
        [
            (half[0] * 1.12 + over_hair) * np.sin(angle),
            -0.008 + (half[1] * 1.03 + 0.018 + over_hair) * np.cos(angle),
            np.full_like(angle, -0.008),
        ],
        axis=1,
    )
    cups = [
        rounded_box((0.017, 0.037, 0.031), 0.7).moved(
            centre + vector(side * half[0] * 1.12, -0.01, -0.012)
        )
        for side in (1.0, -1.0)
    ]
    return [wearer.rigid(joined(tube(centre + band, 0.008), *cups), "head", specular=0.15)]


@accessory("earphones", Place.ears, chance=0.05, colours=((225, 225, 225), (28, 28, 30)))
def _earphones(wearer: Wearer) -> list[Part]:
    """In-ear buds whose wires meet on the chest."""
    body, half, centre = wearer.body, wearer.body.head_half, wearer.body.head_centre
    neck = body.joint("neck_01")[1]

    def on_chest(height: float) -> np.ndarray:
        front = wearer.surface(height, 0.04, 0.1)[:, 2].max() + wearer.over * 0.1 + 0.008
        return np.array([0.0, height, front])

    chest, low = on_chest(neck - 0.14), on_chest(neck - 0.30)
    buds, wires = [], []
    for side in (1.0, -1.0):
        ear = centre + vector(side * half[0] * 1.02, -0.016, 0.0)
        buds.append(rounded_box((0.009, 0.012, 0.009), 0.8, 8).moved(ear))
        collar = np.array([side * 0.055, neck + 0.01, chest[2] - 0.05])
        jaw = ear + vector(-side * 0.01, -0.07, 0.02)
        wires.append(tube(np.array([ear, jaw, collar, chest]), 0.0024, 4))
    wires.append(tube(np.array([chest, low]), 0.0026, 4))
    return [
        wearer.rigid(joined(*buds), "head"),
        wearer.rigid(joined(*wires), "spine_03", "wires"),
    ]
