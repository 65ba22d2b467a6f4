"""Formats of single crops: where every crop goes, and the small files beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData
from manifests.reader import SnapshotReader
from tasks.export.folders import place
from tasks.export.formats import ExportFormat
from tasks.progress import Progress, report_progress

_SAY_EVERY = 500

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class ExportPlan:
    """``paths``: for every row the crop's path under the export's folder, or None if it is
    left out; ``files``: path -> content of lists and annotations."""

    paths: Sequence[str | None]
    files: Mapping[str, str | bytes] = field(default_factory=dict)


def crop_layout(
    columns: Sequence[str],
    plan: Callable[[pa.Table], ExportPlan],
    *,
    labels_by_split: bool = False,
) -> ExportFormat:
    """The format in which ``plan`` places every crop, given a table of these ``columns``.

    ``metadata.parquet`` beside the crops holds every label; ``labels_by_split``: one in each
    split's folder.
    """

    def write(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
        of = reader.table(["camera"])["camera"].to_pylist()
        chosen = [camera in cameras for camera in of]
        planned = plan(reader.table(columns).filter(pa.array(chosen)))
        paths = [path for path in planned.paths if path is not None]
        if len(set(paths)) != len(paths):
            raise CorruptData("two crops would get the same file name; verify the data set")
        _write_crops(reader, chosen, planned, folder)
        for path, text in planned.files.items():
            place(folder, path).write_bytes(text if isinstance(text, bytes) else text.encode())
        _write_labels(reader, chosen, planned, folder, labels_by_split)
        return len(paths), len(planned.paths) - len(paths)

    return ExportFormat(write)


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


def _write_crops(
    reader: SnapshotReader, chosen: list[bool], plan: ExportPlan, folder: Path
) -> None:
    places = iter(plan.paths)
    targets = [next(places) if take else None for take in chosen]
    wanted = [target is not None for target in targets]
    total = sum(wanted)
    crops = reader.images([row for row, take in enumerate(wanted) if take])
    for done, (target, jpeg) in enumerate(
        zip(compress(targets, wanted), crops, strict=True), start=1
    ):
        place(folder, str(target)).write_bytes(jpeg)
        if done % _SAY_EVERY == 0 or done == total:
            report_progress(Progress("export", done, total, "crops"))


def _write_labels(
    reader: SnapshotReader,
    chosen: list[bool],
    plan: ExportPlan,
    folder: Path,
    by_split: bool,
) -> None:
    labels = reader.table().filter(pa.array(chosen))
    labels = labels.add_column(0, "file_name", pa.array(plan.paths, pa.string()))
    labels = labels.filter(pa.array([path is not None for path in plan.paths]))
    if not by_split:
        pq.write_table(labels, folder / "metadata.parquet")
        return
    splits = labels["split"].to_pylist()
    for split in sorted(set(splits)):
        part = labels.filter(pa.array([name == split for name in splits]))
        inside = [path.removeprefix(f"{split}/") for path in part["file_name"].to_pylist()]
        part = part.set_column(0, "file_name", pa.array(inside, pa.string()))
        pq.write_table(part, folder / split / "metadata.parquet")
