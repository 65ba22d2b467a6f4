"""The adaptation loop: labelled source and unlabelled target learnt side by side.

JVTC (Li and Zhang, ECCV 2020) on networks with camera-based normalisation. Which data, where to
save and whom to tell are given by the caller (``tasks.adapt``).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from manifests.errors import BadRecipe, TrainingFailed
from training.adaptation.config import AdaptationConfig
from training.adaptation.losses import local_loss, memory_loss, view_means
from training.adaptation.memory import MemoryBank
from training.adaptation.refresh import Refresh, Similarity, described, due, pseudo_identities
from training.adaptation.target_batches import TargetBatchSource
from training.adaptation.transitions import Sightings
from training.adaptation.views import CameraViews
from training.batches import Batch, BatchSource
from training.config import LossSettings, Precision
from training.data.crops import CropSet
from training.data.sampler import ImageRounds, make_sampler
from training.losses import training_loss
from training.models.camera_batch_norm import Phase
from training.models.person_net import Embedding, PersonNet
from training.precision import Arithmetic, arithmetic
from training.schedule import learning_rate
from training.workers import Workers

_NEW_LAYERS = ("embedding.", "classifier.", "neck.")


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


@dataclass
class AdaptationState:
    """What changes while adapting, and what a resumed run starts from.

    ``losses``: source, local and memory loss of every iteration.
    """

    iteration: int = 0
    losses: list[tuple[float, float, float]] = field(default_factory=list)
    refreshes: list[Refresh] = field(default_factory=list)
    memory: MemoryBank | None = None
    optimiser: dict[str, Any] | None = None


class Adapter:
    """Adapts one network from a labelled source to an unlabelled target.

    The target's people are used for nothing but the reports' purity. Raises ``BadRecipe`` if
    joint similarity is asked for and the target has no time stamps, and ``TrainingFailed`` when
    the loss stops being a number or memory runs out.
    """

    def __init__(
        self,
        network: PersonNet,
        source: CropSet,
        target: CropSet,
        views: CameraViews,
        config: AdaptationConfig,
        device: torch.device,
        precision: Precision | None = None,
        state: AdaptationState | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.workers = workers or Workers()
        self.workers.check(config.source, len(source.camera_names))
        if config.refresh.joint_from is not None:
            require_times(target)
        self.config, self.network = config, network
        self.source, self.target, self._views = source, target, views
        self._sightings = Sightings(target.camera, target.time, target.session)
        self.state = state or AdaptationState()
        memory = self.state.memory or MemoryBank.fresh(len(target), network.dimension, config.seed)
        self._source_sampler = make_sampler(
            config.source, source.person, source.camera, config.seed
        )
        self._target_sampler = ImageRounds(len(target), config.target.images, config.seed)
        self.arithmetic = arithmetic(
            precision or config.precision, device, lambda how: self._probe(network, memory, how)
        )
        self.arithmetic.prepared(network)
        self.memory = self.state.memory = memory.to(device)
        self._forward = self._parallel_forward()
        self.optimiser = self._make_optimiser()
        if self.state.optimiser is not None:
            self.optimiser.load_state_dict(self.state.optimiser)

    @property
    def precision(self) -> Precision:
        """The number format in use: fp32 or bf16."""
        return Precision.bf16 if self.arithmetic.bf16 else Precision.fp32

    def run(
        self,
        on_progress: Callable[[AdaptationProgress], None] | None = None,
        on_refresh: Callable[[Refresh], None] | None = None,
        on_checkpoint: Callable[[AdaptationState], None] | None = None,
    ) -> AdaptationState:
        """Adapt until the last epoch; states are offered for saving after every epoch."""
        state, config = self.state, self.config
        first = state.iteration // config.iterations + 1
        batches = self._batches(self.arithmetic, state.iteration)
        self.network.train()
        for epoch in range(first, config.epochs + 1):
            began = time.perf_counter()
            self._refresh(epoch, on_refresh)
            pending = []
            images = 0
            for _ in range(config.iterations):
                source, target = next(batches)
                pending.append(self._step(source, target, epoch))
                state.iteration += 1
                images += source.everywhere + target.everywhere
            self._settle(pending, epoch)
            if on_progress is not None:
                recent = zip(*state.losses[-config.iterations :], strict=True)
                by_source, by_views, by_memory = (math.fsum(p) / config.iterations for p in recent)
                rate = images / (time.perf_counter() - began)
                on_progress(
                    AdaptationProgress(epoch, config.epochs, by_source, by_views, by_memory, rate)
                )
            if on_checkpoint is not None:
                state.optimiser = self.optimiser.state_dict()
                on_checkpoint(state)
        return state

    def _refresh(self, epoch: int, on_refresh: Callable[[Refresh], None] | None) -> None:
        similarity = due(epoch, self.config.epochs, self.config.refresh)
        if similarity is None:
            return
        labels = torch.empty_like(self.memory.labels)
        if self.workers.leads:
            refresh, labels = self._clustered(epoch, similarity)
            self.state.refreshes.append(refresh)
            if on_refresh is not None:
                on_refresh(refresh)
        self.memory.labels = self.workers.from_leader(labels)

    def _clustered(self, epoch: int, similarity: Similarity) -> tuple[Refresh, Tensor]:
        features = self.memory.features.cpu().numpy()
        names = self.target.camera_names
        clusters, transitions = pseudo_identities(
            features, self._sightings, len(names), similarity, self.config
        )
        labels = torch.from_numpy(clusters.labels).to(self.memory.labels)
        person = self.target.person
        return described(epoch, similarity, clusters, transitions, person, names), labels

    def _step(self, source: Batch, target: Batch, epoch: int) -> Tensor:
        config = self.config
        rate = learning_rate(self.state.iteration, config.budget, config.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        try:
            loss, parts, features, image = self._losses(
                self.network, self._forward, self.memory, source, target, epoch, self.arithmetic
            )
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
        except torch.OutOfMemoryError as error:
            raise TrainingFailed(
                f"out of device memory with {len(source.images)} source and "
                f"{len(target.images)} target images; make source.people or target.images smaller"
            ) from error
        memory = config.memory
        momentum = min(memory.momentum_step * epoch, memory.momentum_limit)
        self.memory.update(*view_means(features.detach(), image), momentum)
        return parts

    def _losses(
        self,
        network: PersonNet,
        forward: Callable[[Tensor], Embedding],
        bank: MemoryBank,
        source: Batch,
        target: Batch,
        epoch: int,
        how: Arithmetic,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(loss, its three parts (3,), features of all processes' views, the images they show)."""
        config, context = self.config, network.context
        context.phase = Phase.by_layout
        with how.autocast():
            context.layout = source.layout
            learnt = forward(source.images)
            context.layout = target.layout
            seen = forward(target.images)
        # Processes average their gradients; this makes it the mean over all source images.
        share = len(source.person) * self.workers.size / source.everywhere
        by_source = share * training_loss(learnt, source.person, LossSettings())
        features = self.workers.gathered(seen.feature)
        image = self.workers.gathered(target.person)
        by_views = local_loss(features, image, config.local_beta)
        by_memory = memory_loss(features, image, bank, config.memory.beta)
        weight = config.memory.weight if epoch >= config.memory.from_epoch else 0.0
        loss = by_source + by_views + weight * by_memory
        parts = torch.stack([by_source, by_views, by_memory]).detach()
        return loss, parts, features, image

    def _settle(self, pending: list[Tensor], epoch: int) -> None:
        for parts in self.workers.mean(torch.stack(pending)).tolist():
            if not all(map(math.isfinite, parts)):
                raise TrainingFailed(
                    f"the loss became {parts} in epoch {epoch} of {self.config.epochs}; lower "
                    "optimiser.learning_rate or new_layers_rate, or set precision to fp32"
                )
            self.state.losses.append((parts[0], parts[1], parts[2]))

    def _parallel_forward(self) -> Callable[[Tensor], Embedding]:
        if self.workers.size == 1:
            return self.network
        return DistributedDataParallel(self.network, broadcast_buffers=False)

    def _make_optimiser(self) -> torch.optim.SGD:
        settings = self.config.optimiser
        new: list[Tensor] = []
        known: list[Tensor] = []
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                (new if name.startswith(_NEW_LAYERS) else known).append(parameter)
        return torch.optim.SGD(
            [
                {"params": known, "factor": 1.0},
                {"params": new, "factor": self.config.new_layers_rate},
            ],
            lr=settings.learning_rate,
            momentum=settings.momentum,
            nesterov=settings.nesterov,
            weight_decay=settings.weight_decay,
        )

    def _batches(self, how: Arithmetic, first: int) -> Iterator[tuple[Batch, Batch]]:
        source, target = self._sources(how)
        end = self.config.budget
        return zip(source.between(first, end), target.between(first, end), strict=True)

    def _sources(self, how: Arithmetic) -> tuple[BatchSource, TargetBatchSource]:
        config = self.config
        shared = (config.augmentation, config.seed, how.device, how.channels_last, self.workers)
        return (
            BatchSource(self.source, self._source_sampler, *shared),
            TargetBatchSource(
                self.target,
                self._target_sampler,
                *shared,
                views=self._views,
                settings=config.target,
            ),
        )

    def _probe(self, network: PersonNet, memory: MemoryBank, how: Arithmetic) -> None:
        """One step on a copy: what is timed when precision is chosen by probe."""
        trial = copy.deepcopy(network).train()
        how.prepared(trial)
        source, target = self._sources(how)
        batches = (
            source.make(0, self._source_sampler.batch(0)),
            target.make(0, self._target_sampler.batch(0)),
        )
        self._losses(trial, trial, memory.to(how.device), *batches, 1, how)[0].backward()


def require_times(target: CropSet) -> None:
    """Refuse a target without time stamps for joint similarity (``BadRecipe``)."""
    unknown = int((target.time != target.time).sum())
    if unknown:
        raise BadRecipe(
            f"{unknown} of {len(target)} target images have no time stamp, which joint visual and "
            "temporal similarity needs; set refresh.joint_from to null to adapt without it"
        )
