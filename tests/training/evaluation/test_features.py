"""Features under test-time statistics of each camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.striped_people import striped_crops
from training.config import ModelSettings, Precision
from training.evaluation import features
from training.evaluation.features import extract_features
from training.models.camera_batch_norm import CameraBatchNorm
from training.models.resnet import PersonNet, build_network
from training.precision import arithmetic

FP32 = arithmetic(Precision.fp32, torch.device("cpu"))


def small_network(normalisation: str = "camera") -> PersonNet:
    values = {"backbone": "resnet18", "height": 64, "width": 32, "normalisation": normalisation}
    return build_network(ModelSettings.model_validate(values), people=2, seed=0)


def test_unit_features_in_the_order_of_the_crops() -> None:
    crops = striped_crops(people=4, cameras=2)
    network = small_network()
    found = extract_features(network, crops, FP32)
    assert found.shape == (16, 512)
    np.testing.assert_allclose((found**2).sum(axis=1), 1, rtol=1e-5)
    order = np.random.default_rng(0).permutation(16)
    shuffled = replace(
        crops, images=crops.images[order], camera=crops.camera[order], person=crops.person[order]
    )
    np.testing.assert_allclose(extract_features(network, shuffled, FP32), found[order], atol=2e-4)


def test_a_cameras_light_is_normalised_away() -> None:
    crops = striped_crops(people=6, cameras=1, images=2)
    dim = np.clip(crops.images * 0.6 + 20, 0, 255).astype(np.uint8)
    both = replace(
        crops,
        images=np.concatenate([crops.images, dim]),
        camera=np.repeat([0, 1], 12),
        person=np.tile(crops.person, 2),
    )

    found = extract_features(small_network(), both, FP32)
    distance = np.linalg.norm(found[:12, None] - found[None, 12:], axis=2)
    assert (distance.argmin(axis=1) == np.arange(12)).all()
    assert distance.diagonal().mean() < 0.7 * distance.mean()


def test_statistics_cover_every_image_of_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "BATCH", 4)
    crops = striped_crops(people=3, cameras=1, images=3)
    network = small_network()
    extract_features(network, crops, FP32)
    layer = network.backbone.bn1
    assert isinstance(layer, CameraBatchNorm)
    x = torch.from_numpy(crops.images).permute(0, 3, 1, 2)
    with torch.inference_mode():
        first = network.backbone.conv1((x - network.pixel_mean) * network.pixel_scale)
        mirrored = network.backbone.conv1((x.flip(3) - network.pixel_mean) * network.pixel_scale)
    expected = torch.cat([first, mirrored]).mean((0, 2, 3))
    assert torch.allclose(layer.running_mean, expected, atol=1e-5)


def test_a_camera_with_one_image_borrows_statistics() -> None:
    crops = striped_crops(people=4, cameras=2)
    lonely = replace(crops, camera=np.r_[9, crops.camera[1:]])
    found = extract_features(small_network(), lonely, FP32)
    assert np.isfinite(found).all()
    assert np.linalg.norm(found[0] - found[1:4], axis=1).max() < 1.9
