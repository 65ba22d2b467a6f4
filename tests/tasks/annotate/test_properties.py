"""Properties that must hold for any mask and any damage."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from manifests.errors import FrameRefused
from synth_workers.images import decode_mask, read_lit
from tasks.annotate.measure import drawn, measure, pixels_in_boxes
from tasks.annotate.rle import decode_rle, encode_rle
from tasks.annotate.runs import label_runs
from tests.synth_workers.encoding import encode_lit, encode_mask
from tests.tasks.annotate.drawing import Scene, colour_of
from tests.tasks.annotate.reference import boxes_and_areas

PEOPLE = 5
owners = st.tuples(st.integers(1, 24), st.integers(1, 24)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(-1, PEOPLE - 1))
)
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]  (an enumeration)
)

SCENE = Scene(width=96, height=64).person(0, (20, 10, 50, 60)).person(1, (40, 5, 80, 64))
SCENE.pixels = np.random.default_rng(0).integers(0, 255, SCENE.pixels.shape).astype(np.uint8)
PALETTE = encode_mask(SCENE.colours(), "palette")
RGBA = encode_mask(SCENE.colours(), "rgba")
LIT = encode_lit(SCENE.pixels, "png")


@quick
@given(owners, st.sampled_from(["palette", "rgb", "rgba"]))
def test_measurements_equal_pixel_counting_for_any_mask(owner, kind):
    height, width = owner.shape
    colours = np.array([colour_of(i) for i in range(PEOPLE)], np.uint32)
    image = np.where(owner >= 0, colours[owner], 0).astype(np.uint32)
    runs = label_runs(decode_mask(encode_mask(image, kind), (width, height)), colours)
    found = measure(runs, PEOPLE)
    boxes, areas = boxes_and_areas(owner, PEOPLE)
    assert np.array_equal(found.boxes, boxes) and np.array_equal(found.visible, areas)
    counts = pixels_in_boxes(runs, boxes, PEOPLE)
    for person, (x0, y0, x1, y1) in enumerate(boxes):
        inside = owner[y0:y1, x0:x1]
        assert counts[person].tolist() == [int((inside == i).sum()) for i in range(PEOPLE)]
        assert np.array_equal(drawn(runs, person, boxes[person]), inside == person)


@quick
@given(arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_run_lengths_are_undone_by_decoding(mask):
    height, width = mask.shape
    assert np.array_equal(decode_rle(encode_rle(mask, 0, 0, height), width, height), mask)


@quick
@given(st.sampled_from([PALETTE, RGBA]), st.data())
def test_a_damaged_mask_is_refused_or_unchanged(data, draw):
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 3))):
        damaged[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    damaged = (
        damaged[: draw.draw(st.integers(0, len(data)))] if draw.draw(st.booleans()) else damaged
    )
    whole, colours = decode_mask(data, (96, 64)), np.array([colour_of(0), colour_of(1)])
    try:
        runs = label_runs(decode_mask(bytes(damaged), (96, 64)), colours)
    except FrameRefused:
        return
    expected = label_runs(whole, colours)
    assert all(np.array_equal(getattr(runs, n), getattr(expected, n)) for n in ("y", "x0", "label"))


@quick
@given(st.binary(max_size=200), st.sampled_from(["png", "jpg"]))
def test_any_bytes_are_an_image_or_a_refusal(data, kind):
    for prefix in (b"", LIT[:33], b"\xff\xd8\xff\xe0"):
        for decode in (lambda d: read_lit(d, kind, (96, 64)), lambda d: decode_mask(d, (96, 64))):
            try:
                decode(prefix + data)
            except FrameRefused as refused:
                assert refused.reason in ("undecodable", "size-mismatch", "mask-format")


@quick
@given(st.integers(0, len(LIT) - 1), st.integers(1, 255))
def test_a_damaged_lit_png_is_refused_or_unchanged(position, change):
    damaged = bytearray(LIT)
    damaged[position] ^= change
    try:
        assert np.array_equal(read_lit(bytes(damaged), "png", (96, 64)), SCENE.pixels)
    except FrameRefused as refused:
        assert refused.reason in ("undecodable", "size-mismatch")
