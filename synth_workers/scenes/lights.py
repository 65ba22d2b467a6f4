"""Skies (``skies.yaml``): the light of a time of day or of a shop; a scene adds its lamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np

from manifests.errors import BadScene
from manifests.registry import unknown
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


def expect_sky(name: str) -> None:
    """`BadScene` naming the known ones if there is no sky of this name."""
    if name not in SKIES:
        raise BadScene(unknown("sky", name, SKIES))


def make_preset(
    lamps: Sequence[PointLight], sky: str, azimuth: float | None = None,
    elevation: float | None = None, **changes: Any,
) -> LightPreset:  # fmt: skip
    """A sky with its sun moved, ``changes`` made that are not None, and a scene's lamps lit where
    the sky asks for them."""
    expect_sky(sky)
    made = {name: value for name, value in changes.items() if value is not None}
    if azimuth is not None or elevation is not None:
        x, y, z = SKIES[sky].sun_direction
        own = float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arcsin(z)))
        made["sun_direction"] = sun_at(
            own[0] if azimuth is None else azimuth, own[1] if elevation is None else elevation
        )
    if sky in LAMPS_ON:
        made["lamps"] = tuple(lamps)
    return replace(SKIES[sky], **made)
