"""Arrow schemas of everything that is stored: frame bundles, crop shards, published parts.

Additive only: a column is never renamed, retyped or removed; new ones are nullable and raise
``SCHEMA_VERSION``. Boxes are ``x0, y0, x1, y1``, half-open, pixels, origin top left. World
coordinates are Unreal's: left-handed, centimetres, degrees (pitch, yaw, roll). Time is
seconds of scene time.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 2
"""2: lens distortion of cameras, ``dedupe_id``, and tracklets beside the manifest."""

KEYPOINT_NAMES = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""COCO's keypoints in COCO's order: the order of joints in crop tables."""

FULL_BOX, BOX, CROP_BOX = (
    tuple(f"{box}_{corner}" for corner in ("x0", "y0", "x1", "y1"))
    for box in ("full", "box", "crop")
)
"""Columns of the three boxes of a person in a frame: of the unoccluded body, of what is visible of
it, and of what was cut out."""

FRAME_PERSON = pa.struct(
    [
        pa.field("person_index", pa.int32(), nullable=False),
        pa.field("person_id", pa.string(), nullable=False),
        # The mask colour of this person in this frame, 0xRRGGBB.
        pa.field("colour", pa.uint32(), nullable=False),
        pa.field("x", pa.float32(), nullable=False),
        pa.field("y", pa.float32(), nullable=False),
        pa.field("z", pa.float32(), nullable=False),
        pa.field("yaw", pa.float32(), nullable=False),
        pa.field("animation", pa.string(), nullable=False),
        pa.field("phase", pa.float32(), nullable=False),
        pa.field("distance", pa.float32(), nullable=False),
        # Full, unoccluded silhouette; may lie outside the frame. Exact when the engine
        # measured it, else projected from the body's size and pose (``exact`` says which).
        *(pa.field(name, pa.float32(), nullable=False) for name in FULL_BOX),
        pa.field("full_pixels", pa.int32()),
        # Flat [x, y, depth] * joints, pixels and cm; joint names in the file metadata.
        pa.field("joints", pa.list_(pa.float32())),
        pa.field("exact", pa.bool_(), nullable=False),
    ]
)

FRAMES = pa.schema(
    [
        pa.field("frame", pa.int32(), nullable=False),
        # Frames of several cameras captured at the same paused moment share ``instant``.
        pa.field("instant", pa.int32(), nullable=False),
        pa.field("time", pa.float64(), nullable=False),
        pa.field("camera", pa.string(), nullable=False),
        pa.field("light", pa.string(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("fov", pa.float32(), nullable=False),
        pa.field("camera_location", pa.list_(pa.float32(), 3), nullable=False),
        pa.field("camera_rotation", pa.list_(pa.float32(), 3), nullable=False),
        # Radial distortion of the lens, OpenCV's k1 and k2; null (version 1): none.
        pa.field("camera_distortion", pa.list_(pa.float64(), 2)),
        pa.field("lit", pa.large_binary(), nullable=False),
        pa.field("lit_format", pa.string(), nullable=False),
        pa.field("mask", pa.large_binary(), nullable=False),
        pa.field("people", pa.list_(FRAME_PERSON), nullable=False),
    ]
)

_CROP_FIELDS = [
    # Identity of the crop.
    pa.field("crop_key", pa.string(), nullable=False),  # render_id/frame/person_index
    pa.field("person_id", pa.string(), nullable=False),
    pa.field("person_index", pa.int32(), nullable=False),
    pa.field("scene", pa.string(), nullable=False),
    pa.field("camera", pa.string(), nullable=False),
    pa.field("light", pa.string(), nullable=False),
    pa.field("render_id", pa.string(), nullable=False),
    pa.field("frame", pa.int32(), nullable=False),
    pa.field("instant", pa.int32(), nullable=False),
    pa.field("time", pa.float64(), nullable=False),
    # Geometry in the frame.
    pa.field("frame_width", pa.int32(), nullable=False),
    pa.field("frame_height", pa.int32(), nullable=False),
    *(pa.field(name, pa.int16(), nullable=False) for name in (*BOX, *CROP_BOX)),
    pa.field("visible_pixels", pa.int32(), nullable=False),
    pa.field("full_pixels", pa.int32()),
    pa.field("fill", pa.float32(), nullable=False),  # visible pixels / area of the tight box
    pa.field("visibility", pa.float32(), nullable=False),
    pa.field("visibility_exact", pa.bool_(), nullable=False),
    pa.field("truncation", pa.float32(), nullable=False),  # share of the full box off-frame
    pa.field("occluders", pa.list_(pa.string()), nullable=False),  # person_ids, largest first
    pa.field("distance", pa.float32(), nullable=False),  # cm, camera to the body's root
    # Azimuth of the camera seen from the body: 0 front, 90 its right side, degrees [0, 360).
    pa.field("viewpoint", pa.float32(), nullable=False),
    pa.field("viewpoint_class", pa.string(), nullable=False),  # front, front-right, right, ...
    pa.field("joints", pa.list_(pa.float32())),  # flat [x, y, visible] * joints, frame pixels
    pa.field("mask_rle", pa.binary()),  # COCO compressed RLE of the visible mask, full frame
    # Looks, from the person's spec.
    pa.field("gender", pa.string(), nullable=False),
    pa.field("age", pa.float32(), nullable=False),
    pa.field("stature", pa.float32(), nullable=False),  # cm
    pa.field("garments", pa.list_(pa.string()), nullable=False),
    pa.field("garment_colours", pa.list_(pa.uint32()), nullable=False),  # 0xRRGGBB, same order
    pa.field("accessories", pa.list_(pa.string()), nullable=False),
    pa.field("outfit", pa.int16(), nullable=False),
    pa.field("look_alike_group", pa.string()),
    pa.field("dark_clothing", pa.bool_(), nullable=False),
    # Quality.
    pa.field("luminance", pa.float32(), nullable=False),  # mean of the crop, 0..255
    pa.field("sharpness", pa.float32(), nullable=False),  # variance of the Laplacian
    pa.field("width", pa.int16(), nullable=False),  # of the stored crop
    pa.field("height", pa.int16(), nullable=False),
    pa.field("crop_digest", pa.binary(32), nullable=False),  # sha256 of the JPEG bytes
    # Near-duplicates share it: the same person in the same place and pose before one camera.
    pa.field("dedupe_id", pa.int64()),
]

CROPS = pa.schema([*_CROP_FIELDS, pa.field("jpeg", pa.large_binary(), nullable=False)])
"""One row per accepted crop of a shard."""

REFUSALS = pa.schema(
    [
        pa.field("frame", pa.int32(), nullable=False),
        pa.field("person_index", pa.int32(), nullable=False),
        pa.field("camera", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)

_PUBLISH_FIELDS = [
    pa.field("split", pa.string(), nullable=False),  # train, test
    pa.field("role", pa.string(), nullable=False),  # train, query, gallery, junk, distractor
]

MANIFEST = pa.schema([*_CROP_FIELDS, *_PUBLISH_FIELDS])
"""Published rows without image bytes."""

PUBLISHED = pa.schema(
    [
        pa.field(
            # Nullable and `binary` because readers compare with exactly this type.
            "image",
            pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]),
        ),
        *_CROP_FIELDS,
        *_PUBLISH_FIELDS,
    ]
)
"""Published parts: Hugging Face's image-in-Parquet convention plus every label."""

TRACKLETS = pa.schema(
    [
        pa.field("tracklet", pa.string(), nullable=False),  # render_id/camera/person/number
        pa.field("person_id", pa.string(), nullable=False),
        pa.field("person_index", pa.int32(), nullable=False),
        pa.field("scene", pa.string(), nullable=False),
        pa.field("camera", pa.string(), nullable=False),
        pa.field("light", pa.string(), nullable=False),
        pa.field("start", pa.float64(), nullable=False),  # of the first crop
        pa.field("end", pa.float64(), nullable=False),  # of the last crop
        pa.field("frames", pa.list_(pa.int32()), nullable=False),  # in order of time
        pa.field("times", pa.list_(pa.float64()), nullable=False),  # same order
        pa.field("crop_keys", pa.list_(pa.string()), nullable=False),  # same order
        pa.field("longest_gap", pa.float64(), nullable=False),  # between two of its crops
        pa.field("split", pa.string()),  # train, test; null before publishing
    ]
)
"""One row per tracklet: crops of one person in one camera without a long gap in time.

Stored beside the manifest since schema version 2, in order of person, camera, shard and time.
"""


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """``table`` of this or an older version as ``schema``: missing columns become null.

    Columns that ``schema`` does not have are left out. ``pa.ArrowInvalid`` if a column that
    may not be null is missing or a type does not fit.
    """
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(schema)
