"""What is worn on the head; hair under it is flattened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import Mesh, joined, lathe, rounded_box, vector
from synth_workers.people.spec import CutKind, Slot
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer

_CLEARANCE = 1.17
"""Radius of a hat's crown against the skull's half width."""


def _width(wearer: Wearer) -> float:
    return float(wearer.body.head_half[0]) * _CLEARANCE


def _crown(wearer: Wearer, flat: float) -> Mesh:
    """A dome about the origin; the smaller ``flat``, the steeper its sides."""
    width, height = _width(wearer), float(wearer.body.head_half[1]) * 0.74
    return lathe(
        [
            (max(1e-3, width * float(np.cos(a)) ** flat), height * float(np.sin(a)))
            for a in np.linspace(0.0, np.pi / 2, 8)[::-1]
        ],
        24,
    )


def _worn(wearer: Wearer, meshes: Sequence[Mesh]) -> Mesh:
    """Meshes about the crown's middle, brought to the head and into its proportions."""
    body = wearer.body
    centre = (body.head_centre + vector(0.0, body.head_half[1] * 0.42, -0.006)).astype(np.float64)
    half = body.head_half.astype(np.float64)
    return joined(*meshes).moved(centre, (1.0, 1.0, half[2] / half[0]))


@accessory("cap", Place.head, chance=0.09, cloth={"twill": 4, "denim": 0.5}, palette="hat")
def _cap(wearer: Wearer) -> list[Part]:
    width, reach = _width(wearer), 0.072 * wearer.accessory.size
    visor = lathe(
        [(width * 0.98, 0.003), (width + 0.5 * reach, -0.004), (width + reach, -0.02)],
        12, -1.0, 1.0,
    )  # fmt: skip
    button = rounded_box((0.008, 0.005, 0.008), 0.9, 6).moved(
        (0, float(wearer.body.head_half[1]) * 0.74, 0)
    )
    shape = _worn(wearer, [_crown(wearer, 0.85), visor, button])
    return [wearer.rigid(shape, "head", specular=0.02)]


@accessory("beanie", Place.head, chance=0.04, cloth={"knit": 1}, palette="hat")
def _beanie(wearer: Wearer) -> list[Part]:
    body = wearer.body
    low = (0.50, 0.55, 0.60, 0.66, 0.71, 0.73, 0.75)
    cap = wearer.cover(CutKind.head, line=low, off=0.2, wrinkle=0.04)
    lifted = cap.positions.copy()
    top = body.head_centre[1] + 0.35 * body.head_half[1]
    lifted[:, 1] += 0.022 * np.clip((lifted[:, 1] - top) / body.head_half[1], 0, 1) ** 2
    return [replace(cap, positions=lifted)]


def _brimmed(name: str, flat: float, brim: float, droop: float, **about: object) -> None:
    """Registers a hat with a brim all round and a band."""

    @accessory(name, Place.head, chance=0.02, palette="hat", **about)
    def _build(wearer: Wearer) -> list[Part]:
        width, wide = _width(wearer), brim * wearer.accessory.size
        rim = [(width * 1.0, 0.0), (width + 0.5 * wide, -0.45 * droop), (width + wide, -droop)]
        hat = _worn(wearer, [_crown(wearer, flat), lathe(rim, 28)])
        band = _worn(wearer, [lathe([(width * 1.01, 0.022), (width * 1.012, -0.004)], 24)])
        return [
            wearer.rigid(hat, "head", specular=0.02),
            wearer.rigid(band, "head", "band", wearer.trim(0.55)),
        ]


_brimmed("bucket_hat", 0.5, 0.05, 0.036, cloth={"twill": 3, "denim": 0.5, "camouflage": 0.3})
_brimmed("sun_hat", 0.7, 0.11, 0.024, men=0.15, cloth={"knit": 1}, base="beige")


@accessory("hood", Place.head, cloth={"plain": 1}, palette="outer")
def _hood(wearer: Wearer) -> list[Part]:
    """A raised hood: a loose cap around the head, open at the face."""
    outer = wearer.spec.worn_at(Slot.outer)
    cloth = outer.fabric if outer else wearer.accessory.fabric
    if cloth.kind == "quilted":
        cloth = cloth.model_copy(update={"kind": "plain"})
    line = (0.02, 0.06, 0.14, 0.30, 0.66, 0.80, 0.86)
    return [wearer.cover(CutKind.head, "", cloth, wrinkle=0.06, line=line, off=0.3)]
