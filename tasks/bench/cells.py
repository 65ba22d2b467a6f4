"""What the bench is asked: models to make, and the targets each of them is measured on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from manifests.errors import NotFound
from manifests.identity import digest
from tasks.bench.results import RESULTS_VERSION, cell_id
from tasks.evaluate.evaluation_sets import EvaluationSet
from tasks.evaluate.measure import Measuring
from tasks.evaluate.models import Measured
from tasks.train.fit import TrainingData
from training.adaptation.config import AdaptationConfig
from training.config import TrainingConfig, Weights
from training.models.first_weights import imagenet_content

Measure = Callable[[Sequence[EvaluationSet], Measuring], Iterable[Measured]]
"""Measures something on each split of a target."""


@dataclass(frozen=True)
class Tested:
    """Test images of a target: what identifies them, and each of its splits."""

    name: str
    content_digest: str
    sets: Callable[[], tuple[EvaluationSet, ...]]

    def held_sets(self) -> tuple[EvaluationSet, ...]:
        """The splits, whose crops are decoded once for as long as they are held."""
        return tuple(replace(split, crops=cache(split.crops)) for split in self.sets())


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
                "config": wherever_its_weights_lie(self.config),
                "data": self.data.content_digest,
                "initial": self.initial and self.initial.digest,
                "adapts_to": self.adapts_to and self.adapts_to.content_digest,
            }
        )

    @property
    def settings(self) -> str:
        """The name of its settings."""
        return self.config.name

    @property
    def seed(self) -> int:
        """What every draw of it derives from."""
        return self.config.seed

    @property
    def depth(self) -> int:
        """How many models must be made before this one."""
        return len(self.chain()) - 1

    def chain(self) -> tuple[Run, ...]:
        """This run and those it starts from."""
        return (self,) if self.initial is None else (self, *self.initial.chain())


@dataclass(frozen=True)
class Fixed:
    """What is measured as it is: a saved model, the weights that a training starts from, colours.

    ``digest`` identifies it; ``opened`` loads it, once for all its cells; ``settings`` and ``seed``
    are told where it has them.
    """

    title: str
    digest: str
    opened: Callable[[], Measure]
    settings: str | None = None
    seed: int | None = None
    depth = 0
    initial = None

    def chain(self) -> tuple[Fixed]:
        """Itself: it starts from nothing."""
        return (self,)


Subject = Run | Fixed

PLAIN = Measuring(ranked_lists=0)


@dataclass(frozen=True)
class Cell:
    """One model on one target; ``method`` names how, ``measuring`` says it."""

    run: Subject
    tested: Tested
    method: str
    measuring: Measuring = PLAIN

    @property
    def id(self) -> str:
        """Its name among the results."""
        return cell_id(self.run.digest, self.tested.content_digest, self.method)


def content_of(path: Path) -> str:
    """What identifies a file of weights; ``NotFound`` if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotFound(f"weights {path}: {error.strerror}") from error


def wherever_its_weights_lie(
    config: TrainingConfig | AdaptationConfig,
) -> TrainingConfig | AdaptationConfig | dict[str, Any]:
    """What identifies settings: a file of first weights by its content, not by its place, and
    ImageNet's by theirs, too, where a name can stand for several."""
    if not isinstance(config, TrainingConfig):
        return config
    model, of_first = config.model, dict[str, str]()
    if model.weights_file is not None:
        of_first = {"weights_file": content_of(model.weights_file)}
    elif model.weights is Weights.imagenet and (content := imagenet_content(model.backbone)):
        of_first = {"imagenet": content}
    if not of_first:
        return config
    plain = config.model_dump(mode="json")
    plain["model"] |= of_first
    return plain


class Question(Protocol):
    """What somebody wants to know. It is sent to other processes, which resolve it anew, because
    what loads data cannot be sent."""

    def cells(self) -> Mapping[str, Cell]:
        """Every cell that answers it, by id."""
        ...
