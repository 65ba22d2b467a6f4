"""Channels of ground truth as bytes: from what engines send to what bundles store, and back.

The forms are those of ``manifests.channels``. Whatever is wrong with what an engine sent is an
error of the frame (``FrameRefused``). Pure.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image

from manifests.channels import CLASSES, FIRST_PIECE, Channel
from manifests.errors import FrameRefused
from manifests.reasons import Refusal

Size = tuple[int, int]

SKY_CM = 65504.0
"""From this depth on there is no surface: the largest half float, which Unreal sends for it."""

CLASS_COLOURS = np.array(
    [
        (90, 150, 220), (220, 30, 60), (130, 110, 130), (90, 90, 90), (200, 190, 170),
        (80, 150, 50), (20, 40, 160), (190, 130, 70), (150, 60, 150), (240, 220, 0),
        (255, 250, 200), (240, 140, 130), (0, 160, 160), (50, 210, 230), (120, 200, 130),
    ],
    np.uint8,
)  # fmt: skip
"""(k, 3) how classes look in palettes, in the order of ``CLASSES``; values are what counts."""

_BEYOND = 65535
_FARTHEST = 511.9  # pixels of flow that 16 bits hold
_COMPRESSION = [cv2.IMWRITE_PNG_COMPRESSION, 3]


def stored_channels(sent: Mapping[Channel, bytes], size: Size) -> dict[Channel, bytes]:
    """What is stored of the replies to each channel's command, for frames of ``size``; instances
    need the people of the mask (``with_people``)."""
    return {name: _STORED[name](data, size) for name, data in sent.items() if name in _STORED}


def encode_depth(depth_cm: np.ndarray) -> bytes:
    """(h, w) planar depth, cm, as stored."""
    known = np.isfinite(depth_cm) & (depth_cm < SKY_CM)
    millimetres = np.rint(np.where(known, depth_cm, 0.0) * 10.0).clip(1, _BEYOND)
    return _png(np.where(known, millimetres, 0).astype(np.uint16))


def decode_depth(data: bytes) -> np.ndarray:
    """(h, w) float32 planar depth, cm; NaN where there is no surface, infinite beyond 65.535 m."""
    millimetres = _pixels(data)
    depth = millimetres.astype(np.float32) / 10
    depth[millimetres == 0] = np.nan
    depth[millimetres == _BEYOND] = np.inf
    return depth


def decode_labels(data: bytes) -> np.ndarray:
    """(h, w) numbers of a picture of classes, uint8, or of instances, uint16."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            palette = image.mode == "P"
            return np.asarray(image).astype(np.uint8 if palette else np.uint16)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"no picture of labels ({error})") from None


def with_people(instances: bytes, people: np.ndarray) -> bytes:
    """``instances`` as an engine sent them, with the people of the frame's own mask: (h, w), 0
    nobody, i + 1 person i. Who is seen elsewhere is of another moment: ``FrameRefused``."""
    found = _array("instances", instances, "u")
    _expect_size("instances", found, people.shape[::-1])
    if (((found > 0) & (found < FIRST_PIECE)) != (people > 0)).any():
        raise FrameRefused(
            "people in the channel instances are elsewhere than in the mask",
            reason=Refusal.out_of_step,
        )
    return _png(np.where(people > 0, people, found).astype(np.uint16))


def decode_normals(data: bytes) -> np.ndarray:
    """(h, w, 3) float32 unit normals x, y, z in Unreal's world; NaN where there is no surface."""
    stored = cv2.cvtColor(_pixels(data), cv2.COLOR_BGR2RGB)
    normals = stored.astype(np.float32) / 127.5 - 1
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    normals[~stored.any(axis=2)] = np.nan
    return normals


def encode_flow(flow: np.ndarray) -> bytes:
    """(h, w, 2) pixels to the right and down, NaN where unknown, as stored."""
    known = np.all(np.abs(flow) < _FARTHEST, axis=2)
    steps = np.rint(np.where(known[..., None], flow, 0.0) * 64 + 32768)
    return _png(np.dstack([known, steps[..., 1], steps[..., 0]]).astype(np.uint16))


def decode_flow(data: bytes) -> np.ndarray:
    """(h, w, 2) float32 pixels to the right and down; NaN where unknown."""
    stored = _pixels(data)
    flow = (stored[..., :0:-1].astype(np.float32) - 32768) / 64
    flow[stored[..., 0] == 0] = np.nan
    return flow


def _stored_flow(data: bytes, size: Size) -> bytes:
    try:
        flow = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise _unusable("flow", f"cannot be decoded ({error})") from None
    if flow.ndim != 3 or flow.shape[2] != 2 or flow.dtype.kind != "f":
        raise _unusable("flow", f"is {flow.dtype} of shape {flow.shape}, not two floats a pixel")
    _expect_size("flow", flow, size)
    return encode_flow(flow)


def _array(name: Channel, data: bytes, kind: str) -> np.ndarray:
    """A channel that is one number per pixel, of this kind (numpy's letter)."""
    try:
        found = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise _unusable(name, f"cannot be decoded ({error})") from None
    if found.ndim != 2 or found.dtype.kind != kind:
        raise _unusable(name, f"is {found.dtype} of shape {found.shape}, not one number a pixel")
    return found


def _stored_depth(data: bytes, size: Size) -> bytes:
    depth = _array("depth", data, "f")
    _expect_size("depth", depth, size)
    return encode_depth(depth)


def _stored_semantics(data: bytes, size: Size) -> bytes:
    try:
        classes = decode_labels(data)
    except ValueError as error:
        raise _unusable("semantics", str(error)) from None
    _expect_size("semantics", classes, size)
    if classes.max() >= len(CLASSES):
        raise _unusable("semantics", f"has the class {classes.max()}, which there is not")
    return data


def _stored_normals(data: bytes, size: Size) -> bytes:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise _unusable("normals", "cannot be decoded")
    _expect_size("normals", pixels, size)
    return _png(pixels)


_STORED: dict[Channel, Callable[[bytes, Size], bytes]] = {
    "depth": _stored_depth,
    "normals": _stored_normals,
    "semantics": _stored_semantics,
    "flow": _stored_flow,
}


def _expect_size(name: Channel, image: np.ndarray, size: Size) -> None:
    height, width = image.shape[:2]
    if (width, height) != size:
        raise FrameRefused(
            f"the channel {name} is {width}x{height} instead of {size[0]}x{size[1]}",
            reason=Refusal.size_mismatch,
        )


def _unusable(name: Channel, why: str) -> FrameRefused:
    return FrameRefused(
        f"the channel {name} {why}; capture the frame again", reason=Refusal.undecodable
    )


def _png(image: np.ndarray) -> bytes:
    done, data = cv2.imencode(".png", image, _COMPRESSION)
    if not done:
        raise ValueError("PNG encoding failed")
    return data.tobytes()


def _pixels(data: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError("not a picture")
    return image
