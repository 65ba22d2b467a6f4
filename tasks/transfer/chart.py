"""The answer as a picture: a panel for each metric, a group of points for each target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from manifests.whole_files import whole_file
from tasks.transfer.statistics import Line
from training.evaluation.metrics import METRICS, Metric

matplotlib.use("agg")

_COLOURS = ("#1f5fbf", "#c07a12", "#2e8b57", "#a63d8f", "#b03030", "#3a9ea5")
_GREYS = ("#5d6b78", "#8b97a3", "#b4bdc6")
_MARKERS = "os^Dv"
_SPREAD = 0.7


def write_chart(path: Path, lines: Sequence[Line], columns: Sequence[str]) -> None:
    """PNG with a point and its 95 % interval for every line, target and metric."""
    width = max(5.0, 1.6 + 0.16 * len(columns) * (len(lines) + 3))
    figure = Figure(figsize=(width, 2.3 * len(METRICS) + 0.9), dpi=120, layout="constrained")
    panels = figure.subplots(len(METRICS), 1, sharex=True, squeeze=False)[:, 0]
    for axes, metric in zip(panels, METRICS.values(), strict=True):
        _draw(axes, lines, columns, metric)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    with whole_file(path) as file:
        figure.savefig(file, format="png")


def _draw(axes: Axes, lines: Sequence[Line], columns: Sequence[str], metric: Metric) -> None:
    scale = 100 if metric.share else 1
    names = list(dict.fromkeys(line.name for line in lines if not line.floor))
    floors = list(dict.fromkeys(line.name for line in lines if line.floor))
    methods = list(dict.fromkeys(line.method for line in lines))
    for number, line in enumerate(lines):
        shown = [
            (x + _SPREAD * ((number + 0.5) / len(lines) - 0.5), metric.within(found.interval()))
            for x, column in enumerate(columns)
            if (found := line.found.get((column, metric.key))) is not None
        ]
        colour = (
            _GREYS[floors.index(line.name) % len(_GREYS)]
            if line.floor
            else _COLOURS[names.index(line.name) % len(_COLOURS)]
        )
        means = [scale * one.mean for _, one in shown]
        low = [scale * (one.mean - one.low) for _, one in shown]
        high = [scale * (one.high - one.mean) for _, one in shown]
        axes.errorbar(
            [x for x, _ in shown],
            means,
            yerr=[low, high],
            fmt=_MARKERS[methods.index(line.method) % len(_MARKERS)],
            color=colour,
            markersize=4,
            elinewidth=1.2,
            capsize=2,
            label=f"{line.name} ({line.method})" if line.method else line.name,
        )
    axes.set_ylabel(f"{metric.name}, %" if metric.share else metric.name)
    axes.set_ylim(bottom=0)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.grid(axis="y", alpha=0.3)
