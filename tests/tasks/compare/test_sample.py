"""Samples are seeded and take from every camera alike."""

from __future__ import annotations

import numpy as np

from tasks.compare.sample import balanced_sample


def test_cameras_are_taken_in_turn_and_a_small_one_gives_all() -> None:
    camera = np.array(["big"] * 500 + ["small"] * 10 + ["middle"] * 100)
    rows = balanced_sample(camera, 110, seed=1)

    assert np.array_equal(rows, np.unique(rows)), "rising, none twice"
    names, counts = np.unique(camera[rows], return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist())) == {"big": 50, "middle": 50, "small": 10}


def test_a_sample_depends_on_its_seed_alone() -> None:
    camera = np.array(["a", "b"] * 100)
    one, again, other = (balanced_sample(camera, 20, seed) for seed in (1, 1, 2))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_all_are_taken_where_there_are_fewer() -> None:
    assert balanced_sample(np.array(["a", "b", "a"]), 1500, 0).tolist() == [0, 1, 2]
    assert balanced_sample(np.array([], np.str_), 1500, 0).tolist() == []
