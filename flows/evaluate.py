"""Measure a model on the test split of one pinned snapshot, beside two baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.gpu_slots import gpu_slot
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset
from flows.stages import leave_page, stage_task
from manifests.reader import SnapshotReader, open_snapshot
from manifests.whole_files import write_whole
from tasks.evaluate.measure import Measuring
from tasks.evaluate.run import FAILURES_PAGE, Comparison, compare_methods, results_folder
from tasks.publish.leases import reading
from tasks.report.build import cmc_markdown, failures_markdown
from tasks.report.web_page import web_page
from training.evaluation.protocol import Protocol, StatisticsRule
from training.run_files import model_file


@flow(
    name="evaluate",
    flow_run_name="{dataset}",
    description="Compare a trained model with the untrained network and a colour baseline.",
)
def evaluate(
    dataset: DatasetName,
    model: Path,
    snapshot: SnapshotNumber | None = None,
    content_digest: ContentDigest | None = None,
    store: StoreChoice = DEFAULT_STORE,
    protocol: Protocol = Protocol.standard,
    rerank: bool = False,
    memory_mb: Annotated[float | None, Field(ge=1)] = None,
    embeddings: bool = False,
    statistics: StatisticsRule | None = None,
) -> Comparison:
    """Rank-1, mAP and CMC of all three, with bootstrap intervals over people.

    Args:
        dataset: Name of a published data set.
        model: A trained model's folder.
        snapshot: Number of the data set's snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        protocol: Which gallery images of the query's own person are left out.
        rerank: k-reciprocal re-ranking.
        memory_mb: Bound of the ranking's buffer.
        embeddings: Also write all features.
        statistics: Where normalisation takes its test statistics from; as trained if left out.
    """
    place = chosen_dataset(dataset, store)
    pinned = open_snapshot(place, snapshot, content_digest, withdrawn=True)
    measuring = Measuring(protocol, rerank, memory_mb, statistics=statistics)
    with reading(pinned), gpu_slot():
        return compare_with_baselines(pinned, model, measuring, embeddings)


@stage_task(name="evaluate", description="Rank the test split with the model and two baselines.")
def compare_with_baselines(
    reader: SnapshotReader, model: Path, measuring: Measuring, embeddings: bool
) -> Comparison:
    """See ``run.compare_methods``; leaves a metric table with a CMC plot as an artifact, and where
    the model fails, which is also written beside the model's other results."""
    comparison = compare_methods(reader, model, measuring, embeddings)
    about = f"Model {model_file(model).parent.name} on {reader.dataset.name}"
    leave_page("metrics", about, cmc_markdown(comparison))
    failures = failures_markdown(reader, comparison)
    leave_page("failures", f"Where it fails: {about}", failures)
    trained_on, content = comparison.trained.lineage["trained_on"], reader.snapshot.content_digest
    folder = results_folder(model_file(model), trained_on, content)
    write_whole(folder / "failures.md", failures)
    write_whole(folder / FAILURES_PAGE, web_page(f"Where it fails: {about}", failures))
    return comparison
