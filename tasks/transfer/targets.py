"""What models are measured on: ``targets.yaml``, or lists on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, RootModel, StringConstraints, field_validator, model_validator

from manifests.addresses import LocalPath
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, NotFound
from manifests.model import Model
from manifests.reader import SnapshotReader, open_snapshot
from manifests.settings import Form
from manifests.stores import Store
from tasks.transfer.names import NAME
from training.targets.images import DISTRACTOR, GALLERY, QUERY, Target
from training.targets.registry import TARGETS, open_target
from training.targets.training_part import SPLIT, TestOn

if TYPE_CHECKING:
    from tasks.bench.cells import Tested  # imports torch


class TargetChoice(Model):
    """One target: exactly one of `list`, `name` and `dataset`."""

    list: LocalPath | None = Field(default=None, description="A CSV or Parquet list of its images.")
    name: str | None = Field(
        default=None, description="A data set by its official layout, e.g. market1501."
    )
    root: LocalPath | None = Field(default=None, description="Its unpacked folder, with `name`.")
    dataset: str | None = Field(default=None, description="A published data set of ours.")
    snapshot: int | None = Field(default=None, ge=1, description="Its number; None: the newest.")
    partial: bool = Field(default=False, description="Accept unofficial counts.")
    test_on: TestOn = Field(
        default=TestOn.test,
        description="Its test part, or its training part: one query a person and camera.",
    )

    @field_validator("name")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        for part in [] if name is None else name.split("+"):
            if part not in TARGETS.names:
                close = difflib.get_close_matches(part, TARGETS.names, n=1)
                hint = f"did you mean `{close[0]}`? " if close else ""
                known = ", ".join(sorted(TARGETS.names))
                raise ValueError(f"unknown data set {part!r}, {hint}known are {known}")
        return name

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [field for field in ("list", "name", "dataset") if getattr(self, field)]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            raise ValueError(f"say exactly one of list, name and dataset; got {said}")
        if (self.name is None) != (self.root is None):
            raise ValueError("name and root go together: the data set and its unpacked folder")
        if self.snapshot is not None and self.dataset is None:
            raise ValueError("snapshot: is the number of a snapshot of `dataset`")
        if self.dataset is not None and self.test_on is not TestOn.test:
            raise ValueError("test_on: a published data set has a test part")
        return self


TargetName = Annotated[str, StringConstraints(pattern=NAME)]


class TargetList(RootModel[dict[TargetName, TargetChoice]]):
    """`targets.yaml`: what to measure on, each under the name that tables give it."""


TARGET_FILES = Form(TargetList, "list of targets")


@dataclass(frozen=True)
class OpenedTarget:
    """A target that exists and can be asked. ``people``: whom it asks for or lets find."""

    name: str
    dataset: str
    what: str
    tested: Tested
    people: frozenset[str]
    queries: int
    gallery: int


def target_file(file: Path | None) -> dict[str, TargetChoice]:
    """The targets of a YAML file; none if there is no file."""
    return {} if file is None else dict(TARGET_FILES.read(file).root)


def chosen_targets(file: Path | None, lists: Iterable[Path]) -> dict[str, TargetChoice]:
    """Those of a file and further lists under their names; ``BadRecipe`` for names given twice
    and for no target at all."""
    found = target_file(file)
    for path in lists:
        choice = TARGET_FILES.check({path.stem: {"list": str(path)}}, f"--target {path}").root
        if path.stem in found:
            raise BadRecipe(f"--target {path}: another target is called {path.stem!r}, too")
        found |= choice
    if not found:
        raise BadRecipe("transfer: name a target: --targets targets.yaml, or --target list.csv")
    return found


def placed(targets: Mapping[str, TargetChoice]) -> dict[str, TargetChoice]:
    """The same for a process that runs in another folder."""
    return {
        name: choice.model_copy(
            update={
                field: path.absolute()
                for field in ("list", "root")
                if (path := getattr(choice, field)) is not None
            }
        )
        for name, choice in targets.items()
    }


def pinned_target(choice: TargetChoice, store: Store) -> TargetChoice:
    """The same whenever it is opened again: the newest snapshot by its number."""
    if choice.dataset is None:
        return choice
    number = open_snapshot(Dataset(choice.dataset, store), choice.snapshot).snapshot.number
    return choice.model_copy(update={"snapshot": number})


def opened_target(name: str, choice: TargetChoice, store: Store) -> OpenedTarget:
    """A target that exists.

    Raises ``NotFound`` or ``CorruptData`` if it is not there or not whole, ``TrainingFailed`` if
    people are in both its training and its test images or nobody can be found.
    """
    if choice.dataset is not None:
        return _published(name, open_snapshot(Dataset(choice.dataset, store), choice.snapshot))
    from tasks.bench.targets import tested_target

    splits = _splits(choice)
    tested = tested_target(splits)
    counts = [split.counts() for split in splits]
    several = f", {len(splits)} splits" if len(splits) > 1 else ""
    part = "" if choice.test_on is TestOn.test else f", {SPLIT}"
    return OpenedTarget(
        name,
        tested.name,
        f"{tested.name}{part}{several}",
        tested,
        frozenset().union(*(split.people_in(QUERY, GALLERY) for split in splits)),
        sum(count.get(QUERY, 0) for count in counts),
        sum(count.get(GALLERY, 0) + count.get(DISTRACTOR, 0) for count in counts),
    )


def _splits(choice: TargetChoice) -> list[Target]:
    if choice.list is not None:
        if not choice.list.is_file():
            raise NotFound(f"target list {choice.list}: no such file")
        return open_target(choice.list.name, choice.list.parent, test_on=choice.test_on)
    assert choice.name is not None and choice.root is not None
    return open_target(choice.name, choice.root, choice.partial, choice.test_on)


def _published(name: str, reader: SnapshotReader) -> OpenedTarget:
    from tasks.bench.targets import tested_snapshot

    tested = tested_snapshot(reader)
    (split,) = tested.sets()
    table = reader.table(["split", "role"])
    part, role = (np.asarray(column.to_pylist(), np.str_) for column in table.columns)
    asks, answers = (
        int(((part == "test") & np.isin(role, roles)).sum())
        for roles in ((QUERY,), (GALLERY, DISTRACTOR))
    )
    return OpenedTarget(
        name,
        tested.name,
        f"{tested.name}, snapshot {reader.snapshot.number}",
        tested,
        split.people,
        asks,
        answers,
    )
