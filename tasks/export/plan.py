"""What an export writes: where every picture goes, and the small files beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from manifests.errors import BadRecipe, CorruptData
from manifests.reader import SnapshotReader

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class ExportPlan:
    """``paths``: for every row the picture's path under the export's folder, or None if it is
    left out; ``files``: path -> content of lists and annotations."""

    paths: Sequence[str | None]
    files: Mapping[str, str | bytes] = field(default_factory=dict)


def chosen_cameras(reader: SnapshotReader, cameras: Sequence[str] | None) -> set[str]:
    """The cameras whose pictures are exported: those asked for, else all of the snapshot."""
    known = set(reader.table(["camera"])["camera"].unique().to_pylist())
    if cameras is None:
        return known
    if unknown := sorted(set(cameras) - known):
        raise BadRecipe(f"no camera {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return set(cameras)


def safe_name(name: str) -> str:
    """``name`` if it can be part of a path without leading anywhere else."""
    if not _SAFE.fullmatch(name):
        raise CorruptData(
            f"the manifest names {name!r}, which is unfit for a file name; verify the data set"
        )
    return name


def numbered(values: Iterable[str], start: int) -> dict[str, int]:
    """Consecutive numbers for the distinct values, in sorted order."""
    return {value: start + i for i, value in enumerate(sorted(set(values)))}


def occurrence(names: Iterable[str]) -> list[int]:
    """How often each name has already occurred before its position."""
    seen: Counter[str] = Counter()
    numbers = []
    for name in names:
        numbers.append(seen[name])
        seen[name] += 1
    return numbers
