"""An adaptation as Markdown: what was clustered when, how people pass, what was gained."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.adapt.measure import Adaptation
from tasks.report.markdown import plain_table
from training.adaptation.refresh import Refresh
from training.evaluation.metrics import METRICS, gains_in_one_line


def refresh_table(refreshes: Sequence[Refresh]) -> str:
    """A row per clustering; purity and completeness against the true people."""
    rows = [
        [
            refresh.epoch,
            refresh.similarity,
            refresh.clusters,
            refresh.people,
            f"{refresh.purity:.3f}",
            f"{refresh.completeness:.3f}",
            f"{refresh.threshold:.4f}",
        ]
        for refresh in refreshes
    ]
    head = ["epoch", "similarity", "clusters", "people", "purity", "completeness", "threshold"]
    return plain_table(head, rows)


def transition_table(refreshes: Sequence[Refresh]) -> str:
    """Estimated walking times of the last clustering that used time; empty without one."""
    last = next((r for r in reversed(refreshes) if r.transitions), None)
    if last is None:
        return ""
    rows = [[time.earlier, time.later, f"{time.time:g}"] for time in last.transitions]
    return plain_table(["from camera", "to camera", "most likely time"], rows)


def metric_table(measured: Adaptation) -> str:
    """All metrics of every method, and the gain over direct transfer."""
    rows = [
        [evaluation.method, *(f"{value:.3f}" for value in evaluation.means().values())]
        for evaluation in measured.evaluations
    ]
    text = plain_table(["method", *(metric.name for metric in METRICS.values())], rows)
    gained = measured.minus_direct()
    if gained is not None:
        text += f"\n\nJVTC minus direct transfer: {gains_in_one_line(gained)}"
    return text
