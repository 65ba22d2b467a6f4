"""``frames.parquet`` and ``tracks.parquet`` of recordings, read off the bundles of their shards."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from manifests.dataset import Dataset
from manifests.identity import recording_id, render_id
from manifests.layout import PublishedFile
from manifests.recordings import (
    FRAMES_FILE,
    ORDER,
    RECORDED_FRAMES,
    TRACKS,
    TRACKS_FILE,
)
from manifests.schema import BOX, FULL_BOX
from tasks.annotate.labels import truncation, usable_full_boxes, visibility
from tasks.publish.kept_frames import kept_frames

_FRAME = ("camera", "instant", "time", "width", "height", "frame", "lit", "mask")
_PERSON = ("person_id", "person_index", *FULL_BOX, *"xyz", "yaw", "distance", "full_pixels")
_VISIBLE = ("visible_pixels", *BOX)


def read_recordings(dataset: Dataset, plans: Sequence[str]) -> dict[PublishedFile, pa.Table]:
    """By file and in order, all frames (``RECORDED_FRAMES``) and tracks (``TRACKS``) that shards of
    the kept ``plans`` (digests) recorded; their bundles are checked.

    ``CorruptData`` if a bundle is gone or damaged.
    """
    frames, tracks = [RECORDED_FRAMES.empty_table()], [TRACKS.empty_table()]
    for shard, _, table in kept_frames(dataset, plans, [*_FRAME, "people", "visible"]):
        said = {"recording": recording_id(shard), "scene": shard.scene, "light": shard.light}
        outfits = {person.index: person.outfit for person in shard.people}
        frames.append(_frames(table, said, render_id(shard)))
        tracks.append(_tracks(table, said, outfits))
    return {FRAMES_FILE: _ordered(frames), TRACKS_FILE: _ordered(tracks, "person_index")}


def _frames(table: pa.Table, said: dict[str, str | None], identity: str) -> pa.Table:
    rows = table.select(["camera", "time", "width", "height", "frame"]).to_pydict()
    for name in ("lit", "mask"):
        data = table[name].to_pylist()
        rows[f"{name}_sha256"] = [hashlib.sha256(image).digest() for image in data]
    same = {
        name: [value] * table.num_rows for name, value in {**said, "render_id": identity}.items()
    }
    rows |= {"tick": table["instant"].to_pylist(), **same}
    return pa.table({name: rows[name] for name in RECORDED_FRAMES.names}, schema=RECORDED_FRAMES)


def _tracks(table: pa.Table, said: dict[str, str | None], outfits: dict[int, int]) -> pa.Table:
    listed = table["people"].combine_chunks()
    people = pa.Table.from_struct_array(listed.flatten())
    frame = np.repeat(np.arange(table.num_rows), np.diff(listed.offsets.to_numpy()))
    around = table.select(["camera", "time", "instant", "width", "height"]).take(pa.array(frame))
    visible = pa.Table.from_struct_array(table["visible"].combine_chunks().flatten())
    columns = {name: people[name] for name in _PERSON}
    columns |= {name: visible[name] for name in _VISIBLE}
    full = np.stack([people[name].to_numpy() for name in FULL_BOX], axis=1).astype(float)
    seen = np.stack([visible[name].fill_null(0).to_numpy() for name in BOX], axis=1)
    full, usable = usable_full_boxes(full, seen)
    pixels = visible["visible_pixels"].to_numpy()
    whole = people["full_pixels"].to_numpy().astype(float)
    columns |= {
        name: pa.array(np.where(usable, full[:, k], np.nan), pa.float32(), from_pandas=True)
        for k, name in enumerate(FULL_BOX)
    }
    outside = truncation(full, around["width"].to_numpy(), around["height"].to_numpy())
    columns |= {name: pa.array([value] * len(frame)) for name, value in said.items()}
    columns |= {
        "camera": around["camera"],
        "time": around["time"],
        "tick": around["instant"],
        "outfit": pa.array([outfits[index] for index in people["person_index"].to_pylist()]),
        "visibility": visibility(pixels, whole, full, usable),
        "truncation": outside,
    }
    return pa.table({name: columns[name] for name in TRACKS.names}).cast(TRACKS)


def _ordered(tables: list[pa.Table], *more: str) -> pa.Table:
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in (*ORDER, *more)])
