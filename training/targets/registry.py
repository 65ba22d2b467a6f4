"""What a target data set is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from manifests.registry import Registry
from training.targets.images import Official, Target, check_official, union
from training.targets.listed import read_csv


@dataclass(frozen=True)
class TargetSet:
    """A data set that others publish.

    ``read``: given its unpacked folder, lists it, one entry per official split; it raises
    ``NotFound`` for missing files and ``CorruptData`` for foreign ones. ``official``: the counts
    that its authors publish, checked on every split.
    """

    name: str
    read: Callable[[Path], list[Target]]
    official: tuple[Official, ...] = ()


TARGETS: Registry[TargetSet] = Registry("data set", NotFound, room="training.targets.sets")


def open_target(name: str, root: Path, partial: bool = False) -> list[Target]:
    """A data set by name (or a CSV or Parquet manifest), one entry per official split.

    Several names joined by ``+`` are a union; each then lies in a folder of its name below
    ``root``. ``partial`` accepts other counts than the official ones. Raises ``NotFound``,
    ``CorruptData``, or ``BadRecipe`` for a union with a data set of several splits.
    """
    if "+" in name:
        return [union([_only_split(part, root / part, partial) for part in name.split("+")])]
    if name.endswith((".csv", ".parquet")):
        return [read_csv(root / name)]
    if name not in TARGETS.names:
        known = ", ".join(sorted(TARGETS.names))
        raise NotFound(
            f"unknown data set {name!r}; known are {known}, or a .csv or .parquet file. If it is "
            f"a published one of yours: Dataset({name!r}) in Python, `unrealperson evaluate {name}`"
        )
    found = TARGETS.find(name)
    targets = found.read(root)
    if not partial:
        for target in targets:
            check_official(target, found.official)
    return targets


def _only_split(name: str, root: Path, partial: bool) -> Target:
    splits = open_target(name, root, partial)
    if len(splits) > 1:
        raise BadRecipe(f"{name} has {len(splits)} splits; join one of them as a CSV")
    return splits[0]
