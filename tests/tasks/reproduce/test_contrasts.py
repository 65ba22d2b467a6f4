"""Contrasts of claims, against what their definition says word by word."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import CorruptData
from tasks.bench.results import Measured
from tasks.reproduce.contrasts import Verdict, contrast, verdict
from training.evaluation.bootstrap import Interval


def cells(seeds: int, gain: float, people: int = 30, salt: int = 0) -> list[Measured]:
    """Made-up results of a row on one target: four queries of each person, one of them unused."""
    person = np.repeat([f"{salt}-{i}" for i in range(people)], 4)
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng([salt, seed])
        precision = np.clip(rng.uniform(0.1, 0.8, people * 4) + gain, 0, 1)
        first = np.where(precision > 0.5, 1, 3)
        precision[::4], first[::4] = np.nan, 0
        found.append(Measured(person, first, precision, 50, {}))
    return found


def test_means_are_those_of_the_definition() -> None:
    better, worse = [cells(3, 0.1), cells(3, 0.1, salt=1)], [cells(3, 0.0), cells(3, 0.0, salt=1)]

    found = contrast(better, worse)

    gains, hits = [], []
    for one, other in zip(better, worse, strict=True):
        for query in range(len(one[0].person)):
            if query % 4:
                of_seeds = [a.average_precision[query] - b.average_precision[query]
                            for a, b in zip(one, other, strict=True)]  # fmt: skip
                gains.append(sum(of_seeds) / 3)
                found_first = [(a.first_rank[query] == 1) * 1.0 - (b.first_rank[query] == 1)
                               for a, b in zip(one, other, strict=True)]  # fmt: skip
                hits.append(sum(found_first) / 3)
    assert found.map.mean == pytest.approx(np.mean(gains))
    assert found.rank1.mean == pytest.approx(np.mean(hits))
    assert found.people == 60


def test_the_interval_is_that_of_resampled_people() -> None:
    better, worse = cells(3, 0.02), cells(3, 0.0, salt=9)
    worse = [Measured(better[0].person, m.first_rank, m.average_precision, 50, {}) for m in worse]
    gain = np.mean([m.average_precision for m in better], axis=0) - np.mean(
        [m.average_precision for m in worse], axis=0
    )
    of_person = np.nanmean(gain.reshape(30, 4), axis=1)
    rng = np.random.default_rng(1)
    means = [np.mean(rng.choice(of_person, 30)) for _ in range(4000)]

    found = contrast([better], [worse]).map

    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.01)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "seeds", "expected"),
    [
        (0.01, 0.05, (0.02, 0.03, 0.04), Verdict.shows),
        (0.01, 0.05, (-0.01, 0.06, 0.04), Verdict.most_seeds),
        (-0.01, 0.05, (0.02, 0.02, 0.02), Verdict.unclear),
        (-0.05, -0.01, (-0.02, -0.03, -0.04), Verdict.opposite),
        (0.01, 0.05, (0.03, 0.03), Verdict.too_few_seeds),
    ],
)
def test_verdicts(low: float, high: float, seeds: tuple[float, ...], expected: Verdict) -> None:
    assert verdict(Interval((low + high) / 2, low, high), seeds) is expected


def test_other_queries_are_refused() -> None:
    with pytest.raises(CorruptData, match="different queries"):
        contrast([cells(3, 0.0)], [cells(3, 0.0, people=29)])
