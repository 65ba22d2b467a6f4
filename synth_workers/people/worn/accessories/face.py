"""What is worn before eyes and mouth."""

from __future__ import annotations

import numpy as np

from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import disc, joined, tube, vector
from synth_workers.people.spec import CutKind
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer


@accessory("glasses", Place.eyes, chance=0.13, colours=((22, 20, 20), (60, 42, 30), (96, 96, 100)))
def _glasses(wearer: Wearer) -> list[Part]:
    return _spectacles(wearer, 0.025, 0.019)


@accessory("sunglasses", Place.eyes, chance=0.06, colours=((18, 18, 20), (40, 28, 22)))
def _sunglasses(wearer: Wearer) -> list[Part]:
    return _spectacles(wearer, 0.027, 0.021, lens=(16, 16, 19))


def _spectacles(
    wearer: Wearer, width: float, height: float, lens: tuple[int, int, int] | None = None
) -> list[Part]:
    """Frames of elliptical rims of these half sizes, metres; clear lenses are not seen."""
    body = wearer.body
    eyes, half, middle = body.eyes, body.head_half, body.head_centre
    front = float(eyes[:, 2].max()) + 0.020
    frames, lenses = [], []
    for eye in eyes:
        side = float(np.sign(eye[0]))
        centre = np.array([eye[0] * 1.03, eye[1] - 0.002, front])
        loop = np.linspace(0, 2 * np.pi, 17)
        rim = np.stack([width * np.cos(loop), height * np.sin(loop), 0 * loop], axis=1)
        frames.append(tube(centre + rim, 0.0026, 6))
        lenses.append(disc(centre, width, height))
        hinge = centre + vector(side * width, 0.005, 0)
        temple = [side * half[0] * 0.99, centre[1] + 0.005, front - 0.03]
        ear = [side * half[0] * 1.02, centre[1] + 0.004, middle[2] - 0.012]
        frames.append(tube(np.array([hinge, temple, ear]), 0.0026, 5))
    left, right = sorted(eyes.tolist(), reverse=True)
    bridge = np.array(
        [[left[0] * 0.35, left[1], front], [0, left[1] + 0.003, front + 0.003],
         [right[0] * 0.35, right[1], front]]
    )  # fmt: skip
    frames.append(tube(bridge, 0.0028, 6))
    parts = [wearer.rigid(joined(*frames), "head", specular=0.3)]
    if lens:
        parts.append(wearer.rigid(joined(*lenses), "head", "lenses", lens, specular=0.5))
    return parts


@accessory(
    "mask",
    Place.mouth,
    chance=0.08,
    colours=((214, 220, 226), (150, 182, 208), (28, 28, 32), (214, 220, 226)),
)
def _mask(wearer: Wearer) -> list[Part]:
    body = wearer.body
    cover = wearer.cover(CutKind.mask, wrinkle=0.03, top=0.42, off=0.1)
    loops = []
    for side in (1.0, -1.0):
        near = cover.positions[:, 0] * side
        edge = cover.positions[near > near.max() - 0.006]
        ear = np.array([side * body.head_half[0] * 1.03, body.eyes[0, 1] - 0.01,
                        body.head_centre[2] - 0.008])  # fmt: skip
        for end in (edge[edge[:, 1].argmax()], edge[edge[:, 1].argmin()]):
            bulge = 0.5 * (end + ear) + vector(side * 0.006, 0, 0)
            loops.append(tube(np.array([end, bulge, ear]), 0.0018, 4))
    return [cover, wearer.rigid(joined(*loops), "head", "loops")]
