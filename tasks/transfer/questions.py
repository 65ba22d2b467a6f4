"""Sources, targets and seeds as cells of the bench; what cannot be answered is refused here.

The same network is trained on every source for equally many iterations, with the same seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, TrainingFailed
from manifests.identity import digest
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import Store
from tasks.bench.cells import PLAIN, Cell, Fixed, Run, Subject, content_of, wherever_its_weights_lie
from tasks.bench.results import RESULTS_VERSION
from tasks.evaluate.evaluation_sets import require_unseen, require_untested
from tasks.evaluate.measure import Measuring
from tasks.evaluate.models import measure_colours_of_splits, saved_model, untrained_network
from tasks.transfer.names import MEAN
from tasks.transfer.sources import Learnt, Saved, Source, SourceChoice, opened, pinned
from tasks.transfer.targets import OpenedTarget, TargetChoice, opened_target, pinned_target, placed
from training.config import ModelSettings, Normalisation, TrainingConfig, Weights
from training.evaluation.protocol import StatisticsRule
from training.models.person_net import rehearsed_network

MOST_SEEDS = 20

UNTRAINED, FIRST_WEIGHTS, COLOURS = "untrained network", "first weights", "colours"


@dataclass(frozen=True)
class Method:
    """One way of measuring a model, as tables call it."""

    name: str
    measuring: Measuring


def methods_of(model: ModelSettings) -> tuple[Method, ...]:
    """In which ways a network is measured: by where it takes its test statistics from."""
    rules = (StatisticsRule.running, StatisticsRule.camera)
    if model.normalisation is Normalisation.camera:
        rules = (StatisticsRule.camera,)
    return tuple(Method(rule.value, replace(PLAIN, statistics=rule)) for rule in rules)


@dataclass(frozen=True)
class Row:
    """What is compared: a source or a floor, its models of each seed, how they are measured."""

    name: str
    subjects: tuple[Subject, ...]
    methods: tuple[Method, ...]
    floor: bool = False


@dataclass(frozen=True)
class Transfer:
    """Which sources teach what, for which targets, with which training and how many seeds."""

    sources: tuple[SourceChoice, ...]
    targets: Mapping[str, TargetChoice]
    training: TrainingConfig
    seeds: int
    store: Store
    partial: bool = False

    def pinned(self) -> Transfer:
        """The same question whenever and wherever it is resolved; checks all that can be checked.

        Raises what ``Resolved.check`` raises.
        """
        if self.training.epochs is not None:
            raise BadRecipe(
                f"training {self.training.name}: its budget is {self.training.epochs} epochs, so "
                "that a source of twice the pictures would teach twice as long; sources are "
                "compared after equally many iterations: give `iterations` and no `epochs`"
            )
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise BadRecipe(f"seeds: must be from 1 to {MOST_SEEDS}; got {self.seeds}")
        if MEAN in self.targets:
            raise BadRecipe(f"target {MEAN}: is what tables call all targets; give it another name")
        fixed = Transfer(
            tuple(pinned(source, self.store) for source in self.sources),
            {
                name: pinned_target(target, self.store)
                for name, target in placed(self.targets).items()
            },
            self.training,
            self.seeds,
            self.store,
            self.partial,
        )
        Resolved(fixed).check()
        return fixed

    def published(self) -> tuple[SnapshotReader, ...]:
        """The snapshots that are learnt from or tested on."""
        asked = (*self.sources, *self.targets.values())
        named = dict.fromkeys((one.dataset, one.snapshot) for one in asked)
        return tuple(
            open_snapshot(Dataset(name, self.store), number)
            for name, number in named
            if name is not None
        )

    def cells(self) -> dict[str, Cell]:
        """Every cell that is to be measured, by id."""
        resolved = Resolved(self)
        return {
            cell.id: cell
            for row, target in product(resolved.rows, resolved.targets)
            for method in row.methods
            for cell in resolved.cells(row, target, method)
        }


class Resolved:
    """A question against the data that there are."""

    def __init__(self, asked: Transfer) -> None:
        self.asked = asked

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """In the order in which they were asked for."""
        asked = self.asked
        return tuple(opened(source, asked.store, asked.partial) for source in asked.sources)

    @cached_property
    def targets(self) -> tuple[OpenedTarget, ...]:
        """In the order in which they were asked for."""
        asked = self.asked
        return tuple(opened_target(name, t, asked.store) for name, t in asked.targets.items())

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Sources first, then the floors."""
        return (*map(self._row, self.sources), *self._floors())

    def cells(self, row: Row, target: OpenedTarget, method: Method) -> tuple[Cell, ...]:
        """The cells of one field of a table, a seed each."""
        return tuple(
            Cell(subject, target.tested, method.name, method.measuring) for subject in row.subjects
        )

    def check(self) -> None:
        """Refuse before hours are spent.

        ``BadRecipe`` for a source of one camera where statistics of several are needed and for
        first weights that do not fit; ``TrainingFailed`` for people and pictures that would be
        learnt and tested.
        """
        training, targets = self.asked.training, self.targets
        rehearsed_network(training.model)
        for source in self.sources:
            if isinstance(source, Saved):
                for tested in (one for target in targets for one in target.tested.sets()):
                    require_unseen(source.checkpoint, tested)
                continue
            if training.model.normalisation is Normalisation.camera and source.cameras < 2:
                raise BadRecipe(
                    f"source {source.name}: has one camera, and the training {training.name} "
                    "normalises by camera, which needs several to learn from; use a training "
                    "with `model.normalisation: batch`"
                )
            taught = source.fingerprints()
            for target in targets:
                _require_others(source, target)
                for tested in target.tested.sets():
                    require_untested(f"source {source.name} has", taught, tested)

    def _row(self, source: Source) -> Row:
        training = self.asked.training
        if isinstance(source, Saved):
            config, content = source.checkpoint.config, content_of(source.path)
            model = Fixed(
                source.name,
                _identity("model", content),
                lambda: saved_model(source.path).measure_splits,
                config.name,
                config.seed,
            )
            return Row(source.name, (model,), methods_of(config.model))
        data = source.data(training)
        runs = (
            Run(f"{source.name}, seed {config.seed}", config, data)
            for config in self._seeds(training)
        )
        return Row(source.name, tuple(runs), methods_of(training.model))

    def _floors(self) -> Iterator[Row]:
        training = self.asked.training
        bare = training.model.model_copy(update={"weights": Weights.none, "weights_file": None})
        without = training.model_copy(update={"model": bare})
        begins = {UNTRAINED: without}
        if training.model.weights is not Weights.none:
            begins[FIRST_WEIGHTS] = training
        for name, begun in begins.items():
            subjects = tuple(_beginning(name, config) for config in self._seeds(begun))
            yield Row(name, subjects, methods_of(training.model), floor=True)
        colours = Fixed(
            COLOURS,
            _identity("colours", COLOURS),
            lambda: measure_colours_of_splits,
        )
        yield Row(COLOURS, (colours,), (Method("", PLAIN),), floor=True)

    def _seeds(self, config: TrainingConfig) -> Iterator[TrainingConfig]:
        for number in range(self.asked.seeds):
            yield config.model_copy(update={"seed": config.seed + number})


def _beginning(name: str, config: TrainingConfig) -> Fixed:
    """The network that a training begins with."""
    # Only the network and its seed matter: how it would be trained does not.
    settings = wherever_its_weights_lie(TrainingConfig(model=config.model, iterations=1))
    return Fixed(
        f"{name}, seed {config.seed}",
        _identity(name, settings, config.seed, config.precision),
        lambda: untrained_network(config).measure_splits,
        config.name,
        config.seed,
    )


def _identity(*words: Any) -> str:
    return digest({"version": RESULTS_VERSION, "fixed": list(words)})


def _require_others(source: Learnt, target: OpenedTarget) -> None:
    shared = sorted(source.people & target.people) if source.dataset == target.dataset else []
    if shared:
        raise TrainingFailed(
            f"source {source.name} and target {target.name} are both of {target.dataset} and share "
            f"{len(shared)} people, first {shared[0]}; metrics on them would mean nothing"
        )
