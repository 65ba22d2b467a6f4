"""What is published of frames that are kept: recordings with tracks, and further ground truth.

All of it is data, which enters the content digest.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.channels import IMAGES, Channel
from manifests.dataset import Dataset
from manifests.ground_truth import GROUND_TRUTH_FILE, TRUTH_FILES, digest_with_truth
from manifests.layout import PublishedFile
from manifests.parquet import reading_parquet
from manifests.recipe import Recipe
from manifests.recordings import FRAMES_FILE, TRACKS_FILE, recorded_digest
from manifests.snapshots import Snapshot
from tasks.publish.ground_truth import read_ground_truth
from tasks.publish.recordings import read_recordings

FRAME_FILES: tuple[PublishedFile, ...] = (FRAMES_FILE, TRACKS_FILE, *TRUTH_FILES)


@dataclass(frozen=True)
class FrameTables:
    """By file: of a recipe with `video` frames and tracks, of one with `ground_truth` those of
    ``TRUTH_FILES`` that it needs."""

    tables: dict[PublishedFile, pa.Table]

    def files(self) -> dict[PublishedFile, bytes]:
        """By name, as they are published."""
        return {name: _as_parquet(table) for name, table in self.tables.items()}

    def content_digest(self, rows: str) -> str:
        """Of a data set whose crops have the digest ``rows``."""
        content = rows
        if {FRAMES_FILE, TRACKS_FILE} <= self.tables.keys():
            content = recorded_digest(rows, self.tables[FRAMES_FILE], self.tables[TRACKS_FILE])
        return digest_with_truth(content, self.tables)


def read_frame_tables(dataset: Dataset, recipe: Recipe, plans: Sequence[str]) -> FrameTables:
    """Of the shards of the kept ``plans`` (digests); their bundles are checked.

    ``CorruptData`` if one is gone or damaged.
    """
    tables = read_recordings(dataset, plans) if recipe.video is not None else {}
    if recipe.ground_truth:
        tables |= read_ground_truth(dataset, recipe.ground_truth, plans)
    return FrameTables(tables)


def published_frame_tables(dataset: Dataset, snapshot: Snapshot) -> FrameTables:
    """Those of a snapshot, as its files say."""
    tables: dict[PublishedFile, pa.Table] = {}
    for name in FRAME_FILES:
        key = dataset.published_key(snapshot.publish_id, name)
        if any(info.key == key for info in snapshot.files):
            with reading_parquet(dataset.where(key)):
                tables[name] = dataset.store.open_parquet(key).read()
    return FrameTables(tables)


def changed_frames(dataset: Dataset, snapshot: Snapshot) -> dict[str, int]:
    """Of how many published frames the shards have other pictures now, or none, by the key of the
    table that lists them; empty if of none. Shards that are rendered again elsewhere may come out
    so.

    ``CorruptData`` if a bundle is gone or damaged.
    """
    tables, plans = published_frame_tables(dataset, snapshot).tables, snapshot.lineage["plans"]
    now: dict[PublishedFile, pa.Table] = {}
    if FRAMES_FILE in tables:
        now |= read_recordings(dataset, plans)
    if (listed := tables.get(GROUND_TRUTH_FILE)) is not None:
        digests = {name: listed[f"{name}_sha256"] for name in IMAGES}
        kept: list[Channel] = [n for n in IMAGES if digests[n].null_count < len(listed)]
        now |= read_ground_truth(dataset, kept, plans)
    changed = {
        dataset.published_key(snapshot.publish_id, name): len(
            _pictures(tables[name]) - _pictures(now[name])
        )
        for name in (FRAMES_FILE, GROUND_TRUTH_FILE)
        if name in now
    }
    return {key: count for key, count in changed.items() if count}


def _pictures(frames: pa.Table) -> set[tuple[object, ...]]:
    digests = [name for name in frames.column_names if name.endswith("_sha256")]
    return set(zip(*(frames[name].to_pylist() for name in ("render_id", "frame", *digests))))


def _as_parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()
