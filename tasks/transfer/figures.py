"""Intervals as text."""

from __future__ import annotations

from training.evaluation.bootstrap import Interval
from training.evaluation.metrics import Metric

NOT_MEASURED = "not measured"


def told(found: Interval, metric: Metric) -> str:
    """``12.8 [10.1, 15.5]``."""
    within = metric.within(found)
    mean, low, high = map(metric.number, (within.mean, within.low, within.high))
    return f"{mean} [{low}, {high}]"


def told_difference(found: Interval, metric: Metric) -> str:
    """``+2.8 [+0.1, +5.5]``, bold if zero is not in it."""
    mean, low, high = (metric.number(value, "+") for value in (found.mean, found.low, found.high))
    text = f"{mean} [{low}, {high}]"
    return f"**{text}**" if found.low > 0 or found.high < 0 else text
