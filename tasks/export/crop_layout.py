"""Formats of single crops: where every crop goes, and the small files beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData
from manifests.reader import SnapshotReader
from tasks.export.folders import ExportFormat, place
from tasks.progress import Progress, report_progress

_SAY_EVERY = 500

_SAFE = re.compile(r"[^\W_][\w.-]*")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class ExportPlan:
    """``paths``: for every row the crop's path under the export's folder, None if the format has
    no place for it; ``files``: path -> content of lists and annotations; ``folders``: those that
    readers look for even if nothing is in them."""

    paths: Sequence[str | None]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    folders: Sequence[str] = ()


def crop_layout(
    columns: Sequence[str], plan: Callable[[pa.Table], ExportPlan], *, labels_by_split: bool = False
) -> ExportFormat:
    """The format in which ``plan`` places every crop, given a table of these ``columns``.

    ``metadata.parquet`` beside the crops holds every label; ``labels_by_split``: one in each
    split's folder.
    """

    def write(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
        labels = reader.table()
        chosen = [camera in cameras for camera in labels["camera"].to_pylist()]
        labels = labels.filter(pa.array(chosen))
        planned = plan(labels.select(columns))
        places = zip(compress(count(), chosen), planned.paths, strict=True)
        placed = {row: path for row, path in places if path is not None}
        if len(set(placed.values())) != len(placed):
            raise CorruptData("two crops would get the same file name; verify the data set")
        for name in planned.folders:
            (folder / name).mkdir(parents=True)
        _write_crops(reader, placed, folder)
        for path, text in planned.files.items():
            place(folder, path).write_bytes(text if isinstance(text, bytes) else text.encode())
        labels = labels.add_column(0, "file_name", pa.array(planned.paths, pa.string()))
        labels = labels.filter(labels["file_name"].is_valid())
        if labels_by_split:
            _write_labels_by_split(labels, folder)
        else:
            pq.write_table(labels, folder / "metadata.parquet")
        return len(placed), len(planned.paths) - len(placed)

    return ExportFormat(write)


def safe_name(name: str) -> str:
    """``name``, in any script, if it can be part of a path without leading anywhere else."""
    if not _SAFE.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
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


def _write_crops(reader: SnapshotReader, placed: Mapping[int, str], folder: Path) -> None:
    crops = zip(placed.values(), reader.images(list(placed)), strict=True)
    for done, (path, jpeg) in enumerate(crops, start=1):
        place(folder, path).write_bytes(jpeg)
        if done % _SAY_EVERY == 0 or done == len(placed):
            report_progress(Progress("export", done, len(placed), "crops"))


def _write_labels_by_split(labels: pa.Table, folder: Path) -> None:
    splits = labels["split"].to_pylist()
    for split in sorted(set(splits)):
        part = labels.filter(pa.array([name == split for name in splits]))
        inside = [path.removeprefix(f"{split}/") for path in part["file_name"].to_pylist()]
        part = part.set_column(0, "file_name", pa.array(inside, pa.string()))
        pq.write_table(part, folder / split / "metadata.parquet")
