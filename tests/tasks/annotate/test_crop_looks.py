"""Looks of crops: what each setting does to a picture, and whose look a camera has."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from pydantic import ValidationError

from manifests.annotation_rules import AnnotationRules
from manifests.crop_looks import CropLook
from manifests.schema import BOX, CROP_BOX
from tasks.annotate.crop_looks import brightness_of, graded, look_of_camera
from tests.tasks.annotate.test_shard import annotate, busy_scene, rows_of


def picture() -> np.ndarray:
    """(256, 96, 3) BGR: soft blobs of dull colours around mid grey."""
    noise = np.random.default_rng(3).normal(size=(256, 96, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(110 + 35 * soft / soft.std(), 0, 255).astype(np.uint8)


def under(frame_brightness: float = 110.0, **settings: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    look = CropLook.model_validate(settings)
    return graded(picture(), look, frame_brightness, rng).astype(np.float64)


def detail(pixels: np.ndarray) -> float:
    return float(cv2.Laplacian(pixels.mean(2), cv2.CV_64F).std())


def test_no_setting_changes_nothing():
    assert (under() == picture()).all()


def test_each_setting_does_what_it_is_called():
    plain = picture().astype(np.float64)
    blue, green, red = under(warmth=0.2).reshape(-1, 3).mean(0) / plain.reshape(-1, 3).mean(0)
    assert red > 1.05 > green > 0.98 > 0.95 > blue
    blue, green, red = under(tint=-0.2).reshape(-1, 3).mean(0) / plain.reshape(-1, 3).mean(0)
    assert green > 1.05 and red < 0.97 and blue < 0.97
    assert under(brightness=1.3).mean() == pytest.approx(1.3 * plain.mean(), rel=0.05)
    assert under(contrast=0.5).std() == pytest.approx(plain.std() / 2, rel=0.05)
    assert np.ptp(under(saturation=0.0), axis=2).max() <= 1
    assert detail(under(sharpness=1.0)) > 1.3 * detail(plain) > 1.3 * detail(under(sharpness=-1.0))
    assert (under(noise=8.0) - plain).std() == pytest.approx(8, abs=2)


def test_a_steady_camera_makes_dark_and_bright_frames_alike():
    dark, bright = under(60.0, steadiness=1.0).mean(), under(220.0, steadiness=1.0).mean()
    assert dark > picture().mean() > bright
    assert under(60.0, steadiness=0.5).mean() < dark
    assert brightness_of(np.full((64, 64, 3), 80, np.uint8)) == pytest.approx(80)


def test_blur_and_grain_have_the_size_of_the_person():
    """A crop of twice the height, made small again, is as sharp as one of half the height."""
    small = cv2.resize(picture(), (48, 128), interpolation=cv2.INTER_AREA)
    look = CropLook(sharpness=-1.0, noise=6.0)
    once = graded(small, look, 110.0, np.random.default_rng(1)).astype(np.float64)
    large = graded(picture(), look, 110.0, np.random.default_rng(1))
    again = cv2.resize(large, (48, 128), interpolation=cv2.INTER_AREA).astype(np.float64)
    assert detail(again) == pytest.approx(detail(once), rel=0.4)


def test_a_camera_keeps_its_look_and_several_cameras_share_them():
    looks = [CropLook(brightness=value) for value in (0.8, 1.0, 1.2)]
    names = [f"street_c{number:02d}" for number in range(30)]
    found = [look_of_camera(name, looks) for name in names]
    assert found == [look_of_camera(name, looks) for name in names]
    assert all(5 <= found.count(look) <= 15 for look in looks)
    assert look_of_camera("street_c01", ()) is None


def test_every_camera_has_a_drawn_look_of_its_own():
    names = [f"street_c{number:02d}" for number in range(60)]
    found = [look_of_camera(name, "drawn") for name in names]
    assert found == [look_of_camera(name, "drawn") for name in names]
    looks = [look for look in found if look is not None]
    assert len({look.model_dump_json() for look in looks}) == len(names)
    for field in ("warmth", "tint", "sharpness"):
        assert {getattr(look, field) > 0 for look in looks} == {True, False}
    graded_ones = [graded(picture(), look, 110.0, np.random.default_rng(1)) for look in looks]
    assert all(20 < crop.mean() < 235 and crop.std() > 8 for crop in graded_ones)


def test_drawn_looks_are_asked_for_by_a_word():
    rules = AnnotationRules.model_validate({"looks": "drawn"})
    assert AnnotationRules.model_validate_json(rules.model_dump_json()) == rules
    with pytest.raises(ValidationError, match="drawn"):
        AnnotationRules.model_validate({"looks": "any"})
    with pytest.raises(ValidationError, match="looks"):
        AnnotationRules.model_validate({"looks": "drawn", "rules": "unrealperson"})


def test_annotation_puts_looks_on_crops_and_moves_no_box(tmp_path: Path):
    grey = AnnotationRules(looks=(CropLook(saturation=0.0, noise=4.0, jpeg_quality=60),))
    plain, looked, again = (
        rows_of(annotate(tmp_path, [busy_scene().row()], rules=rules))
        for rules in (AnnotationRules(), grey, grey)
    )
    assert looked == again
    for person, row in looked.items():
        before = plain[person]
        assert all(row[name] == before[name] for name in (*BOX, *CROP_BOX, "visibility"))
        assert row["jpeg"] != before["jpeg"] and len(row["jpeg"]) > 0
        pixels = simplejpeg.decode_jpeg(row["jpeg"], "RGB")
        assert pixels.shape[:2] == (row["height"], row["width"])
        assert np.ptp(pixels.astype(int), axis=2).mean() < 3


def test_recipes_without_looks_keep_their_identity_and_the_papers_rules_have_none():
    assert "looks" not in AnnotationRules().model_dump(mode="json")
    with pytest.raises(ValidationError, match="is for the rules `native`"):
        AnnotationRules(rules="unrealperson", looks=(CropLook(),))
    with pytest.raises(ValidationError, match="noise"):
        CropLook(noise=100)
