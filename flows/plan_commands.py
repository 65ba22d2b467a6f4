"""The command `plan`: the shards of a recipe, and what it will cost."""

from __future__ import annotations

from collections import Counter

import typer
from rich.console import Console
from rich.table import Table

from flows.commands import BuildRequest
from manifests.errors import BadRecipe
from tasks.plan.cost import CostEstimate, estimate
from tasks.plan.planner import plan_build
from tasks.plan.unit_costs import shipped_unit_costs


def run_plan(request: BuildRequest) -> None:
    """Print how many shards a recipe has, by scene and light."""
    plan = plan_build(request.recipe)
    table = Table(box=None, pad_edge=False)
    for heading in ("scene", "light"):
        table.add_column(heading)
    for heading in ("shards", "wanted crops"):
        table.add_column(heading, justify="right")
    shards = Counter((shard.scene, shard.light) for shard in plan.shards)
    wanted: Counter[tuple[str, str]] = Counter()
    for shard in plan.shards:
        wanted[shard.scene, shard.light] += sum(wish.images for wish in shard.wanted)
    for (scene, light), count in shards.items():
        table.add_row(scene, light, f"{count:,}", f"{wanted[scene, light]:,}")
    table.add_row("all", "", f"{len(plan.shards):,}", f"{sum(wanted.values()):,}")
    Console().print(table)


def run_cost(
    request: BuildRequest, people: list[int], cores: int, gpu_images_per_second: float | None
) -> None:
    """Print size and cost of a recipe for each number of people."""
    costs = shipped_unit_costs()
    counts = people or [request.recipe.people.count]
    if min(counts) < 1:
        raise BadRecipe(f"--people: must be at least 1; got {min(counts)}")
    estimates = [
        estimate(
            request.recipe.model_copy(
                update={"people": request.recipe.people.model_copy(update={"count": count})}
            ),
            costs,
        )
        for count in counts
    ]
    table = Table(box=None, pad_edge=False)
    table.add_column(request.recipe.name)
    for _ in estimates:
        table.add_column(justify="right")
    for name, values in _rows(estimates, cores):
        table.add_row(name, *values)
    if gpu_images_per_second:
        epochs = 15
        hours = [epochs * e.crops / gpu_images_per_second / 3600 for e in estimates]
        table.add_row(f"GPU-hours, {epochs} epochs", *[f"{value:,.1f}" for value in hours])
    Console().print(table)
    typer.echo(f"\nUnit costs: {costs.measured_by}; {costs.machine}.")


def _rows(estimates: list[CostEstimate], cores: int) -> list[tuple[str, list[str]]]:
    rows = [
        ("people", [f"{e.people:,}" for e in estimates]),
        ("crops", [f"{e.crops:,}" for e in estimates]),
        ("shards", [f"{e.shards:,}" for e in estimates]),
        ("frames", [f"{e.frames:,}" for e in estimates]),
        ("stored", [_bytes(e.stored_bytes) for e in estimates]),
    ]
    rows += [
        (f"CPU-hours, {stage}", [f"{e.cpu_hours[stage]:,.2f}" for e in estimates])
        for stage in estimates[0].cpu_hours
    ]
    rows.append(("CPU-hours in all", [f"{e.total_cpu_hours:,.1f}" for e in estimates]))
    rows.append((f"hours on {cores} cores", [f"{e.wall_hours(cores):,.1f}" for e in estimates]))
    return rows


def _bytes(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.2f} TB"
