"""Random changes keep shape and type, come from the seed, and do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from training.config import AugmentationSettings
from training.data.augmentation import augment, change_colours, erase, flip_and_crop

ALL = AugmentationSettings(flip=0.5, pad=4, erase=0.7, jitter=0.8, blur=0.5)


def pictures(count: int = 6, height: int = 32, width: int = 16) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(60, 200, (count, height, width, 3), dtype=np.uint8)


def test_same_generator_same_pictures() -> None:
    images = pictures()
    before = images.copy()
    first = augment(images, ALL, np.random.default_rng(1))
    again = augment(images, ALL, np.random.default_rng(1))
    assert first.shape == images.shape
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(images, before)
    assert (first != augment(images, ALL, np.random.default_rng(2))).any()


def test_nothing_asked_nothing_changed() -> None:
    nothing = AugmentationSettings(flip=0, pad=0)
    images = pictures()
    np.testing.assert_array_equal(augment(images, nothing, np.random.default_rng(3)), images)


def test_pad_and_crop_equals_padding_then_cutting() -> None:
    images = pictures(count=40)
    out = flip_and_crop(images, 0.5, 3, np.random.default_rng(4))
    rng = np.random.default_rng(4)
    flipped = rng.random(40) < 0.5
    moves = rng.integers(0, 7, size=(40, 2)) - 3
    assert 0 < flipped.sum() < 40
    for image, changed, mirrored, (dy, dx) in zip(images, out, flipped, moves, strict=True):
        padded = np.pad(image[:, ::-1] if mirrored else image, ((3, 3), (3, 3), (0, 0)))
        np.testing.assert_array_equal(changed, padded[3 - dy : 35 - dy, 3 - dx : 19 - dx])


def test_chosen_rows_are_changed_copies_of_these_rows() -> None:
    images = pictures(count=9)
    rows = np.array([7, 0, 7])
    chosen = augment(images, ALL, np.random.default_rng(8), rows)
    np.testing.assert_array_equal(chosen, augment(images[rows], ALL, np.random.default_rng(8)))


def test_erasing_covers_the_share_it_was_given() -> None:
    images = pictures(count=300, height=64, width=32)
    changed = images.copy()
    erase(changed, 0.5, (0.1, 0.2), np.random.default_rng(5))
    share = (changed != images).any(axis=-1).mean(axis=(1, 2))
    assert 0.35 < (share > 0).mean() < 0.65
    assert 0.05 < share[share > 0].min() <= share.max() <= 0.2


@pytest.mark.parametrize("factor", ["brightness", "contrast", "saturation", "white_balance"])
def test_each_colour_change_acts_alone(factor: str) -> None:
    off = {"brightness": 0, "contrast": 0, "saturation": 0, "white_balance": 0}
    settings = AugmentationSettings.model_validate({"jitter": 1, **off, factor: 0.5})
    images = pictures()
    images[..., 2] //= 2
    changed = images.copy()
    change_colours(changed, settings, np.random.default_rng(6))
    before, after = images.astype(float), changed.astype(float)
    shift = ((after - before) @ [0.299, 0.587, 0.114]).mean((1, 2))
    if factor in ("contrast", "saturation"):
        assert (abs(shift) < 3).all()
    else:
        assert (abs(shift) > 1).any()
    assert (changed != images).any()
    unchanged = images.copy()
    nothing = AugmentationSettings.model_validate({"jitter": 1, **off})
    change_colours(unchanged, nothing, np.random.default_rng(6))
    assert abs(unchanged.astype(int) - images).max() <= 1
