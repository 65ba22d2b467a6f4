"""Finds the level of a scene by name."""

from __future__ import annotations

from synth_workers.engine.engine import Level
from synth_workers.scenes.cache import load_geometry
from synth_workers.scenes.library import load_scene


def load_level(name: str) -> Level:
    """Description and geometry of a scene or a world; ``BadScene`` if there is none of that
    name, or if it is a level of a game."""
    geometry = load_geometry(name)
    return Level(load_scene(name), geometry)
