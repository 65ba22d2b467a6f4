"""Rows of a Parquet file in pieces of any size, without holding them all."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.schema import conform

_BATCH = 1 << 15


class RowStream:
    """Consecutive rows of ``file``, brought to ``schema``."""

    def __init__(self, file: pq.ParquetFile, schema: pa.Schema) -> None:
        self._batches = file.iter_batches(batch_size=_BATCH)
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
