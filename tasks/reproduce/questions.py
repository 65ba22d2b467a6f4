"""From an experiment to the bench: which model of which seed learns what and is tested on what.

Every table is filled on stand-ins, on the real targets whose folders the user names, and, where no
row has learnt anything of its target, on any further targets: photographs of somebody's own. Models
that learn from worlds of ours are the same in all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import product

from manifests.dataset import Dataset
from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader, open_snapshot
from tasks.bench.cells import Cell, Run, Tested
from tasks.bench.targets import tested_snapshot, tested_target
from tasks.reproduce.budgets import BUDGETS
from tasks.reproduce.experiments import chosen_experiments
from tasks.reproduce.gathering import Gathered, Piece
from tasks.reproduce.request import Request
from tasks.reproduce.terms import (
    Adapted,
    Experiment,
    Model,
    Row,
    Source,
    Synthetic,
    TableName,
    TargetImages,
    Trained,
)
from tasks.reproduce.worlds import WORLDS, dataset_name
from tasks.train.fit import TrainingData, target_data
from tasks.transfer.targets import OpenedTarget, opened_target
from training.config import ModelSettings, TrainingConfig
from training.data.crops import load_crops, picture_cache
from training.targets.images import TRAIN, Target, union
from training.targets.tables import is_table


class Setting(StrEnum):
    """Whether targets are the paper's, stood in for, or further ones of the user's."""

    real = "real"
    stand_in = "stand-in"
    photographs = "photographs"


@dataclass(frozen=True)
class Asked(Request):
    """A request as a question to the bench."""

    def columns(self, experiment: Experiment) -> Iterator[tuple[str, Setting]]:
        """The targets on which rows of a table are tested."""
        yield from product(experiment.targets, (Setting.real, Setting.stand_in))
        if experiment.anywhere:
            yield from ((name, Setting.photographs) for name in self.photographs)

    def cells(self) -> dict[str, Cell]:
        """Every cell that is to be measured, by id."""
        return Questions(self).all_cells()

    def published(self) -> tuple[SnapshotReader, ...]:
        """The snapshots that are learnt from or tested on: all worlds, and targets of ours."""
        bench = Questions(self)
        targets = (
            open_snapshot(Dataset(target.dataset, self.store), target.snapshot)
            for target in self.photographs.values()
            if target.dataset is not None
        )
        return (*map(bench.world, needed_worlds(self.tables)), *targets)


def needed_worlds(tables: Iterable[TableName]) -> tuple[str, ...]:
    """The worlds that some tables train in or are tested in, in the order of ``WORLDS``."""
    needed: set[str] = set()
    for experiment in chosen_experiments(tables):
        needed |= set(experiment.targets)
        for row in experiment.rows:
            for model in row.models.values():
                needed |= _worlds_of(model)
    return tuple(name for name in WORLDS if name in needed)


def _worlds_of(model: Model) -> set[str]:
    source = model.source
    if isinstance(source, Synthetic):
        found = {part.world for part in source.parts}
    else:
        found = set(source.names) if source.stand_in else set()
    if isinstance(model, Trained) and model.initial is not None:
        found |= _worlds_of(model.initial)
    return found


class Questions:
    """Everything that was asked for, resolved against the data there are."""

    def __init__(self, asked: Asked) -> None:
        asked.check()
        self.asked = asked
        self.budget = replace(BUDGETS[asked.budget], longer=asked.longer)
        self.world = cache(self._world)
        self.tested = cache(self._tested)
        self.run = cache(self._run)
        self._real = cache(asked.open_real)
        self.photographed = cache(self._open_photographs)

    def cells(self, row: Row, target: str, setting: Setting) -> tuple[Cell, ...]:
        """A cell of a table, one for each seed; none where data are missing."""
        if setting is Setting.photographs:
            return self._photographed(row, target)
        model, tested = row.models.get(target), self.tested(target, setting)
        if model is None or tested is None:
            return ()
        runs = [self.run(model, setting, seed) for seed in self.budget.seeds]
        return tuple(Cell(run, tested, row.method) for run in runs if run is not None)

    def _photographed(self, row: Row, target: str) -> tuple[Cell, ...]:
        """None for a row that learns from pictures of the target itself."""
        (model,) = set(row.models.values())
        if isinstance(model.source, TargetImages) and self._learnt_from(model.source, target):
            return ()
        tested = self.photographed(target).tested
        runs = [self.run(model, Setting.real, seed) for seed in self.budget.seeds]
        return tuple(Cell(run, tested, row.method) for run in runs if run is not None)

    def _learnt_from(self, source: TargetImages, target: str) -> bool:
        tested = [each.pictures() for each in self.photographed(target).tested.sets()]
        for each in (self._only(name) for name in source.names if name in self.asked.folders):
            taught = each.fingerprints([image for image in each.images if image.role == TRAIN])
            if any(len(pictures.among(taught)) for pictures in tested):
                return True
        return False

    def all_cells(self) -> dict[str, Cell]:
        """Every cell that is to be measured by its id; tables share many."""
        found: dict[str, Cell] = {}
        for experiment in self.asked.experiments:
            columns = self.asked.columns(experiment)
            for row, (target, setting) in product(experiment.rows, columns):
                if self.asked.claims_only and not experiment.compared_by_claims(row, target):
                    continue
                found |= {cell.id: cell for cell in self.cells(row, target, setting)}
        return found

    def _world(self, name: str) -> SnapshotReader:
        pinned = (self.asked.snapshots or {}).get(name, (None, None))
        dataset = Dataset(dataset_name(name, self.budget), self.asked.store)
        return open_snapshot(dataset, *pinned)

    def _open_photographs(self, name: str) -> OpenedTarget:
        return opened_target(name, self.asked.photographs[name], self.asked.store)

    def _tested(self, name: str, setting: Setting) -> Tested | None:
        if setting is Setting.stand_in:
            return tested_snapshot(self.world(name))
        folder = self.asked.folders.get(name)
        if folder is None or is_table(folder.name):
            return None
        return tested_target(self._real(name))

    def _run(self, model: Model, setting: Setting, seed: int) -> Run | None:
        if isinstance(model, Adapted):
            return self._adapted(model, setting, seed)
        return self._trained(model, setting, seed)

    def _trained(self, model: Trained, setting: Setting, seed: int) -> Run | None:
        real = isinstance(model.source, TargetImages)
        config = self.budget.training(self.budget.target if real else self.budget.synthetic, seed)
        data = self._data(model.source, setting, config)
        initial = None if model.initial is None else self.run(model.initial, setting, seed)
        if data is None or (model.initial is not None and initial is None):
            return None
        title = f"{_title(model.source, self.budget.people)}, seed {seed}"
        if initial is not None:
            title = f"{initial.title}, then {title}"
        return Run(title, config, data, initial)

    def _adapted(self, model: Adapted, setting: Setting, seed: int) -> Run | None:
        config = self.budget.adapting(seed)
        sized = config.training()
        data = self._data(model.source, setting, sized)
        target = self._data(TargetImages((model.target,)), setting, sized)
        first = self.run(Trained(model.source), setting, seed)
        initial = first if self.budget.adapts_a_trained_model else None
        if data is None or target is None:
            return None
        title = f"{_title(model.source, self.budget.people)} adapted to {model.target}, seed {seed}"
        return Run(title, config, data, initial, target)

    def _data(
        self, source: Source, setting: Setting, config: TrainingConfig
    ) -> TrainingData | None:
        if isinstance(source, Synthetic):
            people = self.budget.people(source.people)
            pieces = [Piece(self.world(part.world), part.scenes, people) for part in source.parts]
            return gathered_data(Gathered(pieces, self.budget.images), config.model)
        if setting is Setting.stand_in:
            if not source.stand_in:
                return None
            pieces = [Piece(self.world(name)) for name in source.names]
            return gathered_data(Gathered(pieces, None), config.model)
        if not set(source.names) <= set(self.asked.folders):
            return None
        targets = [self._only(name) for name in source.names]
        one = targets[0] if len(targets) == 1 else union(targets)
        return target_data(one, config, picture_cache())

    def _only(self, name: str) -> Target:
        splits = self._real(name)
        if len(splits) > 1:
            raise BadRecipe(f"{name} has {len(splits)} splits and no training images of its own")
        return splits[0]


def gathered_data(gathered: Gathered, model: ModelSettings) -> TrainingData:
    """Gathered crops as training data at a network's size."""
    content = gathered.content_digest()
    datasets = dict.fromkeys(piece.reader.snapshot.dataset for piece in gathered.pieces)
    lineage = {"dataset": "+".join(datasets), "content_digest": content}
    return TrainingData(
        content,
        lineage | {"gathered": gathered.definition()},
        lambda: load_crops(gathered, TRAIN, model.height, model.width, picture_cache(), content),
    )


def _title(source: Source, people: Callable[[int], int]) -> str:
    if isinstance(source, TargetImages):
        return " and ".join(source.names)
    worlds = " and ".join(dict.fromkeys(part.world for part in source.parts))
    return f"{people(source.people)} people of {worlds}"
