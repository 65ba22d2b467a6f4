"""Skies: the light of a time of day or of a shop, before a scene adds its lamps.

Linear colours. Radiance is chosen for an exposure near 0.7 by day; night is kept about as dark
as low-illumination pictures are, with lamps that keep people readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import LightPreset, PointLight, Vector


def sun_at(azimuth: float, elevation: float) -> Vector:
    """Unit vector towards the sun. ``azimuth``: degrees counter-clockwise from +x, seen from
    above; ``elevation``: degrees above the horizon. Right-handed metres frame."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return (float(np.cos(e) * np.cos(a)), float(np.cos(e) * np.sin(a)), float(np.sin(e)))


SKIES: dict[str, LightPreset] = {
    "day": LightPreset(
        sun_direction=sun_at(-37, 46),
        sun_colour=(2.9, 2.68, 2.36),
        sky_colour=(0.66, 0.76, 0.94),
        ground_colour=(0.40, 0.37, 0.33),
        zenith_colour=(0.22, 0.42, 0.85),
        fog_colour=(0.74, 0.81, 0.90),
        fog_density=0.003,
        clouds=0.5,
        exposure=0.57,
        noise=0.006,
    ),
    "morning": LightPreset(
        sun_direction=sun_at(20, 22),
        sun_colour=(2.2, 1.85, 1.40),
        sky_colour=(0.60, 0.68, 0.84),
        ground_colour=(0.36, 0.34, 0.32),
        zenith_colour=(0.28, 0.46, 0.82),
        fog_colour=(0.80, 0.79, 0.76),
        fog_density=0.006,
        clouds=0.4,
        exposure=0.72,
        white_balance=(0.99, 1.0, 1.02),
        noise=0.008,
    ),
    "afternoon": LightPreset(
        sun_direction=sun_at(-70, 27),
        sun_colour=(2.6, 1.86, 1.16),
        sky_colour=(0.62, 0.64, 0.76),
        ground_colour=(0.40, 0.35, 0.30),
        zenith_colour=(0.24, 0.36, 0.68),
        fog_colour=(0.82, 0.73, 0.62),
        fog_density=0.004,
        clouds=0.6,
        exposure=0.70,
        white_balance=(1.03, 1.0, 0.96),
        noise=0.008,
    ),
    "overcast": LightPreset(
        sun_direction=sun_at(-50, 70),
        sun_colour=(0.46, 0.46, 0.47),
        sky_colour=(1.02, 1.06, 1.12),
        ground_colour=(0.44, 0.43, 0.42),
        zenith_colour=(0.78, 0.83, 0.88),
        fog_colour=(0.84, 0.87, 0.90),
        fog_density=0.004,
        clouds=0.25,
        exposure=0.70,
        white_balance=(0.98, 1.0, 1.03),
        noise=0.006,
    ),
    "dusk": LightPreset(
        sun_direction=sun_at(-80, 12),
        sun_colour=(0.55, 0.30, 0.18),
        sky_colour=(0.26, 0.29, 0.42),
        ground_colour=(0.15, 0.13, 0.13),
        zenith_colour=(0.10, 0.14, 0.32),
        fog_colour=(0.52, 0.38, 0.36),
        fog_density=0.005,
        clouds=0.7,
        exposure=1.0,
        noise=0.015,
        lamp_colour=(1.0, 0.84, 0.58),
        windows_lit=0.35,
        window_colour=(0.9, 0.66, 0.38),
    ),
    "night": LightPreset(
        sun_direction=sun_at(-60, 60),
        sun_colour=(0.030, 0.036, 0.05),
        sky_colour=(0.050, 0.058, 0.085),
        ground_colour=(0.034, 0.031, 0.030),
        zenith_colour=(0.010, 0.013, 0.028),
        fog_colour=(0.035, 0.036, 0.050),
        fog_density=0.006,
        clouds=0.4,
        exposure=1.15,
        white_balance=(1.0, 1.0, 0.98),
        noise=0.03,
        lamp_colour=(1.0, 0.84, 0.58),
        windows_lit=0.30,
        window_colour=(0.72, 0.52, 0.30),
    ),
    "fog": LightPreset(
        sun_direction=sun_at(-50, 60),
        sun_colour=(0.20, 0.20, 0.20),
        sky_colour=(0.94, 0.97, 1.0),
        ground_colour=(0.48, 0.48, 0.48),
        zenith_colour=(0.78, 0.81, 0.84),
        fog_colour=(0.78, 0.80, 0.82),
        fog_density=0.028,
        clouds=0.0,
        exposure=0.70,
        noise=0.008,
    ),
    "bright": LightPreset(
        sun_direction=sun_at(-50, 80),
        sun_colour=(0.70, 0.70, 0.67),
        sky_colour=(0.86, 0.87, 0.86),
        ground_colour=(0.58, 0.57, 0.55),
        zenith_colour=(0.5, 0.5, 0.5),
        fog_colour=(0.62, 0.62, 0.62),
        fog_density=0.001,
        exposure=0.68,
        white_balance=(1.01, 1.0, 0.97),
        noise=0.008,
        lamp_colour=(1.0, 0.99, 0.95),
        windows_lit=0.5,
        window_colour=(1.0, 1.02, 1.06),
    ),
    "warm": LightPreset(
        sun_direction=sun_at(140, 74),
        sun_colour=(0.72, 0.60, 0.42),
        sky_colour=(0.72, 0.64, 0.50),
        ground_colour=(0.48, 0.41, 0.31),
        zenith_colour=(0.5, 0.5, 0.5),
        fog_colour=(0.5, 0.45, 0.38),
        fog_density=0.001,
        exposure=0.72,
        white_balance=(1.02, 1.0, 0.94),
        noise=0.01,
        lamp_colour=(1.0, 0.83, 0.58),
        windows_lit=0.5,
        window_colour=(0.34, 0.30, 0.36),
    ),
    "dimmed": LightPreset(
        sun_direction=sun_at(-50, 82),
        sun_colour=(0.07, 0.07, 0.072),
        sky_colour=(0.10, 0.105, 0.115),
        ground_colour=(0.07, 0.068, 0.066),
        zenith_colour=(0.1, 0.1, 0.1),
        fog_colour=(0.05, 0.05, 0.055),
        fog_density=0.002,
        exposure=0.95,
        noise=0.018,
        lamp_colour=(0.22, 0.22, 0.21),
    ),
}
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
