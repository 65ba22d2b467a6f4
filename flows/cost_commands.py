"""The command `cost`: what a data set has cost, and what more of the same would."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from flows.places import chosen_dataset
from manifests.reader import open_snapshot
from tasks.plan.farm_simulation import FarmForecast
from tasks.plan.unit_costs import shipped_unit_costs
from tasks.report.cost import DatasetCost, dataset_cost, farm_forecast

_HOUR = 3600.0


def run_cost_of(
    dataset: str, number: int | None, store: str | None, people: int, workers: int, as_json: bool
) -> None:
    """Print CPU-seconds by stage, bytes and memory, and the forecast of a farm."""
    cost = dataset_cost(open_snapshot(chosen_dataset(dataset, store), number))
    unit = shipped_unit_costs()
    farm = farm_forecast(
        cost, people, workers, orchestration_seconds=unit.orchestration_cpu_s_per_shard
    )
    if as_json:
        typer.echo(json.dumps(_as_json(cost, farm, people)))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("stage", "CPU-s", "CPU-ms per crop", f"CPU-h for {people:,} people"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    more = cost.for_people(people)
    for stage, seconds in cost.cpu_seconds.items():
        table.add_row(stage, *_cells(seconds, cost.crops, more[stage]))
    table.add_row("all", *_cells(cost.total_cpu_seconds, cost.crops, sum(more.values())))
    Console().print(table)
    typer.echo(
        f"\n{cost.dataset}, snapshot {cost.snapshot}: {cost.people:,} people, {cost.crops:,} crops "
        f"published of {cost.accepted:,} accepted in {cost.frames:,} frames and "
        f"{len(cost.shard_seconds):,} shards.\n"
        f"Stored {_gigabytes(cost.stored_bytes)}, published {_gigabytes(cost.published_bytes)}; "
        f"a shard held up to {_gigabytes(cost.peak_bytes)} of memory.\n"
        f"A farm of {workers:,} workers, played through: {people:,} people in "
        f"{farm.makespan / _HOUR:,.1f} hours, {farm.utilisation:.0%} of the workers' time at work, "
        f"{farm.people / _HOUR:,.1f} hours of it building people."
    )


def _cells(seconds: float, crops: int, hours: float) -> tuple[str, str, str]:
    return f"{seconds:,.1f}", f"{1000 * seconds / crops:.2f}", f"{hours:,.1f}"


def _as_json(cost: DatasetCost, farm: FarmForecast, people: int) -> dict[str, Any]:
    hours = cost.for_people(people)
    return {
        **cost.as_json(),
        "for_people": people,
        "for_people_cpu_hours": round(sum(hours.values()), 1),
        "farm": {
            "workers": farm.workers,
            "shards": farm.shards,
            "makespan_hours": round(farm.makespan / _HOUR, 2),
            "utilisation": round(farm.utilisation, 3),
            "people_hours": round(farm.people / _HOUR, 1),
            "waited_hours": round(farm.waited / _HOUR, 3),
        },
    }


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:,.2f} GB"
