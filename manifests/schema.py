"""Arrow schemas of everything that is stored: frame bundles, crop shards, published parts.

Additive only: a column is never renamed, retyped or removed; new ones are nullable and raise
``SCHEMA_VERSION``. Boxes are ``x0, y0, x1, y1``, half-open, pixels, origin top left. World
coordinates are Unreal's: left-handed, centimetres, degrees (pitch, yaw, roll). Time is
seconds of scene time.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 5
"""2: lens distortion of cameras, ``dedupe_id``, and tracklets beside the manifest. 3: a part has
rows of one role (``manifests.part_rows``). 4: calibrations of cameras, in frames and beside the
manifest; recordings. 5: ``activity``."""

KEYPOINT_NAMES = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
"""COCO's keypoints in COCO's order: the order of joints in crop tables."""


def _field(name: str, kind: pa.DataType) -> pa.Field:
    """A column that is never null."""
    return pa.field(name, kind, nullable=False)


FULL_BOX, BOX, CROP_BOX = (
    tuple(f"{box}_{corner}" for corner in ("x0", "y0", "x1", "y1"))
    for box in ("full", "box", "crop")
)
"""Columns of the three boxes of a person in a frame: of the unoccluded body, of what is visible of
it, and of what was cut out."""

FRAME_PERSON = pa.struct(
    [
        _field("person_index", pa.int32()),
        _field("person_id", pa.string()),
        # The mask colour of this person in this frame, 0xRRGGBB.
        _field("colour", pa.uint32()),
        *(_field(name, pa.float32()) for name in ("x", "y", "z", "yaw")),
        _field("animation", pa.string()),
        _field("phase", pa.float32()),
        _field("distance", pa.float32()),
        # Full, unoccluded silhouette; may lie outside the frame. Exact when the engine
        # measured it, else projected from the body's size and pose (``exact`` says which).
        *(_field(name, pa.float32()) for name in FULL_BOX),
        pa.field("full_pixels", pa.int32()),
        # Flat [x, y, depth] * joints, pixels and cm; joint names in the file metadata.
        pa.field("joints", pa.list_(pa.float32())),
        _field("exact", pa.bool_()),
    ]
)

FRAME_VISIBLE = pa.struct(
    [
        _field("visible_pixels", pa.int32()),
        *(pa.field(name, pa.int32()) for name in BOX),
    ]
)
"""What a mask shows of somebody, and the tight box around it; no box of nothing."""

CALIBRATION = pa.struct(
    [
        pa.field("K", pa.list_(pa.float64(), 9)),
        pa.field("R", pa.list_(pa.float64(), 9)),
        pa.field("t", pa.list_(pa.float64(), 3)),
        pa.field("distortion", pa.list_(pa.float64(), 5)),
    ]
)
"""A camera in OpenCV's convention, ready for ``cv2.projectPoints``: K in pixels whose integers are
pixels' centres; R and t from the world to the camera, cm, matrices row by row; k1, k2, p1, p2, k3.
Points of the world have their y turned round (``x, -y, z``), since Unreal's is left-handed."""

FRAMES = pa.schema(
    [
        _field("frame", pa.int32()),
        # Frames of several cameras captured at the same paused moment share ``instant``.
        _field("instant", pa.int32()),
        # The engine's digest of all that stood in the level while lit, mask and labels were drawn:
        # frames with the same one show one instant. Null where engines have none, and before
        # version 5.
        pa.field("moment", pa.string()),
        _field("time", pa.float64()),
        _field("camera", pa.string()),
        _field("light", pa.string()),
        _field("width", pa.int32()),
        _field("height", pa.int32()),
        _field("fov", pa.float32()),
        _field("camera_location", pa.list_(pa.float32(), 3)),
        _field("camera_rotation", pa.list_(pa.float32(), 3)),
        # Radial distortion of the lens, OpenCV's k1 and k2; null (version 1): none.
        pa.field("camera_distortion", pa.list_(pa.float64(), 2)),
        # All of the above in OpenCV's convention; null before version 4.
        pa.field("calibration", CALIBRATION),
        _field("lit", pa.large_binary()),
        _field("lit_format", pa.string()),
        _field("mask", pa.large_binary()),
        _field("people", pa.list_(FRAME_PERSON)),
        # What is visible of each of ``people``; null but in recordings.
        pa.field("visible", pa.list_(FRAME_VISIBLE)),
    ]
)

_BOX = "box in the frame, pixels, half-open, origin top left"
_CROP_COLUMNS: dict[pa.Field, str] = {
    # Identity of the crop.
    _field("crop_key", pa.string()): "identity of the crop (shard, frame and person)",
    _field("person_id", pa.string()): "who it is; the same person everywhere in this data set",
    _field("person_index", pa.int32()): "number of the person in the recipe",
    _field("scene", pa.string()): "scene the frame was taken in",
    _field("camera", pa.string()): "camera that took the frame; names are unique over all scenes",
    _field("light", pa.string()): "light preset of the scene",
    _field("render_id", pa.string()): "identity of the shard's pixels",
    _field("frame", pa.int32()): "number of the frame in its shard",
    _field("instant", pa.int32()): "frames of several cameras at the same moment share it",
    _field("time", pa.float64()): "seconds of scene time",
    pa.field("recording", pa.string()): (
        "recording by whose clock the time is; null where every shard has its own"
    ),
    # Geometry in the frame.
    _field("frame_width", pa.int32()): "width of the whole frame, pixels",
    _field("frame_height", pa.int32()): "height of the whole frame, pixels",
    **{
        _field(name, pa.int16()): f"{name[-2:]} of the {kind} {_BOX}"
        for kind, box in (("tight", BOX), ("cropped", CROP_BOX))
        for name in box
    },
    _field("visible_pixels", pa.int32()): "pixels of the person that are visible in the frame",
    pa.field("full_pixels", pa.int32()): (
        "pixels the person would have if nothing hid it; null if not measured"
    ),
    _field("fill", pa.float32()): "visible pixels / area of the tight box",
    _field("visibility", pa.float32()): "visible share of the body",
    _field("visibility_exact", pa.bool_()): (
        "whether the visibility was measured by the engine or estimated"
    ),
    _field("truncation", pa.float32()): "share of the full box that lies outside the frame",
    _field("occluders", pa.list_(pa.string())): "person_ids of those who hide it, largest first",
    _field("distance", pa.float32()): "camera to the body's root, centimetres",
    _field("viewpoint", pa.float32()): (
        "azimuth of the camera seen from the body: 0 front, 90 its right, degrees"
    ),
    _field("viewpoint_class", pa.string()): "the azimuth as one of eight directions",
    pa.field("activity", pa.list_(pa.string())): (
        "what the person does: walk, stand or run, then the rest; null of people who only walk "
        "and stand"
    ),
    pa.field("joints", pa.list_(pa.float32())): (
        "x, y, visible of every joint, frame pixels; null unless asked for"
    ),
    pa.field("mask_rle", pa.binary()): (
        "visible mask in the frame, COCO compressed run lengths; null unless asked for"
    ),
    # Looks, from the person's spec.
    _field("gender", pa.string()): "body type",
    _field("age", pa.float32()): "years",
    _field("stature", pa.float32()): "height of the body, centimetres",
    _field("garments", pa.list_(pa.string())): "what the person wears",
    _field("garment_colours", pa.list_(pa.uint32())): (
        "main colours, 0xRRGGBB, in the order of the garments"
    ),
    _field("accessories", pa.list_(pa.string())): "what the person carries or wears besides",
    _field("outfit", pa.int16()): "number of the person's outfit",
    pa.field("look_alike_group", pa.string()): (
        "group of people who look almost the same; null if none"
    ),
    _field("dark_clothing", pa.bool_()): "whether all clothes are dark",
    # Quality.
    _field("luminance", pa.float32()): "mean of the crop, 0 to 255",
    _field("sharpness", pa.float32()): "variance of the Laplacian of the crop",
    _field("width", pa.int16()): "width of the stored image, pixels",
    _field("height", pa.int16()): "height of the stored image, pixels",
    _field("crop_digest", pa.binary(32)): "SHA-256 of the image's bytes",
    pa.field("dedupe_id", pa.int64()): (
        "shared by near-duplicates (person, camera, place and pose): keep one of each"
    ),
}

CROPS = pa.schema([*_CROP_COLUMNS, _field("jpeg", pa.large_binary())])
"""One row per accepted crop of a shard."""

REFUSALS = pa.schema(
    [
        _field("frame", pa.int32()),
        _field("person_index", pa.int32()),
        _field("camera", pa.string()),
        _field("reason", pa.string()),
    ]
)

_PUBLISH_COLUMNS = {
    _field("split", pa.string()): "train or test",
    _field("role", pa.string()): "train; in the test split query, gallery, junk or distractor",
}

SPLITS = ("train", "test")
ROLES = ("train", "query", "gallery", "junk", "distractor")

MANIFEST = pa.schema([*_CROP_COLUMNS, *_PUBLISH_COLUMNS])
"""Published rows without image bytes."""

PUBLISHED = pa.schema(
    [
        pa.field(
            # Nullable and `binary` because readers compare with exactly this type.
            "image",
            pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]),
        ),
        *_CROP_COLUMNS,
        *_PUBLISH_COLUMNS,
    ]
)
"""Published parts: Hugging Face's image-in-Parquet convention plus every label."""

DESCRIPTIONS = {f.name: text for f, text in (_CROP_COLUMNS | _PUBLISH_COLUMNS).items()}
"""What every column of the manifest means, in words; cards and Croissant files quote it."""

_OF_ALL_ITS_CROPS = ("person_id", "person_index", "scene", "camera", "light")
_TRACKLET_COLUMNS = {
    _field("tracklet", pa.string()): "identity of the tracklet (shard, camera, person and number)",
    **{field: text for field, text in _CROP_COLUMNS.items() if field.name in _OF_ALL_ITS_CROPS},
    _field("start", pa.float64()): "time of the first crop, seconds",
    _field("end", pa.float64()): "time of the last crop, seconds",
    _field("frames", pa.list_(pa.int32())): "frame numbers of its crops, in order of time",
    _field("times", pa.list_(pa.float64())): "times of its crops, seconds",
    _field("crop_keys", pa.list_(pa.string())): "its crops, in order of time",
    _field("longest_gap", pa.float64()): "longest time from one of its crops to the next, seconds",
    pa.field("split", pa.string()): DESCRIPTIONS["split"],
}

TRACKLETS = pa.schema(list(_TRACKLET_COLUMNS))
"""One row per tracklet: crops of one person in one camera without a long gap in time.

Stored beside the manifest since schema version 2, in order of person, camera, shard and time.
"""

TRACKLET_DESCRIPTIONS = {field.name: text for field, text in _TRACKLET_COLUMNS.items()}
"""What every column of tracklets means."""


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """``table`` of this or an older version as ``schema``: missing columns become null.

    Columns that ``schema`` does not have are left out. ``pa.ArrowInvalid`` if a column that
    may not be null is missing or a type does not fit.
    """
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(schema)
