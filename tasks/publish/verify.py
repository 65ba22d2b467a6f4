"""Re-reads a published data set from the first byte to the last and says what disagrees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg

from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError
from manifests.parquet import reading_parquet
from manifests.reader import SnapshotReader
from manifests.schema import MANIFEST, SCHEMA_VERSION, conform
from manifests.snapshots import (
    PartInfo,
    Snapshot,
    find_snapshot,
    read_snapshots,
    snapshot_numbers,
    standing_numbers,
)
from manifests.stores import Store
from manifests.withdrawals import read_withdrawal
from tasks.publish.copies import copied_snapshot, copy_key
from tasks.publish.documents import checked_recipe
from tasks.publish.frame_tables import FRAME_FILES, changed_frames, published_frame_tables
from tasks.publish.leases import reading
from tasks.publish.origins import check_origins
from tasks.publish.row_checks import row_faults
from tasks.publish.row_stream import RowStream, rows_of
from tasks.publish.statistics import rows_counted
from tasks.publish.surroundings import check_surroundings
from tasks.publish.tracklets import tracklet_faults
from tasks.publish.verify_report import VerifyReport
from tasks.publish.wording import some

_MAX_NAMED = 20


def verify(reader: SnapshotReader, *, quick: bool = False) -> VerifyReport:
    """Check every byte of a snapshot, and unless ``quick`` of all that lies beside it.

    Digests of every file, every image (digest, decodable, size), labels of the parts against
    the manifest, tracklets against the manifest, canonical order, content digest, counts, exactly
    ``images_per_person`` each, no person or look-alike group in two splits, no image twice,
    queries answerable. Then the recipe, the plans, the claims with the files they claim, and
    whatever the snapshot says of all these is derived anew. Then expenses, the stored report, and
    recipes, plans and claims that other snapshots or none are made from. Published files of other
    snapshots are not read, and a note says so; see ``verify_all``.
    """
    with reading(reader):
        report = _verified(reader, quick, set())
    others = [n for n in snapshot_numbers(reader.dataset) if n != reader.snapshot.number]
    if others:
        report.notes.append(
            f"{len(others)} other snapshots were not read ({some(others, _MAX_NAMED)}); --all "
            "reads every one"
        )
    return report


def verify_all(dataset: Dataset, *, quick: bool = False) -> list[VerifyReport]:
    """Every snapshot as ``verify`` checks it, oldest first; a file of several is read once.

    One that was repaired as another is left out: its files are that one's now.
    """
    seen: set[str] = set()
    found = [*read_snapshots(dataset, snapshot_numbers(dataset))] or [find_snapshot(dataset)]
    standing = set(standing_numbers(dataset))
    heirs = {one.publish_id: one.number for one in found if one.number in standing}
    reports: list[VerifyReport] = []
    left_out: list[str] = []
    readers = [SnapshotReader(dataset, snapshot) for snapshot in found]
    with reading(*readers):
        for reader in readers:
            snapshot = reader.snapshot
            heir = heirs.get(snapshot.publish_id)
            if heir is not None and snapshot.number not in standing:
                left_out.append(
                    f"snapshot {snapshot.number} was repaired as {heir}, which has its files"
                )
            else:
                reports.append(_verified(reader, quick, seen))
    reports[-1].notes += left_out
    return reports


def _verified(reader: SnapshotReader, quick: bool, seen: set[str]) -> VerifyReport:
    dataset, store, snapshot = reader.dataset, reader.dataset.store, reader.snapshot
    report, statistics = VerifyReport(snapshot, seen=seen), None
    if withdrawal := read_withdrawal(dataset, snapshot.number):
        report.notes.append(str(withdrawal))
    placed = _check_document(dataset, report)
    recipe = checked_recipe(dataset, snapshot.recipe_digest, report)
    unread = [info.key for info in snapshot.files if not report.check(store, info)]
    manifest = _open_parquet(store, snapshot.manifest, report)
    if manifest is not None:
        statistics = rows_counted(manifest, snapshot.parts)
        _check_parts(store, manifest, report)
        _check_tracklets(store, manifest, report)

        def whole(rows: str) -> str | None:
            unknown = not placed or any(key.endswith(FRAME_FILES) for key in unread)
            tables = None if unknown else published_frame_tables(dataset, snapshot)
            return tables and tables.content_digest(rows)

        report.complain(snapshot.manifest.key, *row_faults(manifest, snapshot, whole))
    if placed and not quick:
        if recipe is not None:
            derived = statistics.result() if statistics is not None and report.ok else None
            check_origins(dataset, recipe, report, derived)
        for key, changed in changed_frames(dataset, snapshot).items() if report.ok else ():
            report.complain(key, f"{changed} frames are others in the bundles of their shards")
        check_surroundings(dataset, report)
    return report


def _check_document(dataset: Dataset, report: VerifyReport) -> bool:
    """What the snapshot itself says, as far as no data is needed to see that it is wrong; whether
    its files have a place."""
    snapshot = report.snapshot
    key = dataset.snapshot_key(snapshot.number)
    data = report.read(dataset.store, key)
    if data is None:
        return False
    unknown = ", ".join(sorted(json.loads(data).keys() - Snapshot.model_fields.keys()))
    if not snapshot.self_digest:
        report.notes.append("of version 0.1: it has no digest of its own")
    if unknown and not snapshot.self_digest:
        report.complain(key, f"has keys that snapshots do not have: {unknown}")
    elif unknown:
        report.notes.append(f"it has keys of a newer version: {unknown}")
    if not 1 <= snapshot.schema_version <= SCHEMA_VERSION:
        report.complain(key, f"schema_version {snapshot.schema_version} is none that there is")
    try:
        prefix = dataset.published_prefix(snapshot.publish_id)
    except FactoryError as error:
        report.complain(key, f"publish_id: {error}")
        return False
    if not snapshot.publish_id.startswith(snapshot.selection_digest[:16]):
        report.complain(key, "publish_id and selection_digest do not belong together")
    named = {file.key for file in snapshot.named_files()}
    elsewhere = sorted(name for name in named if not name.startswith(prefix))
    report.complain(key, *(f"names {name}, which is not in {prefix}" for name in elsewhere))
    there = {info.key for info in dataset.store.list(prefix) if dataset.names_data(info.key)}
    page = dataset.published_key(snapshot.publish_id, "report.html")
    forgotten = sorted(there - named - {page, copy_key(dataset, snapshot)})
    report.complain(key, *(f"does not name {name}" for name in forgotten))
    copy = copy_key(dataset, snapshot)
    if copy in there and (kept := report.read(dataset.store, copy)) not in (None, data):
        later = copied_snapshot(dataset, kept)
        if later is None or later.publish_id != snapshot.publish_id:
            report.complain(copy, "is no copy of the snapshot")
    return True


def _read(store: Store, info: PartInfo, report: VerifyReport) -> bytes | None:
    data = report.read(store, info.key, info.sha256)
    if data is not None and len(data) != info.bytes:
        report.complain(info.key, f"has {len(data)} bytes instead of {info.bytes}")
        return None
    return data


def _open_parquet(store: Store, info: PartInfo, report: VerifyReport) -> pq.ParquetFile | None:
    """A file of any size that is whole and has the rows it should have."""
    if not report.check(store, info):
        return None
    return _parquet(store.open_input(info.key), info, report)


def _parquet(source: pa.NativeFile, info: PartInfo, report: VerifyReport) -> pq.ParquetFile | None:
    try:
        with reading_parquet(info.key):
            file = pq.ParquetFile(source)
    except CorruptData as error:
        report.complain(info.key, str(error))
        return None
    rows = file.metadata.num_rows
    if rows == info.rows:
        return file
    report.complain(info.key, f"has {rows} rows instead of {info.rows}")
    return None


def _check_parts(store: Store, manifest: pq.ParquetFile, report: VerifyReport) -> None:
    labels: dict[str, RowStream] = {}
    for info in report.snapshot.parts:
        if info.role not in labels:  # parts of a role follow each other
            labels = {info.role: RowStream(rows_of(manifest, info.role), MANIFEST)}
        expected = labels[info.role].next(info.rows)
        data = _read(store, info, report)
        file = None if data is None else _parquet(pa.BufferReader(data), info, report)
        if file is not None:
            _check_part(file, info, expected, report)


def _check_tracklets(store: Store, manifest: pq.ParquetFile, report: VerifyReport) -> None:
    info = report.snapshot.tracklets
    if info is not None and (file := _open_parquet(store, info, report)) is not None:
        report.complain(info.key, *tracklet_faults(file, manifest))


def _same_rows(one: pa.Table, other: pa.Table) -> bool:
    """Equality in which numbers that are unknown (NaN) equal each other."""
    return one.num_rows == other.num_rows and all(
        _same_column(one[name], other[name]) for name in one.column_names
    )


def _same_column(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if one.equals(other):
        return True
    if not pa.types.is_floating(one.type) or not one.is_null().equals(other.is_null()):
        return False
    return np.array_equal(one.to_numpy(), other.to_numpy(), equal_nan=True)


def _check_part(
    file: pq.ParquetFile, info: PartInfo, expected: pa.Table, report: VerifyReport
) -> None:
    start = 0
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        rows = expected.slice(start, table.num_rows)
        start += table.num_rows
        if not _same_rows(conform(table, MANIFEST), rows):
            report.complain(info.key, f"labels of row group {group} differ from the manifest's")
        images = table["image"].combine_chunks().field("bytes")
        faults = _image_faults(images, rows)
        report.complain(info.key, *(f"image {name}: {fault}" for name, fault in faults))
        report.images += table.num_rows


def _image_faults(images: pa.Array, rows: pa.Table) -> Iterator[tuple[str, str]]:
    columns = ("crop_key", "crop_digest", "width", "height")
    for image, key, expected, width, height in zip(
        images.to_pylist(), *(rows[name].to_pylist() for name in columns)
    ):
        data = image or b""
        if hashlib.sha256(data).digest() != expected:
            yield key, "its SHA-256 is not the manifest's"
            continue
        try:
            stored_height, stored_width, _, _ = simplejpeg.decode_jpeg_header(data)
            if (stored_width, stored_height) != (width, height):
                yield key, f"is {stored_width}x{stored_height} instead of {width}x{height}"
            else:
                simplejpeg.decode_jpeg(data, strict=True)
        except ValueError as error:
            yield key, f"cannot be decoded: {error}"
