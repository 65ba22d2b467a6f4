"""Instance masks as horizontal runs: decoding, checking colours, finding who is where.

A mask is a PNG in which every person has one exact colour and everything else is black.
Whatever is wrong with it is an error of the frame (``FrameRefused``), never a guess.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from manifests.errors import FrameRefused

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE, _RGB, _RGBA = 3, 2, 6  # PNG colour types

Foreign = Literal["refuse", "background"]


@dataclass(frozen=True)
class Mask:
    """A decoded mask.

    ``values``: (h, w); uint8 palette indices with ``palette`` (256,) uint32 0xRRGGBB, or
    uint32 0xAARRGGBB with ``palette`` None.
    """

    values: np.ndarray
    palette: np.ndarray | None


@dataclass(frozen=True)
class Runs:
    """Horizontal runs of equal label in raster order; the background has no runs.

    ``label`` int32, ``y``, ``x0``, ``x1`` int64, each (n,); a run covers pixels
    ``x0 <= x < x1`` of row ``y``. ``width`` and ``height`` are the frame's, in pixels.
    """

    label: np.ndarray
    y: np.ndarray
    x0: np.ndarray
    x1: np.ndarray
    width: int
    height: int


def png_size(data: bytes) -> tuple[int, int, int, int]:
    """Width, height, bits per channel and colour type from a PNG's header alone."""
    if len(data) < 33 or data[:8] != PNG_SIGNATURE or data[12:16] != b"IHDR":
        raise FrameRefused("the image is not a PNG; capture the frame again", reason="corrupt")
    width, height, depth, colour_type = struct.unpack(">IIBB", data[16:26])
    return width, height, depth, colour_type


def decode_mask(data: bytes, width: int, height: int) -> Mask:
    """Decode a palette, RGB or RGBA PNG of exactly ``width`` x ``height`` pixels.

    The size is checked before any pixel is decoded. Raises ``FrameRefused`` with reason
    ``size-mismatch``, ``mask-format`` or ``corrupt``.
    """
    found_width, found_height, depth, colour_type = png_size(data)
    if (found_width, found_height) != (width, height):
        raise FrameRefused(
            f"the mask is {found_width}x{found_height} but its frame is {width}x{height}; "
            "capture both at one resolution",
            reason="size-mismatch",
        )
    if colour_type == _PALETTE:
        return _decode_palette(data)
    if colour_type in (_RGB, _RGBA) and depth == 8:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None or pixels.shape[:2] != (height, width):
            raise FrameRefused(
                "the mask PNG cannot be decoded; capture the frame again", reason="corrupt"
            )
        if pixels.shape[2] == 3:
            pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
        return Mask(np.ascontiguousarray(pixels).view("<u4")[..., 0], None)
    raise FrameRefused(
        f"the mask PNG has colour type {colour_type} with {depth} bits; "
        "8-bit palette, RGB or RGBA is needed",
        reason="mask-format",
    )


def _check_chunks(data: bytes) -> None:
    """Pillow does not compare the checksum of pixel data, so we do."""
    position, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        if position + 12 > len(data):
            raise FrameRefused("the mask PNG is cut off; capture it again", reason="corrupt")
        (length,) = struct.unpack(">I", data[position : position + 4])
        end = position + 8 + length
        kind = data[position + 4 : position + 8]
        if data[end : end + 4] != struct.pack(">I", zlib.crc32(data[position + 4 : end])):
            raise FrameRefused("the mask PNG is damaged; capture it again", reason="corrupt")
        position = end + 4


def _decode_palette(data: bytes) -> Mask:
    _check_chunks(data)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            values = np.asarray(image)
            entries = np.asarray(image.getpalette("RGB"), np.uint32).reshape(-1, 3)
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise FrameRefused(
            f"the mask PNG cannot be decoded ({error}); capture the frame again", reason="corrupt"
        ) from error
    if values.ndim != 2 or values.dtype != np.uint8:
        raise FrameRefused("the palette mask has no 8-bit indices", reason="mask-format")
    palette = np.zeros(256, np.uint32)
    palette[: len(entries)] = entries[:, 0] << 16 | entries[:, 1] << 8 | entries[:, 2]
    if int(values.max(initial=0)) >= len(entries):
        raise FrameRefused(
            f"the mask uses palette index {int(values.max())} of {len(entries)} entries; "
            "capture the frame again",
            reason="corrupt",
        )
    return Mask(values, palette)


def label_runs(
    mask: Mask, colours: np.ndarray, *, tolerance: int = 0, foreign: Foreign = "refuse"
) -> Runs:
    """Find the runs of every known colour in one pass over the mask.

    ``colours``: (k,) 0xRRGGBB; the run label is the position in it. ``tolerance`` is the
    largest difference per channel that still counts as the colour (the nearest one wins).
    ``foreign`` decides what happens to colours that are neither known nor black: refuse the
    frame, or treat them as background (levels in which every actor has a mask colour).

    Raises ``FrameRefused`` with reason ``duplicate-colour`` or ``unknown-colour``.
    """
    known = np.asarray(colours, np.uint32)
    _check_colours(known)
    height, width = mask.values.shape
    flat = mask.values.reshape(-1)
    begins = np.empty(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::width] = True
    start = np.flatnonzero(begins)
    value = flat[start]
    label = (
        _labels_of_colours(value & np.uint32(0xFFFFFF), known, tolerance, foreign)
        if mask.palette is None
        else _labels_of_indices(value, mask.palette, known, tolerance, foreign)
    )
    stop = np.append(start[1:], flat.size)
    person = np.flatnonzero(label >= 0)
    start = start[person]
    y = start // width
    x0 = start - y * width
    return Runs(label[person], y, x0, stop[person] - y * width, width, height)


def _check_colours(known: np.ndarray) -> None:
    if np.any(known == 0):
        raise FrameRefused(
            "a person has the mask colour black, which is the background's; "
            "give every person a colour of its own",
            reason="duplicate-colour",
        )
    unique, counts = np.unique(known, return_counts=True)
    if np.any(counts > 1):
        raise FrameRefused(
            f"{int(counts.max())} people share the mask colour "
            f"#{int(unique[counts.argmax()]):06x}; give every person a colour of its own",
            reason="duplicate-colour",
        )


def _labels_of_indices(
    value: np.ndarray, palette: np.ndarray, known: np.ndarray, tolerance: int, foreign: Foreign
) -> np.ndarray:
    used = np.flatnonzero(np.bincount(value, minlength=256))
    table = np.full(256, -1, np.int32)
    table[used] = _labels_of_colours(palette[used], known, tolerance, foreign)
    return table[value]


def _labels_of_colours(
    colour: np.ndarray, known: np.ndarray, tolerance: int, foreign: Foreign
) -> np.ndarray:
    """Position in ``known`` of every colour, -1 for background."""
    if known.size == 0:
        label = np.full(colour.shape, -1, np.int32)
    else:
        order = np.argsort(known)
        ordered = known[order]
        place = np.minimum(np.searchsorted(ordered, colour), known.size - 1)
        label = np.where(ordered[place] == colour, order[place], -1).astype(np.int32)
    strange = (label < 0) & (colour != 0)
    if not strange.any():
        return label
    unknown = np.unique(colour[strange])
    nearest = _nearest(unknown, known, tolerance)
    if foreign == "refuse" and np.any(nearest < 0):
        raise FrameRefused(
            f"the mask holds {int((nearest < 0).sum())} colours that belong to nobody, e.g. "
            f"#{int(unknown[nearest < 0][0]):06x}; only people may have a mask colour",
            reason="unknown-colour",
        )
    label[strange] = nearest[np.searchsorted(unknown, colour[strange])]
    return label


def _nearest(unknown: np.ndarray, known: np.ndarray, tolerance: int) -> np.ndarray:
    if known.size == 0 or tolerance == 0:
        return np.full(unknown.shape, -1, np.int32)
    difference = np.abs(_channels(unknown)[:, None] - _channels(known)[None]).max(axis=2)
    best = difference.argmin(axis=1)
    near = difference[np.arange(unknown.size), best] <= tolerance
    return np.where(near, best, -1).astype(np.int32)


def _channels(colours: np.ndarray) -> np.ndarray:
    """(n,) 0xRRGGBB -> (n, 3) int64 red, green, blue."""
    return np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=1).astype(
        np.int64
    )
