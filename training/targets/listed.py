"""Anybody's own data set: a CSV or Parquet list of its images."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData, NotFound
from manifests.parquet import reading_parquet
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    JUNK,
    QUERY,
    TRAIN,
    LabelledImage,
    Target,
    file_below,
)

_ROLES = {TRAIN, QUERY, GALLERY, DISTRACTOR, JUNK}
_COLUMNS = {"path", "person", "camera", "role"}


def read_csv(path: Path) -> Target:
    """Any data set: a CSV or Parquet manifest with path (relative to the file), person, camera,
    role and, if known, outfit, time (frames or seconds) and session (whose clock it is of)."""
    if not path.is_file():
        raise NotFound(f"{path}: no such file")
    columns, rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    missing = _COLUMNS - columns
    if missing:
        raise CorruptData(f"{path}: column {', '.join(sorted(missing))} is missing")
    images = tuple(_csv_image(path, number, row) for number, row in enumerate(rows, start=2))
    return Target(path.stem, path.parent, images)


def _csv_rows(path: Path) -> tuple[set[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return set(reader.fieldnames or ()), list(reader)


def _parquet_rows(path: Path) -> tuple[set[str], list[dict[str, str]]]:
    """The same from a Parquet manifest, as if it had been a CSV."""
    with reading_parquet(str(path), "write it again"):
        table = pq.read_table(path)
    # Images, masks and the like that a manifest may carry are no labels.
    plain = [f.name for f in table.schema if not pa.types.is_nested(f.type)]
    rows = table.select(plain).to_pylist()
    return set(plain), [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def _csv_image(path: Path, number: int, row: dict[str, str]) -> LabelledImage:
    where = f"{path}, line {number}"
    unsaid = sorted(name for name in _COLUMNS if not row[name])
    if unsaid:
        raise CorruptData(f"{where}: {', '.join(unsaid)} is empty")
    if row["role"] not in _ROLES:
        raise CorruptData(f"{where}: role {row['role']!r} is none of {', '.join(sorted(_ROLES))}")
    file = file_below(path.parent, row["path"], where)
    if not file.is_file():
        raise CorruptData(f"{where}: image {file} does not exist")
    outfit = row.get("outfit") or "0"
    if not outfit.isdigit():
        raise CorruptData(f"{where}: outfit {outfit!r} is not a number")
    return LabelledImage(
        file,
        row["person"],
        row["camera"],
        row["role"],
        outfit=int(outfit),
        time=_time(row.get("time") or "", where),
        session=row.get("session") or "",
    )


def _time(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise CorruptData(f"{where}: time {text!r} is not a number") from None
