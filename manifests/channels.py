"""Ground truth by choice: which channels there are beside masks, who has them, and in what form.

Names and words only; columns are in ``manifests.ground_truth``, bytes are made and read by
``synth_workers.channels``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator

Channel = Literal["depth", "normals", "semantics", "instances", "flow", "boxes3d", "joints3d"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

IMAGES: tuple[Channel, ...] = ("depth", "normals", "semantics", "instances", "flow")
"""Those that are pictures, of the size of the frame, one pixel for each of its pixels."""

OF_GAMES: tuple[Channel, ...] = ("depth", "normals")
"""Those for which UnrealCV has commands of its own, so that games deliver them too."""

CLASSES = (
    "sky", "person", "ground", "building", "ceiling", "vegetation", "vehicle", "furniture", "shelf",
    "sign", "light", "barrier", "machine", "water", "object",
)  # fmt: skip
"""What a pixel of ``semantics`` shows; its value is the position here. Rows are only ever added."""

FIRST_PIECE = 256
"""Number of a scene's first piece in ``instances``."""

FORMS: dict[Channel, str] = {
    "depth": "PNG, 16 bits: planar depth (z of OpenCV's camera frame), millimetres; 0 where there "
    "is no surface (sky), 65535 at 65.535 m and beyond",
    "normals": "PNG, 8-bit red green blue: unit normal n of the surface in Unreal's world "
    "(left-handed: x, y, z), as n * 127.5 + 127.5; black where there is no surface",
    "semantics": "PNG, 8-bit palette: the class of what is seen, a position in CLASSES",
    "instances": "PNG, 16 bits: 0 sky, 1 to 255 people (`people_instances` of the frame), from 256 "
    "on the pieces of the scene; `scenery` in the file's metadata says what each is",
    "flow": "PNG, 16 bits, red green blue, as KITTI has it: how many pixels to the right, (red - "
    "32768) / 64, and down, (green - 32768) / 64, the surface is seen at the next tick; "
    "blue is 1, or 0 where that is unknown: who leaves, passes the camera or moves by 512 and more",
    "boxes3d": "of each of the people: centre x, y, z, then length (the way they face), width and "
    "height, centimetres, then yaw, degrees, from x towards y; the smallest upright box that faces "
    "as they do and holds body, clothes and what is carried. World as in calibrations: x, -y, z of "
    "Unreal's",
    "joints3d": "of each of the people: x, y, z of every joint, centimetres, in the same world; "
    "names are in the file's metadata",
}
"""Encoding, unit and frame of each."""


def in_order(channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels in the order of ``CHANNELS``, so that the same wish is the same request;
    ``ValueError`` for one that is named twice."""
    twice = sorted({name for name in channels if channels.count(name) > 1})
    if twice:
        raise ValueError(f"{twice[0]} is named twice; name each channel once")
    return tuple(name for name in CHANNELS if name in channels)


Channels = Annotated[tuple[Channel, ...], AfterValidator(in_order)]
"""Several of them, each once, in the order of ``CHANNELS``."""
