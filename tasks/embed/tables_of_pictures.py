"""Pictures in Parquet files: the column ``image`` of published data sets and of `datasets`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData, NotFound
from tasks.embed.pictures import Pictures, Stored, coded

_IMAGE, _CAMERA = "image", "camera"
_NAMES = ("crop_key", "key", "path")
_AT_ONCE = 64


def from_tables(where: Path, tables: Sequence[Path], named: Callable[[str], str]) -> Pictures:
    """Rows of files, in order; cameras by the column ``camera`` if there is one.

    ``CorruptData`` for a file that is no Parquet or has no pictures, ``NotFound`` if all are empty.
    """
    names: list[str] = []
    cameras: list[str] = []
    starts: list[int] = []
    files: list[Path] = []
    for path in tables:
        file = _opened(path)
        columns = set(file.schema_arrow.names)
        if _IMAGE not in columns:
            if len(tables) == 1:
                raise CorruptData(f"{path}: has no column {_IMAGE!r}, only {sorted(columns)[:20]}")
            continue  # labels or tracklets beside the pictures
        starts.append(len(names))
        files.append(path)
        called = next((name for name in _NAMES if name in columns), None)
        inside = path.relative_to(where).as_posix() if path != where else path.name
        if called is None:
            own = [f"{inside}#{row}" for row in range(file.metadata.num_rows)]
        else:
            own = [str(name) for name in file.read([called])[called].to_pylist()]
        names += own
        if _CAMERA in columns and named("camera/") != "":
            cameras += [str(name) for name in file.read([_CAMERA])[_CAMERA].to_pylist()]
        else:
            cameras += map(named, own)
    if not files:
        raise CorruptData(f"{where}: no Parquet file below it has a column {_IMAGE!r}")
    if not names:
        raise NotFound(f"{where}: no rows with pictures")
    bounds = np.array([*starts, len(names)])

    def read(rows: np.ndarray) -> Iterator[Stored]:
        for path, low, high in zip(files, bounds[:-1], bounds[1:]):
            yield from _rows(path, rows[(rows >= low) & (rows < high)] - low)

    return Pictures("parquet", where, names, *coded(iter(cameras)), read)


def has_pictures(table: Path) -> bool:
    """Whether a Parquet file has the column of pictures; ``CorruptData`` if it is none."""
    return _IMAGE in _opened(table).schema_arrow.names


def _rows(path: Path, rows: np.ndarray) -> Iterator[Stored]:
    """Pictures of rising rows, from the row groups that have any of them, a few at a time."""
    if not len(rows):
        return
    file = _opened(path)
    start = 0
    for group in range(file.metadata.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        if np.searchsorted(rows, start) < np.searchsorted(rows, end):
            at = start
            for batch in file.iter_batches(_AT_ONCE, row_groups=[group], columns=[_IMAGE]):
                low, high = np.searchsorted(rows, (at, at + len(batch)))
                for row in rows[low:high] - at:
                    yield _picture(batch.column(0)[int(row)], f"{path}#{at + row}")
                at += len(batch)
        start = end


def _picture(value: pa.Scalar, name: str) -> Stored:
    held = value.as_py()
    if isinstance(held, dict):
        held = held.get("bytes")
    return held if isinstance(held, bytes) else CorruptData(f"image {name}: no bytes of a picture")


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise CorruptData(f"{path}: no Parquet file: {error}") from None
