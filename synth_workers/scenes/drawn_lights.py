"""Lights that are drawn for a scene beside those that it names: suns of any height behind any
cover, lamps of any colour. Never so dark, nor so foggy, that clothes cannot be told."""

from __future__ import annotations

import numpy as np

from manifests.scene_requests import DRAWN_LIGHTS
from synth_workers.scenes.lights import SKIES
from synth_workers.scenes.scene_file import Light, Point3, SceneFile


def drawn_lights(rng: np.random.Generator, indoor: bool) -> dict[str, Light]:
    """One of each name in ``DRAWN_LIGHTS``."""
    draw = _drawn_lamps if indoor else _drawn_sky
    return {name: draw(rng) for name in DRAWN_LIGHTS}


def further_lights(scene: SceneFile) -> dict[str, Light]:
    """Those of a scene, from its seed; without names that it gives to lights of its own, as worlds
    do."""
    rng = np.random.default_rng([scene.seed, *b"lights"])
    drawn = drawn_lights(rng, scene.indoor)
    return {name: light for name, light in drawn.items() if name not in scene.lights}


def _scaled(colour: Point3, warmth: float, strength: float) -> Point3:
    """A colour made warmer (or colder, if negative) and stronger; its green is kept."""
    red, green, blue = (value * strength for value in colour)
    return (round(red * (1 + warmth), 3), round(green, 3), round(blue * (1 - warmth), 3))


def _drawn_sky(rng: np.random.Generator) -> Light:
    """A sun of any height behind any cover: from clear noon to heavy cloud."""
    elevation = float(rng.uniform(20, 68))
    cover = float(rng.beta(0.7, 0.7))
    clear, grey = SKIES["day"], SKIES["overcast"]

    low = max(0.0, 1 - elevation / 40) * (1 - cover)
    warmth = 0.22 * low + float(rng.uniform(-0.05, 0.05))

    def mixed(name: str, warm: float, strength: float = 1.0) -> Point3:
        pairs = zip(getattr(clear, name), getattr(grey, name), strict=True)
        x, y, z = (p + (q - p) * cover for p, q in pairs)
        return _scaled((x, y, z), warmth * warm, strength)

    return Light(
        sky="day",
        azimuth=round(float(rng.uniform(-180, 180)), 1),
        elevation=round(elevation, 1),
        sun_colour=mixed("sun_colour", 1.0, 1 - 0.25 * low),
        sky_colour=mixed("sky_colour", 0.4, 1 - 0.15 * low),
        ground_colour=mixed("ground_colour", 0.3),
        zenith_colour=mixed("zenith_colour", 0.3),
        fog_colour=mixed("fog_colour", 0.5),
        fog_density=round(float(0.001 + 0.006 * rng.beta(1, 4)), 4),
        clouds=round(float(0.15 + 0.6 * rng.random()), 3),
        exposure=round(float((0.57 + 0.12 * cover + 0.12 * low) * rng.uniform(0.9, 1.12)), 3),
        noise=round(float(rng.uniform(0.004, 0.014)), 4),
        white_balance=(
            round(float(rng.uniform(0.97, 1.03)), 3), 1.0, round(float(rng.uniform(0.96, 1.04)), 3)
        ),
    )  # fmt: skip


def _drawn_lamps(rng: np.random.Generator) -> Light:
    """Ceiling lamps between cold and warm white, daylight from the windows of any strength."""
    warm, strength = float(rng.random()), float(rng.uniform(0.75, 1.15))
    cold, tungsten = SKIES["bright"], SKIES["warm"]

    def between(a: Point3, b: Point3, factor: float = strength) -> Point3:
        x, y, z = (round((p + (q - p) * warm) * factor, 3) for p, q in zip(a, b, strict=True))
        return (x, y, z)

    day = float(rng.uniform(0.3, 1.05))
    return Light(
        sky="bright",
        azimuth=round(float(rng.uniform(-180, 180)), 1),
        elevation=round(float(rng.uniform(66, 86)), 1),
        sun_colour=between(cold.sun_colour, tungsten.sun_colour),
        sky_colour=between(cold.sky_colour, tungsten.sky_colour),
        ground_colour=between(cold.ground_colour, tungsten.ground_colour),
        fog_colour=between(cold.fog_colour, tungsten.fog_colour),
        lamp_colour=between(cold.lamp_colour, tungsten.lamp_colour, 1.0),
        window_colour=(round(day, 3), round(day * 1.02, 3), round(day * 1.06, 3)),
        exposure=round(0.68 * float(rng.uniform(0.9, 1.15)), 3),
        noise=round(float(rng.uniform(0.005, 0.014)), 4),
        white_balance=(
            round(float(rng.uniform(0.97, 1.04)), 3), 1.0, round(float(rng.uniform(0.94, 1.03)), 3)
        ),
    )  # fmt: skip
