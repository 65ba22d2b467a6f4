"""Train a model on one pinned snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import (
    Conditions,
    ContentDigest,
    DatasetName,
    SnapshotNumber,
    StoreChoice,
    TrainingName,
)
from flows.places import DEFAULT_STORE, chosen_dataset, model_folder
from flows.stages import leave_page, stage_task
from manifests.identity import digest
from manifests.reader import SnapshotReader, open_snapshot
from tasks.publish.leases import reading
from tasks.report.build import loss_markdown
from tasks.scores.table import chosen_crops, read_scores
from tasks.train.fit import Chosen, TrainedModel, model_run, train_snapshot
from tasks.train.summary import record_markdown
from training.config import TrainingConfig, load_training
from training.data.selection import Selection
from training.run_files import RECORD_FILE, model_file


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
    select: Conditions = [],  # noqa: B006  (Prefect shows defaults in its forms)
    scored_by: Path | None = None,
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
        select: Conditions on scores that crops must meet, e.g. hardness>p50; all if left out.
        scored_by: The model whose scores are meant, if several have scored the snapshot.
    """
    config = load_training(training)
    place = chosen_dataset(dataset, store)
    pinned = open_snapshot(place, snapshot, content_digest, withdrawn=withdrawn)
    asked: Any = config if initial is None else {"config": config, "from": model_run(initial)}
    chosen = None
    if conditions := Selection.parse(select):
        run = None if scored_by is None else model_run(model_file(scored_by))
        chosen = chosen_crops(read_scores(pinned, run), conditions)
        asked = {"training": asked, "selection": chosen.identity()}
    folder = model_folder(dataset, pinned.snapshot.content_digest, digest(asked))
    with reading(pinned), gpu_slot():
        return fit_model(pinned, config, folder, initial, chosen)


@stage_task(name="train", description="Fit a model on the training split of one snapshot.")
def fit_model(
    reader: SnapshotReader,
    config: TrainingConfig,
    folder: Path,
    initial: Path | None,
    chosen: Chosen | None = None,
) -> TrainedModel:
    """See ``fit.train_snapshot``; leaves the run's record and a plot of the loss as artifacts."""
    model = train_snapshot(reader, config, folder, initial, chosen)
    name, loss = reader.dataset.name, loss_markdown(model.losses, model.seconds)
    leave_page("training", f"Model {folder.name} on {name}", record_markdown(folder / RECORD_FILE))
    leave_page("loss", f"{config.name} on {name}, snapshot {reader.snapshot.number}", loss)
    return model
