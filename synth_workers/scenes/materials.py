"""The table of materials: which painter, how large a tile, how shiny. Builds texture layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from manifests.errors import BadScene
from manifests.registry import unknown
from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.textures import goods, linings, openings, prints, stonework, surfaces

Painter = Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Material:
    """``metres``: side of one tile (1 for atlases, whose pieces bring their own coordinates).
    ``cells``: columns and rows of an atlas."""

    paint: Painter
    metres: float = 1.0
    specular: int = 0
    cells: tuple[int, int] = (1, 1)


MATERIALS: dict[str, Material] = {
    "white": Material(surfaces.plain_white),
    "metal": Material(surfaces.plain_white, specular=90),
    "glass": Material(surfaces.plain_white, specular=200),
    "slabs": Material(surfaces.slabs, 4.0),
    "large_slabs": Material(surfaces.large_slabs, 4.0),
    "setts": Material(surfaces.setts, 2.0),
    "clay_pavers": Material(surfaces.clay_pavers, 2.0),
    "concrete_pavers": Material(surfaces.concrete_pavers, 2.0),
    "asphalt": Material(surfaces.asphalt, 4.0),
    "concrete": Material(surfaces.concrete, 4.0),
    "brick": Material(surfaces.brick, 2.0),
    "plaster": Material(surfaces.plaster, 5.0),
    "ashlar": Material(surfaces.ashlar, 3.2),
    "planks": Material(surfaces.planks, 1.76),
    "bark": Material(surfaces.bark, 1.0),
    "foliage": Material(surfaces.foliage, 0.8),
    "soil": Material(surfaces.soil, 1.5),
    "grass": Material(surfaces.grass, 3.0),
    "shutter": Material(surfaces.shutter, 1.6, specular=30),
    "sheet_metal": Material(surfaces.roof_metal, 2.0, specular=60),
    "road_paint": Material(surfaces.road_paint, 2.0),
    "awning": Material(surfaces.awning_cloth, 1.0),
    "shop_tiles": Material(surfaces.shop_tiles, 3.6, specular=70),
    "terrazzo": Material(surfaces.terrazzo, 2.0, specular=50),
    "vinyl": Material(surfaces.vinyl, 3.6, specular=40),
    "ceiling_panels": Material(surfaces.ceiling_panels, 2.4),
    "cardboard": Material(surfaces.cardboard, 0.8),
    "herringbone": Material(stonework.herringbone, 2.0),
    "flagstones": Material(stonework.flagstones, 4.0),
    "cobbles": Material(stonework.cobbles, 2.0),
    "hexagons": Material(stonework.hexagons, 4.0),
    "mosaic": Material(stonework.mosaic, 4.0),
    "banded_slabs": Material(stonework.banded_slabs, 4.0),
    "gravel": Material(stonework.gravel, 1.5),
    "tarmac": Material(stonework.tarmac, 6.0),
    "lawn_grass": Material(stonework.lawn_grass, 3.0),
    "rubble": Material(stonework.rubble, 2.0),
    "checker_tiles": Material(linings.checker_tiles, 3.6, specular=70),
    "pattern_tiles": Material(linings.pattern_tiles, 1.6, specular=40),
    "parquet": Material(linings.parquet, 2.0, specular=40),
    "carpet": Material(linings.carpet, 2.0),
    "marble": Material(linings.marble, 3.2, specular=80),
    "rubber": Material(linings.rubber, 2.0, specular=20),
    "glazed_tiles": Material(linings.glazed_tiles, 2.0, specular=60),
    "boards": Material(linings.boards, 2.0),
    "facade_panels": Material(linings.facade_panels, 4.0, specular=30),
    "corrugated": Material(linings.corrugated, 2.0, specular=40),
    "pebbledash": Material(linings.pebbledash, 2.0),
    "bond_brick": Material(linings.bond_brick, 2.0),
    "wallpaper": Material(linings.wallpaper, 1.0),
    "slats": Material(linings.slats, 2.4),
    "windows": Material(openings.windows, specular=120, cells=(4, 4)),
    "panes": Material(openings.panes, specular=160, cells=(4, 4)),
    "shop_fronts_a": Material(openings.shop_fronts, specular=120, cells=(2, 2)),
    "shop_fronts_b": Material(openings.shop_fronts, specular=120, cells=(2, 2)),
    "shop_fronts_c": Material(openings.shop_fronts, specular=120, cells=(2, 2)),
    "doors": Material(openings.doors, cells=(4, 1)),
    "freezer_doors": Material(openings.freezer_doors, specular=120, cells=(4, 1)),
    "fruit": Material(goods.fruit),
    "shop_signs": Material(prints.shop_signs, cells=(2, 8)),
    "aisle_signs": Material(prints.aisle_signs, cells=(2, 8)),
    "posters": Material(prints.posters, specular=60, cells=(4, 2)),
    "road_signs": Material(prints.road_signs, specular=40, cells=(4, 4)),
    **{
        f"goods_{family}": Material(partial(goods.packages, family=family))
        for family in goods.FAMILY_NAMES
    },
}


def find_material(name: str) -> Material:
    """The material called ``name``; `BadScene` naming the known ones if there is none."""
    if name not in MATERIALS:
        raise BadScene(unknown("material", str(name), sorted(MATERIALS)))
    return MATERIALS[name]


def paint_layer(name: str, seed: int) -> np.ndarray:
    """(512, 512, 3) uint8: one material's layer. It depends on nothing but name and seed."""
    image = MATERIALS[name].paint(np.random.default_rng([seed, *name.encode()]))
    # Image rows run downwards, texture v runs upwards.
    layer = np.clip(image, 0, 255)[::-1].astype(np.uint8)
    assert layer.shape == (TEXTURE_SIZE, TEXTURE_SIZE, 3)
    return layer


Painting = Callable[[str, int], np.ndarray]
"""Gives the layer of a material and a seed, as ``paint_layer`` does."""


def paint_layers(
    used: Iterable[str], seed: int, paint: Painting = paint_layer
) -> tuple[dict[str, int], np.ndarray]:
    """Layer of each used material, and the layers (k, 512, 512, 3) uint8; layer 0 is white.

    A layer depends on ``seed`` and the material's name alone, not on the others.
    """
    names = sorted(set(used))
    plain = [name for name in names if MATERIALS[name].paint is surfaces.plain_white]
    painted = [name for name in names if name not in plain]
    layers = np.full((1 + len(painted), TEXTURE_SIZE, TEXTURE_SIZE, 3), 255, np.uint8)
    for number, name in enumerate(painted, 1):
        layers[number] = paint(name, seed)
    return dict.fromkeys(plain, 0) | {name: k for k, name in enumerate(painted, 1)}, layers


def atlas_uv(
    column: ArrayLike, row: ArrayLike, columns: int, rows: int, inset: float = 0.004
) -> np.ndarray:
    """(n, 4, 2) coordinates of quads that show atlas cells; row 0 is the atlas's top row.

    Corners in the order of `mesh.quads`: lower left, lower right, upper right, upper left.
    """
    column, row = np.atleast_1d(column)[:, None], np.atleast_1d(row)[:, None]
    u = (column + np.array([inset, 1 - inset, 1 - inset, inset])) / columns
    v = 1 - (row + np.array([1 - inset, 1 - inset, inset, inset])) / rows
    return np.stack(np.broadcast_arrays(u, v), axis=-1)
