"""A file of features: Parquet with a row a picture, and what is known of all of them.

Columns ``key`` and ``camera`` (texts) and ``feature`` (D float32 of length 1), in row groups of
bounded size. The file's metadata say which model the features are of and where the pictures were,
and hold the statistics of every camera, with which later pictures are embedded alike.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, ValidationError

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.model import Stored
from manifests.whole_files import whole_file
from training.embedding.identity import ModelIdentity

VERSION = 1
_ABOUT, _STATISTICS = b"unrealperson_features", b"unrealperson_statistics"
_GROUP_BYTES = 1 << 23
_MOST_STATISTICS = 1 << 25
"""Bytes: of more cameras only what they have together is kept."""


class About(Stored):
    """``source`` and ``kind``: where the pictures were, and as what; ``cameras``: whose statistics
    are kept, in order; one empty name stands for all together. ``skipped``: unreadable pictures."""

    version: int
    model: ModelIdentity
    source: str
    kind: str
    cameras: tuple[str, ...]
    skipped: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class FeatureTable:
    """An opened file of ``rows`` features; ``statistics`` (C, K) float32 of ``about.cameras``."""

    path: Path
    about: About
    rows: int
    statistics: np.ndarray
    _file: pq.ParquetFile

    def parts(self) -> Iterator[tuple[list[str], list[str], np.ndarray]]:
        """(keys, cameras, features (n, D)) of all rows, in order, in bounded portions."""
        dimension = self.about.model.dimension
        try:
            for batch in self._batches(group_rows(dimension)):
                keys, cameras, features = batch.columns
                values = features.flatten().to_numpy(zero_copy_only=False)
                shaped = values.reshape(len(batch), dimension)
                yield keys.to_pylist(), cameras.to_pylist(), shaped
        except (OSError, pa.ArrowException, ValueError) as error:
            raise CorruptData(f"{self.path}: damaged: {error}") from None

    def _batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        # Of one group after the other: asked for all of them, Arrow keeps what it has read.
        for group in range(self._file.num_row_groups):
            yield from self._file.iter_batches(rows, row_groups=[group])


class Writer:
    """Takes features in any portions, and keeps at most a row group of them."""

    def __init__(self, file: pq.ParquetWriter, dimension: int) -> None:
        self.rows = 0
        self.cameras: set[str] = set()
        self._file, self._dimension = file, dimension
        self._waiting: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, keys: Sequence[str], cameras: Sequence[str], features: np.ndarray) -> None:
        """``features`` (n, D) float32 of pictures, with who took them."""
        columns = [
            pa.array(keys, pa.string()),
            pa.array(cameras, pa.string()),
            pa.FixedSizeListArray.from_arrays(pa.array(features.ravel()), self._dimension),
        ]
        self._waiting.append(pa.record_batch(columns, self._file.schema))
        self.cameras.update(cameras)
        self._count += len(keys)
        if self._count >= group_rows(self._dimension):
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._count:
            self._file.write_table(pa.Table.from_batches(self._waiting), self._count)
        self.rows += self._count
        self._waiting, self._count = [], 0

    def describe(self, about: About, statistics: np.ndarray) -> None:
        """Say what all rows are of; ``statistics`` (C, K) of the cameras that ``about`` names."""
        held = io.BytesIO()
        np.save(held, statistics, allow_pickle=False)
        self._file.add_key_value_metadata(
            {_ABOUT: about.model_dump_json().encode(), _STATISTICS: held.getvalue().hex()}
        )


def group_rows(dimension: int) -> int:
    """How many features are written and read at once."""
    return max(1, _GROUP_BYTES // (4 * dimension))


def keeps_all(statistics: np.ndarray) -> bool:
    """Whether the statistics (C, K) of every camera may be kept."""
    return statistics.nbytes <= _MOST_STATISTICS


@contextmanager
def written(path: Path, dimension: int) -> Generator[Writer]:
    """A file that appears when the block ends well; ``BadRecipe`` for one of another kind."""
    if path.suffix != ".parquet" or path.is_dir():
        raise BadRecipe(f"-o {path}: features are a Parquet file; name one, ending in .parquet")
    schema = pa.schema(
        [
            ("key", pa.string()),
            ("camera", pa.string()),
            ("feature", pa.list_(pa.float32(), dimension)),
        ]
    )
    # Features are noise to a compressor; names are not.
    packing = {"key": "zstd", "camera": "zstd", "feature.list.element": "none"}
    options = {"compression": packing, "use_dictionary": ["camera"], "write_statistics": False}
    with whole_file(path) as file, pq.ParquetWriter(file, schema, **options) as inner:
        writer = Writer(inner, dimension)
        yield writer
        writer.flush()


def open_features(path: Path) -> FeatureTable:
    """A file that ``embed`` wrote; ``NotFound`` if there is none, ``CorruptData`` for another."""
    if not path.is_file():
        raise NotFound(f"{path}: no such file; `unrealperson embed` makes one")
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
        said = file.metadata.metadata or {}
    except (OSError, pa.ArrowException) as error:
        raise CorruptData(f"{path}: no Parquet file: {error}") from None
    if _ABOUT not in said:
        raise CorruptData(f"{path}: a Parquet file, but none that `unrealperson embed` wrote")
    try:
        about = About.model_validate_json(said[_ABOUT])
        held = io.BytesIO(bytes.fromhex(said[_STATISTICS].decode()))
        statistics = np.load(held, allow_pickle=False)
    except (ValidationError, ValueError, KeyError, EOFError, OSError) as error:
        raise CorruptData(f"{path}: what it says of itself is damaged: {error}") from None
    if about.version != VERSION:
        raise CorruptData(
            f"{path}: features of version {about.version}, this code reads {VERSION}; embed again"
        )
    kind = pa.list_(pa.float32(), about.model.dimension)
    fits = file.schema_arrow.names == ["key", "camera", "feature"]
    if not fits or file.schema_arrow.field("feature").type.value_type != kind.value_type:
        raise CorruptData(f"{path}: its columns are not those of features")
    if statistics.ndim != 2 or len(statistics) != len(about.cameras):
        raise CorruptData(f"{path}: statistics of {len(statistics)} cameras, not of those it names")
    return FeatureTable(path, about, file.metadata.num_rows, statistics, file)
