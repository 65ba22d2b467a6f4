"""Lit and mask: whatever is wrong refuses the frame, alike in capture and in annotation."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from manifests.errors import FrameRefused
from synth_workers.images import (
    BLACK_MEAN,
    FLAT_DEVIATION,
    check_lit,
    decode_mask,
    encode_mask,
    read_lit,
)
from tests.synth_workers.encoding import encode_lit
from tests.synth_workers.encoding import encode_mask as encode_colours

SIZE = (64, 48)


def levels(mean: float, deviation: float) -> np.ndarray:
    """A (48, 64, 3) image of blocks whose grey levels have that mean and spread."""
    blocks = np.add.outer(np.arange(6), np.arange(8)) % 2 * 2.0 - 1.0
    grey = np.rint(mean + deviation * blocks).clip(0, 255).astype(np.uint8)
    return np.repeat(np.repeat(grey, 8, 0), 8, 1)[..., None].repeat(3, 2)


def reason_of(check, data: bytes, image_format: str) -> str | None:
    try:
        check(data, image_format, SIZE)
    except FrameRefused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("image_format", ["png", "jpg"])
@pytest.mark.parametrize(
    ("mean", "deviation", "reason"),
    [
        (0, 0, "black"),
        (BLACK_MEAN - 1, BLACK_MEAN - 1, "black"),
        (BLACK_MEAN + 2, FLAT_DEVIATION + 1, None),
        (90, 0, "flat"),
        (90, FLAT_DEVIATION - 1, "flat"),
        (90, FLAT_DEVIATION + 1, None),
        (200, 30, None),
    ],
)
def test_what_capture_lets_through_annotation_accepts(mean, deviation, reason, image_format):
    data = encode_lit(levels(mean, deviation), image_format)
    assert reason_of(check_lit, data, image_format) == reason
    assert reason_of(read_lit, data, image_format) == reason


@pytest.mark.parametrize("image_format", ["png", "jpg"])
def test_another_size_is_refused_before_it_is_decoded(image_format):
    whole = encode_lit(levels(90, 30)[:40], image_format)
    # Cut off behind the header: whoever decoded it would call it damaged.
    header = whole[:33] if image_format == "png" else whole[: whole.index(b"\xff\xda") + 14]
    for check in (check_lit, read_lit):
        assert reason_of(check, header, image_format) == "size-mismatch"


def test_a_lit_image_is_read_as_it_was_written():
    image = np.random.default_rng(2).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    assert np.array_equal(read_lit(encode_lit(image, "png"), "png", SIZE), image)


@pytest.mark.parametrize("kind", ["palette", "rgb", "rgba"])
def test_the_pixels_of_everybody_are_counted_in_any_encoding(kind):
    owner = np.random.default_rng(1).integers(-1, 4, (48, 64))
    colours = np.array([0xFF0000, 0x00FF00, 0x0000FF, 0x102030], np.uint32)
    image = np.where(owner >= 0, colours[owner], 0).astype(np.uint32)
    mask = decode_mask(encode_colours(image, kind), SIZE)
    assert mask.shown() == {(255, 0, 0), (0, 255, 0), (0, 0, 255), (16, 32, 48)}
    labels = mask.labels(colours)
    counts = [int((owner == person).sum()) for person in range(4)]
    assert mask.pixels_of(labels, 4).tolist() == counts
    stored = decode_mask(encode_mask((owner + 1).astype(np.uint8), colours.tolist()), SIZE)
    assert stored.pixels_of(stored.labels(colours), 4).tolist() == counts


def test_an_index_beyond_the_palette_is_not_the_background():
    header = struct.pack(">IIBBBBB", *SIZE, 8, 3, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x07" * 64) * 48)
    chunks = {b"IHDR": header, b"PLTE": bytes([0, 0, 0, 255, 0, 0]), b"IDAT": rows, b"IEND": b""}
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks.items()
    )
    with pytest.raises(FrameRefused, match="palette") as refused:
        decode_mask(data, SIZE)
    assert refused.value.reason == "undecodable"


def grey_png() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (64, 48)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "undecodable"),
        (b"\xff\xd8\xff" + bytes(100), "undecodable"),
        (encode_colours(np.zeros((48, 64), np.uint32), "palette")[:60], "undecodable"),
        (encode_colours(np.zeros((48, 65), np.uint32), "palette"), "size-mismatch"),
        (grey_png(), "mask-format"),
    ],
)
def test_damaged_or_unfit_masks_are_refused(data, reason):
    with pytest.raises(FrameRefused) as refused:
        decode_mask(data, (64, 48))
    assert refused.value.reason == reason


def test_damage_in_the_middle_of_rgba_pixels_is_refused():
    rng = np.random.default_rng(0)
    data = bytearray(encode_colours(rng.integers(0, 1 << 24, (48, 64)).astype(np.uint32), "rgba"))
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    with pytest.raises(FrameRefused):
        decode_mask(bytes(data), (64, 48))
