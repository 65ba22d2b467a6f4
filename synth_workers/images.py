"""The images of a frame, lit and mask: decoded and checked, alike where they are captured and
where they are annotated.

A mask is a PNG in which every person has one exact colour and everything else is black. Whatever
is wrong with an image is an error of the frame (``FrameRefused``), never a guess. What a level, a
plan or a rule set expects of the pixels does not belong here.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from manifests.errors import FrameRefused
from manifests.reasons import Refusal

BLACK_MEAN = 2.0
"""Mean luminance (0..255) below which a lit frame counts as black; night frames are far above it.

Annotation judges with the bounds of capture, and measures the same way, so that whatever was let
into a bundle passes again: annotating anew refuses no frame that had been accepted.
"""

FLAT_DEVIATION = 2.0
"""Standard deviation of luminance below which a lit frame counts as flat."""

Foreign = Literal["refuse", "background"]
"""What colours that are neither black nor anybody's do: refuse the frame, or count as background
(levels in which every actor has a mask colour)."""

Size = tuple[int, int]
"""Width and height, pixels."""

_JPEG = ("jpg", "jpeg")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE, _RGB, _RGBA = 3, 2, 6  # PNG colour types


def check_lit(data: bytes, image_format: str, size: Size) -> None:
    """Refuse a lit image that is undecodable, of another size, black or flat."""
    if image_format not in _JPEG:
        read_lit(data, image_format, size)
        return
    _expect_size("lit", _jpeg_size(data), size)
    try:
        # An eighth of the size tells enough, and skips most of the inverse transform.
        grey = simplejpeg.decode_jpeg(
            data, colorspace="GRAY", fastdct=True, min_height=size[1] // 8, min_width=size[0] // 8
        )
    except ValueError as error:
        raise _undecodable("lit", error) from None
    _expect_content(grey)


def read_lit(data: bytes, image_format: str, size: Size) -> np.ndarray:
    """``decode_lit`` of an image that passes ``check_lit``."""
    pixels = decode_lit(data, image_format, size)
    if image_format not in _JPEG:
        _expect_content(cv2.cvtColor(pixels[::4, ::4], cv2.COLOR_BGR2GRAY))
        return pixels
    few = pixels[::8, ::8]
    # Most images are far from either bound; only the others are worth a second decoding.
    if few.mean() < 8 * BLACK_MEAN or few.std() < 8 * FLAT_DEVIATION:
        check_lit(data, image_format, size)
    return pixels


def decode_lit(data: bytes, image_format: str, size: Size | None = None) -> np.ndarray:
    """A lit image as (height, width, 3) uint8 blue green red, whatever it shows.

    ``image_format``: jpg or png. A ``size`` is checked before any pixel is decoded.
    """
    if image_format in _JPEG:
        _expect_size("lit", _jpeg_size(data), size)
        try:
            return simplejpeg.decode_jpeg(data, colorspace="BGR")
        except ValueError as error:
            raise _undecodable("lit", error) from None
    if image_format != "png":
        raise FrameRefused(
            f"lit images of format {image_format!r} are not known; use jpg or png",
            reason=Refusal.lit_format,
        )
    _expect_size("lit", _png_header("lit", data)[:2], size)
    return _decoded("lit", data)


@dataclass(frozen=True)
class Mask:
    """A decoded mask: ``indices`` (height, width) unsigned integers into ``colours`` (k,) uint32
    0xRRGGBB, and ``pixels`` (k,) int64 how many show each colour, 0 for some."""

    indices: np.ndarray
    colours: np.ndarray
    pixels: np.ndarray

    def shown(self) -> set[tuple[int, int, int]]:
        """All colours that occur but black, as red, green, blue."""
        used = self.colours[(self.pixels > 0) & (self.colours != 0)]
        return {(red, green, blue) for red, green, blue in _channels(used).tolist()}

    def labels(
        self, known: Sequence[int] | np.ndarray, *, tolerance: int = 0, foreign: Foreign = "refuse"
    ) -> np.ndarray:
        """(k,) int32: for every colour of the mask its position in ``known``, -1 for nobody.

        ``known``: (n,) 0xRRGGBB, one per person. ``tolerance``: the largest difference per
        channel that still counts as the colour; the nearest one wins. Refuses the frame if
        people share a colour, or black is one of theirs, or as ``foreign`` says.
        """
        people = np.asarray(known, np.uint32)
        _expect_distinct(people)
        labels = np.full(len(self.colours), -1, np.int32)
        used = np.flatnonzero((self.pixels > 0) & (self.colours != 0))
        if people.size:
            colours = _channels(self.colours[used])
            difference = np.abs(colours[:, None] - _channels(people)).max(axis=2)
            nearest = difference.argmin(axis=1)
            near = difference[np.arange(used.size), nearest] <= tolerance
            labels[used] = np.where(near, nearest, -1)
        strange = used[labels[used] < 0]
        if foreign == "refuse" and strange.size:
            share = self.pixels[strange].sum() / self.indices.size
            raise FrameRefused(
                f"the mask holds {strange.size} colours that belong to nobody, e.g. "
                f"#{self.colours[strange[0]]:06x}, on {share:.2%} of its pixels; only people may "
                "have a mask colour",
                reason=Refusal.unknown_colour,
            )
        return labels

    def pixels_of(self, labels: np.ndarray, people: int) -> np.ndarray:
        """(people,) int64: how many pixels each person has, by the ``labels`` of the colours."""
        counts = np.zeros(people, np.int64)
        np.add.at(counts, labels[labels >= 0], self.pixels[labels >= 0])
        return counts

    def boxes_of(self, labels: np.ndarray, people: int) -> np.ndarray:
        """(people, 4) int64: tight boxes of each person's pixels, half-open; zeros for nobody."""
        boxes = np.zeros((people, 4), np.int64)
        which = (labels + 1).astype(np.uint8)[self.indices]
        for label in np.unique(labels[(labels >= 0) & (self.pixels > 0)]).tolist():
            x, y, width, height = cv2.boundingRect((which == label + 1).view(np.uint8))
            boxes[label] = x, y, x + width, y + height
        return boxes


def decode_mask(data: bytes, size: Size | None = None) -> Mask:
    """Decode a palette, RGB or RGBA PNG; a ``size`` is checked before any pixel is decoded."""
    width, height, depth, kind = _png_header("mask", data)
    _expect_size("mask", (width, height), size)
    _expect_whole(data)
    if kind == _PALETTE:
        indices, colours = _palette_image(data)
    elif kind in (_RGB, _RGBA) and depth == 8:
        indices, colours = _indexed(_decoded("mask", data))
    else:
        raise FrameRefused(
            f"the mask PNG has colour type {kind} with {depth} bits; 8-bit palette, RGB or RGBA "
            "is needed",
            reason=Refusal.mask_format,
        )
    pixels, beyond = np.split(_histogram(indices, len(colours)), [len(colours)])
    if beyond.any():
        raise _undecodable("mask", f"it uses more than the {len(colours)} entries of its palette")
    return Mask(indices, colours, pixels)


def encode_mask(people: np.ndarray, colours: Sequence[int]) -> bytes:
    """A palette PNG of (height, width) uint8 ``people``: 0 nobody, i + 1 person i, who has the
    colour ``colours[i]``, 0xRRGGBB."""
    image = Image.fromarray(people, mode="P")
    image.putpalette(_channels(np.array([0, *colours])).astype(np.uint8).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def is_palette_png(data: bytes) -> bool:
    """Whether ``data`` begins as the masks that bundles store do."""
    return len(data) > 26 and data.startswith(_PNG_SIGNATURE) and data[25] == _PALETTE


def _palette_image(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            indices = np.asarray(image)
            entries = np.asarray(image.getpalette("RGB") or [], np.uint32).reshape(-1, 3)
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise _undecodable("mask", error) from None
    return indices, entries[:, 0] << 16 | entries[:, 1] << 8 | entries[:, 2]


def _indexed(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(h, w, 3) uint8 blue green red as indices into its colours, found run by run."""
    opaque = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    flat = opaque.view("<u4").reshape(-1)
    starts = np.flatnonzero(np.append(True, flat[1:] != flat[:-1]))
    colours, entry = np.unique(flat[starts], return_inverse=True)
    entry = entry.astype(np.uint8 if len(colours) <= 256 else np.uint32)
    lengths = np.diff(starts, append=flat.size)
    return np.repeat(entry, lengths).reshape(pixels.shape[:2]), colours & np.uint32(0xFFFFFF)


def _histogram(indices: np.ndarray, entries: int) -> np.ndarray:
    """How often each index occurs, int64, for at least ``entries`` of them."""
    if indices.dtype == np.uint8:  # faster than numpy's
        return cv2.calcHist([indices], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    return np.bincount(indices.ravel(), minlength=entries)


def _jpeg_size(data: bytes) -> Size:
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise _undecodable("lit", error) from None
    return int(width), int(height)


def _png_header(what: str, data: bytes) -> tuple[int, int, int, int]:
    """Width, height, bits per channel and colour type."""
    if len(data) < 33 or not data.startswith(_PNG_SIGNATURE) or data[12:16] != b"IHDR":
        raise _undecodable(what, "it is not a PNG")
    return struct.unpack(">IIBB", data[16:26])


def _decoded(what: str, data: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise _undecodable(what, "its pixels are damaged")
    return pixels


def _expect_size(what: str, found: Size, asked: Size | None) -> None:
    if asked is not None and found != asked:
        raise FrameRefused(
            f"the {what} image is {found[0]}x{found[1]} instead of {asked[0]}x{asked[1]}; "
            "capture lit and mask at the frame's resolution",
            reason=Refusal.size_mismatch,
        )


def _expect_whole(data: bytes) -> None:
    """All chunks of a PNG are there and undamaged: Pillow does not compare the checksum of
    pixel data."""
    position, kind = len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        if position + 12 > len(data):
            raise _undecodable("mask", "it is cut off")
        (length,) = struct.unpack(">I", data[position : position + 4])
        end = position + 8 + length
        kind = data[position + 4 : position + 8]
        if data[end : end + 4] != struct.pack(">I", zlib.crc32(data[position + 4 : end])):
            raise _undecodable("mask", "it is damaged")
        position = end + 4


def _expect_content(grey: np.ndarray) -> None:
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(grey))
    if mean < BLACK_MEAN:
        raise FrameRefused(
            f"the lit image is black (mean {mean:.1f}); check the engine's lights and context",
            reason=Refusal.black,
        )
    if deviation < FLAT_DEVIATION:
        raise FrameRefused(
            f"the lit image is flat (deviation {deviation:.1f}); check that the scene was drawn",
            reason=Refusal.flat,
        )


def _expect_distinct(people: np.ndarray) -> None:
    unique, counts = np.unique(people, return_counts=True)
    shared = unique[(counts > 1) | (unique == 0)]
    if shared.size:
        raise FrameRefused(
            f"the mask colour #{shared[0]:06x} is that of several people, or the background's; "
            "give every person a colour of its own",
            reason=Refusal.duplicate_colour,
        )


def _undecodable(what: str, why: object) -> FrameRefused:
    message = f"the {what} image cannot be decoded ({why}); capture the frame again"
    return FrameRefused(message, reason=Refusal.undecodable)


def _channels(colours: np.ndarray) -> np.ndarray:
    """(n,) 0xRRGGBB -> (n, 3) int64 red, green, blue."""
    return np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=1).astype(
        np.int64
    )
