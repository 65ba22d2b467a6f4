"""Prefect task of the train stage."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from manifests.reader import SnapshotReader
from tasks.report.build import loss_markdown
from tasks.train.fit import TrainedModel, train_snapshot
from tasks.train.summary import record_markdown
from training.config import TrainingConfig
from training.runs import RECORD_FILE


@task(
    name="train",
    description="Fit a model on the training split of one snapshot.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def fit_model(
    reader: SnapshotReader,
    config: TrainingConfig,
    folder: Path,
    initial: Path | None = None,
) -> TrainedModel:
    """See ``fit.train_snapshot``; leaves the run's record and a plot of the loss as artifacts."""
    model = train_snapshot(reader, config, folder, initial)
    dataset, snapshot = reader.dataset.name, reader.snapshot.number
    create_markdown_artifact(
        record_markdown(folder / RECORD_FILE),
        key="training",
        description=f"Model {folder.name} on {dataset}",
    )
    create_markdown_artifact(
        loss_markdown(model.losses, model.seconds),
        key="loss",
        description=f"{config.name} on {dataset}, snapshot {snapshot}",
    )
    return model
