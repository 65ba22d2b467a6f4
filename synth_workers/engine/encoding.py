"""Pictures, masks and arrays as bytes: JPEG, PNG, palette PNG, BMP, NPY."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import simplejpeg

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3
_FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def encode_jpeg(picture: np.ndarray, quality: int) -> bytes:
    """(h, w, 3) uint8 RGB as JPEG with half-resolution colour."""
    return simplejpeg.encode_jpeg(
        np.ascontiguousarray(picture), quality=quality, colorspace="RGB", colorsubsampling="420"
    )


def encode_png(picture: np.ndarray) -> bytes:
    """(h, w, 3) uint8 RGB as an opaque RGBA PNG, fast rather than small."""
    opaque = cv2.cvtColor(picture, cv2.COLOR_RGB2BGRA)
    done, data = cv2.imencode(".png", opaque, _FAST)
    if not done:
        raise ValueError("PNG encoding failed")
    return data.tobytes()


def encode_palette_png(indices: np.ndarray, palette: np.ndarray) -> bytes:
    """(h, w) uint8 indices and (k, 3) uint8 colours as an 8-bit palette PNG."""
    height, width = indices.shape
    rows = np.zeros((height, width + 1), np.uint8)  # a leading 0 per row: no row filter
    rows[:, 1:] = indices
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    body = packer.compress(rows.data) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    return b"".join(
        (
            _PNG_SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", np.ascontiguousarray(palette, np.uint8).tobytes()),
            _chunk(b"IDAT", body),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_npy(array: np.ndarray) -> bytes:
    """Any array as an NPY file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def encode_bmp(picture: np.ndarray, stray_count: bool = False) -> bytes:
    """(h, w, 3) uint8 RGB as a top-down 32-bit BMP with alpha 255.

    ``stray_count``: put the pixel count between header and pixels, as Unreal plugins do; every
    standard decoder then sees the image shifted by one pixel.
    """
    height, width = picture.shape[:2]
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2BGRA).tobytes()
    stray = struct.pack("<i", width * height) if stray_count else b""
    size = 54 + len(stray) + len(pixels)
    head = struct.pack("<2sIHHI", b"BM", size, 0, 0, 54)
    info = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    return head + info + stray + pixels
