"""Picture files by their content: which format, how large, and whether all of it is there.

Everything that reads pictures of others asks here before it decodes; suffixes decide nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum

from manifests.errors import CorruptData

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
"""What picture files in folders are called, in lower case."""

OTHER_PICTURE_SUFFIXES = frozenset(
    {".avif", ".dds", ".exr", ".gif", ".hdr", ".heic", ".heif", ".ico", ".jp2", ".jxl"}
    | {".pbm", ".pgm", ".ppm", ".psd", ".svg", ".tga", ".tif", ".tiff"}
)
"""What files of pictures that are not read are called."""

EXIF = b"Exif\0\0"
"""How an EXIF block begins."""

UPRIGHT = 1
"""The EXIF orientation of most pictures."""


class PictureFormat(StrEnum):
    """The formats that are read."""

    jpeg = "JPEG"
    png = "PNG"
    bmp = "BMP"
    webp = "WebP"


SUPPORTED = ", ".join(PictureFormat)

_BEGINNINGS = {
    PictureFormat.jpeg: rb"\xff\xd8\xff",
    PictureFormat.png: rb"\x89PNG\r\n\x1a\n",
    # The last two bytes of what is reserved are 0 in all BMPs, and in few texts.
    PictureFormat.bmp: rb"BM.{4}.{4}.{2}\0\0",
    PictureFormat.webp: rb"RIFF.{4}WEBP",
    "a TIFF": rb"II\*\0|MM\0\*|II\+\0|MM\0\+",
    "a GIF": rb"GIF8[79]a",
    "a JPEG 2000": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    "a JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "an AVIF": rb".{4}ftypavi[fs]",
    "a HEIC": rb".{4}ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)",
    "an OpenEXR": rb"\x76\x2f\x31\x01",
    "a Radiance HDR": rb"#\?(?:RADIANCE|RGBE)",
    "a Photoshop file": rb"8BPS",
    "a DDS": rb"DDS ",
    "a PNM": rb"P[1-7]\s",
    "a Windows icon": rb"\0\0[\x01\x02]\0",
    "an SVG or another XML file": rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!DOCTYPE svg)",
    "an HTML page": rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:!doctype )?html)",
    "a PDF": rb"%PDF-",
    "a ZIP archive": rb"PK\x03\x04",
    "a gzip archive": rb"\x1f\x8b",
    "a MATLAB file": rb"MATLAB ",
    "a Git LFS pointer, not the picture itself": rb"version https://git-lfs",
}
_LOOKED_AT = 64
_PNG_START = 8
_JPEG_SCAN = 0xDA
_ORIENTATION = 0x0112


def picture_format(data: bytes | memoryview, name: str) -> PictureFormat:
    """Which format the picture ``name`` has, by its first bytes.

    ``CorruptData`` says what it is instead, or that it is empty or no picture at all.
    """
    start = bytes(data[:_LOOKED_AT])
    for kind, pattern in _BEGINNINGS.items():
        if re.match(pattern, start, re.DOTALL):
            if isinstance(kind, PictureFormat):
                return kind
            raise CorruptData(f"image {name}: this is {kind}; supported are {SUPPORTED}")
    what = f"begins with {start[:8]!r}, as no picture does" if start else "the file is empty"
    raise CorruptData(f"image {name}: {what}; supported are {SUPPORTED}")


def picture_size(data: bytes | memoryview, kind: PictureFormat, name: str) -> tuple[int, int]:
    """Width and height in pixels that a PNG, BMP or WebP says it has.

    ``CorruptData`` when its beginning is cut off or says nothing sensible.
    """
    try:
        width, height = _SIZES[kind](bytes(data[:_LOOKED_AT]))
    except struct.error as error:
        raise truncated(data, kind, name) from error
    if width < 1 or height < 1:
        raise CorruptData(f"image {name}: broken {kind} of {width}x{height}")
    return width, height


def is_cut_off(data: bytes | memoryview, kind: PictureFormat) -> bool:
    """Whether the end of a picture is missing. A JPEG with something after its end counts too:
    ask only about JPEGs that cannot be decoded."""
    return _CUT_OFF[kind](data)


def is_damaged(data: bytes | memoryview, kind: PictureFormat) -> bool:
    """Whether checksums of a whole PNG's pixels do not hold; decoders do not look."""
    return kind is PictureFormat.png and any(
        zlib.crc32(data[start - 4 : end]) != struct.unpack_from(">I", data, end)[0]
        for name, start, end in _png_chunks(data)
        # Those in capitals are needed to show it.
        if name[:1].isupper() or name == b"tRNS"
    )


def is_animated(data: bytes | memoryview, kind: PictureFormat) -> bool:
    """Whether a whole PNG or WebP shows several pictures one after the other."""
    if kind is PictureFormat.png:
        return any(name == b"acTL" for name, *_ in _png_chunks(data))
    return kind is PictureFormat.webp and data[12:16] == b"VP8X" and bool(data[20] & 0x02)


def jpeg_exif(data: bytes | memoryview) -> bytes:
    """The EXIF block of a JPEG; empty without one."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        kind, length = data[position + 1], data[position + 2] << 8 | data[position + 3]
        if kind == 0xFF:  # a marker may begin with several
            position += 1
            continue
        start, position = position + 4, position + 2 + length
        if kind == _JPEG_SCAN or length < 2:
            break
        if kind == 0xE1 and data[start : start + 6] == EXIF:
            return bytes(data[start:position])
    return b""


def exif_orientation(exif: bytes) -> int:
    """1 to 8: how rows and columns of a picture lie; 1 where its EXIF block does not say."""
    block = exif.removeprefix(EXIF)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    try:
        if order is None:
            return UPRIGHT
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", block, entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def truncated(data: bytes | memoryview, kind: PictureFormat, name: str) -> CorruptData:
    """The error that says so."""
    return CorruptData(
        f"image {name}: truncated {kind}, it ends after {len(data):,} bytes; get the file again"
    )


def _png_size(start: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", start, 16)
    return width, height


def _bmp_size(start: bytes) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", start, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", start, 18)
    # A negative height counts rows from the top.
    return width, abs(height)


def _webp_size(start: bytes) -> tuple[int, int]:
    kind = start[12:16]
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", start, 24)
        return (high_w << 16 | low_w) + 1, (high_h << 16 | low_h) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", start, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", start, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_is_cut_off(data: bytes | memoryview) -> bool:
    return not bytes(data[-64:]).rstrip(b"\0").endswith(b"\xff\xd9")


def _png_chunks(data: bytes | memoryview) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each chunk, up to the last; a chunk that is cut off
    ends beyond ``data``."""
    position, name = _PNG_START, b""
    while position + 8 <= len(data) and name != b"IEND":
        (length,) = struct.unpack_from(">I", data, position)
        name = bytes(data[position + 4 : position + 8])
        yield name, position + 8, position + 8 + length
        position += 12 + length


def _png_is_cut_off(data: bytes | memoryview) -> bool:
    chunks = list(_png_chunks(data))
    return not chunks or chunks[-1][0] != b"IEND" or chunks[-1][2] + 4 > len(data)


def _bmp_is_cut_off(data: bytes | memoryview) -> bool:
    try:
        offset, header = struct.unpack_from("<II", data, 10)
        width, height = _bmp_size(bytes(data[:_LOOKED_AT]))
        (bits,) = struct.unpack_from("<H", data, 24 if header == 12 else 28)
        compression, size = (0, 0) if header == 12 else struct.unpack_from("<II", data, 30)
    except struct.error:
        return True
    # 0 and 3 are plain rows of whole 32-bit words; the others say how long they are.
    plain = compression in (0, 3)
    return offset + (height * ((width * bits + 31) // 32 * 4) if plain else size) > len(data)


def _webp_is_cut_off(data: bytes | memoryview) -> bool:
    return 8 + struct.unpack_from("<I", data, 4)[0] > len(data)


_SIZES: dict[PictureFormat, Callable[[bytes], tuple[int, int]]] = {
    PictureFormat.png: _png_size,
    PictureFormat.bmp: _bmp_size,
    PictureFormat.webp: _webp_size,
}
_CUT_OFF: dict[PictureFormat, Callable[[bytes | memoryview], bool]] = {
    PictureFormat.jpeg: _jpeg_is_cut_off,
    PictureFormat.png: _png_is_cut_off,
    PictureFormat.bmp: _bmp_is_cut_off,
    PictureFormat.webp: _webp_is_cut_off,
}
