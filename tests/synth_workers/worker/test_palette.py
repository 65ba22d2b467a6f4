"""Mask colours are distinct, far apart and never black."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import BadRecipe
from synth_workers.worker.palette import MIN_SEPARATION, packed, palette


@pytest.mark.parametrize("count", [1, 6, 7, 24, 100, 600])
def test_people_are_at_least_sixteen_apart_and_from_black_and_white(count: int):
    colours = np.array([*palette(count), (0, 0, 0), (255, 255, 255)], int)
    apart = np.abs(colours[:, None] - colours).max(axis=2)
    np.fill_diagonal(apart, 255)
    assert len(colours) == count + 2
    assert apart.min() >= MIN_SEPARATION


def test_too_many_people_for_the_colour_cube_are_refused():
    assert len(palette(4094)) == 4094
    with pytest.raises(BadRecipe, match="people_per_shard"):
        palette(4095)


def test_packed_is_rrggbb():
    assert packed((0x12, 0x34, 0x56)) == 0x123456
