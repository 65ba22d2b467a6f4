"""Prefect task of the train stage."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from tasks.report.build import loss_markdown
from tasks.train.fit import TrainedModel, train_snapshot
from training.config import TrainingConfig


@task(
    name="train",
    description="Fit a model on the training split of one snapshot.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def fit_model(
    store: str,
    dataset: str,
    snapshot: int,
    content_digest: str,
    config: TrainingConfig,
    folder: Path,
) -> TrainedModel:
    """See ``fit.train_snapshot``; leaves a plot of the loss as an artifact."""
    trained = train_snapshot(store, dataset, snapshot, content_digest, config, folder)
    create_markdown_artifact(
        loss_markdown(trained.losses, trained.seconds),
        key="loss",
        description=f"{config.name} on {dataset}, snapshot {snapshot}",
    )
    return trained
