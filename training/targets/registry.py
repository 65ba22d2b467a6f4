"""What a target data set is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests.addresses import local_path
from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_file
from manifests.registry import Registry
from training.targets.images import Official, Target, check_official, union
from training.targets.listed import read_csv
from training.targets.tables import is_table
from training.targets.training_part import TestOn, official_of_training, tested_on_training


@dataclass(frozen=True)
class TargetSet:
    """A data set that others publish.

    ``read``: given its unpacked folder, lists it, one entry per official split; it raises
    ``NotFound`` for missing files and ``CorruptData`` for foreign ones. ``official``: the counts
    that its authors publish, checked on every split. ``read_training``: lists the training part
    alone, if that can lie without the rest.
    """

    name: str
    read: Callable[[Path], list[Target]]
    official: tuple[Official, ...] = ()
    read_training: Callable[[Path], list[Target]] | None = None


TARGETS: Registry[TargetSet] = Registry("data set", NotFound, room="training.targets.sets")


def placed(name: str, root: Path | None) -> tuple[str, Path]:
    """Name and root of a data set of which perhaps no root was given: a list lies where it lies.

    ``BadRecipe`` for one that needs a root.
    """
    if root is not None:
        return name, root
    if not is_table(name):
        raise BadRecipe(f"{name}: needs --root, the folder of the unpacked data set")
    path = local_path(name).absolute()
    return path.name, path.parent


def open_target(
    name: str, root: Path, partial: bool = False, test_on: TestOn = TestOn.test
) -> list[Target]:
    """A data set by name (or a CSV or Parquet manifest), one entry per official split.

    Several names joined by ``+`` are a union; each then lies in a folder of its name below
    ``root``. ``partial`` accepts other counts than the official ones. ``TestOn.train`` makes a
    test of the training part, and needs no other. Raises ``NotFound``, ``CorruptData``, or
    ``BadRecipe`` for a union with a data set of several splits.
    """
    listed = is_table(name)
    if "+" in name and not (listed and is_file(root / local_path(name))):
        parts = name.split("+")
        return [union([_only_split(part, root / part, partial, test_on) for part in parts])]
    if not listed and name not in TARGETS.names:
        known = ", ".join(sorted(TARGETS.names))
        raise NotFound(
            f"unknown data set {name!r}; known are {known}, or a .csv, .tsv or .parquet file. If "
            f"it is a published one of yours: Dataset({name!r}) in Python, "
            f"`unrealperson evaluate {name}`"
        )
    found = (
        TargetSet(name, lambda root: [read_csv(root / local_path(name))])
        if listed
        else TARGETS.find(name)
    )
    trains = test_on is TestOn.train
    read = found.read_training if trains and found.read_training else found.read
    try:
        targets = read(root)
    except OSError as error:
        raise NotFound(f"{name} in {root}: cannot be read: {error.strerror or error}") from error
    if not partial:
        expected = official_of_training(found.official) if trains else found.official
        for target in targets:
            check_official(target, expected)
    return [tested_on_training(target) for target in targets] if trains else targets


def open_for_training(name: str, root: Path, partial: bool = False) -> list[Target]:
    """As ``open_target``, but a copy of which only the training part is there will do."""
    try:
        return open_target(name, root, partial)
    except NotFound:
        read_training = TARGETS.find(name).read_training if name in TARGETS.names else None
        if read_training is None:
            raise
        try:
            targets = read_training(root)
        except NotFound:
            targets = []
        if not targets:
            raise
    if not partial:
        for target in targets:
            check_official(target, official_of_training(TARGETS.find(name).official))
    return targets


def _only_split(name: str, root: Path, partial: bool, test_on: TestOn) -> Target:
    splits = open_target(name, root, partial, test_on)
    if len(splits) > 1:
        raise BadRecipe(f"{name} has {len(splits)} splits; join one of them as a CSV")
    return splits[0]
