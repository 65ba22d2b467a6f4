"""Finds the level of a scene name among the shipped scenes."""

from __future__ import annotations

from manifests.errors import BadScene
from synth_workers.engine.engine import Level
from synth_workers.scenes.cache import load_geometry
from synth_workers.scenes.library import load_scene, scene_names


def load_level(name: str) -> Level:
    """Description and geometry of a shipped scene; ``BadScene`` if there is none of that name."""
    if name not in scene_names():
        raise BadScene(f"no scene {name!r}, shipped are: {', '.join(scene_names())}")
    return Level(load_scene(name), load_geometry(name))
