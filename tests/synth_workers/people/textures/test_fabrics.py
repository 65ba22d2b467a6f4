"""Cloth tiles repeat without a seam, are reproducible, and show the colours they are given."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.people.looks.outfits import make_fabric
from synth_workers.people.spec import FabricSpec
from synth_workers.people.textures.decal_tiles import MOTIFS
from synth_workers.people.textures.fabrics import FABRICS, render_tile
from synth_workers.people.textures.loom import Loom

REPEATING = [k for k in FABRICS.names if k not in ("decal", "image")]


@pytest.mark.parametrize("kind", REPEATING)
def test_a_tile_is_reproducible_and_of_the_asked_size(kind: str) -> None:
    fabric = make_fabric(np.random.default_rng(1), kind, "top")
    tile = render_tile(fabric, 64)
    assert tile.shape == (64, 64, 3)
    assert tile.dtype == np.uint8
    assert np.array_equal(tile, render_tile(fabric, 64))


@pytest.mark.parametrize("kind", REPEATING)
@pytest.mark.parametrize("axis", [0, 1])
def test_a_tile_repeats_without_a_seam(kind: str, axis: int) -> None:
    """The step across the border is no larger than the steps inside the tile."""
    for seed in range(3):
        fabric = make_fabric(np.random.default_rng(seed), kind, "top")
        tile = np.moveaxis(render_tile(fabric).astype(float), axis, 0)
        steps = np.abs(np.diff(tile, axis=0)).mean(axis=(1, 2))
        seam = np.abs(tile[0] - tile[-1]).mean()
        assert seam <= max(steps.max() * 1.25, 2.0)


@pytest.mark.parametrize("kind", ["plain", "twill", "heather"])
def test_plain_cloth_has_its_colour(kind: str) -> None:
    colour = (120, 60, 50)
    tile = render_tile(FabricSpec(kind=kind, colours=(colour,), seed=4))
    assert np.abs(tile.mean(axis=(0, 1)) - colour).max() < 6


def test_seeds_and_scales_change_patterns() -> None:
    colours = ((200, 190, 180), (40, 50, 70), (90, 30, 40))
    base = FabricSpec(kind="floral", colours=colours, seed=1)
    for change in ({"seed": 2}, {"scale": 0.7}):
        other = base.model_copy(update=change)
        assert not np.array_equal(render_tile(base), render_tile(other))


def test_noise_is_seamless_and_normalised() -> None:
    field = Loom(FabricSpec(kind="plain", colours=((0, 0, 0),)), 64).noise(4)
    assert abs(float(field.std()) - 1) < 1e-3
    assert np.abs(field[0] - field[-1]).max() < 3 * np.abs(np.diff(field, axis=0)).max()


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_is_drawn_in_its_colours(motif: str) -> None:
    fabric = FabricSpec(kind="decal", motif=motif, seed=3, colours=((40, 60, 90), (210, 200, 170)))
    tile = render_tile(fabric).astype(float)
    assert np.array_equal(tile, render_tile(fabric))
    assert np.abs(tile - [40, 60, 90]).mean(axis=2).max() > 20
