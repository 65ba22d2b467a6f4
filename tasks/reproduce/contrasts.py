"""Does a claim show? Two rows of a table, compared query by query on the same target images.

Results of seeds are averaged per query; intervals come from resampling people. Seeds are few, so
they are not resampled: a claim shows only if the interval is above zero and every seed agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from manifests.errors import CorruptData
from tasks.bench.results import Measured
from tasks.reproduce.budgets import CLAIMING_SEEDS
from tasks.reproduce.paper import PAPER_METRICS
from training.evaluation.bootstrap import Interval, paired_difference


class Verdict(StrEnum):
    """What a contrast says about a claim."""

    shows = "shows"
    most_seeds = "shows, but not with every seed"
    unclear = "does not show"
    opposite = "the opposite shows"
    too_few_seeds = "not judged: fewer than three seeds"


@dataclass(frozen=True)
class Contrast:
    """``better`` minus ``worse``, as shares; ``of_seeds``: differences in mAP of each seed."""

    rank1: Interval
    map: Interval
    of_seeds: tuple[float, ...]
    people: int
    verdict: Verdict


def contrast(better: Sequence[Sequence[Measured]], worse: Sequence[Sequence[Measured]]) -> Contrast:
    """Compare two rows: ``better[target][seed]`` with ``worse[target][seed]``, all targets pooled.

    Raises ``CorruptData`` when the two were not measured on the same queries.
    """
    person, other = (
        np.concatenate(
            [np.char.add(f"{target}:", cells[0].person) for target, cells in enumerate(row)]
        )
        for row in (better, worse)
    )
    if not np.array_equal(person, other):
        raise CorruptData("two rows of a table were measured on different queries; measure anew")
    found = {
        metric.key: paired_difference(
            _mean_of_seeds(better, metric.key), _mean_of_seeds(worse, metric.key), person
        )
        for metric in PAPER_METRICS
    }
    seeds = min(len(cells) for row in (better, worse) for cells in row)
    of_seeds = tuple(
        float(np.nanmean(_pooled(better, seed)) - np.nanmean(_pooled(worse, seed)))
        for seed in range(seeds)
    )
    return Contrast(
        **found,
        of_seeds=of_seeds,
        people=len(np.unique(person)),
        verdict=verdict(found["map"], of_seeds),
    )


def verdict(found: Interval, of_seeds: Sequence[float]) -> Verdict:
    """Judge by the interval of the difference in mAP and the sign of every seed's."""
    if len(of_seeds) < CLAIMING_SEEDS:
        return Verdict.too_few_seeds
    if found.low > 0:
        return Verdict.shows if min(of_seeds) > 0 else Verdict.most_seeds
    return Verdict.opposite if found.high < 0 else Verdict.unclear


def _mean_of_seeds(row: Sequence[Sequence[Measured]], metric: str) -> np.ndarray:
    return np.concatenate(
        [np.mean([cell.per_query(metric) for cell in cells], axis=0) for cells in row]
    )


def _pooled(row: Sequence[Sequence[Measured]], seed: int) -> np.ndarray:
    return np.concatenate([cells[seed].average_precision for cells in row])
