"""Backbones are found by name, and adding one takes one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from manifests.errors import BadRecipe
from tests.training.dropping_in import dropped_in
from tests.training.striped_people import striped_crops
from training.backbones.registry import BACKBONES, backbone
from training.config import ModelSettings, Weights, load_training
from training.models.person_net import build_network
from training.trainer import Trainer

MODULE = '''
"""A single convolution and the mean of what it finds."""

from torch import nn

from training.backbones.registry import backbone


@backbone("one-layer", features=6)
def one_layer(layer):
    kernels = nn.Conv2d(3, 6, 5, stride=2)
    return nn.Sequential(kernels, layer(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
'''


def test_a_file_in_the_folder_is_a_backbone(tmp_path: Path) -> None:
    with dropped_in(BACKBONES, tmp_path, "one_layer", MODULE):
        config = load_training("tiny", {"model": {"backbone": "one-layer"}, "iterations": 2})
        crops = striped_crops(people=4)
        network = build_network(config.model, len(crops.person_ids), config.seed)
        assert network.dimension == 6
        trainer = Trainer(network, crops, config, torch.device("cpu"))
        trainer.run()
        assert len(trainer.losses) == 2
        pretrained = config.model.model_copy(update={"weights": Weights.imagenet})
        with pytest.raises(BadRecipe, match="no ImageNet weights are known for one-layer"):
            build_network(pretrained, 2, seed=0)
    with pytest.raises(
        BadRecipe, match=r"must be one of resnet18, resnet50, resnet8 or .*timm/.* got 'one-layer'"
    ):
        load_training("tiny", {"model": {"backbone": "one-layer"}})


def test_the_smallest_network_that_is_shipped_has_few_weights() -> None:
    settings = ModelSettings.model_validate({"backbone": "resnet8", "normalisation": "batch"})
    network = build_network(settings, people=3, seed=0).eval()
    assert sum(weight.numel() for weight in network.backbone.parameters()) < 100_000
    with torch.inference_mode():
        found = network(torch.full((2, 64, 32, 3), 128, dtype=torch.uint8))
    assert found.feature.shape == (2, 64) and found.logits.shape == (2, 3)


def test_a_name_is_given_once() -> None:
    assert "resnet18" in BACKBONES.names
    with pytest.raises(ValueError, match="'resnet18' is registered twice"):
        backbone("resnet18", features=2)(lambda layer: torch.nn.Identity())


def test_names_are_known_without_loading_torch() -> None:
    """Settings are refused before anybody waits for torch."""
    code = "import sys; from training.config import load_training as load; "
    code += "load('tiny'); load('transfer-small'); "
    subprocess.run(
        [sys.executable, "-c", code + "assert not {'torch', 'timm'} & set(sys.modules)"], check=True
    )
