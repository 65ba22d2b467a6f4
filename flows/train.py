"""Train a model on one pinned snapshot."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice, TrainingName
from flows.places import DEFAULT_STORE, chosen_dataset, model_folder
from flows.stages import leave_page, stage_task
from manifests.identity import digest
from manifests.reader import SnapshotReader, open_snapshot
from tasks.publish.leases import lease
from tasks.report.build import loss_markdown
from tasks.train.fit import TrainedModel, model_run, train_snapshot
from tasks.train.summary import record_markdown
from training.config import TrainingConfig, load_training
from training.run_files import RECORD_FILE


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
    withdrawn: bool = False,
) -> TrainedModel:
    """Goes on from the newest checkpoint of the same data and training, if there is one.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        training: A shipped training preset or a YAML file.
        initial: A model.pt to fine-tune.
        withdrawn: Train on that snapshot even if it is withdrawn.
    """
    config = load_training(training)
    place = chosen_dataset(dataset, store)
    pinned = open_snapshot(place, snapshot, content_digest, withdrawn=withdrawn)
    asked = digest(config if initial is None else {"config": config, "from": model_run(initial)})
    folder = model_folder(dataset, pinned.snapshot.content_digest, asked)
    with lease(place, "read", pinned.snapshot.number), gpu_slot():
        return fit_model(pinned, config, folder, initial)


@stage_task(name="train", description="Fit a model on the training split of one snapshot.")
def fit_model(
    reader: SnapshotReader, config: TrainingConfig, folder: Path, initial: Path | None
) -> TrainedModel:
    """See ``fit.train_snapshot``; leaves the run's record and a plot of the loss as artifacts."""
    model = train_snapshot(reader, config, folder, initial)
    name, loss = reader.dataset.name, loss_markdown(model.losses, model.seconds)
    leave_page("training", f"Model {folder.name} on {name}", record_markdown(folder / RECORD_FILE))
    leave_page("loss", f"{config.name} on {name}, snapshot {reader.snapshot.number}", loss)
    return model
