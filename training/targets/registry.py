"""Every data set by name."""

from __future__ import annotations

from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from training.targets.folders import LAYOUTS
from training.targets.grid import SPLITS, read_grid, read_grid_of_the_paper
from training.targets.images import Target, union
from training.targets.listed import read_csv, read_msmt17

_MSMT = ("msmt17-v1", "msmt17-v2")
_GRID = ("grid", "grid-250", "grid-250-distractors")


def target_names() -> tuple[str, ...]:
    """Names that ``open_target`` knows, beside paths of CSV and Parquet files."""
    return tuple(sorted((*LAYOUTS, *_MSMT, *_GRID)))


def open_target(name: str, root: Path, partial: bool = False) -> list[Target]:
    """A data set by name (or a CSV or Parquet manifest), one entry per official split.

    Several names joined by ``+`` are a union; each then lies in a folder of its name below
    ``root``. ``partial`` accepts other counts than the official ones. Raises ``NotFound``,
    ``CorruptData``, or ``BadRecipe`` for a union with a data set of several splits.
    """
    if "+" in name:
        return [union([_only_split(part, root / part, partial) for part in name.split("+")])]
    if name in LAYOUTS:
        return [LAYOUTS[name].read(root, partial)]
    if name in _MSMT:
        return [read_msmt17(name, root, partial)]
    if name == "grid":
        return [read_grid(root, split, partial) for split in range(SPLITS)]
    if name in _GRID:
        return [read_grid_of_the_paper(root, name.endswith("distractors"), partial)]
    if name.endswith((".csv", ".parquet")):
        return [read_csv(Path(name) if Path(name).is_absolute() else root / name)]
    known = ", ".join(target_names())
    raise NotFound(f"unknown data set {name!r}; known are {known}, or a .csv or .parquet file")


def _only_split(name: str, root: Path, partial: bool) -> Target:
    splits = open_target(name, root, partial)
    if len(splits) > 1:
        raise BadRecipe(f"{name} has {len(splits)} splits; join one of them as a CSV")
    return splits[0]
