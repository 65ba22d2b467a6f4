"""Bootstrap intervals over people."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.bootstrap import (
    Interval,
    Resampled,
    interval,
    mean_of,
    paired_difference,
    resampled,
)

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


def test_seeds_that_differ_are_part_of_the_interval() -> None:
    """Three seeds of models, 25 people, two targets: how often the truth is held."""
    rng = np.random.default_rng(5)
    person, trials = np.repeat(np.arange(25), 2), 100
    both = people_alone = 0
    for _ in range(trials):
        of_seeds = rng.normal(0, 0.05, (3, 1))
        targets = []
        for target in range(2):
            of_people = rng.normal(0, 0.1, 25)[person]
            values = 0.5 + of_seeds + of_people + rng.normal(0, 0.1, (3, 50))
            targets.append(resampled(values, person, target))
        found = mean_of(targets)
        over_both, over_people = found.interval(), _over_people(found)
        both += over_both.low <= 0.5 <= over_both.high
        people_alone += over_people.low <= 0.5 <= over_people.high
    assert 0.9 <= both / trials <= 0.99
    assert people_alone / trials <= 0.8


def _over_people(found: Resampled) -> Interval:
    return Resampled(found.means.mean(keepdims=True), found.replicates).interval()


def test_of_one_seed_the_interval_is_that_of_people() -> None:
    values = np.random.default_rng(3).random(200)
    assert resampled(values[None], PEOPLE).interval() == interval(values, PEOPLE)


def test_pairs_of_seeds_see_small_steady_gains() -> None:
    rng = np.random.default_rng(2)
    worse = rng.random((3, 1)) + rng.random((3, 200))
    better = worse + 0.05 + rng.normal(0, 0.01, (3, 200))
    gain = (resampled(better, PEOPLE) - resampled(worse, PEOPLE)).interval()
    assert 0.04 < gain.low < gain.mean < gain.high < 0.06
    colours = resampled(rng.random((1, 200)), PEOPLE)
    assert len((resampled(better, PEOPLE) - colours).means) == 3
    with pytest.raises(ValueError, match="as many seeds"):
        _ = resampled(better, PEOPLE) - resampled(worse[:2], PEOPLE)


def test_queries_that_are_skipped_count_for_no_seed() -> None:
    values = np.full((2, 200), 0.25)
    values[:, PEOPLE < 10] = np.nan
    assert resampled(values, PEOPLE).interval().mean == 0.25
