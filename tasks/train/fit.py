"""Train a network on the training split of a snapshot, resumably."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from manifests.reader import SnapshotReader
from tasks.progress import Progress, report_progress
from training.checkpoints import load_checkpoint
from training.config import TrainingConfig
from training.data.crops import CropSet, load_crops, picture_cache
from training.data.selection import Selection
from training.helpers import helped, processes_for
from training.models.person_net import CLASSIFIER
from training.rehearsal import rehearse_step
from training.runs import Run
from training.targets.images import TRAIN, Target
from training.trainer import Trainer, TrainingProgress
from training.validation import hold_out
from training.workers import Workers


@dataclass(frozen=True)
class TrainedModel:
    """A finished run. ``seconds`` and ``cpu_seconds`` are 0 when it had finished before."""

    path: Path
    config: TrainingConfig
    losses: tuple[float, ...]
    seconds: float
    cpu_seconds: float


def train_snapshot(
    reader: SnapshotReader,
    config: TrainingConfig,
    folder: Path,
    initial: Path | None = None,
    chosen: Chosen | None = None,
) -> TrainedModel:
    """Train on one pinned snapshot, or some of its crops, reporting progress of stage ``train``."""
    data = snapshot_data(reader, config, picture_cache(), chosen)

    def tell(now: TrainingProgress) -> None:
        detail = f"loss {now.loss:.2f}, {now.images_per_second:.0f} images/s"
        if now.validation is not None:
            detail += f", held-out rank-1 {now.validation.rank1:.1%}"
        report_progress(Progress("train", now.iteration, now.budget, "iterations", detail))

    if config.processes == 1 or _run(data, config, folder, initial).finished() is not None:
        return fit(data, config, folder, on_progress=tell, initial=initial)
    size = processes_for(config, _cameras(reader, chosen))
    with helped(size, partial(_help, reader, config, folder, initial, chosen)) as workers:
        return fit(data, config, folder, on_progress=tell, initial=initial, workers=workers)


def _cameras(reader: SnapshotReader, chosen: Chosen | None) -> int:
    """How many there are among the crops that are learnt from."""
    table = reader.table(["camera", "split", "crop_key"])
    learnt = pc.field("split") == TRAIN
    if chosen is not None:
        learnt = learnt & pc.field("crop_key").isin(chosen.keys.tolist())
    return len(table.filter(learnt).column("camera").unique())


def _help(
    reader: SnapshotReader,
    config: TrainingConfig,
    folder: Path,
    initial: Path | None,
    chosen: Chosen | None,
    workers: Workers,
) -> None:
    """What another process does of ``train_snapshot``; it tells nobody."""
    data = snapshot_data(reader, config, picture_cache(), chosen)
    fit(data, config, folder, initial=initial, workers=workers)


@dataclass(frozen=True)
class Chosen:
    """Some of the training crops of a snapshot: those whose scores by the model of run
    ``scored_by`` meet ``selection``; ``keys`` (N,) are theirs."""

    selection: Selection
    scored_by: str
    keys: np.ndarray

    def identity(self) -> dict[str, Any]:
        """What makes it another training."""
        return {"conditions": self.selection.texts(), "scored_by": self.scored_by}


@dataclass(frozen=True)
class TrainingData:
    """Crops that are loaded when needed, what identifies them, and where they come from."""

    content_digest: str
    lineage: dict[str, Any]
    load: Callable[[], CropSet]


def snapshot_data(
    reader: SnapshotReader, config: TrainingConfig, cache: Path, chosen: Chosen | None = None
) -> TrainingData:
    """The training split of a snapshot, or some of its crops; decoded crops of large sets, and of
    all in a remote store, are kept in ``cache``."""
    snapshot = reader.snapshot
    place = (config.model.height, config.model.width, cache, snapshot.content_digest)

    def load() -> CropSet:
        crops = load_crops(reader, TRAIN, *place, remote=reader.remote)
        return crops if chosen is None else crops.where(np.isin(crops.keys, chosen.keys))

    lineage = {
        "dataset": snapshot.dataset,
        "snapshot": snapshot.number,
        "content_digest": snapshot.content_digest,
    }
    if chosen is not None:
        lineage["selection"] = chosen.identity()
    return TrainingData(snapshot.content_digest, lineage, load)


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
    run = _run(data, config, out_dir, initial, resume, workers)
    if (finished := run.finished()) is not None:
        return TrainedModel(run.model, config, finished.losses, 0.0, 0.0)
    run.rehearse(anew=CLASSIFIER)
    device = run.workers.device()
    # On a CPU a step costs too much for this; several processes share batches in their own way.
    if device.type != "cpu" and run.workers.size == 1:
        rehearse_step(config, device)
    crops, held_out = hold_out(data.load(), config.validation.share, config.seed)
    network = run.network(len(crops.person_ids), anew=CLASSIFIER)
    trainer = Trainer(network, crops, config, device, run.started(), run.workers, held_out)

    def record() -> dict[str, Any]:
        last = trainer.totals[-20:]
        return {
            "config": config.model_dump(mode="json"),
            "people": len(crops.person_ids),
            "images": len(crops),
            "iterations": trainer.budget,
            "validations": [asdict(found) for found in trainer.validations],
            "final_loss": sum(last) / len(last),
        }

    spent = run.carry_out(trainer, crops.person_ids, [crops.fingerprint], on_progress, record)
    return TrainedModel(run.model, config, trainer.totals, *spent)


def _run(
    data: TrainingData,
    config: TrainingConfig,
    folder: Path,
    initial: Path | None,
    resume: bool = True,
    workers: Workers | None = None,
) -> Run:
    return Run(folder, config, {"config": config}, data.lineage, initial, resume, workers)


def model_run(path: Path) -> str:
    """What identifies the run that a saved model comes from: its settings and its data."""
    return load_checkpoint(path).run
