"""Notes in the store what a build spends beside its shards, as it spends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from manifests.expenses import record_expense
from manifests.layout import DatasetLayout
from manifests.stores import open_store
from tasks.accounting import CostSheet, StageCost

ORCHESTRATION = "prefect and the rest"
"""Whatever no stage was charged with: imports, orchestration and the Prefect server."""


@contextmanager
def expense(costs: CostSheet, stage: str, dataset: str, store: str) -> Iterator[None]:
    """Charge a block to a stage and note it in the store once it has ended well."""
    known = costs.stages.get(stage, StageCost())
    before = StageCost(known.seconds, known.cpu_seconds)
    with costs.measure(stage):
        yield
    note_stage(costs, stage, dataset, store, before)


def note_stage(
    costs: CostSheet, stage: str, dataset: str, store: str, before: StageCost | None = None
) -> None:
    """Note what a stage has cost since ``before``."""
    now, then = costs.stages[stage], before or StageCost()
    record_expense(
        open_store(store),
        DatasetLayout(dataset),
        stage,
        now.cpu_seconds - then.cpu_seconds,
        now.seconds - then.seconds,
    )
