"""The whole factory: from a recipe to a published data set, a measured model and a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run
from prefect.utilities.urls import url_for

from flows.build_dataset import build_dataset
from flows.evaluate import evaluate
from flows.executors import ExecutorKind
from flows.places import report_file
from flows.train import train
from manifests.recipes_io import Variant
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.evaluate.run import Comparison
from tasks.report.task import publish_report


@dataclass(frozen=True)
class FactoryOutcome:
    """What one run of the factory made and where it lies."""

    snapshot: Snapshot
    model: Path
    comparison: Comparison
    report: Path
    run_url: str | None


@flow(
    name="factory",
    flow_run_name="{recipe}",
    description="Build a data set, train on it, measure the model and write a report.",
)
def factory(
    recipe: str = "demo",
    variants: list[Variant] = [],  # noqa: B006  (Prefect shows defaults in its forms)
    overrides: dict[str, object] = {},  # noqa: B006
    store: str = "out/store",
    training: str = "demo",
    where: ExecutorKind = ExecutorKind.local,
) -> FactoryOutcome:
    """Resumable at every step: run it again and it goes on from what is stored.

    Args:
        recipe: A shipped recipe's name or a YAML file.
        variants: Corner-case overlays, applied in order.
        overrides: Recipe fields to change, e.g. {"people": {"count": 64}}.
        store: Folder or s3://bucket/prefix.
        training: A shipped training preset or a YAML file.
        where: On this machine, or by the `render` work pool.
    """
    run_url = url_for("flow-run", flow_run.id) if flow_run.id else None
    with cost_sheet() as costs:
        snapshot = build_dataset(recipe, variants, overrides, store, where)
        pinned = (snapshot.dataset, snapshot.number, snapshot.content_digest)
        with costs.measure("train"):
            model = train(*pinned, store=store, training=training).path.parent
        with costs.measure("evaluate"):
            comparison = evaluate(*pinned, model=model, store=store)
        with costs.measure("report"):
            report = publish_report(
                store, snapshot, comparison, costs, report_file(snapshot.dataset), run_url
            )
    return FactoryOutcome(snapshot, model, comparison, report, run_url)
