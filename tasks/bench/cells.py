"""What the bench is asked: models to make, and the targets each of them is measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from manifests.identity import digest
from tasks.bench.results import RESULTS_VERSION, cell_id
from tasks.evaluate.evaluation_sets import EvaluationSet
from tasks.train.fit import TrainingData
from training.adaptation.config import AdaptationConfig
from training.config import TrainingConfig


@dataclass(frozen=True)
class Tested:
    """Test images of a target: what identifies them, and each of its splits."""

    name: str
    content_digest: str
    sets: Callable[[], tuple[EvaluationSet, ...]]


@dataclass(frozen=True)
class Run:
    """One model of one seed. ``adapts_to``: the unlabelled images of an adaptation."""

    title: str
    config: TrainingConfig | AdaptationConfig
    data: TrainingData
    initial: Run | None = None
    adapts_to: TrainingData | None = None

    @cached_property
    def digest(self) -> str:
        """What identifies its model: settings, data and the model that it starts from."""
        return digest(
            {
                "version": RESULTS_VERSION,
                "config": self.config,
                "data": self.data.content_digest,
                "initial": self.initial and self.initial.digest,
                "adapts_to": self.adapts_to and self.adapts_to.content_digest,
            }
        )

    @property
    def depth(self) -> int:
        """How many models must be made before this one."""
        return len(self.chain()) - 1

    def chain(self) -> tuple[Run, ...]:
        """This run and those it starts from."""
        return (self,) if self.initial is None else (self, *self.initial.chain())


@dataclass(frozen=True)
class Cell:
    """One model on one target, measured one way."""

    run: Run
    tested: Tested
    method: str

    @property
    def id(self) -> str:
        """Its name among the results."""
        return cell_id(self.run.digest, self.tested.content_digest, self.method)


class Question(Protocol):
    """What somebody wants to know. It is sent to other processes, which resolve it anew, because
    what loads data cannot be sent."""

    def cells(self) -> Mapping[str, Cell]:
        """Every cell that answers it, by id."""
        ...
