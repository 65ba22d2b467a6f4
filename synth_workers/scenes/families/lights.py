"""Lights of worlds: the named times of day, and those that are drawn for every scene."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.drawn_lights import drawn_lights
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.scene_file import Light

_OUTDOORS = {
    "morning": (24.0, 38.0), "day": (48.0, 66.0), "afternoon": (28.0, 44.0),
    "overcast": None, "dusk": None, "night": None, "fog": None,
}  # fmt: skip
"""Between which elevations the sun stands; None: where the sky has it."""
_FOG = (0.009, 0.016)
"""Density of fog, per metre: less than the sky has it, for cameras of worlds look farther."""

_EXPOSURES = {"night": (1.45, 1.75), "dimmed": (1.15, 1.4)}
"""Skies in whose dark the cameras of worlds expose longer, each world's by a factor of its own."""

_INDOORS = {"day": "bright", "warm": "warm", "dimmed": "dimmed"}


def draw_lights(site: Site) -> dict[str, Light]:
    """Named lights first, then those that are this world's own."""
    rng = site.stream("lights")
    if site.indoor:
        lights = {name: _named(rng, sky, None) for name, sky in _INDOORS.items()}
    else:
        lights = {name: _named(rng, name, range_) for name, range_ in _OUTDOORS.items()}
    return lights | drawn_lights(rng, site.indoor)


def _named(rng: np.random.Generator, sky: str, elevations: tuple[float, float] | None) -> Light:
    azimuth = round(float(rng.uniform(-180, 180)), 1)
    if sky == "fog":
        return Light(sky=sky, fog_density=round(float(rng.uniform(*_FOG)), 4))
    if sky in _EXPOSURES:
        return Light(sky=sky, exposure=round(float(rng.uniform(*_EXPOSURES[sky])), 3))
    if elevations is None:
        return Light(sky=sky)
    return Light(sky=sky, azimuth=azimuth, elevation=round(float(rng.uniform(*elevations)), 1))
