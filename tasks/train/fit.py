"""Train a network on the training split of a snapshot, resumably.

Everything about orchestration stays out of here; ``tasks.train.task`` wraps it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torchvision

from manifests.errors import CorruptData, NotFound
from manifests.identity import digest
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.progress import Progress, report_progress
from training.artifacts import write_json
from training.checkpoints import Checkpoint, load_checkpoint, restore, save_checkpoint
from training.config import TrainingConfig
from training.data.crops import load_crops
from training.models.resnet import build_network
from training.precision import best_device
from training.trainer import Trainer, TrainingProgress, TrainingState

MODEL_FILE = "model.pt"
CHECKPOINT_FILE = "checkpoint.pt"
RECORD_FILE = "run.json"


@dataclass(frozen=True)
class TrainedModel:
    """A finished run. ``seconds`` and ``cpu_seconds`` are 0 when it had finished before."""

    path: Path
    config: TrainingConfig
    losses: tuple[float, ...]
    seconds: float
    cpu_seconds: float


def train_snapshot(
    store_uri: str,
    dataset: str,
    number: int,
    content_digest: str,
    config: TrainingConfig,
    folder: Path,
) -> TrainedModel:
    """Train on one pinned snapshot of a store, reporting progress of stage ``train``."""
    reader = SnapshotReader(open_store(store_uri), dataset, number, content_digest)

    def tell(now: TrainingProgress) -> None:
        detail = f"loss {now.loss:.2f}, {now.images_per_second:.0f} images/s"
        report_progress(Progress("train", now.iteration, now.budget, "iterations", detail))

    return train(reader, config, folder, on_progress=tell)


def train(
    reader: SnapshotReader,
    config: TrainingConfig,
    out_dir: Path,
    resume: bool = True,
    on_progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainedModel:
    """Train on the reader's snapshot; the model, checkpoints and run record go to ``out_dir``.

    With ``resume`` a run of the same configuration on the same data goes on where it was
    interrupted, or is returned if it had finished; anything else in ``out_dir`` is replaced.
    Raises ``TrainingFailed`` (exit code 50) for unusable data or a loss that diverged.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    run = digest({"config": config, "content": reader.snapshot.content_digest})
    finished = _own(out_dir / MODEL_FILE, run) if resume else None
    if finished is not None:
        return TrainedModel(out_dir / MODEL_FILE, config, finished.losses, 0.0, 0.0)
    started = _own(out_dir / CHECKPOINT_FILE, run) if resume else None
    wall, cpu = time.perf_counter(), time.process_time()
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    crops = load_crops(
        reader,
        "train",
        config.model.height,
        config.model.width,
        cache=out_dir / "pictures",
        digest=reader.snapshot.content_digest,
    )
    network = build_network(config.model, len(crops.person_ids), config.seed)
    state = TrainingState()
    if started is not None:
        restore(network, started)
        state = TrainingState(started.iteration, list(started.losses), started.optimiser)
    trainer = Trainer(
        network, crops, config, best_device(), started.precision if started else None, state
    )
    lineage = {
        "dataset": reader.snapshot.dataset,
        "snapshot": reader.snapshot.number,
        "content_digest": reader.snapshot.content_digest,
    }

    def saved(state: TrainingState, complete: bool) -> Checkpoint:
        return Checkpoint(
            config=config,
            run=run,
            precision=trainer.precision,
            iteration=state.iteration,
            people=crops.person_ids,
            network={name: value.cpu() for name, value in network.state_dict().items()},
            optimiser=None if complete else state.optimiser,
            losses=tuple(state.losses),
            lineage=lineage,
        )

    def checkpoint(state: TrainingState) -> None:
        save_checkpoint(out_dir / CHECKPOINT_FILE, saved(state, complete=False))

    losses = trainer.run(on_progress, checkpoint)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    record = {
        "config": config.model_dump(mode="json"),
        "lineage": lineage,
        "arithmetic": trainer.arithmetic.describe(),
        "people": len(crops.person_ids),
        "images": len(crops),
        "iterations": trainer.budget,
        "final_loss": sum(losses[-20:]) / len(losses[-20:]),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }
    write_json(out_dir / RECORD_FILE, record)
    save_checkpoint(out_dir / MODEL_FILE, saved(trainer.state, complete=True))
    (out_dir / CHECKPOINT_FILE).unlink(missing_ok=True)
    return TrainedModel(out_dir / MODEL_FILE, config, tuple(losses), seconds, cpu_seconds)


def _own(path: Path, run: str) -> Checkpoint | None:
    """The checkpoint at ``path`` if it belongs to this run."""
    try:
        checkpoint = load_checkpoint(path)
    except (NotFound, CorruptData):
        return None
    return checkpoint if checkpoint.run == run else None
