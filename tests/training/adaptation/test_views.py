"""Pictures in the style of other cameras: by statistics, or from a CamStyle folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg

from manifests.errors import NotFound
from tests.training.striped_people import striped_crops
from training.adaptation.views import CameraStyles, CamStyleFolder, draw_cameras
from training.data.crops import CropSet


def crops_of_a_sharp_and_a_blurred_camera() -> CropSet:
    """Camera 1 shows the same people darker, bluer and blurred."""
    crops = striped_crops(people=12, cameras=2, images=3)
    rng = np.random.default_rng(0)
    images = rng.integers(-40, 41, crops.images.shape) + crops.images
    for row in np.flatnonzero(crops.camera == 1):
        other = cv2.GaussianBlur(images[row].astype(np.float32), (0, 0), 1.2)
        images[row] = other * [0.5, 0.6, 0.9]
    return replace(crops, images=np.clip(images, 0, 255).astype(np.uint8))


def detail(images: np.ndarray) -> float:
    return float(np.abs(np.diff(images.astype(float), axis=2)).mean())


def test_statistics_move_to_those_of_the_other_camera() -> None:
    crops = crops_of_a_sharp_and_a_blurred_camera()
    styles = CameraStyles(crops, seed=0)
    # Detail that blur has taken away can be brought back in part only.
    for own, other, left in ((0, 1, 0.7), (1, 0, 0.9)):
        rows = np.flatnonzero(crops.camera == own)
        target = crops.images[crops.camera == other]
        restyled = styles.pictures(rows, np.full(len(rows), other))
        before, after, wanted = (
            (i.mean(axis=(0, 1, 2)), detail(i)) for i in (crops.images[rows], restyled, target)
        )
        assert np.abs(after[0] - wanted[0]).max() < 0.2 * np.abs(before[0] - wanted[0]).max()
        assert abs(after[1] - wanted[1]) < left * abs(before[1] - wanted[1])


def test_the_own_camera_shows_the_picture_itself() -> None:
    crops = crops_of_a_sharp_and_a_blurred_camera()
    rows = np.array([0, 5, 40])
    shown = CameraStyles(crops, seed=0).pictures(rows, crops.camera[rows])
    np.testing.assert_array_equal(shown, crops.images[rows])


def test_different_people_stay_different() -> None:
    crops = crops_of_a_sharp_and_a_blurred_camera()
    rows = np.flatnonzero(crops.camera == 0)[::3]
    shown = CameraStyles(crops, seed=0).pictures(rows, np.ones(len(rows), int)).astype(float)
    colours = shown[:, 15:30, 12:20].mean(axis=(1, 2))
    distances = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert distances[np.triu_indices(len(rows), 1)].min() > 3


@pytest.mark.parametrize(("cameras", "distinct"), [(6, 4), (4, 4), (3, 3), (1, 1)])
def test_cameras_of_the_views(cameras: int, distinct: int) -> None:
    drawn = draw_cameras(50, cameras, 4, np.random.default_rng(0))
    assert drawn.shape == (50, 4)
    assert all(len(set(row)) == distinct for row in drawn.tolist())
    assert set(drawn.ravel().tolist()) == set(range(cameras))


def fake_pictures(folder: Path, crops: CropSet, name: str) -> None:
    for key, own in zip(crops.keys.tolist(), crops.camera.tolist()):
        for other in range(len(crops.camera_names)):
            if other != own:
                shade = np.full((64, 32, 3), 40 * (other + 1), np.uint8)
                path = folder / name.format(Path(key).stem, own + 1, other + 1)
                path.write_bytes(simplejpeg.encode_jpeg(shade, quality=95))


def market_like_crops() -> CropSet:
    crops = striped_crops(people=2, cameras=3, images=1)
    keys = [
        f"train/{who:04d}_c{c + 1}s1_000151_01.jpg" for who, c in zip(crops.person, crops.camera)
    ]
    return replace(crops, camera_names=("1", "2", "3"), keys=np.array(keys))


@pytest.mark.parametrize("name", ["{0}_fake_{1}to{2}.jpg", "{0}_fake_{2}.jpg"])
def test_camstyle_folder(tmp_path: Path, name: str) -> None:
    crops = market_like_crops()
    fake_pictures(tmp_path, crops, name)
    views = CamStyleFolder(tmp_path, crops)
    row = int(np.flatnonzero(crops.camera == 0)[0])
    shown = views.pictures(np.array([row, row, row]), np.array([0, 1, 2]))
    np.testing.assert_array_equal(shown[0], crops.images[row])
    assert shown[1].mean() == pytest.approx(80, abs=2)
    assert shown[2].mean() == pytest.approx(120, abs=2)


def test_an_incomplete_camstyle_folder_is_refused(tmp_path: Path) -> None:
    crops = market_like_crops()
    fake_pictures(tmp_path, crops, "{0}_fake_{1}to{2}.jpg")
    next(tmp_path.iterdir()).unlink()
    with pytest.raises(NotFound, match="1 views are missing"):
        CamStyleFolder(tmp_path, crops)
    with pytest.raises(NotFound, match="no such folder"):
        CamStyleFolder(tmp_path / "nowhere", crops)
