"""The short summary a run ends with: where everything is, what it cost, how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from flows.console import plain_table
from manifests.dataset import Dataset
from tasks.accounting import CostSheet
from training.evaluation.metrics import METRICS, headline_metrics

if TYPE_CHECKING:
    from flows.factory import FactoryOutcome
    from flows.local_server import LocalServer
    from tasks.evaluate.run import Comparison


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
    """Metrics of the model and its baselines, with 95 % intervals of the differences."""
    shown = [(metric, max(6, len(metric.name))) for metric in headline_metrics()]
    lines = [f"{'':22s}" + "".join(f" {metric.name:>{width}}" for metric, width in shown)]
    for name, evaluation in (
        ("trained", comparison.trained),
        ("untrained network", comparison.untrained),
        ("colour baseline", comparison.colour),
    ):
        values = "".join(f" {evaluation.mean(metric.key):{width}.3f}" for metric, width in shown)
        lines.append(f"{name:22s}{values}")
    for name, difference in (
        ("trained - untrained", comparison.trained_minus_untrained),
        ("trained - colour", comparison.trained_minus_colour),
    ):
        values = "  ".join(
            f"{METRICS[key].name} {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
            for key, gain in difference.items()
        )
        lines.append(f"{name:22s} {values}")
    return lines


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
