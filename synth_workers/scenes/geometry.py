"""Types of a scene's pixels: vertices, cells, texture layers and light presets.

Only types and their digest live here; `builder` fills them, the engine draws them.

Frame of everything in this module: right-handed, metres, z up (the engine's). Colours of
textures and tints are sRGB-like bytes (albedo = byte squared), colours of lights are linear.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Vector = tuple[float, float, float]

SkyBake = Literal["fine", "quick"]
"""How finely the engine bakes how much of the sky each vertex sees."""


def vector(values: Iterable[float]) -> Vector:
    """Three numbers, of an array for example, as plain ones."""
    x, y, z = map(float, values)
    return (x, y, z)


STATIC_VERTEX = np.dtype(
    [
        ("position", "f4", 3),
        ("normal", "u1", 4),  # x, y, z as n * 127 + 128; the fourth byte is specular 0..255
        ("uv", "f4", 2),
        ("tint", "u1", 4),  # rgb; alpha 255, replaced by the engine's baked ambient occlusion
        ("layer", "u2"),  # texture layer; 0 is plain white
        ("glow", "u1"),  # radiance of its own light, 64 = 1.0, 0 = none
        ("switch", "u1"),  # what turns the glow on, see below
    ]
)
"""Interleaved vertex of static geometry, 32 bytes."""

GLOW_UNIT = 64
"""Value of ``glow`` that means: emits its albedo times the switch's colour once."""

SWITCH_ALWAYS = 0
"""Glows in every light (indoor lamps, screens, light bounced onto a ceiling)."""

SWITCH_LAMP = 1
"""Glows with ``LightPreset.lamp_colour`` (street lamps, shop signs)."""

SWITCH_WINDOW = 2
"""First of the window values: a window of ``switch`` s glows with ``window_colour`` where
``(s - 2) / 253 < windows_lit``; so each preset lights a stable share of all windows."""

MAX_LAMPS = 8
"""How many point lights one view may use."""

FAR_DETAIL = 18.0
"""Metres beyond which a cell is drawn with less detail."""

TEXTURE_SIZE = 512
"""Side of every texture layer, pixels."""


@dataclass(frozen=True)
class PointLight:
    """A lamp. ``colour``: linear radiance on a facing white surface one metre away."""

    position: Vector
    colour: Vector
    reach: float = 14.0  # metres at which its light has faded to nothing

    def attenuation(self, distance: np.ndarray) -> np.ndarray:
        """Share of ``colour`` that arrives: inverse square, softened near, 0 at ``reach``."""
        fade = np.clip(1.0 - (np.asarray(distance) / self.reach) ** 2, 0.0, 1.0)
        return fade * fade / (1.0 + np.asarray(distance) ** 2)


@dataclass(frozen=True)
class LightPreset:
    """How a scene is lit. ``sun_direction`` points towards the sun (indoors: the ceiling)."""

    sun_direction: Vector
    sun_colour: Vector
    sky_colour: Vector  # ambient light from above
    ground_colour: Vector  # ambient light from below
    zenith_colour: Vector  # the visible sky overhead
    fog_colour: Vector  # the horizon and what distance fades to
    fog_density: float = 0.004  # per metre
    clouds: float = 0.45  # cover of the visible sky, 0..1
    exposure: float = 0.66
    white_balance: Vector = (1.0, 1.0, 1.0)
    noise: float = 0.03  # standard deviation of sensor noise this light adds, 0..1
    lamps: tuple[PointLight, ...] = ()
    lamp_colour: Vector = (0.0, 0.0, 0.0)
    windows_lit: float = 0.0  # share of windows that glow
    window_colour: Vector = (0.0, 0.0, 0.0)

    def lamps_near(self, point: Vector, count: int = MAX_LAMPS) -> tuple[PointLight, ...]:
        """The ``count`` lamps that light ``point`` most, strongest first (ties: file order)."""

        place = np.asarray(point, float)

        def weakness(lamp: PointLight) -> float:
            apart = np.asarray(lamp.position, float) - place
            return -max(lamp.colour) * float(1.0 / (1.0 + np.sum(apart**2)))

        return tuple(sorted(self.lamps, key=weakness)[:count])


@dataclass(frozen=True)
class Cell:
    """The geometry of one ground square (normally 10 m) that is culled and sorted as one.

    ``vertices``: (n,) ``STATIC_VERTEX``. Index arrays are (k, 3) uint32 and counter-clockwise
    seen from outside: ``near`` and ``far`` may be drawn with back faces culled, the two-sided
    ones may not. Draw either the near pair or (beyond ``FAR_DETAIL``) the far pair.
    ``casters``: the triangles that cast shadows and occlude ambient light (floors and
    ceilings do not). ``centre``, ``radius``: bounding sphere, metres. ``labels``: (n,) uint32, what
    each vertex belongs to (``scenes.labels``); (0,) where nobody knows.
    """

    vertices: np.ndarray
    near: np.ndarray
    far: np.ndarray
    near_two_sided: np.ndarray
    far_two_sided: np.ndarray
    casters: np.ndarray
    centre: Vector
    radius: float
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))


INDICES = ("near", "far", "near_two_sided", "far_two_sided", "casters")
"""The index arrays of a `Cell`."""


@dataclass(frozen=True)
class SceneGeometry:
    """All that the engine draws of a scene, except people.

    ``layers``: (k, 512, 512, 3) uint8, repeating textures, layer 0 white; ``materials``: those
    that they show.
    ``shadow_area``: x, y, half side (metres) of the ground square that needs sun shadows.
    ``digest``: changes whenever a vertex, a triangle or a texel changes.
    """

    name: str
    indoor: bool
    cells: tuple[Cell, ...]
    layers: np.ndarray
    lights: dict[str, LightPreset]
    shadow_area: tuple[float, float, float]
    digest: str = field(default="")
    materials: tuple[str, ...] = ()
    sky_bake: SkyBake = "fine"

    def triangles(self) -> tuple[int, int]:
        """Triangles drawn if every cell were near, and if every cell were far."""
        near = sum(len(c.near) + len(c.near_two_sided) for c in self.cells)
        far = sum(len(c.far) + len(c.far_two_sided) for c in self.cells)
        return near, far


def geometry_digest(cells: tuple[Cell, ...], layers: np.ndarray) -> str:
    """32 hex characters over every vertex, triangle and texel, in order."""
    state = hashlib.blake2b(digest_size=16)
    for cell in cells:
        state.update(np.ascontiguousarray(cell.vertices).data)
        for kind in INDICES:
            indices: np.ndarray = getattr(cell, kind)
            state.update(len(indices).to_bytes(8, "little"))
            state.update(np.ascontiguousarray(indices).data)
    state.update(np.ascontiguousarray(layers).data)
    return state.hexdigest()
