"""Worlds as they are written out: drawn once, then kept on this host.

Drawing a world means searching places for its cameras, which costs more than reading it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synth_workers.scenes.families.worlds import make_world
from synth_workers.scenes.kept import (
    code_version,
    keep_arrays,
    kept_arrays,
    kept_name,
    scene_folder,
)
from synth_workers.scenes.scene_file import SceneFile

_IN_MEMORY = 8
"""A world that is written out holds half a megabyte as objects; an engine visits one at a time."""


@lru_cache(maxsize=_IN_MEMORY)
def written_world(name: str) -> SceneFile:
    """As ``make_world``, but from the cache where it has the world."""
    path = scene_folder() / "worlds" / f"{name}-{kept_name(code_version())}.npz"
    kept = kept_arrays(path)
    if kept is not None:
        return SceneFile.model_validate_json(kept["scene"].tobytes())
    world = make_world(name)
    text = world.model_dump_json(by_alias=True).encode()
    keep_arrays(path, {"scene": np.frombuffer(text, np.uint8)})
    return world
