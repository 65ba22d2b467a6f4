"""Bootstrap intervals over people."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.bootstrap import interval, paired_difference

PEOPLE = np.repeat(np.arange(40), 5)


def test_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for trial in range(100):
        chance = rng.beta(2, 2, 40)[PEOPLE]
        hits = (rng.random(200) < chance).astype(float)
        found = interval(hits, PEOPLE, seed=trial)
        assert found.low < found.mean < found.high
        covered += found.low <= 0.5 <= found.high
    assert 85 <= covered <= 100


def test_queries_of_one_person_are_not_independent() -> None:
    rng = np.random.default_rng(0)
    by_person = rng.random(40)[PEOPLE]
    over_people = interval(by_person, PEOPLE)
    over_queries = interval(by_person, np.arange(200))
    assert over_people.high - over_people.low > 1.7 * (over_queries.high - over_queries.low)


def test_pairing_sees_small_steady_gains() -> None:
    rng = np.random.default_rng(1)
    worse = rng.random(200)
    gain = paired_difference(worse + 0.05 + rng.normal(0, 0.01, 200), worse, PEOPLE)
    assert gain.low > 0.04
    assert gain.mean == pytest.approx(0.05, abs=0.005)
    nothing = paired_difference(worse, worse, PEOPLE)
    assert (nothing.low, nothing.high) == (0, 0)


def test_skipped_queries_count_nowhere() -> None:
    values = np.where(PEOPLE < 10, np.nan, 0.25)
    assert interval(values, PEOPLE).mean == 0.25
    with pytest.raises(ValueError, match="same used queries"):
        paired_difference(values, np.zeros(200), PEOPLE)
