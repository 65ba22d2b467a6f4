"""What is behind a camera's lens: chains of faults, seeded by camera and frame."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from pydantic import ValidationError

from manifests.capture_rules import CaptureRules
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from synth_workers.engine.sensor import SensorSettings
from synth_workers.engine.sensor_chains import (
    CHAINS,
    FIELD_SECONDS,
    Shot,
    bayer,
    bleed,
    code,
    defocus,
    grain,
    one_field,
    through_chain,
    weave,
)

FAULTY = [name for name in CHAINS.names if name != "scene"]
SETTINGS = SensorSettings(seed=5, frame=9, camera=3)


def picture() -> np.ndarray:
    """Stripes, finer downwards, in colours."""
    x, y = np.meshgrid(np.arange(96), np.arange(64))
    waves = 128 + 90 * np.sin(x * (0.2 + y / 40))
    return np.stack([waves, np.roll(waves, 9, 1), waves[::-1]], -1).astype(np.uint8)


def delivered(name: str, settings: SensorSettings = SETTINGS) -> np.ndarray:
    far = np.full((64, 96), 1200.0, np.float32)
    chosen = replace(settings, chain=name)
    return through_chain(picture(), chosen, lambda: far, lambda _: picture())


def shot(depth: np.ndarray | None = None) -> Shot:
    near = np.full((64, 96), 300.0, np.float32) if depth is None else depth
    camera, frame = np.random.default_rng(1), np.random.default_rng(2)
    return Shot(picture(), camera, frame, lambda: near, lambda _: 255 - picture())


def test_recipes_and_the_table_know_the_same_sensors() -> None:
    assert get_args(CaptureRules.model_fields["sensor"].annotation) == CHAINS.names


def test_the_scene_alone_leaves_pictures_as_they_are() -> None:
    assert np.array_equal(delivered("scene"), picture())


@pytest.mark.parametrize("name", FAULTY)
def test_a_frame_is_the_same_again_and_others_differ(name: str) -> None:
    first = delivered(name)
    assert first.shape == picture().shape and first.dtype == np.uint8
    assert np.array_equal(first, delivered(name))
    next_frame = delivered(name, replace(SETTINGS, frame=10))
    next_camera = delivered(name, replace(SETTINGS, camera=4))
    assert not np.array_equal(first, next_frame) and not np.array_equal(first, next_camera)


def test_frames_of_one_camera_differ_less_than_cameras() -> None:
    def brightness(camera: int, frame: int) -> float:
        return float(delivered("cctv", SensorSettings(camera=camera, frame=frame)).mean())

    table = np.array([[brightness(camera, frame) for frame in range(6)] for camera in range(12)])
    assert table.std(axis=1).mean() < table.mean(axis=1).std()


def test_what_is_out_of_focus_is_softer() -> None:
    depth = np.full((64, 96), 1200.0, np.float32)
    depth[:, 48:] = 150.0
    soft = shot(depth)
    defocus(soft, 2.0)
    lost = np.abs(soft.picture.astype(int) - picture()).mean(axis=(0, 2))
    assert lost[52:].mean() > 3 * lost[:44].mean()


def test_one_field_has_half_the_lines_and_coding_half_the_colours() -> None:
    field, coded = shot(), shot()
    one_field(field)
    between = field.picture[1:-1].astype(int) * 2 - field.picture[:-2] - field.picture[2:]
    original = picture()[1:-1].astype(int) * 2 - picture()[:-2] - picture()[2:]
    assert np.abs(between).mean() < 0.6 * np.abs(original).mean()
    code(coded, 40)
    assert 2.0 < np.abs(coded.picture.astype(int) - picture()).mean() < 40.0


@pytest.mark.parametrize(
    "engine",
    [{"kind": "unreal", "game": "town", "build": "1"}, {"contract": "unrealperson"}],
    ids=["a game", "a level of the paper"],
)
def test_who_has_sensors_of_their_own_refuses_others(engine: dict[str, str]) -> None:
    asked = load_recipe("tiny").model_dump()
    asked["capture"]["sensor"] = "cctv"
    asked["engine"] = engine
    with pytest.raises(ValidationError, match=r"capture\.sensor: 'cctv' is of the engine"):
        Recipe.model_validate(asked)


def test_noise_is_in_every_colour() -> None:
    noisy = shot()
    noisy.picture = np.full((64, 96, 3), 120, np.uint8)
    grain(noisy, 0.03)
    assert noisy.picture.std(axis=(0, 1)).min() > 4.0


def test_colours_keep_their_places() -> None:
    """Red is not blue behind a mosaic, in a codec, or where colours run."""
    even = shot()
    even.picture = np.full((64, 96, 3), (200, 100, 50), np.uint8)
    for step in (bayer, one_field, lambda each: bleed(each, 3.0), lambda each: code(each, 60)):
        step(even)
    assert np.abs(even.picture.astype(int) - (200, 100, 50)).max() <= 3


def test_fields_of_two_instants_are_woven_line_by_line_and_what_stands_is_not_combed() -> None:
    one = shot()
    weave(one, one.later(0.02))
    assert np.array_equal(one.picture[::2], picture()[::2])
    assert np.array_equal(one.picture[1::2], 255 - picture()[1::2])

    def combed(second: np.ndarray) -> float:
        flat = np.full((64, 96, 3), 120, np.uint8)
        asked: list[float] = []
        settings = replace(SETTINGS, chain="interlaced")
        seen = through_chain(
            flat, settings, lambda: flat[..., 0], lambda s: asked.append(s) or second
        ).astype(int)
        assert asked == [FIELD_SECONDS]
        return float(np.abs(np.diff(seen.mean(axis=(1, 2)))).mean())

    flat = np.full((64, 96, 3), 120, np.uint8)
    assert combed(flat + 60) > 10 * combed(flat)
