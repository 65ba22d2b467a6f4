"""Measures side by side: standardised, sorted, camera by camera."""

from __future__ import annotations

import numpy as np
import pytest

from training.looks.differences import differences, summarised


def test_the_largest_standardised_difference_comes_first_and_the_unknown_last() -> None:
    rng = np.random.default_rng(0)
    first = {
        "hidden": np.full(400, np.nan),
        "near": rng.normal(10, 5, 400),
        "far": rng.normal(100, 2, 400),
        "constant": np.full(400, 3.0),
        "same": np.full(400, 1.0),
    }
    second = {
        "hidden": rng.normal(0, 1, 300),
        "near": rng.normal(11, 5, 300),
        "far": rng.normal(90, 2, 300),
        "constant": np.full(300, 4.0),
        "same": np.full(300, 1.0),
    }
    cameras = np.repeat(["a", "b"], 200), np.repeat(["c"], 300)
    found = differences(first, second, cameras)

    assert [one.measure for one in found] == ["constant", "far", "near", "same", "hidden"]
    d = {one.measure: one.d for one in found}
    assert d["constant"] == np.inf
    assert d["far"] == pytest.approx(-5, abs=0.4)
    assert d["near"] == pytest.approx(0.2, abs=0.15)
    assert d["same"] == 0
    assert np.isnan(d["hidden"])


def test_a_summary_knows_its_cameras() -> None:
    values = np.array([1.0, 3.0, 10.0, np.nan])
    found = summarised(values, np.array(["left", "left", "right", "right"]))

    assert (found.known, found.mean) == (3, pytest.approx(14 / 3))
    assert found.cameras == {"left": 2.0, "right": 10.0}
    assert found.spread == pytest.approx(4)


def test_nothing_known_is_no_figure() -> None:
    found = summarised(np.full(3, np.nan), np.array(["a", "a", "b"]))

    assert (found.known, found.cameras) == (0, {})
    assert np.isnan([found.mean, found.deviation, found.spread]).all()
