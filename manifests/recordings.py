"""What is published of recordings beside crops: which frames there are, and everybody's tracks.

Both are Parquet files of a snapshot; beside them may lie a video of every camera. The frames
themselves stay in the bundles of their shards (``render_id`` and ``frame`` find them); their
digests are here, so that the content digest covers every pixel. Units: those of
``manifests.schema``.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pyarrow as pa

from manifests.content import ContentDigest
from manifests.layout import PublishedFile
from manifests.schema import BOX, FULL_BOX, conform

FRAMES_FILE: PublishedFile = "frames.parquet"
TRACKS_FILE: PublishedFile = "tracks.parquet"


def _field(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_WHERE_AND_WHEN: dict[pa.Field, str] = {
    _field("recording", pa.string()): "one run of one clock, in one place and light",
    _field("scene", pa.string()): "scene that is recorded",
    _field("light", pa.string()): "its light preset",
    _field("camera", pa.string()): "camera; names are unique over all scenes",
    _field("tick", pa.int32()): "instant of the recording's clock; all cameras share it",
    _field("time", pa.float64()): "seconds since the first tick",
}
_FRAME_COLUMNS = _WHERE_AND_WHEN | {
    _field("width", pa.int32()): "pixels",
    _field("height", pa.int32()): "pixels",
    _field("lit_sha256", pa.binary(32)): "SHA-256 of the picture's bytes",
    _field("mask_sha256", pa.binary(32)): "SHA-256 of the mask's bytes",
    _field("render_id", pa.string()): "shard in whose bundle the frame is",
    _field("frame", pa.int32()): "number of the frame there",
}
_TRACK_COLUMNS = _WHERE_AND_WHEN | {
    _field("person_id", pa.string()): "who it is, the same in all cameras and recordings",
    _field("person_index", pa.int32()): "number of the person in the recipe",
    _field("outfit", pa.int16()): "number of the person's outfit",
    **{
        pa.field(name, pa.int32()): f"{name[-2:]} of the box around what is visible, pixels, "
        "half-open; null if nothing is"
        for name in BOX
    },
    **{
        pa.field(name, pa.float32()): f"{name[-2:]} of the box of the whole body, pixels; may lie "
        "outside the frame; null if unknown"
        for name in FULL_BOX
    },
    **{
        _field(name, pa.float32()): f"{name} of the body's root in the world, centimetres"
        for name in "xyz"
    },
    _field("yaw", pa.float32()): "where the body faces, degrees",
    _field("distance", pa.float32()): "camera to the body's root, centimetres",
    _field("visible_pixels", pa.int32()): "pixels of the person that are visible",
    pa.field("full_pixels", pa.int32()): "pixels if nothing hid it; null if not measured",
    _field("visibility", pa.float32()): "visible share of the body; 0 where it is hidden",
    _field("truncation", pa.float32()): "share of the full box that lies outside the frame",
}

RECORDED_FRAMES = pa.schema(list(_FRAME_COLUMNS))
"""One row per frame, ordered by scene, light, recording, camera and tick."""

TRACKS = pa.schema(list(_TRACK_COLUMNS))
"""One row per person, camera and tick, of everybody whose full box meets the frame; in the order
of ``RECORDED_FRAMES``, then by person."""

FRAME_DESCRIPTIONS = {field.name: text for field, text in _FRAME_COLUMNS.items()}
"""What every column of frames means."""

TRACK_DESCRIPTIONS = {field.name: text for field, text in _TRACK_COLUMNS.items()}
"""What every column of tracks means."""

ORDER = ("scene", "light", "recording", "camera", "tick")


class Take(NamedTuple):
    """What one camera saw of one recording."""

    scene: str
    light: str
    recording: str
    camera: str


def takes(frames: pa.Table) -> list[Take]:
    """Those that ``frames`` (``RECORDED_FRAMES``) are of, each once, in order."""
    found = frames.group_by(list(Take._fields)).aggregate([])
    return sorted(Take(*row) for row in zip(*(found[name].to_pylist() for name in Take._fields)))


def recorded_digest(rows: str, frames: pa.Table, tracks: pa.Table) -> str:
    """The content digest of a data set with recordings: of its crops (``rows``), of its frames but
    not of how they are divided into shards, and of its tracks."""
    parts = [rows]
    for schema, table in ((RECORDED_FRAMES, frames), (TRACKS, tracks)):
        content = ContentDigest([name for name in schema.names if name != "render_id"])
        content.update(conform(table, schema))  # columns that are newer than a file add nothing
        parts.append(content.hexdigest())
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=32).hexdigest()
