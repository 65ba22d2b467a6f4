"""Every hair style, with its shape, its wearers and what it has at the back."""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.fastening import rigid
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import rounded_box, tube, vector
from synth_workers.people.spec import FabricSpec
from synth_workers.people.worn.hair.registry import SHEEN, Commonness, HairShape, hair_style

_HIGH = (0.28, 0.38, 0.56, 0.68, 0.80, 0.86, 0.90)
_LOW = (0.22, 0.31, 0.55, 0.66, 0.76, 0.84, 0.88)
_RECEDING = (0.29, 0.40, 0.53, 0.72, 0.90, 0.97, 1.01)

_SHORT = 0.006
"""Strands at the rim of short hair, metres."""


def _head(body: FittedBody) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half size of the head, metres."""
    return body.head_centre.astype(np.float64), body.head_half.astype(np.float64)


def _bun(body: FittedBody, fabric: FabricSpec, rng: np.random.Generator) -> list[Part]:
    centre, half = _head(body)
    high = float(rng.uniform(0.1, 0.7))
    back = half[2] * (1.10 - 0.25 * high)
    ball = rounded_box((0.044, 0.040, 0.038), 0.9).moved(centre + vector(0, high * half[1], -back))
    return [rigid(ball, body, "head", fabric, "hair.bun", specular=SHEEN)]


def _ponytail(body: FittedBody, fabric: FabricSpec, rng: np.random.Generator) -> list[Part]:
    centre, half = _head(body)
    start = centre + vector(0, rng.uniform(0.05, 0.5) * half[1], -half[2] * 1.0)
    length = float(rng.uniform(0.16, 0.27))
    along = np.array([[0, 0.004, 0.01], [0, 0, -0.03], [0, -0.2, -0.055], [0, -0.55, -0.052],
                      [0, -0.85, -0.036], [0, -1.0, -0.03]])  # fmt: skip
    path = start + along * [1, length, 1]
    radius = np.array([0.014, 0.017, 0.026, 0.027, 0.018, 0.004])
    band = tube(start + np.array([[0, 0, -0.012], [0, 0, -0.024]]), 0.018, 8)
    red, green, blue = (int(c * 0.45) for c in fabric.main_colour)
    return [
        rigid(tube(path, radius, 10), body, "head", fabric, "hair.ponytail", specular=SHEEN),
        rigid(band, body, "head", (red, green, blue), "hair.tie"),
    ]


def _braid(body: FittedBody, fabric: FabricSpec, rng: np.random.Generator) -> list[Part]:
    """A plait down the back: a tube that swells and thins along its length."""
    centre, half = _head(body)
    start = centre + vector(0, -0.25 * half[1], -half[2] * 0.98)
    torso = body.vertices[TIGHTS]
    steps = np.linspace(0.0, 1.0, 33)
    path = start + np.stack([0 * steps, -0.36 * steps, -0.012 - 0.02 * np.sin(np.pi * steps)], 1)
    for row in path:
        near = torso[(np.abs(torso[:, 1] - row[1]) < 0.03) & (np.abs(torso[:, 0]) < 0.05)]
        if len(near):
            row[2] = min(row[2], float(near[:, 2].min()) - 0.03)
    path[:, 0] += 0.004 * np.sin(2 * np.pi * steps * 7)
    radius = (0.024 - 0.010 * steps) * (1 + 0.22 * np.abs(np.sin(np.pi * steps * 11)))
    radius[-1] = 0.004
    return [rigid(tube(path, radius, 8), body, "neck_01", fabric, "hair.braid", specular=SHEEN)]


def _pigtails(body: FittedBody, fabric: FabricSpec, rng: np.random.Generator) -> list[Part]:
    centre, half = _head(body)
    along = np.array([[0, 0.005, 0], [0.025, -0.01, 0], [0.04, -0.06, 0], [0.036, -0.12, 0.004],
                      [0.03, -0.17, 0.008]])  # fmt: skip
    radius = np.array([0.012, 0.018, 0.024, 0.021, 0.004])
    pigtails = []
    for side in (1.0, -1.0):
        start = centre + vector(side * half[0] * 0.95, -0.1 * half[1], -half[2] * 0.45)
        mesh = tube(start + along * [side, 1, 1], radius, 8)
        pigtails.append(rigid(mesh, body, "head", fabric, "hair.pigtail", specular=SHEEN))
    return pigtails


# fmt: off
hair_style("bald", None, Commonness(men=0.35, old_men=1.0, boys=0.0), ("crew",), close=True)
hair_style("crew", HairShape(_HIGH, off=0.05, lift=0.003, curl=0.001, strands=_SHORT),
           Commonness(men=2.0), ("short", "bald"), close=True)
hair_style("short", HairShape(_HIGH, off=0.13, lift=0.014, curl=0.003, strands=_SHORT),
           Commonness(men=3.0), ("crew", "quiff", "side_part"))
hair_style("side_part", HairShape(_HIGH, off=0.12, lift=0.012, part=0.018, strands=_SHORT),
           Commonness(men=1.8), ("short", "quiff"))
hair_style("quiff", HairShape(_HIGH, off=0.09, lift=0.012, quiff=0.030, strands=_SHORT),
           Commonness(men=1.4), ("short", "side_part"))
hair_style("curly", HairShape(off=0.14, lift=0.012, puff=0.014, curl=0.007, locks=0.6),
           Commonness(women=0.7, men=0.7, old_women=2.0, african=(1.5, 1.5)), ("short", "afro"))
hair_style("afro", HairShape(off=0.14, lift=0.018, puff=0.050, curl=0.005, locks=0.6),
           Commonness(african=(2.0, 1.6)), ("curly", "crew"))
hair_style("receding", HairShape(_RECEDING, off=0.07, lift=0.002),
           Commonness(men=0.3, old_men=2.0, boys=0.0), ("crew", "bald"))
hair_style("bob", HairShape(drop=1.05, lift=0.014, part=0.010),
           Commonness(women=1.6, old_women=2.0), ("shoulder", "pixie"))
hair_style("shoulder", HairShape(drop=1.5, lift=0.013, part=0.010),
           Commonness(women=2.5, men=0.15, old_women=0.7), ("bob", "bun", "long"))
hair_style("long", HairShape(drop=2.15, lift=0.012, part=0.010),
           Commonness(women=3.0), ("ponytail", "shoulder", "braid"))
hair_style("bun", HairShape(off=0.10, lift=0.005, tail=_bun),
           Commonness(women=1.3, men=0.12, old_women=1.0), ("ponytail", "bob"))
hair_style("ponytail", HairShape(off=0.10, lift=0.006, tail=_ponytail),
           Commonness(women=2.2), ("bun", "long", "braid"))
hair_style("braid", HairShape(off=0.11, lift=0.006, part=0.005, tail=_braid),
           Commonness(women=0.7), ("ponytail", "long"))
hair_style("pigtails", HairShape(off=0.11, lift=0.006, tail=_pigtails),
           Commonness(women=0.15, girls=1.0), ("ponytail", "shoulder"))
hair_style("pixie", HairShape(_LOW, off=0.14, lift=0.012, part=0.006),
           Commonness(women=0.7, old_women=2.0), ("bob", "curly"))
