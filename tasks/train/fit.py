"""Train a network on the training split of a snapshot, resumably.

Everything about orchestration stays out of here; ``tasks.train.task`` wraps it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision

from manifests.errors import CorruptData, NotFound
from manifests.identity import digest
from manifests.reader import SnapshotReader
from tasks.progress import Progress, report_progress
from training.artifacts import write_json
from training.checkpoints import Checkpoint, load_checkpoint, restore, save_checkpoint
from training.config import TrainingConfig
from training.data.crops import CropSet, load_crops, picture_cache
from training.evaluation.camera_statistics import saved_statistics
from training.models.person_net import build_network
from training.targets.images import TRAIN, Target
from training.trainer import Trainer, TrainingProgress, TrainingState
from training.validation import Validation, hold_out
from training.workers import Workers

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
    reader: SnapshotReader, config: TrainingConfig, folder: Path, initial: Path | None = None
) -> TrainedModel:
    """Train on one pinned snapshot, reporting progress of stage ``train``."""
    data = snapshot_data(reader, config, picture_cache())

    def tell(now: TrainingProgress) -> None:
        detail = f"loss {now.loss:.2f}, {now.images_per_second:.0f} images/s"
        if now.validation is not None:
            detail += f", held-out rank-1 {now.validation.rank1:.1%}"
        report_progress(Progress("train", now.iteration, now.budget, "iterations", detail))

    return fit(data, config, folder, on_progress=tell, initial=initial)


def train(
    reader: SnapshotReader,
    config: TrainingConfig,
    out_dir: Path,
    resume: bool = True,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    initial: Path | None = None,
    workers: Workers | None = None,
) -> TrainedModel:
    """Train on the reader's snapshot; see ``fit``."""
    data = snapshot_data(reader, config, picture_cache())
    return fit(data, config, out_dir, resume, on_progress, initial, workers)


@dataclass(frozen=True)
class TrainingData:
    """Crops that are loaded when needed, what identifies them, and where they come from."""

    content_digest: str
    lineage: dict[str, Any]
    load: Callable[[], CropSet]


def snapshot_data(reader: SnapshotReader, config: TrainingConfig, cache: Path) -> TrainingData:
    """The training split of a snapshot; decoded pictures of large sets, and of all in a
    remote store, are kept in ``cache``."""
    snapshot = reader.snapshot
    place = (config.model.height, config.model.width, cache, snapshot.content_digest)
    return TrainingData(
        snapshot.content_digest,
        {
            "dataset": snapshot.dataset,
            "snapshot": snapshot.number,
            "content_digest": snapshot.content_digest,
        },
        lambda: load_crops(reader, TRAIN, *place, remote=reader.remote),
    )


def target_data(target: Target, config: TrainingConfig, cache: Path | None = None) -> TrainingData:
    """The training images of somebody else's data set; large sets are kept in ``cache``."""
    content = target.content_digest()
    lineage = {"dataset": target.name, "split": target.split, "content_digest": content}
    size = (config.model.height, config.model.width)
    return TrainingData(content, lineage, lambda: target.crops([TRAIN], *size, cache=cache))


def fit(
    data: TrainingData,
    config: TrainingConfig,
    out_dir: Path,
    resume: bool = True,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    initial: Path | None = None,
    workers: Workers | None = None,
) -> TrainedModel:
    """Train; the model, checkpoints and run record go to ``out_dir``.

    With ``resume`` a run of the same configuration on the same data goes on where it was
    interrupted, or is returned if it had finished; anything else in ``out_dir`` is replaced.
    ``initial``: a saved model to start from (fine-tuning); its classifier is not taken over.
    Raises ``TrainingFailed`` (exit code 50) for unusable data or a loss that diverged.
    """
    workers = workers or Workers()
    wall, cpu = time.perf_counter(), time.process_time()
    out_dir.mkdir(parents=True, exist_ok=True)
    start = None if initial is None else load_checkpoint(initial)
    lineage = data.lineage if start is None else {**data.lineage, "initial": start.run}
    run = digest({"config": config, "lineage": lineage})
    finished = own_checkpoint(out_dir / MODEL_FILE, run) if resume else None
    if finished is not None:
        return TrainedModel(out_dir / MODEL_FILE, config, finished.losses, 0.0, 0.0)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    crops, held_out = hold_out(data.load(), config.validation.share, config.seed)
    started = own_checkpoint(out_dir / CHECKPOINT_FILE, run) if resume else None
    network = build_network(config.model, len(crops.person_ids), config.seed)
    state = TrainingState()
    if started is not None:
        restore(network, started)
        validations = [Validation(**found) for found in started.validations]
        state = TrainingState(
            started.iteration, list(started.losses), started.optimiser, validations
        )
    elif start is not None:
        restore(network, start, classifier=False)
    precision = started.precision if started else None
    trainer = Trainer(network, crops, config, workers.device(), precision, state, workers, held_out)

    def save(name: str, state: TrainingState, complete: bool) -> None:
        if not workers.leads:
            return
        checkpoint = Checkpoint(
            config=config,
            run=run,
            precision=trainer.precision,
            iteration=state.iteration,
            people=crops.person_ids,
            network={name: value.cpu() for name, value in network.state_dict().items()},
            optimiser=None if complete else state.optimiser,
            statistics=saved_statistics(network, crops, trainer.arithmetic) if complete else {},
            losses=tuple(state.losses),
            validations=tuple(asdict(found) for found in state.validations),
            lineage=lineage,
        )
        save_checkpoint(out_dir / name, checkpoint)

    losses = trainer.run(
        on_progress if workers.leads else None,
        lambda state: save(CHECKPOINT_FILE, state, complete=False),
    )
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    if workers.leads:
        record = {
            "config": config.model_dump(mode="json"),
            "lineage": lineage,
            "arithmetic": trainer.arithmetic.describe(),
            "processes": workers.size,
            "people": len(crops.person_ids),
            "images": len(crops),
            "iterations": trainer.budget,
            "validations": [asdict(found) for found in state.validations],
            "final_loss": sum(losses[-20:]) / len(losses[-20:]),
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        }
        write_json(out_dir / RECORD_FILE, record)
    save(MODEL_FILE, trainer.state, complete=True)
    if workers.leads:
        (out_dir / CHECKPOINT_FILE).unlink(missing_ok=True)
    return TrainedModel(out_dir / MODEL_FILE, config, tuple(losses), seconds, cpu_seconds)


def model_run(path: Path) -> str:
    """What identifies the run that a saved model comes from: its settings and its data."""
    return load_checkpoint(path).run


def own_checkpoint(path: Path, run: str) -> Checkpoint | None:
    """The checkpoint at ``path`` if it belongs to this run."""
    try:
        checkpoint = load_checkpoint(path)
    except (NotFound, CorruptData):
        return None
    return checkpoint if checkpoint.run == run else None
