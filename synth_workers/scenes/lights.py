"""Skies (``skies.yaml``): the light of a time of day or of a shop; a scene adds its lamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np

from manifests.errors import BadScene
from manifests.strict_text import read_yaml
from synth_workers.scenes.geometry import LightPreset, PointLight, Vector


def sun_at(azimuth: float, elevation: float) -> Vector:
    """Unit vector towards the sun. ``azimuth``: degrees counter-clockwise from +x, seen from
    above; ``elevation``: degrees above the horizon. Right-handed metres frame."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return (float(np.cos(e) * np.cos(a)), float(np.cos(e) * np.sin(a)), float(np.sin(e)))


def _shipped_skies() -> dict[str, LightPreset]:
    text = (resources.files("synth_workers.scenes") / "skies.yaml").read_text("utf-8")
    skies = {}
    for name, row in read_yaml(text).items():
        sun = sun_at(*row.pop("sun"))
        values: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in row.items()
        }
        skies[name] = LightPreset(sun_direction=sun, **values)
    return skies


SKIES = _shipped_skies()
"""Outdoors: morning, day, afternoon, overcast, dusk, night, fog. Indoors: bright, warm, dimmed."""

LAMPS_ON = ("dusk", "night", "dimmed")
"""Skies under which a scene's lamps shine."""


def make_preset(
    sky: str,
    lamps: Sequence[PointLight],
    azimuth: float | None = None,
    elevation: float | None = None,
    **changes: object,
) -> LightPreset:
    """A sky with its sun moved and a scene's lamps lit where the sky asks for them."""
    if sky not in SKIES:
        raise BadScene(f"unknown sky {sky!r}; known are {', '.join(SKIES)}")
    preset = SKIES[sky]
    if azimuth is not None or elevation is not None:
        x, y, z = preset.sun_direction
        own_azimuth = float(np.degrees(np.arctan2(y, x)))
        own_elevation = float(np.degrees(np.arcsin(z)))
        preset = replace(
            preset,
            sun_direction=sun_at(
                own_azimuth if azimuth is None else azimuth,
                own_elevation if elevation is None else elevation,
            ),
        )
    if sky in LAMPS_ON:
        preset = replace(preset, lamps=tuple(lamps))
    return replace(preset, **changes) if changes else preset
