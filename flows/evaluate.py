"""Measure a model on the test split of one pinned snapshot, beside two baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.evaluate.measure import Measuring
from tasks.evaluate.run import Comparison
from tasks.evaluate.task import compare_with_baselines
from training.evaluation.camera_statistics import StatisticsRule
from training.evaluation.ranking import Protocol


@flow(
    name="evaluate",
    flow_run_name="{dataset}",
    description="Compare a trained model with the untrained network and a colour baseline.",
)
def evaluate(
    dataset: str,
    snapshot: Annotated[int, Field(ge=1)],
    content_digest: str,
    model: Path,
    store: str = "out/store",
    protocol: Protocol = Protocol.standard,
    rerank: bool = False,
    memory_mb: Annotated[float | None, Field(gt=0)] = None,
    embeddings: bool = False,
    statistics: StatisticsRule = StatisticsRule.camera,
) -> Comparison:
    """Rank-1, mAP and CMC of all three, with bootstrap intervals over people.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot.
        content_digest: What the snapshot must contain.
        model: A trained model's folder.
        store: Folder or s3://bucket/prefix.
        protocol: Which gallery images of the query's own person are left out.
        rerank: k-reciprocal re-ranking.
        memory_mb: Bound of the ranking's buffer.
        embeddings: Also write all features.
        statistics: Where camera-based normalisation takes its test statistics from.
    """
    measuring = Measuring(protocol, rerank, memory_mb, statistics=statistics)
    return compare_with_baselines(
        store, dataset, snapshot, content_digest, model, measuring, embeddings
    )
