"""Train a model on one pinned snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.places import model_folder
from manifests.identity import digest
from tasks.train.fit import TrainedModel, model_run
from tasks.train.task import fit_model
from training.config import load_training


@flow(
    name="train",
    flow_run_name="{dataset}-{training}",
    description="Train a re-identification model on a published data set.",
)
def train(
    dataset: str,
    snapshot: Annotated[int, Field(ge=1)],
    content_digest: str,
    store: str = "out/store",
    training: str = "demo",
    initial: Path | None = None,
) -> TrainedModel:
    """Goes on from the newest checkpoint of the same data and training, if there is one.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot.
        content_digest: What the snapshot must contain.
        store: Folder or s3://bucket/prefix.
        training: A shipped training preset or a YAML file.
        initial: A model.pt to fine-tune.
    """
    config = load_training(training)
    asked = digest(config if initial is None else {"config": config, "from": model_run(initial)})
    folder = model_folder(dataset, content_digest, asked)
    return fit_model(store, dataset, snapshot, content_digest, config, folder, initial)
