"""Pictures of others are decoded as a viewer shows them, or refused in words that name them."""

from __future__ import annotations

import io
import random
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from manifests.errors import CorruptData
from manifests.pictures import decode_picture, is_plain, upright
from training.data.decoding import decode_crop

HEIGHT, WIDTH = 24, 16
ORIENTATION = 0x0112


def scene() -> Image.Image:
    """A smooth picture without symmetries."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return Image.fromarray(np.stack([x * 12, y * 9, 200 - x * y // 4], 2).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def lossless(kind: str) -> dict[str, object]:
    return {"lossless": True} if kind == "WEBP" else {}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_stand_upright_whatever_their_format(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[ORIENTATION] = "taken on its side", orientation
    data = encoded(scene(), kind, exif=exif, **lossless(kind))
    with Image.open(io.BytesIO(data)) as image:
        shown = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    np.testing.assert_array_equal(decode_picture(data, "x").pixels, shown)
    crop = decode_crop(data, "x")
    assert crop.shape == shown.shape
    assert np.abs(crop.astype(int) - shown).mean() < (6 if kind == "JPEG" else 0.01)
    assert is_plain(data) == (orientation == 1)


def test_an_orientation_is_found_behind_the_tables_of_a_jpeg() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data, block = encoded(scene(), "JPEG"), exif.tobytes()
    scan = data.index(b"\xff\xda")
    # A marker may begin with several such bytes.
    moved = data[:scan] + b"\xff\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[scan:]
    with Image.open(io.BytesIO(moved)) as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(decode_picture(moved, "x").pixels, shown)
    assert decode_crop(moved, "x").shape == shown.shape == (WIDTH, HEIGHT, 3)
    assert not is_plain(moved)


def test_an_orientation_that_cannot_be_read_is_none() -> None:
    for block in (b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0XX" + bytes(30)):
        data = encoded(scene(), "JPEG", exif=block)
        assert decode_picture(data, "x").pixels.shape == decode_crop(data, "x").shape == (24, 16, 3)
    assert upright(np.zeros((2, 3)), 6).shape == (3, 2)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "BMP"), ("P", "PNG")],
)
def test_what_is_transparent_is_white_and_never_cloth(mode: str, kind: str) -> None:
    pixels = np.array(scene().convert("RGBA"))
    pixels[:, :6] = 0
    pixels[:, 6, 3] = 128
    image = Image.fromarray(pixels)
    if mode == "P":
        colours = image.convert("RGB").quantize(64)
        index = np.array(colours)
        index[:, :6] = 63
        image = Image.fromarray(index)
        image.putpalette(colours.getpalette() or [])
        data = encoded(image, kind, transparency=63)
    elif kind == "BMP":
        # Pillow would write the fourth byte as one that says nothing.
        data = cv2.imencode(".bmp", pixels[..., [2, 1, 0, 3]])[1].tobytes()
    else:
        data = encoded(image.convert(mode), kind, **lossless(kind))
    decoded = decode_picture(data, "cut-out")
    assert decoded.opaque is not None
    assert not decoded.opaque[:, :6].any()
    assert decoded.opaque[:, 7:].mean() > 0.95
    assert (decoded.pixels[:, :6] == 255).all()
    if mode == "RGBA":
        halfway = (int(np.asarray(scene())[20, 6, 1]) + 255) / 2
        assert decoded.pixels[20, 6, 1] == pytest.approx(halfway, abs=2)
    np.testing.assert_array_equal(decode_crop(data, "cut-out"), decoded.pixels)
    assert not is_plain(data)


def test_opacity_that_hides_nothing_changes_nothing() -> None:
    decoded = decode_picture(encoded(scene().convert("RGBA"), "PNG"), "x")
    np.testing.assert_array_equal(decoded.pixels, np.asarray(scene()))
    assert decoded.opaque is None
    with pytest.raises(CorruptData, match="image x: it is wholly transparent"):
        decode_picture(encoded(Image.new("RGBA", (9, 9)), "PNG"), "x")


@pytest.mark.parametrize("channels", [1, 3])
def test_many_bits_become_eight(channels: int) -> None:
    deep = np.arange(HEIGHT * WIDTH * channels).reshape(HEIGHT, WIDTH, channels) * (65_535 // 1152)
    deep = np.repeat(deep.astype(np.uint16), 3 // channels, 2)
    data = cv2.imencode(".png", deep[..., 0] if channels == 1 else deep[..., ::-1])[1].tobytes()
    for pixels in (decode_picture(data, "x").pixels, decode_crop(data, "x")):
        np.testing.assert_array_equal(pixels, deep >> 8)
    assert is_plain(data) == (channels == 3)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(kind, mode) for kind in ("PNG", "BMP") for mode in ("1", "L", "P", "RGB")]
    + [("JPEG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK")],
)
def test_usual_kinds_are_what_a_viewer_shows(mode: str, kind: str) -> None:
    data = encoded(scene().convert(mode), kind, **({"progressive": True} if kind == "JPEG" else {}))
    with Image.open(io.BytesIO(data)) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    np.testing.assert_array_equal(decode_picture(data, "x").pixels, shown)
    assert np.abs(decode_crop(data, "x") - shown).mean() < 6
    assert is_plain(data)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def _huge_png(side: int = 60_000) -> bytes:
    """A few bytes that would become gigabytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = _chunk(b"IHDR", header), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _huge_jpeg(side: int = 65_000) -> bytes:
    data = encoded(scene(), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", side, side) + data[at + 4 :]


def _flipped(data: bytes) -> bytes:
    at = data.index(b"IDAT") + 20
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


MOVING = {"save_all": True, "append_images": [Image.new("RGB", (WIDTH, HEIGHT), "red")]}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (encoded(scene(), "PNG", **MOVING), "an animated PNG; save one"),
        (encoded(scene(), "WEBP", **MOVING), "an animated WebP; save one"),
        (encoded(scene(), "GIF", **MOVING), "this is a GIF; supported are"),
        (_flipped(encoded(scene(), "PNG")), "broken PNG"),
        (_huge_png(), "60000x60000 is above"),
        (_huge_png()[:100], "60000x60000 is above"),
        (encoded(scene(), "PNG")[:-20], "truncated PNG"),
        (encoded(scene(), "JPEG")[:-200], "truncated JPEG"),
        (encoded(scene(), "WEBP")[:-20], "truncated WebP"),
        (encoded(scene(), "BMP")[:-20], "truncated BMP"),
        (_huge_jpeg(), "is above"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "JPEG"),
        (b"\xff\xd8\xff\xd9", "broken JPEG"),
        (b"", "the file is empty"),
    ],
)
def test_others_are_refused_alike_by_both_decoders(data: bytes, why: str) -> None:
    for decode in (decode_picture, decode_crop):
        with pytest.raises(CorruptData, match=r"image own/7\.jpg: ") as refused:
            decode(data, "own/7.jpg")
        assert why in str(refused.value)
        assert "object at" not in str(refused.value)
        assert "verify" not in str(refused.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP"])
def test_whatever_is_damaged_is_decoded_or_refused(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    whole = encoded(scene().convert("RGBA" if kind in ("PNG", "WEBP") else "RGB"), kind, exif=exif)
    rng = random.Random(f"pictures {kind}")
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(4, len(data))] = rng.randrange(256)
        cut = bytes(data[: rng.randint(4, len(data))] if rng.random() < 0.3 else data)
        is_plain(cut)
        for decode in (decode_picture, decode_crop):
            try:
                decode(cut, "own/7.jpg")
            except CorruptData as error:
                assert "own/7.jpg" in str(error)
