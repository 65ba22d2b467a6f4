"""The short summary a run ends with: where everything is, what it cost, how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from flows.console import plain_table
from manifests.dataset import Dataset
from tasks.accounting import CostSheet
from training.evaluation.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.factory import FactoryOutcome
    from flows.local_server import LocalServer
    from tasks.evaluate.run import Comparison
    from tasks.evaluate.target import TargetEvaluation
    from training.evaluation.bootstrap import Interval


def print_summary(
    outcome: FactoryOutcome,
    dataset: Dataset,
    costs: CostSheet,
    server: LocalServer,
    seconds: float,
    console: Console | None = None,
) -> None:
    """Print what one run of the factory made."""
    console = console or Console()
    snapshot = outcome.snapshot
    console.print()
    console.print(
        f"[bold]{snapshot.dataset}[/bold], snapshot {snapshot.number}: {snapshot.people} people, "
        f"{snapshot.crops} crops"
    )
    console.print(f"content digest  {snapshot.content_digest}", highlight=False)
    console.print(_cost_table(costs, snapshot.crops, seconds))
    for line in metric_lines(outcome.comparison):
        console.print(line, highlight=False)
    console.print()
    places = {
        "data set": f"{dataset.store.address}/{dataset.name}",
        "model": str(outcome.model),
        "report": str(outcome.report),
        "run": outcome.run_url or server.ui_url,
    }
    for name, place in places.items():
        console.print(f"{name:9s} {place}", highlight=False, soft_wrap=True)
    if server.pid is not None:
        console.print(
            "[dim]The Prefect server keeps running; `unrealperson server stop` ends it.[/dim]"
        )


def metric_lines(comparison: Comparison) -> list[str]:
    """Metrics of the model and its baselines, and their differences, with 95 % intervals."""
    methods = {
        "trained": comparison.trained,
        "untrained network": comparison.untrained,
        "colour baseline": comparison.colour,
    }
    lines = _table({name: evaluation.told() for name, evaluation in methods.items()})
    lines.append("95 % intervals over people:")
    for name, evaluation in methods.items():
        lines.append(_line(name, evaluation.intervals))
    for name, difference in (
        ("trained - untrained", comparison.trained_minus_untrained),
        ("trained - colour", comparison.trained_minus_colour),
    ):
        lines.append(_line(name, difference, sign="+"))
    return lines


def target_lines(found: TargetEvaluation) -> list[str]:
    """Metrics of a model on a data set of others: means over its splits, and their intervals."""
    told = [split.told() for split in found.splits]
    means = {name: sum(each[name] for each in told) / len(told) for name in told[0]}
    lines = _table({found.title: means})
    if len(found.splits) == 1:
        lines.append(_line("95 % over people", found.splits[0].intervals))
    else:
        lines.append(f"Means over {len(told)} splits; metrics.json has each with its intervals.")
    skipped = sum(split.skipped_queries for split in found.splits)
    if skipped:
        lines.append(f"{skipped} queries have no match and count nowhere.")
    return lines


def _table(rows: dict[str, dict[str, float]]) -> list[str]:
    """A line for the names of metrics and one for each row; values are shares."""
    widths = {metric: max(7, len(metric)) for metric in next(iter(rows.values()))}
    lines = [" " * 22 + "".join(f" {metric:>{width}}" for metric, width in widths.items())]
    for name, values in rows.items():
        told = "".join(f" {values[metric]:{width}.3f}" for metric, width in widths.items())
        lines.append(f"{name:22s}{told}")
    return lines


def _line(name: str, found: Mapping[str, Interval], sign: str = "") -> str:
    """Metrics or differences with their intervals."""
    told = "  ".join(
        f"{METRICS[key].name} {of.mean:{sign}.3f} [{of.low:{sign}.3f}, {of.high:{sign}.3f}]"
        for key, of in found.items()
    )
    return f"{name:22s} {told}"


def _cost_table(costs: CostSheet, crops: int, seconds: float) -> Table:
    spent = {name: (cost.seconds, cost.cpu_seconds) for name, cost in costs.stages.items()}
    spent["total"] = (seconds, costs.total_cpu_seconds())
    rows = [
        (
            name,
            *(f"{value:.1f}" if value else "" for value in (wall, cpu, 1000 * cpu / max(1, crops))),
        )
        for name, (wall, cpu) in spent.items()
    ]
    return plain_table(("stage", "seconds", "CPU-s", "CPU-ms per crop"), rows)
