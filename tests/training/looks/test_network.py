"""The network of the distances: by name, or whichever has its weights at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import training.looks.network
from manifests.errors import BadRecipe
from tests.training.dropping_in import dropped_in
from tests.training.looks.pictures import plain, textured
from training.backbones.registry import BACKBONES
from training.looks.network import network_at_hand

MODULE = '''
"""The mean colour, as if it had been learnt."""

from torch import nn, ones

from training.backbones.registry import backbone


def learnt():
    return {"0.weight": 2 * ones(3, 1, 1, 1)}


@backbone("mean-colour", features=3, imagenet=learnt)
def mean_colour(layer):
    return nn.Sequential(
        nn.Conv2d(3, 3, 1, groups=3, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
'''


def test_features_come_from_the_named_network_with_its_weights(tmp_path: Path) -> None:
    with dropped_in(BACKBONES, tmp_path, "mean_colour", MODULE):
        found = network_at_hand("mean-colour")
        assert found is not None
        pictures = np.stack([plain(255, 255, 255), plain(0, 0, 0), textured()] * 30)
        features = found.features(pictures)

    assert features.shape == (90, 3)
    # White and black as ImageNet's mean and deviation see them, times the learnt 2.
    expected = [[2 * (1 - 0.485) / 0.229], [2 * -0.485 / 0.229]]
    assert features[:2, :1] == pytest.approx(np.array(expected), rel=1e-4)
    assert features[60] == pytest.approx(features[0]), "batches do not mix"


def test_an_unknown_network_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadRecipe, match=r"'resnet5'; did you mean `resnet50`.*known"):
        network_at_hand("resnet5")


def test_without_weights_there_is_none_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(training.looks.network, "TRIED", ("resnet50", "resnet18"))

    assert network_at_hand() is None
