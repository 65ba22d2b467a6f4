"""Anybody's own data set: a CSV or Parquet list of its images."""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import csv
import math
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
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
_READ = (*sorted(_COLUMNS), "outfit", "time", "session")
_NUMBER = re.compile("[0-9]{1,9}")
_MAX_ROWS = 5_000_000
_MAX_LENGTH = 4096
_BATCH = 10_000

Listed = tuple[set[str], Iterator[dict[str, str]]]
"""Names of the columns, and rows by these names."""


def read_csv(path: Path) -> Target:
    """Any data set: a CSV or Parquet manifest with path (relative to the file), person, camera,
    role and, if known, outfit, time (frames or seconds) and session (whose clock it is of)."""
    if not path.is_file():
        raise NotFound(f"{path}: no such file")
    with (_parquet_rows if path.suffix == ".parquet" else _csv_rows)(path) as (columns, rows):
        missing = _COLUMNS - columns
        if missing:
            raise CorruptData(f"{path}: column {', '.join(sorted(missing))} is missing")
        images = tuple(_csv_image(path, number, row) for number, row in enumerate(rows, start=2))
    return Target(path.stem, path.parent, images)


@contextmanager
def _csv_rows(path: Path) -> Generator[Listed]:
    """The columns and the rows, one after the other, so that a long list takes no more memory."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            yield set(reader.fieldnames or ()), _few(path, reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise CorruptData(f"{path}: not a CSV file in UTF-8: {error}") from error


def _few(path: Path, rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    for number, row in enumerate(rows, start=1):
        _expect_few(path, number)
        yield row


@contextmanager
def _parquet_rows(path: Path) -> Generator[Listed]:
    """The same from a Parquet manifest, as if it had been a CSV."""
    with reading_parquet(str(path), "write it again"), pq.ParquetFile(path) as file:
        _expect_few(path, file.metadata.num_rows)
        # Images, masks and the like that a manifest may carry are no labels.
        labels = {field.name for field in file.schema_arrow if not pa.types.is_nested(field.type)}
        plain = [name for name in _READ if name in labels]
    # Texts as dictionaries: a long one that every row repeats is held once.
    with (
        reading_parquet(str(path), "write it again"),
        pq.ParquetFile(path, read_dictionary=plain) as file,
    ):
        table = file.read(columns=plain)
    _expect_short(path, table)
    yield (
        set(plain),
        (
            {name: "" if value is None else str(value) for name, value in row.items()}
            for batch in table.to_batches(_BATCH)
            for row in batch.to_pylist()
        ),
    )


def _expect_few(path: Path, rows: int) -> None:
    if rows > _MAX_ROWS:
        raise CorruptData(f"{path}: more than {_MAX_ROWS:,} rows, which no list of images has")


def _expect_short(path: Path, table: pa.Table) -> None:
    for name, column in zip(table.column_names, table.columns):
        for chunk in column.chunks:
            texts = chunk.dictionary if isinstance(chunk, pa.DictionaryArray) else chunk
            longest = pc.max(pc.binary_length(texts)).as_py() if _is_text(texts.type) else 0
            if (longest or 0) > _MAX_LENGTH:
                raise CorruptData(
                    f"{path}: column {name} holds a text of {longest:,} bytes; at most "
                    f"{_MAX_LENGTH:,} are a name"
                )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)


def _csv_image(path: Path, number: int, row: dict[str, str]) -> LabelledImage:
    where = f"{path}, line {number}"
    unsaid = sorted(name for name in _COLUMNS if not row[name])
    long = sorted(name for name in _READ if len(row.get(name) or "") > _MAX_LENGTH)
    if long:
        raise CorruptData(f"{where}: {', '.join(long)} is longer than {_MAX_LENGTH:,} characters")
    if unsaid:
        raise CorruptData(f"{where}: {', '.join(unsaid)} is empty")
    if row["role"] not in _ROLES:
        raise CorruptData(f"{where}: role {row['role']!r} is none of {', '.join(sorted(_ROLES))}")
    file = file_below(path.parent, row["path"], where)
    if not file.is_file():
        raise CorruptData(f"{where}: image {file} does not exist")
    outfit = row.get("outfit") or "0"
    if not _NUMBER.fullmatch(outfit):
        raise CorruptData(f"{where}: outfit {outfit[:80]!r} is not a number of up to nine digits")
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
        time = float(text)
    except ValueError:
        time = math.nan
    if not math.isfinite(time):
        raise CorruptData(f"{where}: time {text[:80]!r} is not a number")
    return time
