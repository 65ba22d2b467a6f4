"""Prefect task of the evaluate stage: metrics and plots as artifacts of the run."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from manifests.reader import SnapshotReader
from tasks.evaluate.measure import STANDARD, Measuring
from tasks.evaluate.run import Comparison, compare_methods
from tasks.report.build import cmc_markdown


@task(
    name="evaluate",
    description="Rank the test split with the model and with two baselines.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def compare_with_baselines(
    reader: SnapshotReader,
    model: Path,
    measuring: Measuring = STANDARD,
    embeddings: bool = False,
) -> Comparison:
    """See ``run.compare_methods``; leaves a metric table and CMC plot as an artifact."""
    comparison = compare_methods(reader, model, measuring, embeddings)
    create_markdown_artifact(
        cmc_markdown(comparison),
        key="metrics",
        description=f"Model {model.name} on {reader.dataset.name}",
    )
    return comparison
