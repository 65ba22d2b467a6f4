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
    dataset: Annotated[str, Field(description="Name of a published data set.")],
    snapshot: Annotated[int, Field(ge=1, description="Number of its snapshot.")],
    content_digest: Annotated[str, Field(description="What the snapshot must contain.")],
    model: Annotated[Path, Field(description="A trained model's folder.")],
    store: Annotated[str, Field(description="Folder or s3://bucket/prefix.")] = "out/store",
) -> Comparison:
    """Rank-1, mAP and CMC of all three, with bootstrap intervals over people."""
    return compare_with_baselines(store, dataset, snapshot, content_digest, model)
