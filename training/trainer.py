"""The training loop: a fixed number of iterations, resumable, one loss over all cameras.

What to train on, where to save and whom to tell are given by the caller (``tasks.train``).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from manifests.errors import TrainingFailed
from training.batches import Batch, BatchSource
from training.config import Precision, TrainingConfig
from training.data.crops import CropSet
from training.data.sampler import make_sampler
from training.losses import training_loss
from training.memory import enough_memory
from training.models.camera_batch_norm import CameraContext, Phase
from training.models.person_net import Embedding, PersonNet
from training.precision import Arithmetic, arithmetic
from training.schedule import learning_rate
from training.validation import Validation, validate
from training.workers import Workers

REPORT_EVERY = 10


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

    def __str__(self) -> str:
        text = f"{self.iteration}/{self.budget}  loss {self.loss:.3f}"
        text += f"  {self.images_per_second:.0f} images/s"
        if self.validation is not None:
            text += f"  held-out rank-1 {self.validation.rank1:.1%}"
        return text


@dataclass
class TrainingState:
    """What changes while training, and what a resumed run starts from."""

    iteration: int = 0
    losses: list[float] = field(default_factory=list)
    optimiser: dict[str, object] | None = None
    validations: list[Validation] = field(default_factory=list)


class Trainer:
    """Trains one network on one set of crops.

    After construction ``network`` is on its device in the chosen memory layout. Raises
    ``TrainingFailed`` when the loss stops being a number or memory runs out.
    """

    def __init__(
        self,
        network: PersonNet,
        crops: CropSet,
        config: TrainingConfig,
        device: torch.device,
        precision: Precision | None = None,
        state: TrainingState | None = None,
        workers: Workers | None = None,
        validation: CropSet | None = None,
    ) -> None:
        self.validation = validation
        self.workers = workers or Workers()
        self.workers.check(config.batch, len(crops.camera_names))
        self.config = config
        self.crops = crops
        self.budget = config.budget(len(crops))
        self.state = state or TrainingState()
        self._sampler = make_sampler(config.batch, crops.person, crops.camera, config.seed)
        self.arithmetic = arithmetic(
            precision or config.precision, device, lambda a: self._probe(network, a)
        )
        self.network = network
        self.arithmetic.prepared(network)
        self._forward = self._parallel_forward()
        self.optimiser = self._make_optimiser(network)
        if self.state.optimiser is not None:
            self.optimiser.load_state_dict(self.state.optimiser)

    @property
    def precision(self) -> Precision:
        """The number format in use: fp32 or bf16."""
        return Precision.bf16 if self.arithmetic.bf16 else Precision.fp32

    def run(
        self,
        on_progress: Callable[[TrainingProgress], None] | None = None,
        on_checkpoint: Callable[[TrainingState], None] | None = None,
    ) -> list[float]:
        """Train until the budget is spent; returns the loss of every iteration."""
        state = self.state
        source = self._source(self.arithmetic)
        pending: list[Tensor] = []
        reported, since = state.iteration, time.perf_counter()
        self.network.train()
        for batch in source.between(state.iteration, self.budget):
            pending.append(self._step(batch))
            state.iteration += 1
            finished = state.iteration == self.budget
            if finished or state.iteration % self.config.validation.every == 0:
                self._validate()
            saves = finished or state.iteration % self.config.checkpoint_every == 0
            reports = finished or state.iteration % REPORT_EVERY == 0
            if not (saves or reports):
                continue
            self._settle(pending)
            if reports and on_progress is not None:
                steps = state.iteration - reported
                rate = steps * batch.everywhere / (time.perf_counter() - since)
                loss = math.fsum(state.losses[-steps:]) / steps
                latest = state.validations[-1] if state.validations else None
                on_progress(TrainingProgress(state.iteration, self.budget, loss, rate, latest))
                reported, since = state.iteration, time.perf_counter()
            if saves and on_checkpoint is not None:
                state.optimiser = self.optimiser.state_dict()
                on_checkpoint(state)
        return state.losses

    def _validate(self) -> None:
        if self.validation is None or not self.workers.leads:
            return
        crops, iteration = self.validation, self.state.iteration
        found = validate(self.network, crops, self.arithmetic, iteration)
        self.state.validations.append(found)
        self.network.train()

    def _settle(self, pending: list[Tensor]) -> None:
        """Fetch losses from the device; only here does the loop wait for it."""
        for value in self.workers.mean(torch.stack(pending)).tolist():
            if not math.isfinite(value):
                raise TrainingFailed(
                    f"the loss became {value} at iteration {len(self.state.losses) + 1} of "
                    f"{self.budget}; lower optimiser.learning_rate or set precision to fp32"
                )
            self.state.losses.append(value)
        pending.clear()

    def _step(self, batch: Batch) -> Tensor:
        rate = learning_rate(self.state.iteration, self.budget, self.config.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        count, height, width, _ = batch.images.shape
        with enough_memory(
            f"a batch of {count} images of {height}x{width}", "make batch.people smaller"
        ):
            loss = self._loss(self.network.context, self._forward, batch, self.arithmetic)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
        return loss.detach()

    def _parallel_forward(self) -> Callable[[Tensor], Embedding]:
        network: Callable[[Tensor], Embedding] = self.network
        if self.workers.size > 1:
            network = DistributedDataParallel(self.network, broadcast_buffers=False)
        return torch.compile(network) if self.config.compile else network

    def _loss(
        self,
        context: CameraContext,
        forward: Callable[[Tensor], Embedding],
        batch: Batch,
        how: Arithmetic,
    ) -> Tensor:
        context.phase, context.layout = Phase.by_layout, batch.layout
        with how.autocast():
            embedding = forward(batch.images)
        # Processes average their gradients; this makes it the mean over all images.
        share = len(batch.person) * self.workers.size / batch.everywhere
        return share * training_loss(embedding, batch.person, self.config.loss)

    def _make_optimiser(self, network: PersonNet) -> torch.optim.SGD:
        settings = self.config.optimiser
        return torch.optim.SGD(
            [p for p in network.parameters() if p.requires_grad],
            lr=settings.learning_rate,
            momentum=settings.momentum,
            nesterov=settings.nesterov,
            weight_decay=settings.weight_decay,
        )

    def _source(self, how: Arithmetic) -> BatchSource:
        return BatchSource(
            self.crops,
            self._sampler,
            self.config.augmentation,
            self.config.seed,
            how.device,
            how.channels_last,
            self.workers,
        )

    def _probe(self, network: PersonNet, how: Arithmetic) -> None:
        """One training step on a copy: what is timed when precision is chosen by probe."""
        trial = copy.deepcopy(network).train()
        how.prepared(trial)
        batch = self._source(how).make(0, self._sampler.batch(0))
        self._loss(trial.context, trial, batch, how).backward()
