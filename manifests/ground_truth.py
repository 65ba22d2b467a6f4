"""Ground truth by choice in columns: of frame bundles, and of what is published beside crops.

Pictures stay in the bundles of their shards (``render_id`` and ``frame`` find them); their digests
are published, so that the content digest covers every pixel. Forms, units and frames of the
channels: ``manifests.channels``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pyarrow as pa

from manifests.channels import FORMS, IMAGES, Channel
from manifests.content import ContentDigest
from manifests.layout import PublishedFile
from manifests.schema import FRAMES

GROUND_TRUTH_FILE: PublishedFile = "ground_truth.parquet"
PEOPLE_FILE: PublishedFile = "people3d.parquet"
TRUTH_FILES = (GROUND_TRUTH_FILE, PEOPLE_FILE)

PEOPLE_INSTANCES = "people_instances"
"""Column that says, parallel to ``people``, which number each has in ``instances``."""

BOX3D = ("x", "y", "z", "length", "width", "height", "yaw")
"""What the numbers of a box are."""

_COLUMNS: dict[Channel, pa.DataType] = {
    **{channel: pa.large_binary() for channel in IMAGES},
    # Parallel to ``people``.
    "boxes3d": pa.list_(pa.list_(pa.float32())),
    "joints3d": pa.list_(pa.list_(pa.float32())),
}


def frames_schema(channels: Sequence[Channel]) -> pa.Schema:
    """``FRAMES`` and a column of each channel, called like it."""
    fields = [pa.field(name, _COLUMNS[name], metadata={"form": FORMS[name]}) for name in channels]
    if "instances" in channels:
        fields.append(pa.field(PEOPLE_INSTANCES, pa.list_(pa.int32())))
    return pa.schema([*FRAMES, *fields])


def _field(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


def _one_of_box(name: str) -> str:
    return f"{name} of the box ({FORMS['boxes3d']}); null unless asked for"


_WHERE: dict[pa.Field, str] = {
    _field("scene", pa.string()): "scene the frame was taken in",
    _field("light", pa.string()): "its light preset",
    pa.field("recording", pa.string()): (
        "recording by whose clock the time is; null where every shard has its own"
    ),
    _field("instant", pa.int32()): "frames of several cameras at the same moment share it",
    _field("time", pa.float64()): "seconds of scene time",
    _field("render_id", pa.string()): "shard that was rendered",
}
_TRUTH_COLUMNS: dict[pa.Field, str] = _WHERE | {
    _field("camera", pa.string()): "camera; names are unique over all scenes",
    _field("width", pa.int32()): "pixels",
    _field("height", pa.int32()): "pixels",
    **{
        pa.field(f"{name}_sha256", pa.binary(32)): f"SHA-256 of its {name} ({FORMS[name]}); null "
        "unless asked for"
        for name in IMAGES
    },
    pa.field("people", pa.list_(pa.int32())): (
        "person_index of everybody in the frame; null unless instances are asked for"
    ),
    pa.field(PEOPLE_INSTANCES, pa.list_(pa.int32())): "number of each of them in instances",
    _field("frame", pa.int32()): "number of the frame in the bundle of its shard",
}
_PEOPLE_COLUMNS: dict[pa.Field, str] = _WHERE | {
    _field("person_id", pa.string()): "who it is",
    _field("person_index", pa.int32()): "number of the person in the recipe",
    **{pa.field(f"box_{name}", pa.float32()): _one_of_box(name) for name in BOX3D},
    pa.field("joints3d", pa.list_(pa.float32())): (f"{FORMS['joints3d']}; null unless asked for"),
}

GROUND_TRUTH = pa.schema(list(_TRUTH_COLUMNS))
"""One row per frame that was kept with further channels, in the order of ``ORDER``."""

GROUND_TRUTH_DESCRIPTIONS = {field.name: text for field, text in _TRUTH_COLUMNS.items()}
"""What every column of it means."""

PEOPLE3D = pa.schema(list(_PEOPLE_COLUMNS))
"""One row per person and instant at which some camera's frame has the person; in the order of
``ORDER``. What is seen by several cameras at once is there once."""

PEOPLE3D_DESCRIPTIONS = {field.name: text for field, text in _PEOPLE_COLUMNS.items()}
"""What every column of it means."""

SCHEMAS: dict[PublishedFile, pa.Schema] = {GROUND_TRUTH_FILE: GROUND_TRUTH, PEOPLE_FILE: PEOPLE3D}

ORDER: dict[PublishedFile, tuple[str, ...]] = {
    GROUND_TRUTH_FILE: ("scene", "light", "recording", "camera", "instant", "render_id", "frame"),
    PEOPLE_FILE: ("scene", "light", "recording", "instant", "render_id", "person_index"),
}


def digest_with_truth(content: str, tables: Mapping[PublishedFile, pa.Table]) -> str:
    """The content digest of a data set that has ``content`` besides and these tables of
    ``TRUTH_FILES``, in whichever shards they are."""
    parts = [content]
    for name in TRUTH_FILES:
        if name in tables:
            columns = SCHEMAS[name].names
            rows = ContentDigest([column for column in columns if column != "render_id"])
            rows.update(tables[name].select(columns))
            parts.append(f"{name} {rows.hexdigest()}")
    if len(parts) == 1:
        return content
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=32).hexdigest()
