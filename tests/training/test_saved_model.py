"""A saved model embeds crops of one's own, as evaluation embeds a data set's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from manifests.errors import BadRecipe, NotFound
from training.checkpoints import Checkpoint, save_checkpoint
from training.config import Precision, load_training
from training.models.person_net import build_network
from training.saved_model import Model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with an untrained network of the smallest preset."""
    config = load_training("tiny", {"precision": "fp32"})
    network = build_network(config.model, people=2, seed=3)
    folder = tmp_path_factory.mktemp("model")
    checkpoint = Checkpoint(config, "run", Precision.fp32, 0, ("a", "b"), network.state_dict())
    save_checkpoint(folder / "model.pt", checkpoint)
    return folder


@pytest.fixture(scope="module")
def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (90 + i, 40, 3), np.uint8) for i in range(6)]


def test_arrays_bytes_and_files_are_the_same_crops(
    folder: Path, crops: list[np.ndarray], tmp_path: Path
):
    coded = [cv2.imencode(".png", crop[..., ::-1])[1].tobytes() for crop in crops]
    files = [tmp_path / f"{i}.png" for i in range(len(crops))]
    for file, data in zip(files, coded, strict=True):
        file.write_bytes(data)
    model = Model.load(folder)
    features = model.embed(crops)
    assert features.shape == (6, model.dimension) and features.dtype == np.float32
    assert np.allclose(np.linalg.norm(features, axis=1), 1, atol=1e-5)
    assert np.array_equal(model.embed(coded), features)
    assert np.array_equal(Model.load(folder / "model.pt").embed(files), features)


def test_each_named_camera_has_statistics_of_its_own(folder: Path, crops: list[np.ndarray]):
    model = Model.load(folder)
    apart = model.embed(crops, cameras=["a", "a", "a", "b", "b", "b"])
    assert np.allclose(apart[:3], model.embed(crops[:3]), atol=1e-5)
    assert not np.allclose(apart, model.embed(crops), atol=1e-3)


def test_nothing_gives_nothing(folder: Path):
    assert Model.load(folder).embed([]).shape[0] == 0


def test_what_is_no_crop_is_refused(folder: Path, crops: list[np.ndarray], tmp_path: Path):
    model = Model.load(folder)
    with pytest.raises(BadRecipe, match=r"crop 1 must be .* uint8 sRGB, got \(90, 40, 3\) float64"):
        model.embed([crops[0], crops[0] / 255])
    with pytest.raises(BadRecipe, match="6 crops, but 1 names of cameras"):
        model.embed(crops, cameras=["a"])
    with pytest.raises(NotFound, match=r"nobody\.jpg"):
        model.embed([tmp_path / "nobody.jpg"])
    with pytest.raises(NotFound):
        Model.load(tmp_path)


def test_a_camera_of_one_crop_is_refused(folder: Path, crops: list[np.ndarray]):
    """Its statistics would be those of that crop, and every feature the same."""
    model = Model.load(folder)
    for cameras in (None, ["a"]):
        with pytest.raises(BadRecipe, match="only one crop of camera"):
            model.embed(crops[:1], cameras)
    with pytest.raises(BadRecipe, match="only one crop of camera 'b'"):
        model.embed(crops[:3], ["a", "a", "b"])
