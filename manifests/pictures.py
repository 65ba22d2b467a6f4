"""Pictures that somebody else made, as pixels: whatever a file holds, decoded as a viewer shows it
or refused in words.

Pillow decodes them, as it did when the first tiles of cloth were stored. ``training`` decodes JPEGs
itself, faster and a grey level off; turning them upright is the same.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from manifests.errors import CorruptData
from manifests.picture_files import (
    EXIF,
    UPRIGHT,
    PictureFormat,
    exif_orientation,
    is_animated,
    is_cut_off,
    is_damaged,
    jpeg_exif,
    picture_format,
    picture_size,
    truncated,
)

MAX_PIXELS = 1 << 26
"""Larger pictures are refused before they are decoded, unless a caller has a limit of its own."""

_PLAIN = ("1", "L", "P", "RGB", "CMYK")
_WIDE = ("I;16", "I;16L", "I;16B", "I")
_OPAQUE = 128


@dataclass(frozen=True)
class DecodedPicture:
    """``pixels`` (h, w, 3) uint8 sRGB, upright, on white; ``opaque`` (h, w) bool: where the picture
    is not transparent, None if that is everywhere."""

    pixels: np.ndarray
    opaque: np.ndarray | None = None


def decode_picture(
    data: bytes | memoryview, name: str, max_pixels: int = MAX_PIXELS
) -> DecodedPicture:
    """A JPEG, PNG, BMP or WebP, whatever it is called.

    16-bit greys keep their high bytes. ``CorruptData`` says what is wrong with picture ``name``: of
    another format, truncated, broken, animated, wholly transparent, or with more than
    ``max_pixels``.
    """
    kind = picture_format(data, name)
    if kind is not PictureFormat.jpeg:
        _require_size(picture_size(data, kind, name), max_pixels, name)
        if is_cut_off(data, kind):
            raise truncated(data, kind, name)
        if is_damaged(data, kind):
            raise _broken(kind, "its checksums do not hold", name)
        if is_animated(data, kind):
            raise CorruptData(f"image {name}: an animated {kind}; save one of its pictures alone")
    try:
        with Image.open(io.BytesIO(_without_exif(data, kind)), formats=[kind]) as image:
            _require_size(image.size, max_pixels, name)
            image.load()
            decoded = _on_white(image)
    except Image.DecompressionBombError as error:
        raise CorruptData(f"image {name}: it is above {max_pixels} pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        if is_cut_off(data, kind):
            raise truncated(data, kind, name) from error
        # Pillow would name an object in memory.
        unread = isinstance(error, UnidentifiedImageError)
        raise _broken(kind, "its beginning says nothing" if unread else str(error), name) from error
    if decoded.opaque is not None and not decoded.opaque.any():
        raise CorruptData(f"image {name}: it is wholly transparent; nothing is to be seen on it")
    orientation = _orientation(data, kind, image)
    mask = decoded.opaque
    return DecodedPicture(
        upright(decoded.pixels, orientation), None if mask is None else upright(mask, orientation)
    )


def is_plain(data: bytes) -> bool:
    """Whether a picture has neither opacity nor 16 bits, lies upright and is whole and unanimated:
    its pixels are then what they always were."""
    try:
        kind = picture_format(data, "")
        if kind is not PictureFormat.jpeg and is_cut_off(data, kind):
            return True
        if is_damaged(data, kind) or is_animated(data, kind):
            return False
        with Image.open(io.BytesIO(_without_exif(data, kind)), formats=[kind]) as image:
            plain = image.mode in _PLAIN and "transparency" not in image.info
            return plain and _orientation(data, kind, image) == UPRIGHT
    except (CorruptData, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return True


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Rows and columns (h, w, …) of a picture turned and mirrored as its EXIF orientation says."""
    if orientation == UPRIGHT:
        return pixels
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _on_white(image: Image.Image) -> DecodedPicture:
    if image.mode in _WIDE:
        grey = np.clip(np.asarray(image).astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        return DecodedPicture(np.repeat(grey[..., None], 3, axis=2))
    if not image.has_transparency_data:
        return DecodedPicture(np.asarray(image.convert("RGB")))
    pixels = np.asarray(image.convert("RGBA"))
    alpha = pixels[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return DecodedPicture(np.ascontiguousarray(pixels[..., :3]))
    mixed = (pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return DecodedPicture(mixed.astype(np.uint8), alpha[..., 0] >= _OPAQUE)


def _without_exif(data: bytes | memoryview, kind: PictureFormat) -> bytes:
    """A JPEG in which Pillow finds no EXIF: it would look for a resolution there, and warn."""
    whole = bytes(data)
    return whole.replace(EXIF, bytes(len(EXIF))) if kind is PictureFormat.jpeg else whole


def _orientation(data: bytes | memoryview, kind: PictureFormat, image: Image.Image) -> int:
    exif = jpeg_exif(data) if kind is PictureFormat.jpeg else image.info.get("exif", b"")
    return exif_orientation(exif)


def _require_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    width, height = size
    if width * height > max_pixels:
        raise CorruptData(f"image {name}: {width}x{height} is above {max_pixels} pixels")


def _broken(kind: PictureFormat, why: str, name: str) -> CorruptData:
    return CorruptData(f"image {name}: broken {kind} ({why}); get the file again")
