"""What every run of gradient descent does, whatever it learns: a fixed number of steps, resumable.

Number format, optimiser, processes, ``torch.compile``, memory that runs out, losses that stop
being numbers, reports and checkpoints live here. Which batches there are and what is minimised
say ``training.trainer`` and ``training.adaptation.adapter``.
"""

from __future__ import annotations

import copy
import math
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from manifests.errors import TrainingFailed
from training.batches import Batch, BatchSource
from training.checkpoints import Checkpoint, restore
from training.config import Precision, TrainingConfig
from training.data.crops import CropSet
from training.memory import enough_memory
from training.models.person_net import Embedding, PersonNet
from training.optimiser import make_optimiser
from training.precision import Arithmetic, arithmetic
from training.schedule import learning_rate
from training.soundness import restore_optimiser
from training.workers import Workers

Forward = Callable[[Tensor], Embedding]
"""A network as it is called: by itself, with gradients averaged over processes, or compiled."""


class Reported(Protocol):
    """What a run reports of itself."""

    def scalars(self) -> dict[str, float]:
        """Its numbers by name, for logs."""
        ...


ProgressT = TypeVar("ProgressT", bound=Reported)


@dataclass(frozen=True)
class Step:
    """How an iteration computes; ``forward`` calls ``network``."""

    network: PersonNet
    forward: Forward
    iteration: int
    how: Arithmetic


@dataclass(frozen=True)
class Loss:
    """``total``: what is minimised; ``parts`` (P,): what is reported, detached; ``then``: what to
    do once the network has learnt from it."""

    total: Tensor
    parts: Tensor
    then: Callable[[], None] | None = None


@dataclass(frozen=True)
class Shown:
    """Crops whose features tell how the network sees people; ``what``: those it learnt from
    (``training``), people held out from it (``held_out``), or an unlabelled ``target``."""

    crops: CropSet
    what: str


class Loop(ABC, Generic[ProgressT]):
    """Teaches one network for ``budget`` iterations, going on from ``started`` if it is given.

    After construction ``network`` is on its device in the chosen memory layout. Subclasses set
    what their batches and losses need before they construct this, since a probe of number formats
    asks for both. ``losses`` are the parts of the loss of every iteration. Raises
    ``TrainingFailed`` when a loss stops being a number or memory runs out, ``CorruptData`` when
    ``started`` is of another run.
    """

    lower: ClassVar[str] = "optimiser.learning_rate"
    """Settings to lower when a loss stops being a number."""
    shrink: ClassVar[str] = "batch.people"
    """Settings to make smaller when a batch does not fit into memory."""
    parts: ClassVar[tuple[str, ...]] = ("loss",)
    """What the parts of a loss are called."""
    report_every: int = 10
    """Iterations between reports."""
    save_every: int
    """Iterations between checkpoints."""

    def __init__(
        self,
        network: PersonNet,
        config: TrainingConfig,
        budget: int,
        device: torch.device,
        started: Checkpoint | None,
        workers: Workers,
    ) -> None:
        self.network, self.config, self.budget, self.workers = network, config, budget, workers
        self.iteration = 0
        self.losses: list[tuple[float, ...]] = []
        if started is not None:
            restore(network, started)
            self.iteration = started.iteration
            self.losses = [(loss,) for loss in started.losses]
        precision = config.precision if started is None else started.precision
        self.arithmetic = arithmetic(precision, device, self._probe)
        self.arithmetic.prepared(network)
        self._forward = self._parallel_forward()
        self.optimiser = make_optimiser(self.parameter_groups(), config.optimiser)
        if started is not None and started.optimiser is not None:
            restore_optimiser(self.optimiser, started.optimiser)

    @abstractmethod
    def sources(self, how: Arithmetic) -> tuple[BatchSource, ...]:
        """Where batches come from; an iteration sees one of each."""

    @abstractmethod
    def loss(self, step: Step, batches: tuple[Batch, ...]) -> Loss:
        """The loss of one iteration."""

    @abstractmethod
    def progress(self, steps: int, images_per_second: float) -> ProgressT:
        """What is reported of the last ``steps`` iterations."""

    @abstractmethod
    def shown(self) -> Shown:
        """What logs are to be shown at the end."""

    def first_batch(self) -> Tensor:
        """Images (B, H, W, 3) uint8 of the next iteration, augmented, as the network sees them."""
        (source, *_) = self.sources(self.arithmetic)
        (batch,) = source.between(self.iteration, self.iteration + 1)
        return batch.images

    def parameter_groups(self) -> list[dict[str, Any]]:
        """What is learnt, in groups; ``factor`` multiplies the learning rate of a group."""
        return [{"params": [p for p in self.network.parameters() if p.requires_grad]}]

    def before_step(self) -> None:
        """Called before every iteration."""

    def after_step(self) -> None:
        """Called after every iteration, when it has been counted."""

    def remembered(self, complete: bool) -> dict[str, Any]:
        """Fields of a ``Checkpoint``; ``complete`` models leave out what only a run needs."""
        return {
            "precision": Precision.bf16 if self.arithmetic.bf16 else Precision.fp32,
            "iteration": self.iteration,
            "losses": self.totals,
            "network": {name: value.cpu() for name, value in self.network.state_dict().items()},
            "optimiser": None if complete else self.optimiser.state_dict(),
        }

    @property
    def totals(self) -> tuple[float, ...]:
        """The loss of every iteration."""
        return tuple(map(sum, self.losses))

    def share(self, batch: Batch) -> float:
        """Factor on the mean loss of this process' images: processes average their gradients,
        which makes it the mean over all images."""
        return len(batch.person) * self.workers.size / batch.everywhere

    def run(
        self,
        on_progress: Callable[[ProgressT], None] | None = None,
        on_checkpoint: Callable[[], None] | None = None,
    ) -> None:
        """Learn until the budget is spent."""
        pending: list[Tensor] = []
        reported, images, since = self.iteration, 0, time.perf_counter()
        self.network.train()
        for batches in self._batches(self.arithmetic, self.iteration, self.budget):
            self.before_step()
            pending.append(self._step(batches))
            self.iteration += 1
            images += sum(batch.everywhere for batch in batches)
            self.after_step()
            saves, reports = self.is_due(self.save_every), self.is_due(self.report_every)
            if saves or reports:
                self._settle(pending)
            if reports and on_progress is not None:
                rate = images / (time.perf_counter() - since)
                on_progress(self.progress(self.iteration - reported, rate))
                reported, images, since = self.iteration, 0, time.perf_counter()
            if saves and on_checkpoint is not None:
                on_checkpoint()

    def is_due(self, every: int) -> bool:
        """Whether the iteration that ended is one in ``every``, or the last."""
        return self.iteration % every == 0 or self.iteration == self.budget

    def _batches(self, how: Arithmetic, first: int, end: int) -> Iterator[tuple[Batch, ...]]:
        return zip(*(source.between(first, end) for source in self.sources(how)), strict=True)

    def _settle(self, pending: list[Tensor]) -> None:
        """Fetch losses from the device; only here does the loop wait for it."""
        for parts in self.workers.mean(torch.stack(pending)).tolist():
            if not all(map(math.isfinite, parts)):
                raise TrainingFailed(
                    f"the loss became {' + '.join(map(str, parts))} at iteration "
                    f"{len(self.losses) + 1} of {self.budget}; lower {self.lower} or set "
                    f"precision to fp32"
                )
            self.losses.append(tuple(parts))
        pending.clear()

    def _step(self, batches: tuple[Batch, ...]) -> Tensor:
        rate = learning_rate(self.iteration, self.budget, self.config.optimiser)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group.get("factor", 1.0)
        work = f"a batch of {' and '.join(map(str, batches))}"
        with enough_memory(work, f"make {self.shrink} smaller"):
            step = Step(self.network, self._forward, self.iteration, self.arithmetic)
            loss = self.loss(step, batches)
            self.optimiser.zero_grad(set_to_none=True)
            loss.total.backward()
            self.optimiser.step()
        if loss.then is not None:
            loss.then()
        return loss.parts

    def _parallel_forward(self) -> Forward:
        network: Forward = self.network
        if self.workers.size > 1:
            with warnings.catch_warnings():
                # Renamed in torch 2.15; its older versions know it by this name alone.
                warnings.filterwarnings("ignore", "`broadcast_buffers` is dep", FutureWarning)
                network = DistributedDataParallel(self.network, broadcast_buffers=False)
        return torch.compile(network) if self.config.compile else network

    def _probe(self, how: Arithmetic) -> None:
        """One training step on a copy: what is timed when precision is chosen by probe."""
        trial = copy.deepcopy(self.network).train()
        how.prepared(trial)
        (batches,) = self._batches(how, 0, 1)
        self.loss(Step(trial, trial, 0, how), batches).total.backward()
