"""What holds for the triangles of worlds: nothing flickers, nothing hangs in the air, textures keep
their scale.

``WORLDS_TESTED=20 pytest -n0 tests/synth_workers/scenes/test_world_triangles.py`` tries more than
one world each of some families.
"""

import os

import numpy as np
import pytest

from synth_workers.scenes.families.registry import FAMILIES
from synth_workers.scenes.materials import MATERIALS
from tests.synth_workers.scenes.triangles import (
    Triangles,
    extents,
    flickering,
    tile_sizes,
    triangles_of,
)

COUNT = int(os.environ.get("WORLDS_TESTED", "0"))
WORLDS = [f"{family}-{number}" for family in FAMILIES.names for number in range(COUNT)] or [
    "crossing-3", "mall-4", "station-5",
]  # fmt: skip

MOST_FLICKER = 0.3
"""Square metres of one world: the ends of a kerb stone, the rim of a till."""

NEAR = 0.08
"""Metres within which one thing touches another."""


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest) -> Triangles:
    return triangles_of(request.param)


def test_no_two_surfaces_lie_in_one_plane(world: Triangles) -> None:
    amounts = flickering(world)
    assert sum(amounts.values()) < MOST_FLICKER, amounts


def test_everything_touches_something_else(world: Triangles) -> None:
    low, high = extents(world)
    known = np.flatnonzero(np.isfinite(low[:, 0]))
    low, high = low[known], high[known]
    touches = np.all((low[:, None] - NEAR < high) & (high[:, None] + NEAR > low), axis=2)
    np.fill_diagonal(touches, False)
    alone = [world.pieces[known[k]] for k in np.flatnonzero(~touches.any(axis=1))]
    assert [(piece.piece.name, piece.place) for piece in alone] == []


def test_textures_are_as_large_as_their_materials_say(world: Triangles) -> None:
    tiling = [
        name
        for name, material in MATERIALS.items()
        if material.cells == (1, 1) and material.metres > 1.0
    ]
    for name in tiling:
        chosen = np.flatnonzero((world.material == name) & (world.area > 0.01))
        # Sketches count in metres and divide by the material's: a tile is one of both.
        scale = tile_sizes(world, chosen) / MATERIALS[name].metres
        off = np.abs(np.log(scale)) > np.log(1.6)
        assert world.area[chosen][off].sum() <= 0.1 * world.area[chosen].sum(), name
