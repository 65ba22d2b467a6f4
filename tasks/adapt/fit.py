"""Adapt a network to an unlabelled target, resumably.

Everything about orchestration stays out of here; ``tasks.adapt.task`` wraps it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torchvision

from manifests.identity import digest
from tasks.train.fit import (
    CHECKPOINT_FILE,
    MODEL_FILE,
    RECORD_FILE,
    TrainingData,
    own_checkpoint,
)
from training.adaptation.adapter import (
    AdaptationProgress,
    AdaptationState,
    Adapter,
    require_times,
)
from training.adaptation.config import AdaptationConfig
from training.adaptation.memory import MemoryBank
from training.adaptation.refresh import Refresh, Similarity, TransitionTime
from training.adaptation.views import CameraStyles, CameraViews, CamStyleFolder
from training.artifacts import write_json
from training.checkpoints import Checkpoint, load_checkpoint, restore, save_checkpoint
from training.data.crops import CropSet
from training.models.person_net import build_network
from training.workers import Workers


@dataclass(frozen=True)
class AdaptedModel:
    """A finished adaptation. ``views``: what made the camera styles; seconds are 0 when the run
    had finished before."""

    path: Path
    config: AdaptationConfig
    refreshes: tuple[Refresh, ...]
    views: str
    seconds: float
    cpu_seconds: float


def adapt(
    source: TrainingData,
    target: TrainingData,
    config: AdaptationConfig,
    out_dir: Path,
    resume: bool = True,
    on_progress: Callable[[AdaptationProgress], None] | None = None,
    on_refresh: Callable[[Refresh], None] | None = None,
    initial: Path | None = None,
    camstyle: Path | None = None,
    workers: Workers | None = None,
) -> AdaptedModel:
    """Adapt; the model, checkpoints and run record go to ``out_dir``.

    With ``resume`` a run of the same settings on the same data goes on after its last whole
    epoch, or is returned if it had finished. ``initial``: a saved model whose backbone to start
    from. ``camstyle``: a folder of pictures in other cameras' styles; without one they are made
    from camera statistics. Raises ``BadRecipe``, ``NotFound`` or ``TrainingFailed``.
    """
    workers = workers or Workers()
    wall, cpu = time.perf_counter(), time.process_time()
    out_dir.mkdir(parents=True, exist_ok=True)
    start = None if initial is None else load_checkpoint(initial)
    lineage: dict[str, Any] = {"source": source.lineage, "target": target.lineage}
    if start is not None:
        lineage["initial"] = start.run
    views_name = CamStyleFolder.kind if camstyle is not None else CameraStyles.kind
    run = digest({"adaptation": config, "lineage": lineage, "views": views_name})
    finished = own_checkpoint(out_dir / MODEL_FILE, run) if resume else None
    if finished is not None:
        refreshes = _restored(finished.adaptation or {}).refreshes
        path = out_dir / MODEL_FILE
        return AdaptedModel(path, config, tuple(refreshes), views_name, 0.0, 0.0)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    unlabelled = target.load()
    if config.refresh.joint_from is not None:
        require_times(unlabelled)
    views = _views(unlabelled, camstyle, config.seed)
    crops = source.load()
    started = own_checkpoint(out_dir / CHECKPOINT_FILE, run) if resume else None
    network = build_network(config.model, len(crops.person_ids), config.seed)
    state = AdaptationState()
    if started is not None:
        restore(network, started)
        state = _restored(started.adaptation or {})
        state.iteration, state.optimiser = started.iteration, started.optimiser
    elif start is not None:
        restore(network, start, head=False)
    precision = started.precision if started else None
    adapter = Adapter(
        network, crops, unlabelled, views, config, workers.device(), precision, state, workers
    )

    def save(name: str, state: AdaptationState, complete: bool) -> None:
        if not workers.leads:
            return
        checkpoint = Checkpoint(
            config=config.training(),
            run=run,
            precision=adapter.precision,
            iteration=state.iteration,
            people=crops.person_ids,
            network={name: value.cpu() for name, value in network.state_dict().items()},
            optimiser=None if complete else state.optimiser,
            losses=tuple(sum(parts) for parts in state.losses),
            adaptation=_remembered(state, complete),
            lineage=lineage,
        )
        save_checkpoint(out_dir / name, checkpoint)

    state = adapter.run(
        on_progress if workers.leads else None,
        on_refresh if workers.leads else None,
        lambda state: save(CHECKPOINT_FILE, state, complete=False),
    )
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    if workers.leads:
        record = {
            "config": config.model_dump(mode="json"),
            "lineage": lineage,
            "views": views.kind,
            "arithmetic": adapter.arithmetic.describe(),
            "processes": workers.size,
            "source": {"people": len(crops.person_ids), "images": len(crops)},
            "target": {"cameras": len(unlabelled.camera_names), "images": len(unlabelled)},
            "refreshes": [asdict(refresh) for refresh in state.refreshes],
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        }
        write_json(out_dir / RECORD_FILE, record)
        save(MODEL_FILE, state, complete=True)
        (out_dir / CHECKPOINT_FILE).unlink(missing_ok=True)
    refreshes = tuple(state.refreshes)
    return AdaptedModel(out_dir / MODEL_FILE, config, refreshes, views.kind, seconds, cpu_seconds)


def _views(crops: CropSet, camstyle: Path | None, seed: int) -> CameraViews:
    return CameraStyles(crops, seed) if camstyle is None else CamStyleFolder(camstyle, crops)


def _remembered(state: AdaptationState, complete: bool) -> dict[str, Any]:
    """Plain values for a checkpoint; finished models leave the memory out."""
    refreshes = [
        {**asdict(refresh), "similarity": refresh.similarity.value} for refresh in state.refreshes
    ]
    kept: dict[str, Any] = {"losses": [list(p) for p in state.losses], "refreshes": refreshes}
    if not complete and state.memory is not None:
        kept["memory"] = state.memory.state()
    return kept


def _restored(kept: dict[str, Any]) -> AdaptationState:
    refreshes = [
        Refresh(
            **{
                **values,
                "similarity": Similarity(values["similarity"]),
                "transitions": tuple(TransitionTime(**time) for time in values["transitions"]),
            }
        )
        for values in kept.get("refreshes", [])
    ]
    memory = kept.get("memory")
    return AdaptationState(
        losses=[(parts[0], parts[1], parts[2]) for parts in kept.get("losses", [])],
        refreshes=refreshes,
        memory=None if memory is None else MemoryBank.restored(memory),
    )
