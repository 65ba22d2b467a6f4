"""Learning to tell people apart: one loss over all cameras of a labelled set of crops.

What to train on, where to save and whom to tell are given by the caller (``tasks.train``); how a
run of gradient descent goes is ``training.loop``.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch

from training.batches import Batch, BatchSource
from training.checkpoints import Checkpoint
from training.config import TrainingConfig
from training.data.crops import CropSet
from training.data.sampler import make_sampler
from training.evaluation.camera_statistics import saved_statistics
from training.loop import Loop, Loss, Shown, Step
from training.losses import batch_loss, compares_features, image_loss
from training.models.camera_batch_norm import Phase
from training.models.person_net import PersonNet
from training.precision import Arithmetic
from training.soundness import remembered
from training.validation import Validation, validate
from training.workers import Workers


@dataclass(frozen=True)
class TrainingProgress:
    """State of a run after ``iteration`` of ``budget`` iterations.

    ``loss``: mean since the last report; ``images_per_second``: wall-clock rate since then;
    ``validation``: the latest, if people are held out.
    """

    iteration: int
    budget: int
    loss: float
    images_per_second: float
    validation: Validation | None = None

    def scalars(self) -> dict[str, float]:
        """By name, for logs."""
        told = {"loss": self.loss, "images_per_second": self.images_per_second}
        if self.validation is not None:
            told["held_out/rank1"] = self.validation.rank1
            told["held_out/map"] = self.validation.mean_average_precision
        return told

    def __str__(self) -> str:
        text = f"{self.iteration}/{self.budget}  loss {self.loss:.3f}"
        text += f"  {self.images_per_second:.0f} images/s"
        if self.validation is not None:
            text += f"  held-out rank-1 {self.validation.rank1:.1%}"
        return text


class Trainer(Loop[TrainingProgress]):
    """Trains one network on one set of crops; meanwhile it is measured on ``held_out`` ones.

    Raises what ``Loop`` raises, and ``BadRecipe`` for batches that the processes cannot share.
    """

    def __init__(
        self,
        network: PersonNet,
        crops: CropSet,
        config: TrainingConfig,
        device: torch.device,
        started: Checkpoint | None = None,
        workers: Workers | None = None,
        held_out: CropSet | None = None,
    ) -> None:
        workers = workers or Workers()
        workers.check(config.batch, len(crops.camera_names))
        self.crops, self.held_out = crops, held_out
        found = () if started is None else started.validations
        self.validations = remembered(list[Validation], list(found), "validations")
        self.save_every = config.checkpoint_every
        self._sampler = make_sampler(config.batch, crops.person, crops.camera, config.seed)
        super().__init__(network, config, config.budget(len(crops)), device, started, workers)

    def sources(self, how: Arithmetic) -> tuple[BatchSource, ...]:
        """Augmented images of the training people."""
        return (BatchSource(self.crops, self._sampler, self.config, how, self.workers),)

    def loss(self, step: Step, batches: tuple[Batch, ...]) -> Loss:
        """One number."""
        (batch,) = batches
        context = step.network.context
        context.phase, context.layout = Phase.by_layout, batch.layout
        with step.how.autocast():
            embedding = step.forward(batch.images)
        settings, person, together = self.config.loss, batch.person, self.workers.gathered
        total = self.share(batch) * image_loss(embedding, person, settings, step.network.matching)
        if compares_features(settings):
            pooled, feature = together(embedding.pooled), together(embedding.feature)
            total = total + batch_loss(pooled, feature, together(person), settings)
        return Loss(total, total.detach()[None])

    def progress(self, steps: int, images_per_second: float) -> TrainingProgress:
        """The mean loss and the latest validation."""
        loss = math.fsum(map(sum, self.losses[-steps:])) / steps
        latest = self.validations[-1] if self.validations else None
        return TrainingProgress(self.iteration, self.budget, loss, images_per_second, latest)

    def shown(self) -> Shown:
        """People who are held out, if there are such; else those who are learnt."""
        if self.held_out is not None:
            return Shown(self.held_out, "held_out")
        return Shown(self.crops, "training")

    def after_step(self) -> None:
        """Measure on the people who are held out, when it is time."""
        crops = self.held_out if self.workers.leads else None
        if crops is not None and self.is_due(self.config.validation.every):
            found = validate(self.network, crops, self.arithmetic, self.iteration)
            self.validations.append(found)
            self.network.train()

    def remembered(self, complete: bool) -> dict[str, Any]:
        """Fields of a ``Checkpoint``, with the training cameras' statistics when it is done."""
        kept = super().remembered(complete)
        kept["validations"] = tuple(asdict(found) for found in self.validations)
        if complete:
            kept["statistics"] = saved_statistics(self.network, self.crops, self.arithmetic)
        return kept
