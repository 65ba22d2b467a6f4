"""Adapt a network to an unlabelled target, resumably."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.train.fit import TrainingData
from training.adaptation.adapter import AdaptationProgress, Adapter, require_times
from training.adaptation.config import AdaptationConfig
from training.adaptation.refresh import Refresh, remembered_refreshes
from training.adaptation.views import CameraStyles, CamStyleFolder
from training.models.person_net import HEAD
from training.runs import Run
from training.workers import Workers


@dataclass(frozen=True)
class AdaptedModel:
    """A finished adaptation. ``views``: what made the camera styles; seconds are 0 when the run
    had finished before."""

    path: Path
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
    kind = CameraStyles.kind if camstyle is None else CamStyleFolder.kind
    lineage = {"source": source.lineage, "target": target.lineage}
    asked = {"adaptation": config, "views": kind}
    run = Run(out_dir, config.training(), asked, lineage, initial, resume, workers)
    if (finished := run.finished()) is not None:
        refreshes = tuple(remembered_refreshes(finished))
        return AdaptedModel(run.model, refreshes, kind, 0.0, 0.0)
    run.rehearse(anew=HEAD)
    unlabelled = target.load()
    if config.refresh.joint_from is not None:
        require_times(unlabelled)
    views = (
        CameraStyles(unlabelled, config.seed)
        if camstyle is None
        else CamStyleFolder(camstyle, unlabelled)
    )
    crops = source.load()
    network = run.network(len(crops.person_ids), anew=HEAD)
    device, started = run.workers.device(), run.started()
    adapter = Adapter(
        network, crops, unlabelled, views, config, device, started, run.workers, on_refresh
    )

    def record() -> dict[str, Any]:
        return {
            "config": config.model_dump(mode="json"),
            "views": kind,
            "source": {"people": len(crops.person_ids), "images": len(crops)},
            "target": {"cameras": len(unlabelled.camera_names), "images": len(unlabelled)},
            "refreshes": [refresh.plain() for refresh in adapter.refreshes],
        }

    pictures = [crops.fingerprint, unlabelled.fingerprint]
    spent = run.carry_out(adapter, crops.person_ids, pictures, on_progress, record)
    return AdaptedModel(run.model, tuple(adapter.refreshes), kind, *spent)
