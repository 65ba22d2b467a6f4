"""Pictures are told by their content, and what is missing or foreign is named."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from manifests.errors import CorruptData
from manifests.picture_files import (
    PictureFormat,
    is_cut_off,
    picture_format,
    picture_size,
)

WIDTH, HEIGHT = 37, 53


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    """A picture as Pillow writes it."""
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


WHOLE = {
    "jpeg": (encoded("JPEG"), PictureFormat.jpeg),
    "png": (encoded("PNG"), PictureFormat.png),
    "png palette": (encoded("PNG", "P"), PictureFormat.png),
    "bmp": (encoded("BMP"), PictureFormat.bmp),
    "bmp palette": (encoded("BMP", "P"), PictureFormat.bmp),
    "bmp black and white": (encoded("BMP", "1"), PictureFormat.bmp),
    "bmp with opacity": (encoded("BMP", "RGBA"), PictureFormat.bmp),
    "webp": (encoded("WEBP"), PictureFormat.webp),
    "webp lossless": (encoded("WEBP", lossless=True), PictureFormat.webp),
    "webp with opacity": (encoded("WEBP", "RGBA", exif=b"Exif\0\0"), PictureFormat.webp),
}


@pytest.mark.parametrize("name", WHOLE)
def test_formats_sizes_and_ends(name: str) -> None:
    data, kind = WHOLE[name]
    assert picture_format(data, name) is kind
    assert not is_cut_off(data, kind)
    for share in (0.5, 0.9, 0.999):
        assert is_cut_off(data[: int(len(data) * share)], kind), share
    if kind is not PictureFormat.jpeg:
        assert picture_size(memoryview(data), kind, name) == (WIDTH, HEIGHT)
        assert not is_cut_off(data + b"something after it", kind)


def test_a_bmp_that_begins_with_its_top_row() -> None:
    data = bytearray(encoded("BMP"))
    data[22:26] = (-HEIGHT).to_bytes(4, "little", signed=True)
    assert picture_size(bytes(data), PictureFormat.bmp, "top.bmp") == (WIDTH, HEIGHT)
    assert not is_cut_off(bytes(data), PictureFormat.bmp)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (encoded("TIFF"), "this is a TIFF; supported are JPEG, PNG, BMP, WebP"),
        (encoded("GIF"), "this is a GIF"),
        (encoded("PPM"), "this is a PNM"),
        (encoded("JPEG2000"), "this is a JPEG 2000"),
        (encoded("ICO"), "this is a Windows icon"),
        (encoded("PDF"), "this is a PDF"),
        (b"\0\0\0 ftypavif\0\0\0\0", "this is an AVIF"),
        (b"<?xml version='1.0'?><svg/>", "this is an SVG"),
        (b"<!DOCTYPE html><html>not found", "this is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "this is a Git LFS pointer"),
        (b"", "the file is empty"),
        (b"BMW is no picture, whatever it begins with", "begins with b'BMW is n'"),
        (b"\x89PNG but nothing else", "begins with"),
    ],
)
def test_other_files_are_called_what_they_are(data: bytes, what: str) -> None:
    with pytest.raises(CorruptData, match=f"image a/7.jpg: {what}"):
        picture_format(data, "a/7.jpg")


@pytest.mark.parametrize("kind", [PictureFormat.png, PictureFormat.bmp, PictureFormat.webp])
def test_headers_that_are_cut_off_or_senseless(kind: PictureFormat) -> None:
    data = encoded(kind.upper())
    with pytest.raises(CorruptData, match=f"truncated {kind}, it ends after 17 bytes"):
        picture_size(data[:17], kind, "a/7.jpg")
    at = {PictureFormat.png: 16, PictureFormat.bmp: 18, PictureFormat.webp: 26}[kind]
    with pytest.raises(CorruptData, match=f"broken {kind} of 0x"):
        picture_size(data[:at] + bytes(4) + data[at + 4 :], kind, "a/7.jpg")


def test_opencv_writes_what_is_understood_too() -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for suffix, kind in ((".png", PictureFormat.png), (".webp", PictureFormat.webp)):
        data = cv2.imencode(suffix, pixels)[1].tobytes()
        assert picture_size(data, picture_format(data, "x"), "x") == (WIDTH, HEIGHT)
        assert not is_cut_off(data, kind)
