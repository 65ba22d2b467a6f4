"""Retrieval metrics, a row each: its names, its value for one query, and which way is better.

To add a metric, add its row to ``METRICS``. ``metrics.json``, intervals, differences, the table
of cameras, the report, artifacts and printed tables read the rows and name no metric themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from training.evaluation.bootstrap import Interval


@dataclass(frozen=True)
class Metric:
    """``of``: ascending 1-based ranks (M,) of a query's M matches, at least one -> its value.

    A method's value is the mean over the queries that have a match. ``key`` names it where it
    is stored, ``name`` where people read it. ``headline`` metrics are told everywhere with their
    intervals and differences, others only by value. ``share``: from 0 to 1, told in per cent.
    """

    key: str
    name: str
    of: Callable[[np.ndarray], float]
    higher_is_better: bool = True
    headline: bool = True
    share: bool = True

    def number(self, value: float, sign: str = "") -> str:
        """A value as people read it, without its unit; ``sign``: "+" for differences."""
        return f"{100 * value:{sign}.1f}" if self.share else f"{value:{sign}.2f}"

    def text(self, value: float, gap: str = "") -> str:
        """A value with its unit, ``gap`` between them."""
        return self.number(value) + (f"{gap}%" if self.share else "")

    def within(self, found: Interval) -> Interval:
        """An interval of values of this metric: shares end at 0 and 1."""
        if not self.share:
            return found
        return Interval(found.mean, max(0.0, found.low), min(1.0, found.high))

    @property
    def step(self) -> str:
        """The unit of differences, with its gap."""
        return " points" if self.share else ""

    def improves(self, found: Interval) -> bool:
        """Whether all of a difference's interval is on the better side."""
        return found.low > 0 if self.higher_is_better else found.high < 0


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric("rank1", "rank-1", lambda ranks: float(ranks[0] == 1)),
        Metric("map", "mAP", lambda ranks: float(np.mean(np.arange(1, len(ranks) + 1) / ranks))),
        # Matches / rank of the last match (Ye et al., 2021).
        Metric("minp", "mINP", lambda ranks: len(ranks) / float(ranks[-1]), headline=False),
    )
}


def headline_metrics() -> tuple[Metric, ...]:
    """The metrics that are told everywhere."""
    return tuple(metric for metric in METRICS.values() if metric.headline)


def in_one_line(values: Mapping[str, float]) -> str:
    """The headline metrics of values by key: ``rank-1 91.8%, mAP 72.8%``."""
    return ", ".join(f"{m.name} {m.text(values[m.key])}" for m in headline_metrics())


def gains_in_one_line(found: Mapping[str, Interval]) -> str:
    """Differences by key: ``rank-1 +45.0 points (95 %: +38.0 to +52.0), mAP ...``."""

    def told(metric: Metric, of: Interval) -> str:
        mean, low, high = (metric.number(value, "+") for value in (of.mean, of.low, of.high))
        return f"{metric.name} {mean}{metric.step} (95 %: {low} to {high})"

    return ", ".join(told(METRICS[key], of) for key, of in found.items())
