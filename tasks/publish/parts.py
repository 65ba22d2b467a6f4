"""Writes the published files: deterministic parts with images, and the manifest without."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.claims import Claim
from manifests.content import ContentDigest
from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.identity import sha256_hex
from manifests.layout import repairing
from manifests.parquet import reading_parquet
from manifests.schema import CROPS, MANIFEST, PUBLISHED, ROLES, SCHEMA_VERSION, SPLITS, conform
from manifests.snapshots import PartInfo
from manifests.stores import Store
from synth_workers.processes.scratch import scratch_folder
from tasks.publish.row_stream import RowStream
from tasks.publish.selection import Selection
from tasks.publish.statistics import PIECE_ROWS, StatisticsCollector
from tasks.publish.tracklets import TrackletWriter

PART_BYTES = 256 << 20
"""Aim for the size of a part; the row count is a power of two, so parts have 0.7 to 1.4 of it."""

_MAX_PART_ROWS = 1 << 17
_IMAGE_ROW_GROUP = 4096
_MANIFEST_ROW_GROUP = 1 << 17
_WRITERS = 2
_VERSION = "unrealperson.schema_version"
_DICTIONARY: Any = [field.name for field in MANIFEST if field.type == pa.string()]


@dataclass(frozen=True)
class PublishedFiles:
    """The stored parts, manifest and tracklets, and what was learnt while writing them."""

    parts: tuple[PartInfo, ...]
    manifest: PartInfo
    tracklets: PartInfo
    content_digest: str
    statistics: dict


def write_published(dataset: Dataset, publish_id: str, selection: Selection) -> PublishedFiles:
    """Store every part, the manifest and the tracklets of ``selection`` under ``publish_id``.

    Parts are written in parallel; their bytes depend on the selected crops alone. At most
    two parts are in memory at a time, whatever the size of the data set.
    """
    store, ranges = dataset.store, _part_ranges(selection)
    parts: list[PartInfo] = []
    with scratch_folder("publish") as scratch:

        def write(index: int) -> tuple[PartInfo, pa.Table]:
            role, number, places = ranges[index]
            rows = gather(store, selection, places)
            key = dataset.part_key(publish_id, number, role)
            path = scratch / f"part-{index}.parquet"
            write_part(rows, path)
            info = store_file(store, key, path, rows.num_rows)
            path.unlink()
            return info.model_copy(update={"role": role}), rows.select(MANIFEST.names)

        with ThreadPoolExecutor(_WRITERS) as pool, SetAside(scratch) as aside:
            for info, rows in _in_order(pool, write, len(ranges)):
                parts.append(info)
                aside.add(info.role, rows)
        with LabelFiles(scratch) as labels:
            for rows in aside.in_order(selection.roles):
                labels.update(rows)
        key = dataset.published_key(publish_id, "manifest.parquet")
        manifest = store_file(store, key, labels.manifest, labels.rows)
        key = dataset.published_key(publish_id, "tracklets.parquet")
        tracks = store_file(store, key, labels.tracklets, labels.tracks.rows)
    return PublishedFiles(
        tuple(parts), manifest, tracks, labels.content.hexdigest(), labels.statistics.result()
    )


class SetAside(ExitStack):
    """Labels of rows that come role by role, kept in a scratch folder until they are put into
    canonical order."""

    def __init__(self, scratch: Path) -> None:
        super().__init__()
        self._scratch = scratch
        self._writers: dict[str, pa.RecordBatchFileWriter] = {}

    def add(self, role: str, rows: pa.Table) -> None:
        """Keep the next rows of a role, schema ``MANIFEST``."""
        if role not in self._writers:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            writer = pa.ipc.new_file(self._file(role), MANIFEST, options=options)
            self._writers[role] = self.enter_context(writer)
        self._writers[role].write_table(rows.cast(MANIFEST), max_chunksize=_IMAGE_ROW_GROUP)

    def in_order(self, turns: np.ndarray, roles: Sequence[str] = ROLES) -> Iterator[pa.Table]:
        """All rows, in pieces, once all are kept. ``turns``: (n,) codes into ``roles``: of which
        each row is."""
        files = {role: pa.ipc.open_file(self._file(role)) for role in self._writers}
        streams = {
            role: RowStream(map(file.get_batch, range(file.num_record_batches)), MANIFEST)
            for role, file in files.items()
        }
        for start in range(0, len(turns), PIECE_ROWS):
            now = turns[start : start + PIECE_ROWS]
            places = [np.flatnonzero(now == roles.index(role)) for role in streams]
            pieces = [stream.next(len(rows)) for stream, rows in zip(streams.values(), places)]
            order = np.empty(len(now), dtype=np.int64)
            order[np.concatenate(places)] = np.arange(len(now))
            yield pa.concat_tables(pieces).take(pa.array(order))

    def _file(self, role: str) -> str:
        return str(self._scratch / f"{role or 'all'}.arrow")


class LabelFiles(ExitStack):
    """``manifest`` and ``tracklets`` in a scratch folder, and all that is learnt from their rows,
    which are fed in canonical order; ``version``: of the schema, said in the files."""

    def __init__(self, scratch: Path, version: int = SCHEMA_VERSION) -> None:
        super().__init__()
        self.manifest, self.tracklets = scratch / "manifest.parquet", scratch / "tracklets.parquet"
        self.content, self.statistics, self.rows = ContentDigest(), StatisticsCollector(), 0
        self._said = {_VERSION: str(version)}
        self._schema = MANIFEST.with_metadata(self._said)

    def __enter__(self) -> Self:
        self._writer = self.enter_context(
            pq.ParquetWriter(
                self.manifest, self._schema, compression="zstd", use_dictionary=_DICTIONARY
            )
        )
        self.tracks = self.enter_context(TrackletWriter(self.tracklets, self._said))
        return self

    def update(self, rows: pa.Table) -> None:
        """Add the next manifest rows."""
        self.rows += rows.num_rows
        self.content.update(rows)
        self.statistics.update(rows)
        self.tracks.update(rows)
        self._writer.write_table(rows.cast(self._schema), row_group_size=_MANIFEST_ROW_GROUP)


def store_file(store: Store, key: str, path: Path, rows: int = 0) -> PartInfo:
    """Store a finished file and say what a snapshot records of it."""
    info = file_info(key, path, rows)
    store.put_file(key, path)
    return info


def file_info(key: str, path: Path, rows: int = 0) -> PartInfo:
    """What a snapshot records of a file that is to be stored as ``key``."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return PartInfo(key=key, sha256=sha256, rows=rows, bytes=path.stat().st_size)


def gather(store: Store, selection: Selection, chosen: np.ndarray) -> pa.Table:
    """The published rows ``chosen`` (rising places in canonical order), schema ``PUBLISHED``.

    Every crop file that is read is checked against the SHA-256 of its claim.
    """
    rows = selection.rows.take(chosen)
    pieces, positions = [], []
    for index in np.unique(rows.file):
        mine = np.flatnonzero(rows.file == index)
        mine = mine[np.argsort(rows.row[mine])]
        table = read_crops(store, selection.rows.files[index])
        pieces.append(table.take(pa.array(rows.row[mine])))
        positions.append(mine)
    order = np.empty(len(chosen), dtype=np.int64)
    order[np.concatenate(positions)] = np.arange(len(chosen))
    table = pa.concat_tables(pieces).take(pa.array(order))
    return _as_published(table, selection.is_test[chosen], selection.roles[chosen])


def read_crops(store: Store, claim: Claim) -> pa.Table:
    """All rows of a claimed crop file, brought to today's ``CROPS`` schema."""
    try:
        data = store.get(claim.key)
    except NotFound as error:
        raise CorruptData(f"{error}; {repairing(claim.key)}") from None
    if sha256_hex(data) != claim.sha256:
        raise CorruptData(
            f"{store.uri}/{claim.key}: damaged (its SHA-256 is not its claim's); "
            f"{repairing(claim.key)}"
        )
    with reading_parquet(f"{store.uri}/{claim.key}"):
        return conform(pq.read_table(pa.BufferReader(data)), CROPS)


def _part_ranges(selection: Selection) -> list[tuple[str, int, np.ndarray]]:
    """Role, number within the role and rows of every part."""
    files = selection.rows.files
    mean_bytes = sum(claim.bytes for claim in files) / max(1, sum(claim.rows for claim in files))
    rows = 1 << round(math.log2(PART_BYTES / max(1.0, mean_bytes)))
    rows = max(1, min(rows, _MAX_PART_ROWS))
    return [
        (role, start // rows, places[start : start + rows])
        for code, role in enumerate(ROLES)
        for places in [np.flatnonzero(selection.roles == code)]
        for start in range(0, len(places), rows)
    ]


def _as_published(crops: pa.Table, is_test: np.ndarray, roles: np.ndarray) -> pa.Table:
    names = [
        f"{person:06d}_{camera}_{digest.hex()[:12]}.jpg"
        for person, camera, digest in zip(
            crops["person_index"].to_pylist(),
            crops["camera"].to_pylist(),
            crops["crop_digest"].to_pylist(),
        )
    ]
    jpeg = crops["jpeg"].combine_chunks().cast(pa.binary())
    image = pa.StructArray.from_arrays([jpeg, pa.array(names)], fields=list(PUBLISHED[0].type))
    columns = {name: crops[name] for name in MANIFEST.names if name in crops.column_names}
    columns["split"] = pa.array([SPLITS[code] for code in is_test.astype(int)])
    columns["role"] = pa.array([ROLES[code] for code in roles])
    return pa.table({"image": image, **columns}).cast(PUBLISHED)


def write_part(rows: pa.Table, path: Path, version: int = SCHEMA_VERSION) -> None:
    """Write rows of schema ``PUBLISHED`` as a part; ``version``: of the schema, said in it."""
    schema = PUBLISHED.with_metadata(
        {
            _VERSION: str(version),
            "huggingface": json.dumps({"info": {"features": {"image": {"_type": "Image"}}}}),
        }
    )
    # Images are compressed already; everything else is worth it.
    codecs = {column: "ZSTD" for column in _leaves(schema) if column != "image.bytes"}
    pq.write_table(
        rows.cast(schema),
        path,
        compression=codecs,  # pyright: ignore[reportArgumentType]
        use_dictionary=_DICTIONARY,
        write_statistics=_DICTIONARY,
        row_group_size=_IMAGE_ROW_GROUP,
    )


def _leaves(schema: pa.Schema) -> list[str]:
    leaves = []
    for field in schema:
        if pa.types.is_struct(field.type):
            leaves += [f"{field.name}.{child.name}" for child in field.type]
        elif pa.types.is_list(field.type):
            leaves.append(f"{field.name}.list.element")
        else:
            leaves.append(field.name)
    return leaves


def _in_order(
    pool: ThreadPoolExecutor, write: Callable[[int], tuple[PartInfo, pa.Table]], count: int
) -> Iterator[tuple[PartInfo, pa.Table]]:
    """Results in order while at most ``_WRITERS`` parts beyond the current one are under way."""
    pending = [pool.submit(write, index) for index in range(min(_WRITERS, count))]
    for index in range(count):
        result = pending.pop(0).result()
        if index + _WRITERS < count:
            pending.append(pool.submit(write, index + _WRITERS))
        yield result
