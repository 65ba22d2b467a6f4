"""The networks: shapes, the last stride, reproducible beginnings, weights from files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from manifests.errors import BadRecipe, CorruptData, NotFound
from training.config import ModelSettings
from training.models.camera_batch_norm import CameraBatchNorm, Phase
from training.models.person_net import build_network, rehearsed_network


def settings(**values: object) -> ModelSettings:
    return ModelSettings.model_validate(
        {"backbone": "resnet18", "height": 64, "width": 32} | values
    )


def torchvisions(name: str) -> dict[str, torch.Tensor]:
    """Random weights of a network of torchvision's."""
    # Not while tests are collected: the import takes seconds.
    from torchvision.models import get_model

    return get_model(name, weights=None).state_dict()


@pytest.mark.parametrize(("backbone", "dimension"), [("resnet18", 512), ("resnet50", 2048)])
def test_embeds_uint8_pictures(backbone: str, dimension: int) -> None:
    network = build_network(settings(backbone=backbone), people=7, seed=0).eval()
    network.context.phase = Phase.apply
    images = torch.full((2, 64, 32, 3), 128, dtype=torch.uint8)
    with torch.inference_mode():
        embedding = network(images)
        last = torch.nn.Sequential(*list(network.backbone.children())[:-2])
        assert last(torch.zeros(1, 3, 64, 32)).shape == (1, dimension, 4, 2)
    assert embedding.feature.shape == embedding.pooled.shape == (2, dimension)
    assert embedding.logits.shape == (2, 7)


def test_every_normalisation_is_camera_based_or_none_is() -> None:
    camera = build_network(settings(), people=2, seed=0)
    plain = build_network(settings(normalisation="batch"), people=2, seed=0)
    native = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
    assert sum(isinstance(m, CameraBatchNorm) for m in camera.modules()) == 21
    assert not any(isinstance(m, native) for m in camera.modules())
    assert sum(isinstance(m, native) for m in plain.modules()) == 21
    assert camera.classifier.bias is None
    assert not camera.neck.bias.requires_grad


def test_beginnings_depend_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    first = build_network(settings(), people=3, seed=5).state_dict()
    torch.manual_seed(2)
    before = torch.get_rng_state()
    again = build_network(settings(), people=3, seed=5).state_dict()
    other = build_network(settings(), people=3, seed=6).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["backbone.conv1.weight"], other["backbone.conv1.weight"])
    assert torch.equal(before, torch.get_rng_state())


def test_backbone_weights_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    donor = torchvisions("resnet18")
    torch.save(donor, file)
    network = build_network(settings(weights="file", weights_file=file), people=2, seed=0)
    assert torch.equal(
        network.backbone.state_dict()["layer3.0.bn1.weight"], donor["layer3.0.bn1.weight"]
    )
    assert torch.equal(network.get_parameter("backbone.conv1.weight"), donor["conv1.weight"])


def test_weights_are_known_by_the_names_that_others_give_them(tmp_path: Path) -> None:
    """Wrapped for several processes, held by more, or the backbone of a whole network of ours."""
    ours = build_network(settings(), people=3, seed=4).state_dict()
    donor = torchvisions("resnet18")
    files = {
        "wrapped": {f"module.{name}": value for name, value in donor.items()},
        "held": {"state_dict": donor, "epoch": 3},
        "whole": {"network": ours, "format": "a checkpoint"},
    }
    for kind, content in files.items():
        file = tmp_path / f"{kind}.pt"
        torch.save(content, file)
        network = build_network(settings(weights="file", weights_file=file), people=2, seed=0)
        expected = ours["backbone.conv1.weight"] if kind == "whole" else donor["conv1.weight"]
        assert torch.equal(network.get_parameter("backbone.conv1.weight"), expected)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    donor = torchvisions("resnet18")
    donor["extra.weight"] = donor.pop("conv1.weight")
    donor["bn1.weight"] = torch.ones(3)
    torch.save(donor, file)
    with pytest.raises(BadRecipe) as refused:
        rehearsed_network(settings(weights="file", weights_file=file))
    assert str(refused.value).endswith(
        "do not fit a resnet18: missing: conv1.weight; unexpected: extra.weight; "
        "of another shape: bn1.weight (3,) in place of (64,)"
    )


def test_unusable_backbone_weights_are_refused(tmp_path: Path) -> None:
    wrong, broken = tmp_path / "resnet50.pt", tmp_path / "broken.pt"
    torch.save(torchvisions("resnet50"), wrong)
    broken.write_bytes(b"not a state dict")
    with pytest.raises(BadRecipe, match="do not fit a resnet18"):
        build_network(settings(weights="file", weights_file=wrong), people=2, seed=0)
    with pytest.raises(CorruptData, match="broken"):
        build_network(settings(weights="file", weights_file=broken), people=2, seed=0)
    with pytest.raises(NotFound, match="no such file"):
        build_network(settings(weights="file", weights_file=tmp_path / "none"), people=2, seed=0)
