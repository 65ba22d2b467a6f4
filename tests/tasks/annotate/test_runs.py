"""Runs: every encoding of a mask gives the same ones, strangers refuse the frame."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import FrameRefused
from synth_workers.images import decode_mask
from tasks.annotate.runs import label_runs
from tests.synth_workers.encoding import encode_mask
from tests.tasks.annotate.drawing import Scene, colour_of


def three_people() -> Scene:
    return (
        Scene(width=64, height=48)
        .person(0, (5, 5, 25, 40))
        .person(1, (20, 10, 40, 44), "rectangle")
        .person(2, (60, 0, 64, 48), "rectangle")
    )


def painted(runs) -> np.ndarray:
    """The runs drawn back into an image of labels."""
    image = np.full((runs.height, runs.width), -1)
    for label, y, x0, x1 in zip(runs.label, runs.y, runs.x0, runs.x1, strict=True):
        assert (image[y, x0:x1] == -1).all()
        image[y, x0:x1] = label
    return image


@pytest.mark.parametrize("kind", ["palette", "rgb", "rgba"])
def test_runs_redraw_the_mask(kind):
    scene = three_people()
    mask = decode_mask(encode_mask(scene.colours(), kind), (64, 48))
    runs = label_runs(mask, np.array([colour_of(i) for i in range(3)]))
    assert np.array_equal(painted(runs), scene.owner)


def test_labels_follow_the_order_of_the_known_colours():
    scene = three_people()
    mask = decode_mask(encode_mask(scene.colours(), "rgb"), (64, 48))
    runs = label_runs(mask, np.array([colour_of(i) for i in (9, 2, 0, 1)]))
    relabelled = np.array([2, 3, 1, -1])[scene.owner]
    assert np.array_equal(painted(runs), relabelled)


def test_three_hundred_people_need_more_than_a_palette():
    rng = np.random.default_rng(3)
    owner = rng.integers(-1, 300, (90, 120))
    colours = np.array([colour_of(i) for i in range(300)], np.uint32)
    image = np.where(owner >= 0, colours[owner], 0).astype(np.uint32)
    runs = label_runs(decode_mask(encode_mask(image, "rgba"), (120, 90)), colours)
    assert np.array_equal(painted(runs), owner)


def test_an_empty_mask_has_no_runs():
    mask = decode_mask(encode_mask(np.zeros((48, 64), np.uint32), "palette"), (64, 48))
    assert label_runs(mask, np.array([colour_of(0)])).label.size == 0
    assert label_runs(mask, np.array([], np.uint32)).label.size == 0


@pytest.mark.parametrize("kind", ["palette", "rgba"])
def test_a_colour_of_nobody_refuses_the_frame_or_is_background_on_request(kind):
    scene = three_people()
    mask = decode_mask(encode_mask(scene.colours(), kind), (64, 48))
    known = np.array([colour_of(0), colour_of(1)])
    with pytest.raises(FrameRefused, match=f"{colour_of(2):06x}") as refused:
        label_runs(mask, known)
    assert refused.value.reason == "unknown-colour"
    runs = label_runs(mask, known, foreign="background")
    assert np.array_equal(painted(runs), np.where(scene.owner == 2, -1, scene.owner))


@pytest.mark.parametrize("difference, kept", [(3, True), (4, False)])
def test_tolerance_is_per_channel(difference, kept):
    image = np.zeros((10, 10), np.uint32)
    image[2:5, 2:5] = (100 + difference) << 16 | (50 - difference) << 8 | 20
    mask = decode_mask(encode_mask(image, "rgba"), (10, 10))
    known = np.array([100 << 16 | 50 << 8 | 20, 200 << 16])
    runs = label_runs(mask, known, tolerance=3, foreign="background")
    assert (runs.label.tolist() == [0, 0, 0]) is kept


@pytest.mark.parametrize("colours", [[5, 7, 5], [5, 0]])
def test_people_must_have_colours_of_their_own(colours):
    mask = decode_mask(encode_mask(np.zeros((8, 8), np.uint32), "rgb"), (8, 8))
    with pytest.raises(FrameRefused) as refused:
        label_runs(mask, np.array(colours))
    assert refused.value.reason == "duplicate-colour"
