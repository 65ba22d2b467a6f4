"""Train a model on one pinned snapshot."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice, TrainingName
from flows.places import DEFAULT_STORE, chosen_dataset, model_folder
from manifests.identity import digest
from manifests.reader import open_snapshot
from tasks.train.fit import TrainedModel, model_run
from tasks.train.task import fit_model
from training.config import load_training


@flow(
    name="train",
    flow_run_name="{dataset}, {training}",
    description="Train a re-identification model on a published data set.",
)
def train(
    dataset: DatasetName,
    snapshot: SnapshotNumber | None = None,
    content_digest: ContentDigest | None = None,
    store: StoreChoice = DEFAULT_STORE,
    training: TrainingName = "demo",
    initial: Path | None = None,
) -> TrainedModel:
    """Goes on from the newest checkpoint of the same data and training, if there is one.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or, on a farm, a name of its list; `default` is the
            worker's own.
        training: A shipped training preset or a YAML file.
        initial: A model.pt to fine-tune.
    """
    config = load_training(training)
    pinned = open_snapshot(chosen_dataset(dataset, store), snapshot, content_digest)
    asked = digest(config if initial is None else {"config": config, "from": model_run(initial)})
    folder = model_folder(dataset, pinned.snapshot.content_digest, asked)
    with gpu_slot():
        return fit_model(pinned, config, folder, initial)
