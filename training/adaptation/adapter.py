"""Labelled source and unlabelled target learnt side by side: JVTC (Li and Zhang, ECCV 2020).

On networks with camera-based normalisation. Which data, where to save and whom to tell are given
by the caller (``tasks.adapt``); how a run of gradient descent goes is ``training.loop``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from manifests.errors import BadRecipe
from training.adaptation.config import AdaptationConfig
from training.adaptation.losses import local_loss, memory_loss, view_means
from training.adaptation.memory import MemoryBank
from training.adaptation.refresh import (
    Refresh,
    Similarity,
    described,
    due,
    pseudo_identities,
    remembered_refreshes,
)
from training.adaptation.target_batches import TargetBatchSource
from training.adaptation.transitions import Sightings
from training.adaptation.views import CameraViews
from training.batches import Batch, BatchSource
from training.checkpoints import Checkpoint
from training.config import LossSettings
from training.data.crops import CropSet
from training.data.sampler import ImageRounds, make_sampler
from training.loop import Loop, Loss, Shown, Step
from training.losses import image_loss
from training.models.camera_batch_norm import Phase
from training.models.person_net import HEAD, PersonNet
from training.precision import Arithmetic
from training.soundness import remembered
from training.workers import Workers


@dataclass(frozen=True)
class AdaptationProgress:
    """State of a run after ``epoch`` of ``epochs``: mean losses of that epoch, and its rate in
    images (views counted) per wall-clock second."""

    epoch: int
    epochs: int
    source_loss: float
    local_loss: float
    memory_loss: float
    images_per_second: float

    def scalars(self) -> dict[str, float]:
        """By name, for logs."""
        told = asdict(self)
        return {name: told[name] for name in told if name not in ("epoch", "epochs")}


class Adapter(Loop[AdaptationProgress]):
    """Adapts one network from a labelled source to an unlabelled target.

    The target's people are used for nothing but the reports' purity. An epoch ends with a report
    and a checkpoint; ``on_refresh`` hears what was clustered. ``losses`` are source, local and
    memory loss. Raises what ``Loop`` raises, and ``BadRecipe`` if joint similarity is asked for
    and the target has no time stamps or for batches that the processes cannot share.
    """

    parts = ("source_loss", "local_loss", "memory_loss")
    lower = "optimiser.learning_rate or new_layers_rate,"
    shrink = "source.people or target.images"

    def __init__(
        self,
        network: PersonNet,
        source: CropSet,
        target: CropSet,
        views: CameraViews,
        config: AdaptationConfig,
        device: torch.device,
        started: Checkpoint | None = None,
        workers: Workers | None = None,
        on_refresh: Callable[[Refresh], None] | None = None,
    ) -> None:
        workers = workers or Workers()
        workers.check(config.source, len(source.camera_names))
        if config.refresh.joint_from is not None:
            require_times(target)
        self.settings, self._on_refresh = config, on_refresh
        self.source, self.target, self._views = source, target, views
        self._sightings = Sightings(target.camera, target.time, target.session)
        self._source_sampler = make_sampler(
            config.source, source.person, source.camera, config.seed
        )
        self._target_sampler = ImageRounds(len(target), config.target.images, config.seed)
        if started is None:
            memory = MemoryBank.fresh(len(target), network.dimension, config.seed)
        else:
            state = started.adaptation.get("memory")
            memory = MemoryBank.restored(state, len(target), network.dimension)
        self.memory = memory.to(device)
        self.refreshes = remembered_refreshes(started)
        self.report_every = self.save_every = config.iterations
        super().__init__(network, config.training(), config.budget, device, started, workers)
        if started is not None:
            parts, said = list[tuple[float, float, float]], started.adaptation.get("losses")
            self.losses = [*remembered(parts, said, "adaptation.losses")]

    def sources(self, how: Arithmetic) -> tuple[BatchSource, ...]:
        """Labelled images of the source beside views of the target."""
        shared = (self.config, how, self.workers)
        views, settings = self._views, self.settings.target
        return (
            BatchSource(self.source, self._source_sampler, *shared),
            TargetBatchSource(
                self.target, self._target_sampler, *shared, views=views, settings=settings
            ),
        )

    def loss(self, step: Step, batches: tuple[Batch, ...]) -> Loss:
        """Of the source's people, of the views of each target image, and over the memory."""
        settings, context = self.settings, step.network.context
        epoch = self._epoch(step.iteration)
        source, target = batches
        context.phase = Phase.by_layout
        with step.how.autocast():
            context.layout = source.layout
            learnt = step.forward(source.images)
            context.layout = target.layout
            seen = step.forward(target.images)
        by_source = self.share(source) * image_loss(learnt, source.person, LossSettings())
        features = self.workers.gathered(seen.feature)
        image = self.workers.gathered(target.person)
        by_views = local_loss(features, image, settings.local_beta)
        by_memory = memory_loss(features, image, self.memory, settings.memory.beta)
        weight = settings.memory.weight if epoch >= settings.memory.from_epoch else 0.0
        parts = torch.stack([by_source, by_views, by_memory]).detach()
        return Loss(
            by_source + by_views + weight * by_memory,
            parts,
            lambda: self._remember(features.detach(), image, epoch),
        )

    def _remember(self, features: Tensor, image: Tensor, epoch: int) -> None:
        memory = self.settings.memory
        momentum = min(memory.momentum_step * epoch, memory.momentum_limit)
        self.memory.update(*view_means(features, image), momentum)

    def progress(self, steps: int, images_per_second: float) -> AdaptationProgress:
        """The mean of each loss."""
        recent = zip(*self.losses[-steps:], strict=True)
        source, views, memory = (math.fsum(parts) / steps for parts in recent)
        epoch = self.iteration // self.settings.iterations
        return AdaptationProgress(
            epoch, self.settings.epochs, source, views, memory, images_per_second
        )

    def shown(self) -> Shown:
        """The target, whose labels are shown and nothing more."""
        return Shown(self.target, "target")

    def before_step(self) -> None:
        """Cluster the target's images anew, if an epoch begins in which that is due."""
        settings, epoch = self.settings, self._epoch(self.iteration)
        similarity = due(epoch, settings.epochs, settings.refresh)
        if self.iteration % settings.iterations or similarity is None:
            return
        labels = torch.empty_like(self.memory.labels)
        if self.workers.leads:
            refresh, labels = self._clustered(epoch, similarity)
            self.refreshes.append(refresh)
            if self._on_refresh is not None:
                self._on_refresh(refresh)
        self.memory.labels = self.workers.from_leader(labels)

    def remembered(self, complete: bool) -> dict[str, Any]:
        """Fields of a ``Checkpoint``; finished models leave the memory out."""
        kept: dict[str, Any] = {
            "losses": [list(parts) for parts in self.losses],
            "refreshes": [refresh.plain() for refresh in self.refreshes],
        }
        if not complete:
            kept["memory"] = self.memory.state()
        return {**super().remembered(complete), "adaptation": kept}

    def _clustered(self, epoch: int, similarity: Similarity) -> tuple[Refresh, Tensor]:
        features = self.memory.features.cpu().numpy()
        names = self.target.camera_names
        clusters, transitions = pseudo_identities(
            features, self._sightings, len(names), similarity, self.settings
        )
        labels = torch.from_numpy(clusters.labels).to(self.memory.labels)
        person = self.target.person
        return described(epoch, similarity, clusters, transitions, person, names), labels

    def _epoch(self, iteration: int) -> int:
        """Counted from 1."""
        return iteration // self.settings.iterations + 1

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The backbone, and what comes after it, which learns faster."""
        new: list[Tensor] = []
        known: list[Tensor] = []
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                (new if name.startswith(HEAD) else known).append(parameter)
        return [
            {"params": known, "factor": 1.0},
            {"params": new, "factor": self.settings.new_layers_rate},
        ]


def require_times(target: CropSet) -> None:
    """Refuse a target without time stamps for joint similarity (``BadRecipe``)."""
    unknown = int((target.time != target.time).sum())
    if unknown:
        raise BadRecipe(
            f"{unknown} of {len(target)} target images have no time stamp, which joint visual and "
            "temporal similarity needs; set refresh.joint_from to null to adapt without it"
        )
