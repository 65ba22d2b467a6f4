"""How trainers and reports read a data set: one pinned snapshot, rows first, bytes on demand."""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import hashlib
import heapq
import shutil
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.checksums import check_stored
from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.ground_truth import GROUND_TRUTH, GROUND_TRUTH_FILE, PEOPLE3D, PEOPLE_FILE
from manifests.layout import PublishedFile, repairing
from manifests.parquet import reading_parquet
from manifests.part_rows import PartRows, part_rows, role_codes
from manifests.recordings import FRAMES_FILE, RECORDED_FRAMES, TRACKS, TRACKS_FILE, Take, takes
from manifests.schema import MANIFEST, ROLES, SPLITS, TRACKLETS, conform
from manifests.snapshots import PartInfo, Snapshot, find_snapshot
from manifests.stores import Store
from manifests.whole_files import whole_file

_CHUNK = 1 << 20

_NO_VIDEO = "has no recordings; a recipe with `video` makes such"
_NO_TRUTH = "has no ground truth but masks and joints; a recipe with `ground_truth` makes more"


class SnapshotReader:
    """Rows and images of one pinned snapshot, always in the same canonical order.

    The manifest's SHA-256 is checked on first use and every image against its own, so that
    damaged data is never served. ``open_snapshot`` finds the snapshot; one that is about to be
    committed can be read, too.
    """

    def __init__(self, dataset: Dataset, snapshot: Snapshot) -> None:
        self.dataset, self.snapshot = dataset, snapshot
        self._store, self._checked = dataset.store, False

    @property
    def remote(self) -> bool:
        """Whether reading crosses a network, so that copies are worth keeping."""
        return self._store.remote

    def table(
        self, columns: Sequence[str] | None = None, filter: pc.Expression | None = None
    ) -> pa.Table:
        """Manifest rows without image bytes (schema ``MANIFEST``), in canonical order.

        ``columns`` chooses and orders the columns; columns that a later schema added are
        null in older data. ``filter`` is an Arrow expression over any column.
        """
        if not self._checked:
            check_stored(self._store, self.snapshot.manifest)
            self._checked = True
        # Imports pandas, which whoever asks for no such snapshot should not wait for.
        import pyarrow.dataset as pads

        names = _known_columns(columns, MANIFEST, "the manifest has")
        where = self.dataset.where(self.snapshot.manifest.key)
        with self._store.open_input(self.snapshot.manifest.key) as file, reading_parquet(where):
            fragment = pads.ParquetFileFormat().make_fragment(file)
            table = fragment.to_table(schema=MANIFEST, columns=names, filter=filter)
        return table.select(names)

    def tracklets(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Tracklets of the published crops (schema ``TRACKLETS``), by person, camera and time.

        ``columns`` chooses and orders the columns. ``NotFound`` for a snapshot of schema version
        1, which has none.
        """
        names = _known_columns(columns, TRACKLETS, "tracklets have")
        info = self.snapshot.tracklets
        if info is None:
            raise NotFound(
                f"{self._store.uri}: snapshot {self.snapshot.number} of "
                f"{self.snapshot.dataset!r} is older than published tracklets; "
                "`unrealperson export --format tracklets` makes them from its crops"
            )
        return self._whole_table(info, TRACKLETS, names)

    def recorded(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Frames of recordings (schema ``RECORDED_FRAMES``), in the order of the clock; see
        ``tracks``."""
        return self._of_frames(FRAMES_FILE, RECORDED_FRAMES, columns, _NO_VIDEO)

    def tracks(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Where everybody is in every frame of recordings (schema ``TRACKS``).

        ``columns`` chooses and orders the columns. ``NotFound`` for a data set without recordings.
        """
        return self._of_frames(TRACKS_FILE, TRACKS, columns, _NO_VIDEO)

    def videos(self) -> dict[Take, PartInfo]:
        """The MP4 of every camera and recording; none if the recipe wants none, ``NotFound`` as of
        ``tracks``. See ``save``."""
        named = {file.key: file for file in self.snapshot.files}
        every = takes(self.recorded(list(Take._fields)))
        keys = (
            self.dataset.video_key(self.snapshot.publish_id, number, take.camera)
            for number, take in enumerate(every)
        )
        return {take: named[key] for take, key in zip(every, keys) if key in named}

    def save(self, file: PartInfo, path: Path) -> None:
        """Copy a published file to ``path``, in bounded memory; ``CorruptData`` if damaged."""
        check_stored(self._store, file)
        with whole_file(path) as copy, self._store.open_input(file.key) as source:
            shutil.copyfileobj(source, copy, _CHUNK)

    def ground_truth(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Frames that were kept with further ground truth (schema ``GROUND_TRUTH``): which digests
        their channels have, and in which bundle (``render_id``, ``frame``) they are.

        ``columns`` chooses and orders the columns. ``NotFound`` for a data set without.
        """
        return self._of_frames(GROUND_TRUTH_FILE, GROUND_TRUTH, columns, _NO_TRUTH)

    def people3d(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Boxes and joints of people in the world (schema ``PEOPLE3D``), once for each instant;
        names of joints are in the metadata of its schema (``joint_names``).

        ``columns`` chooses and orders the columns. ``NotFound`` for a data set without.
        """
        return self._of_frames(PEOPLE_FILE, PEOPLE3D, columns, _NO_TRUTH)

    def _of_frames(
        self, name: PublishedFile, schema: pa.Schema, columns: Sequence[str] | None, lacking: str
    ) -> pa.Table:
        names = _known_columns(columns, schema, "there are")
        key = self.dataset.published_key(self.snapshot.publish_id, name)
        info = next((file for file in self.snapshot.files if file.key == key), None)
        if info is None:
            raise NotFound(
                f"{self._store.uri}: snapshot {self.snapshot.number} of {self.snapshot.dataset!r} "
                + lacking
            )
        return self._whole_table(info, schema, names)

    def _whole_table(self, info: PartInfo, schema: pa.Schema, names: list[str]) -> pa.Table:
        """Columns of a file that is proven to be whole; those that are newer than it are null."""
        check_stored(self._store, info)
        file = self._store.open_parquet(info.key)
        wanted = pa.schema([schema.field(name) for name in names])
        with reading_parquet(self.dataset.where(info.key)):
            stored = [name for name in names if name in file.schema_arrow.names]
            table = conform(file.read(columns=stored), wanted)
            return table.replace_schema_metadata(file.schema_arrow.metadata)

    def crops(
        self,
        *,
        split: str | None = None,
        role: str | Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> tuple[pa.Table, list[bytes]]:
        """Labels and JPEG bytes of the crops of a split and of one or several roles."""
        roles = [role] if isinstance(role, str) else list(role or ())
        _expect_known("split", [split] if split else [], SPLITS)
        _expect_known("role", roles, ROLES)
        names = _known_columns(columns, MANIFEST, "the manifest has")
        rows = self.table(list(dict.fromkeys([*names, "split", "role"])))
        mask = np.ones(rows.num_rows, dtype=bool)
        if split is not None:
            mask &= np.asarray(pc.equal(rows["split"], split))
        if role is not None:
            mask &= np.asarray(pc.is_in(rows["role"], pa.array(roles, pa.string())))
        return rows.filter(pa.array(mask)).select(names), list(self.images(mask))

    def images(self, rows: np.ndarray | Sequence[int] | None = None) -> Iterator[bytes]:
        """JPEG bytes of chosen rows, in canonical order; memory stays that of a row group per role.

        ``rows``: a boolean mask over all rows, or rising row numbers; all rows if ``None``.
        """
        wanted = self._row_numbers(rows)
        labels = self.table(["crop_digest", "role"])
        digests, roles = labels["crop_digest"], role_codes(labels["role"])
        asked = np.zeros(self.snapshot.crops, dtype=bool)
        asked[wanted] = True
        pieces: dict[str, list[PartRows]] = {}
        for piece in part_rows(self.snapshot.parts, roles):
            pieces.setdefault(piece.part.role, []).append(piece)
        streams = [self._images_of(parts, asked) for parts in pieces.values()]
        for row, part, image in heapq.merge(*streams, key=itemgetter(0)):
            if hashlib.sha256(image).digest() != digests[row].as_py():
                place = part.rows.searchsorted(row)
                raise CorruptData(
                    f"{self._store.uri}/{part.part.key}: the image in row {place} is damaged; "
                    f"{repairing(part.part.key)}"
                )
            yield image

    def _images_of(
        self, pieces: Sequence[PartRows], asked: np.ndarray
    ) -> Iterator[tuple[int, PartRows, bytes]]:
        """The rows of ``pieces``, parts of one role, that are asked for (a mask over all rows)."""
        for piece in pieces:
            places = np.flatnonzero(asked[piece.rows])
            for place, image in self._part_images(piece.part, places):
                yield int(piece.rows[place]), piece, image

    def _row_numbers(self, rows: np.ndarray | Sequence[int] | None) -> np.ndarray:
        total = self.snapshot.crops
        if rows is None:
            return np.arange(total)
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            if chosen.shape != (total,):
                raise ValueError(f"a mask needs {total} entries, got shape {chosen.shape}")
            return np.flatnonzero(chosen)
        chosen = chosen.astype(np.int64)
        if chosen.size and (
            chosen[0] < 0 or chosen[-1] >= total or bool((np.diff(chosen) <= 0).any())
        ):
            raise ValueError(f"row numbers must rise and lie in [0, {total})")
        return chosen

    def _part_images(self, part: PartInfo, rows: np.ndarray) -> Iterator[tuple[int, bytes]]:
        if not rows.size:
            return
        file = self._store.open_parquet(part.key)
        if file.metadata.num_rows != part.rows:
            raise CorruptData(
                f"{self._store.uri}/{part.key}: has {file.metadata.num_rows} rows, "
                f"its snapshot says {part.rows}"
            )
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            chosen = rows[(rows >= start) & (rows < end)]
            if chosen.size:
                yield from zip(
                    chosen.tolist(), _group_images(self._store, part, file, group, chosen - start)
                )
            start = end


def open_snapshot(
    dataset: Dataset,
    number: int | None = None,
    content_digest: str | None = None,
    *,
    withdrawn: bool = False,
) -> SnapshotReader:
    """A reader of snapshot ``number``, or of the newest; see ``find_snapshot``."""
    found = find_snapshot(dataset, number, content_digest, withdrawn=withdrawn)
    return SnapshotReader(dataset, found)


def _expect_known(what: str, asked: Sequence[str], known: Sequence[str]) -> None:
    unknown = [word for word in asked if word not in known]
    if unknown:
        raise NotFound(f"no {what} {unknown[0]!r}; there are {', '.join(known)}")


def _known_columns(columns: Sequence[str] | None, schema: pa.Schema, having: str) -> list[str]:
    columns = [columns] if isinstance(columns, str) else columns
    names = list(schema.names if columns is None else columns)
    unknown = [name for name in names if name not in schema.names]
    if unknown:
        raise NotFound(f"no such columns: {', '.join(unknown)}; {having} {', '.join(schema.names)}")
    return names


def _group_images(
    store: Store, part: PartInfo, file: pq.ParquetFile, group: int, rows: np.ndarray
) -> list[bytes]:
    with reading_parquet(f"{store.uri}/{part.key}, row group {group}"):
        images = file.read_row_group(group, columns=["image.bytes"])["image"]
        return pc.struct_field(images.take(pa.array(rows)), "bytes").to_pylist()
