"""Notes in the store what a build spends beside its shards, as it spends it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from manifests.dataset import Dataset
from manifests.expenses import record_expense
from tasks.accounting import CostSheet, StageCost

ORCHESTRATION = "prefect and the rest"
"""Whatever no stage was charged with: imports, orchestration and the Prefect server."""


@contextmanager
def expense(costs: CostSheet, stage: str, dataset: Dataset) -> Generator[None]:
    """Charge a block to a stage and note it in the store once it has ended well."""
    before = replace(costs.stages.get(stage, StageCost()))
    with costs.measure(stage):
        yield
    note_stage(costs, stage, dataset, before)


def note_stage(
    costs: CostSheet, stage: str, dataset: Dataset, before: StageCost | None = None
) -> None:
    """Note what a stage has cost since ``before``."""
    now, then = costs.stages[stage], before or StageCost()
    spent = now.cpu_seconds - then.cpu_seconds
    record_expense(dataset, stage, spent, now.seconds - then.seconds)
