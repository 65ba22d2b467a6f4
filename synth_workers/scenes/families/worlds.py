"""Worlds: the scenes of families, by name."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from manifests.errors import BadScene
from synth_workers.scenes.families.cameras import CAMERAS, choose_cameras
from synth_workers.scenes.families.lights import draw_lights
from synth_workers.scenes.families.registry import FAMILIES, Family
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.scene_file import SceneFile

MOST_WORLDS = 1_000_000
"""Numbers of a family's worlds are below this."""

WORLD = re.compile(r"(?P<family>[a-z][a-z0-9_]*)-(?P<number>0|[1-9][0-9]{0,5})")
"""What worlds are called: ``campus-17``."""

TEXTURE_SETS = 6
"""How many paintings of every material all worlds share."""

_KEPT = 8


def world_name(family: str, number: int) -> str:
    """What the world of a family with this number is called; `BadScene` if there is none."""
    if not 0 <= number < MOST_WORLDS:
        raise BadScene(f"family {family}: worlds have numbers from 0 to {MOST_WORLDS - 1}")
    return f"{FAMILIES.find(family).name}-{number}"


def split_world(name: str) -> tuple[Family, int] | None:
    """The family and the number that a name says, or None if it is no world's name."""
    said = WORLD.fullmatch(name)
    if said is None or said["family"] not in FAMILIES.names:
        return None
    return FAMILIES.find(said["family"]), int(said["number"])


@lru_cache(maxsize=_KEPT)
def make_world(name: str) -> SceneFile:
    """The whole scene called ``name``, the same every time; `BadScene` for a name of no world."""
    parts = split_world(name)
    if parts is None:
        raise BadScene(_not_a_world(name))
    family, _ = parts
    site = Site(name, indoor=family.indoor)
    family.draw(site)
    cameras = choose_cameras(site, CAMERAS)
    return SceneFile(
        name=name,
        version=1,
        indoor=family.indoor,
        seed=site.seed,
        shadow_area=site.shadow_area(),
        pieces=tuple(site.pieces),
        cameras=cameras,
        camera_sets={"demo": tuple(camera.name for camera in cameras[:3])},
        walk=site.walk(),
        lights=draw_lights(site),
        texture_seed=site.seed % TEXTURE_SETS,
        sky_bake="quick",
    )


def _not_a_world(name: str) -> str:
    family, dash, _ = name.rpartition("-")
    near = difflib.get_close_matches(family if dash else name, FAMILIES.names, n=1)
    meant = f" (did you mean {near[0]}-1?)" if near else ""
    return (
        f"there is no world {name!r}{meant}; worlds are called by their family and a number, "
        f"families are {', '.join(FAMILIES.names)}"
    )
