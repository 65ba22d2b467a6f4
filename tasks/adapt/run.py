"""Adapt to a target, then measure what that gained: the whole stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tasks.adapt.fit import AdaptedModel, adapt
from tasks.adapt.measure import Adaptation, measure_adaptation
from tasks.adapt.places import DataPlace, open_places
from tasks.evaluate.evaluation_sets import require_unseen
from tasks.evaluate.results import leave_metrics
from tasks.progress import Progress, report_progress
from training.adaptation.adapter import AdaptationProgress
from training.adaptation.config import AdaptationConfig
from training.adaptation.refresh import Refresh
from training.checkpoints import load_checkpoint
from training.run_files import model_file
from training.workers import Workers


@dataclass(frozen=True)
class AdaptationOutcome:
    """An adapted model, and how it does where the target has test images."""

    model: AdaptedModel
    measured: Adaptation | None


def adapt_and_measure(
    source: DataPlace,
    target: DataPlace,
    config: AdaptationConfig,
    folder: Path,
    initial: Path | None = None,
    camstyle: Path | None = None,
    workers: Workers | None = None,
) -> AdaptationOutcome:
    """Adapt from ``source`` to ``target``, reporting progress of stage ``adapt``.

    ``initial``: a model (or its folder) trained on the source, to start from and to compare
    with. ``metrics.json`` and ``cmc.png`` are written next to the model. Raises
    ``TrainingFailed`` before anything is learnt if the target's test pictures, or people, are in
    its training part or known to ``initial``.
    """
    initial = None if initial is None else model_file(initial)
    labelled, unlabelled = open_places(source, target)
    training, tested = config.training(), unlabelled.test()
    if tested is not None:
        # Nobody should adapt for hours only to hear that it cannot be measured.
        tested.pictures()
        if initial is not None:
            require_unseen(load_checkpoint(initial), tested)
    model = adapt(
        labelled.training(training, folder / "source-pictures"),
        unlabelled.training(training, folder / "target-pictures"),
        config,
        folder,
        on_progress=_tell_progress,
        on_refresh=_tell_refresh,
        initial=initial,
        camstyle=camstyle,
        workers=workers,
    )
    if tested is None or (workers is not None and not workers.leads):
        return AdaptationOutcome(model, None)
    unlabelled_crops = unlabelled.training(training, folder / "target-pictures").load()
    measured = measure_adaptation(model.path, unlabelled_crops, tested, config, initial)
    leave_metrics(folder, measured.metrics(), {e.method: e.cmc for e in measured.evaluations})
    return AdaptationOutcome(model, measured)


def _tell_progress(now: AdaptationProgress) -> None:
    note = (
        f"losses {now.source_loss:.2f} source, {now.local_loss:.2f} views, "
        f"{now.memory_loss:.2f} memory, {now.images_per_second:.0f} images/s"
    )
    report_progress(Progress("adapt", now.epoch, now.epochs, "epochs", note))


def _tell_refresh(refresh: Refresh) -> None:
    note = f"{refresh.clusters} clusters of {refresh.images} images by {refresh.similarity} looks"
    report_progress(Progress("cluster", refresh.epoch, refresh.epoch, "epochs", note))
