"""Rows in pieces: of a Parquet file, without holding them all, and joined again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.types import union_categoricals

from manifests.schema import conform

_BATCH = 1 << 15


def rows_of(file: pq.ParquetFile, role: str = "") -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, or those of one role, in pieces."""
    for batch in file.iter_batches(batch_size=_BATCH):
        yield batch.filter(pc.field("role") == role) if role else batch


class RowStream:
    """Consecutive rows of ``batches``, brought to ``schema``."""

    def __init__(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
        self._batches = batches
        self._schema = schema
        self._rest = schema.empty_table()

    def next(self, rows: int) -> pa.Table:
        """The next ``rows`` rows; fewer only where the file ends."""
        pieces, found = [self._rest], self._rest.num_rows
        while found < rows:
            batch = next(self._batches, None)
            if batch is None:
                break
            pieces.append(conform(pa.Table.from_batches([batch]), self._schema))
            found += batch.num_rows
        table = pa.concat_tables(pieces)
        self._rest = table.slice(rows)
        return table.slice(0, rows)


def united(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of one or more frames with the same columns; categories come out sorted."""

    def column(name: str) -> pd.Categorical | np.ndarray:
        parts = [frame[name] for frame in frames]
        if not isinstance(parts[0].dtype, pd.CategoricalDtype):
            return np.concatenate([part.to_numpy() for part in parts])
        # Plain concatenation would turn categories that differ between frames into objects, and
        # those of a frame without a single name are of another type.
        named = [
            pd.Categorical.from_codes(part.cat.codes, part.cat.categories.astype(object))
            for part in parts
        ]
        return union_categoricals(named, sort_categories=True)

    return pd.DataFrame({name: column(name) for name in frames[0].columns})
