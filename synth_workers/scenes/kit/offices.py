"""Things of offices and hospitals: copiers, vending machines, beds, carts."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_ALWAYS, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Colour, around, piece
from synth_workers.scenes.mesh import ALL_SIDES, upright
from synth_workers.scenes.parts import Level, Sketch


@piece("vending_machine", boxes=lambda **_: around(0.42, 0.5, 1.85))
def build_vending_machine(sketch: Sketch, tint: Colour = (150, 46, 44)) -> None:
    """A machine for drinks or snacks that looks towards +x, lit inside."""
    sketch.boxes((0, 0, 0), (0.8, 0.96, 1.85), "metal", tint)
    window = upright(0.404, -0.4, 0.22, 0.45, 1.7)
    lit = {"glow": GLOW_UNIT, "switch": SWITCH_ALWAYS}
    sketch.quads(window, "freezer_doors", (240, 240, 240), cell=(int(sketch.rng.integers(4)), 0),
                 **lit)  # fmt: skip
    sketch.boxes([(0.41, 0.34, 1.0), (0.41, -0.09, 0.18)], [(0.03, 0.14, 0.3), (0.03, 0.5, 0.18)],
                 "metal", (40, 42, 46))  # fmt: skip


@piece("copier", boxes=lambda **_: around(0.33, 0.4, 1.15))
def build_copier(sketch: Sketch, tint: Colour = (206, 208, 208)) -> None:
    """A copier that is used from +x."""
    body = np.asarray(tint, float)
    sketch.boxes((0, 0, 0.05), (0.6, 0.7, 0.85), "plaster", body)
    sketch.boxes((0, 0, 0.9), (0.62, 0.78, 0.18), "plaster", body * 0.55)
    sketch.boxes((-0.05, 0, 1.08), (0.45, 0.5, 0.05), "plaster", body * 0.9)
    trays = [(0.305, 0, z) for z in (0.15, 0.4, 0.65)]
    sketch.boxes(trays, (0.02, 0.62, 0.2), "plaster", body * 0.85, level=Level.NEAR)
    screen = upright(0.315, 0.1, 0.34, 0.94, 1.04)
    sketch.quads(screen, "white", (130, 170, 210), glow=GLOW_UNIT, switch=SWITCH_LAMP)


@piece("hospital_bed", boxes=lambda **_: around(1.1, 0.5, 1.0))
def build_hospital_bed(
    sketch: Sketch, sheet: Colour = (214, 222, 226), frame: Colour = (190, 194, 198)
) -> None:
    """A bed on wheels along x, its head towards -x."""
    steel = np.asarray(frame, float)
    sketch.boxes((0, 0, 0.4), (2.0, 0.86, 0.1), "metal", steel, ALL_SIDES)
    sketch.boxes((0, 0, 0.5), (1.96, 0.84, 0.14), "plaster", (226, 228, 228))
    sketch.boxes((0.25, 0, 0.64), (1.4, 0.88, 0.07), "plaster", sheet)
    sketch.boxes((-0.74, 0, 0.64), (0.36, 0.6, 0.12), "plaster", (236, 236, 234))
    ends = [(-1.04, 0, 0.35), (1.04, 0, 0.35)]
    sketch.boxes(ends, [(0.05, 0.88, 0.65), (0.05, 0.88, 0.5)], "planks", steel * 0.9)
    rails = [(0.1, side * 0.47, z) for side in (-1, 1) for z in (0.72, 0.86)]
    sketch.boxes(rails, (1.0, 0.025, 0.03), "metal", steel, ALL_SIDES)
    feet = [(x, y, 0.0) for x in (-0.85, 0.85) for y in (-0.36, 0.36)]
    sketch.boxes(feet, (0.06, 0.06, 0.4), "metal", (70, 72, 76))


@piece("cart", boxes=lambda **_: around(0.42, 0.3, 1.05))
def build_cart(
    sketch: Sketch, tint: Colour = (150, 170, 180), load: Colour = (226, 228, 226)
) -> None:
    """A cart of shelves on wheels along x, loaded with linen or boxes."""
    rng = sketch.rng
    posts = [(x, y, 0.05) for x in (-0.37, 0.37) for y in (-0.24, 0.24)]
    sketch.boxes(posts, (0.04, 0.04, 1.0), "metal", (150, 154, 158))
    shelves = [(0, 0, z) for z in (0.15, 0.5, 0.85)]
    sketch.boxes(shelves, (0.78, 0.5, 0.03), "metal", tint, ALL_SIDES)
    piles = [(x, 0, z + 0.03) for z in (0.15, 0.5, 0.85) for x in (-0.24, 0.0, 0.24)]
    sizes = np.column_stack([np.full(9, 0.2), np.full(9, 0.4), rng.uniform(0.06, 0.26, 9)])
    tone = np.repeat(rng.uniform(0.85, 1.05, (9, 1)), 20, axis=0)
    sketch.boxes(piles, sizes, "plaster", np.asarray(load, float) * tone)
