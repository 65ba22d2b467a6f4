"""The whole factory: from a recipe to a published data set, a measured model and a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_link_artifact
from prefect.runtime import flow_run
from prefect.utilities.urls import url_for

from flows.build_dataset import build_dataset
from flows.evaluate import evaluate
from flows.executors import DEFAULT_POLICY, ExecutorKind, ShardPolicy
from flows.naming import build_run_name
from flows.parameters import Overrides, RecipeName, StoreChoice, TrainingName, Variants
from flows.places import DEFAULT_STORE, chosen_dataset, report_file
from flows.stages import stage_task
from flows.train import train
from manifests.reader import SnapshotReader
from manifests.snapshots import Snapshot
from tasks.accounting import CostSheet, cost_sheet
from tasks.evaluate.run import Comparison
from tasks.report.build import write_dataset_report


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
    flow_run_name=build_run_name,
    description="Build a data set, train on it, measure the model and write a report.",
)
def factory(
    recipe: RecipeName = "demo",
    variants: Variants = [],  # noqa: B006  (Prefect shows defaults in its forms)
    overrides: Overrides = {},  # noqa: B006
    store: StoreChoice = DEFAULT_STORE,
    training: TrainingName = "demo",
    where: ExecutorKind = ExecutorKind.local,
    policy: ShardPolicy = DEFAULT_POLICY,
) -> FactoryOutcome:
    """Resumable at every step: run it again and it goes on from what is stored.

    Args:
        recipe: A shipped recipe's name or a YAML file.
        variants: Corner-case overlays; they combine.
        overrides: Recipe fields to change, e.g. {"people.count": 64}.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        training: A shipped training preset or a YAML file.
        where: On this machine, or by the `render` work pool.
        policy: How much patience to have with each shard.
    """
    run_url = url_for("flow-run", flow_run.id) if flow_run.id else None
    with cost_sheet() as costs:
        snapshot = build_dataset(recipe, variants, overrides, store, where, policy)
        number, digest = snapshot.number, snapshot.content_digest
        with costs.measure("train"):
            trained = train(snapshot.dataset, number, digest, store, training)
            model = trained.path.parent
        with costs.measure("evaluate"):
            comparison = evaluate(snapshot.dataset, model, number, digest, store)
        with costs.measure("report"):
            report = publish_report(
                SnapshotReader(chosen_dataset(snapshot.dataset, store), snapshot),
                comparison,
                costs,
                report_file(snapshot.dataset),
                run_url,
            )
    return FactoryOutcome(snapshot, model, comparison, report, run_url)


@stage_task(name="report", description="Write report.html.")
def publish_report(
    reader: SnapshotReader,
    comparison: Comparison | None,
    costs: CostSheet,
    path: Path,
    run_url: str | None,
) -> Path:
    """See ``build.write_dataset_report``; stored beside the data and linked as an artifact."""
    written = write_dataset_report(reader, comparison, costs, path, run_url)
    key = reader.dataset.published_key(reader.snapshot.publish_id, "report.html")
    reader.dataset.store.put(key, written.read_bytes())
    create_link_artifact(written.as_uri(), key="report", description="report.html")
    return written
