"""Features under test-time statistics of each camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from manifests.errors import BadRecipe
from tests.training.striped_people import striped_crops
from training.config import ModelSettings, Precision
from training.evaluation import camera_statistics
from training.evaluation.camera_statistics import (
    cameras_of,
    current_statistics,
    saved_statistics,
    set_statistics,
)
from training.evaluation.features import extract_features
from training.evaluation.protocol import StatisticsRule
from training.models.camera_batch_norm import CameraBatchNorm
from training.models.person_net import PersonNet, build_network
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
    monkeypatch.setattr(camera_statistics, "BATCH", 4)
    crops = striped_crops(people=3, cameras=1, images=3)
    network = small_network()
    extract_features(network, crops, FP32)
    layer = network.backbone.bn1
    conv1 = network.backbone.conv1
    assert isinstance(layer, CameraBatchNorm) and isinstance(conv1, nn.Conv2d)
    x = torch.from_numpy(crops.images).permute(0, 3, 1, 2)
    with torch.inference_mode():
        first = conv1((x - network.pixel_mean) * network.pixel_scale)
        mirrored = conv1((x.flip(3) - network.pixel_mean) * network.pixel_scale)
    expected = torch.cat([first, mirrored]).mean((0, 2, 3))
    assert torch.allclose(layer.running_mean, expected, atol=1e-5)


def test_a_camera_with_one_image_borrows_statistics() -> None:
    crops = striped_crops(people=4, cameras=2)
    lonely = replace(crops, camera=np.r_[9, crops.camera[1:]])
    found = extract_features(small_network(), lonely, FP32)
    assert np.isfinite(found).all()
    assert np.linalg.norm(found[0] - found[1:4], axis=1).max() < 1.9


def test_a_camera_with_one_image_uses_what_was_saved_for_it() -> None:
    crops = striped_crops(people=4, cameras=2)
    network = small_network()
    saved = saved_statistics(network, crops, FP32)
    assert sorted(saved) == ["street_c00", "street_c01"]
    first_alone = crops.where(np.r_[True, crops.camera[1:] == 1])
    found = extract_features(network, first_alone, FP32, saved=saved)
    set_statistics(network, saved["street_c00"])
    with torch.inference_mode():
        plain = torch.from_numpy(crops.images[:1])
        both = network(plain).feature + network(plain.flip(2)).feature
    expected = torch.nn.functional.normalize(both, dim=1).numpy()
    np.testing.assert_allclose(found[0], expected[0], atol=2e-4)


def test_taking_statistics_to_save_leaves_the_network_as_it_was() -> None:
    network = small_network().train()
    before = current_statistics(network)
    saved_statistics(network, striped_crops(people=3, cameras=2), FP32)
    after = current_statistics(network)
    assert network.training
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert saved_statistics(small_network("batch"), striped_crops(people=2), FP32) == {}


def test_the_papers_statistics_take_full_batches_of_query_and_gallery_apart() -> None:
    crops = striped_crops(people=35, cameras=2, images=3)
    roles = np.where(np.arange(len(crops)) % 3 == 0, "query", "gallery")
    split = replace(crops, role=roles)
    seen = list(cameras_of(split, StatisticsRule.paper, seed=0))
    assert [len(camera.rows) for camera in seen] == [35, 70, 35, 70]
    assert [[len(batch) for batch in camera.batches] for camera in seen] == [
        [32],
        [32, 32],
        [32],
        [32, 32],
    ]
    for camera in seen:
        assert len({str(role) for role in roles[camera.rows]}) == 1
        assert set(np.concatenate(camera.batches)) <= set(camera.rows)
    for camera in cameras_of(split, StatisticsRule.camera, seed=0):
        assert sorted(np.concatenate(camera.batches)) == camera.rows.tolist()


def test_plain_normalisation_can_be_tested_camera_by_camera() -> None:
    """As a camera-based network with the same weights would be; nothing of it stays."""
    crops = striped_crops(people=5, cameras=3)
    plain, camera = small_network("batch"), small_network()
    camera.load_state_dict(plain.state_dict(), strict=False)
    before = {name: buffer.clone() for name, buffer in plain.named_buffers()}
    usual = extract_features(plain, crops, FP32)
    found = extract_features(plain, crops, FP32, rule=StatisticsRule.camera)
    expected = extract_features(camera, crops, FP32)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not np.allclose(usual, found, atol=0.01)
    again = extract_features(plain, crops, FP32, rule=StatisticsRule.running)
    np.testing.assert_array_equal(again, usual)
    assert not any(layer.training for layer in plain.modules())
    assert all(torch.equal(before[name], buffer) for name, buffer in plain.named_buffers())


def test_camera_based_normalisation_has_no_running_statistics() -> None:
    with pytest.raises(BadRecipe, match="keeps none while it learns"):
        extract_features(
            small_network(), striped_crops(people=2), FP32, rule=StatisticsRule.running
        )


def test_the_papers_way_knows_nothing_of_small_cameras() -> None:
    crops = striped_crops(people=4, cameras=2)
    network = small_network()
    extract_features(network, crops, FP32, rule=StatisticsRule.paper)
    layer = network.backbone.bn1
    assert isinstance(layer, CameraBatchNorm)
    assert (layer.running_mean == 0).all()
    assert (layer.running_var == 1).all()
