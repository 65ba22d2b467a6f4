"""Measure a model on the test split of one pinned snapshot, beside two baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.evaluate.run import Comparison
from tasks.evaluate.task import compare_with_baselines


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
) -> Comparison:
    """Rank-1, mAP and CMC of all three, with bootstrap intervals over people.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot.
        content_digest: What the snapshot must contain.
        model: A trained model's folder.
        store: Folder or s3://bucket/prefix.
    """
    return compare_with_baselines(store, dataset, snapshot, content_digest, model)
