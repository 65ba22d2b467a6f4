"""What every published column means, in words; cards and Croissant files quote it."""

from __future__ import annotations

from manifests.schema import BOX, CROP_BOX

_BOX = "of the {} box in the frame, pixels, half-open, origin top left"

DESCRIPTIONS: dict[str, str] = {
    "crop_key": "identity of the crop (shard, frame and person)",
    "person_id": "who it is; the same person everywhere in this data set",
    "person_index": "number of the person in the recipe",
    "scene": "scene the frame was taken in",
    "camera": "camera that took the frame; names are unique over all scenes",
    "light": "light preset of the scene",
    "render_id": "identity of the shard's pixels",
    "frame": "number of the frame in its shard",
    "instant": "frames of several cameras at the same moment share it",
    "time": "seconds of scene time",
    "frame_width": "width of the whole frame, pixels",
    "frame_height": "height of the whole frame, pixels",
    **{name: f"{name[-2:]} {_BOX.format('tight')}" for name in BOX},
    **{name: f"{name[-2:]} {_BOX.format('cropped')}" for name in CROP_BOX},
    "visible_pixels": "pixels of the person that are visible in the frame",
    "full_pixels": "pixels the person would have if nothing hid it; null if not measured",
    "fill": "visible pixels / area of the tight box",
    "visibility": "visible share of the body",
    "visibility_exact": "whether the visibility was measured by the engine or estimated",
    "truncation": "share of the full box that lies outside the frame",
    "occluders": "person_ids of those who hide it, largest first",
    "distance": "camera to the body's root, centimetres",
    "viewpoint": "azimuth of the camera seen from the body: 0 front, 90 its right, degrees",
    "viewpoint_class": "the azimuth as one of eight directions",
    "joints": "x, y, visible of every joint, frame pixels; null unless asked for",
    "mask_rle": "visible mask in the frame, COCO compressed run lengths; null unless asked for",
    "gender": "body type",
    "age": "years",
    "stature": "height of the body, centimetres",
    "garments": "what the person wears",
    "garment_colours": "main colours, 0xRRGGBB, in the order of the garments",
    "accessories": "what the person carries or wears besides",
    "outfit": "number of the person's outfit",
    "look_alike_group": "group of people who look almost the same; null if none",
    "dark_clothing": "whether all clothes are dark",
    "luminance": "mean of the crop, 0 to 255",
    "sharpness": "variance of the Laplacian of the crop",
    "width": "width of the stored image, pixels",
    "height": "height of the stored image, pixels",
    "crop_digest": "SHA-256 of the image's bytes",
    "dedupe_id": "shared by near-duplicates (person, camera, place and pose): keep one of each",
    "split": "train or test",
    "role": "train; in the test split query, gallery, junk or distractor",
}

TRACKLET_DESCRIPTIONS: dict[str, str] = {
    "tracklet": "identity of the tracklet (shard, camera, person and number)",
    **{
        name: DESCRIPTIONS[name]
        for name in ("person_id", "person_index", "scene", "camera", "light")
    },
    "start": "time of the first crop, seconds",
    "end": "time of the last crop, seconds",
    "frames": "frame numbers of its crops, in order of time",
    "times": "times of its crops, seconds",
    "crop_keys": "its crops, in order of time",
    "longest_gap": "longest time from one of its crops to the next, seconds",
    "split": DESCRIPTIONS["split"],
}
"""The same for the columns of ``tracklets.parquet``."""
