"""``tracklets.parquet``: the tracklets of the published crops, written while their rows go by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.schema import MANIFEST, TRACKLETS, conform
from tasks.annotate.tracklets import MAX_GAP, TRACKLET_COLUMNS, find_tracklets
from tasks.publish.row_stream import RowStream, rows_of

GAP_KEY = "unrealperson.tracklet_max_gap"
"""Metadata of the file: the seconds without a crop that end a tracklet."""

_BATCH = 1 << 16
_COLUMNS = [*TRACKLET_COLUMNS, "split"]
_ROWS = pa.schema([MANIFEST.field(name) for name in _COLUMNS])


class TrackletCollector:
    """Tracklets of manifest rows that are fed in canonical order, in batches of any size."""

    def __init__(self, max_gap: float = MAX_GAP) -> None:
        self._max_gap = max_gap
        self._open: pa.Table | None = None

    def update(self, rows: pa.Table) -> pa.Table:
        """The tracklets of everybody whose rows are complete (schema ``TRACKLETS``)."""
        rows = rows.select(_COLUMNS)
        if self._open is not None:
            rows = pa.concat_tables([self._open, rows])
        person = rows["person_index"].to_numpy()
        end = int(np.searchsorted(person, person[-1])) if len(person) else 0
        self._open = rows.slice(end)
        return find_tracklets(rows.slice(0, end), self._max_gap)

    def finish(self) -> pa.Table:
        """The tracklets of the last person."""
        if self._open is None:
            return TRACKLETS.empty_table()
        return find_tracklets(self._open, self._max_gap)


class TrackletWriter:
    """Writes the tracklets of manifest rows to ``path``; ``rows`` is how many there are."""

    def __init__(self, path: Path, metadata: dict[str, str]) -> None:
        schema = TRACKLETS.with_metadata({**metadata, GAP_KEY: str(MAX_GAP)})
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self._found = TrackletCollector()
        self.rows = 0

    def __enter__(self) -> TrackletWriter:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._write(self._found.finish())
        finally:
            self._writer.close()

    def update(self, rows: pa.Table) -> None:
        """Add the next manifest rows."""
        self._write(self._found.update(rows))

    def _write(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        if table.num_rows:
            self._writer.write_table(table.cast(self._schema))


def tracklet_faults(file: pq.ParquetFile, manifest: pq.ParquetFile) -> Iterator[str]:
    """What is wrong with stored tracklets, given the rows they were made from."""
    gap = float((file.schema_arrow.metadata or {}).get(GAP_KEY.encode(), MAX_GAP))
    found, stored = TrackletCollector(gap), RowStream(rows_of(file), TRACKLETS)
    batches = manifest.iter_batches(batch_size=_BATCH, columns=_COLUMNS)
    for number, expected in enumerate(_found(found, batches)):
        if not stored.next(expected.num_rows).equals(expected):
            yield f"its tracklets are not those of the manifest's rows (from piece {number} on)"
            return
    if stored.next(1).num_rows:
        yield "it has tracklets that the manifest's rows do not make"


def _found(collector: TrackletCollector, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    for batch in batches:
        yield collector.update(conform(pa.Table.from_batches([batch]), _ROWS))
    yield collector.finish()
