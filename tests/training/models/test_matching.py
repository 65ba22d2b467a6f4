"""The matching head beside a plain loop, on places that are made up and on those of a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from manifests.errors import BadRecipe
from tests.training.striped_people import striped_crops
from training.backbones.registry import BACKBONES
from training.checkpoints import Checkpoint, load_network, save_checkpoint
from training.config import Precision, TrainingConfig, load_training
from training.evaluation.features import describe
from training.losses import pair_loss
from training.models.matching import MatchingHead, build_matching_head
from training.models.person_net import PersonNet, build_network, rehearsed_network
from training.precision import arithmetic

FP32 = arithmetic(Precision.fp32, torch.device("cpu"))
GRID = (3, 2)
PLACES = GRID[0] * GRID[1]


def config(**changes: object) -> TrainingConfig:
    return load_training("tiny", {"model.head": "matching", **changes})


def small_network(**changes: object) -> PersonNet:
    return build_network(config(**changes).model, people=2, seed=0).eval()


@pytest.fixture
def head() -> MatchingHead:
    """One that has learnt something, in numbers of 64 bits."""
    rng = torch.Generator().manual_seed(0)
    made = MatchingHead(config().model, [("map", 4)], GRID, nn.BatchNorm2d).double().eval()
    for values in (made.weight, made.far, made.mean, made.spread):
        values.data = torch.rand(values.shape, generator=rng, dtype=torch.float64) / 5 + 0.1
    return made


def unit(*shape: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(*shape, generator=generator, dtype=torch.float64)
    return nn.functional.normalize(values, dim=-1)


def literal_score(
    head: MatchingHead,
    whole: tuple[torch.Tensor, torch.Tensor],
    places: tuple[torch.Tensor, torch.Tensor],
) -> float:
    """One pair, place by place."""
    rows, columns = GRID
    weights = head.weight.exp()
    weights = weights / weights.sum()

    def correlation(one: int, other: int) -> float:
        down = other // columns - one // columns
        right = other % columns - one % columns
        cost = head.far[down + rows - 1, right + columns - 1]
        return float(places[0][one] @ places[1][other] + cost)

    total = 0.0
    for at in range(PLACES):
        there = max(correlation(at, other) for other in range(PLACES))
        back = max(correlation(other, at) for other in range(PLACES))
        found = (there + back) / 2 - float(head.mean[at])
        total += float(weights[at]) * found / float(head.spread[at] + 1e-5) ** 0.5
    own = float(whole[0] @ whole[1] - head.mean[-1]) / float(head.spread[-1] + 1e-5) ** 0.5
    return float(head.scale) * ((1 - head.whole) * total + head.whole * own)


@torch.no_grad()
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_scores_are_those_of_a_plain_loop(head: MatchingHead, share: float) -> None:
    head.whole = share
    query = (unit(3, 5, seed=1), unit(3, PLACES, head.channels, seed=2))
    gallery = (unit(4, 5, seed=3), unit(4, PLACES, head.channels, seed=4))
    found = head(query, gallery)
    for q in range(3):
        for g in range(4):
            expected = literal_score(
                head, (query[0][q], gallery[0][g]), (query[1][q], gallery[1][g])
            )
            assert found[q, g].item() == pytest.approx(expected)


def test_what_it_was_taught_by_is_what_it_scores(head: MatchingHead) -> None:
    """A batch of training, whose moments are all that was ever seen."""
    side = (unit(6, 5, seed=1), unit(6, PLACES, head.channels, seed=2))
    taught = head.taught(side)
    for _ in range(200):
        head.taught(side)
    head.whole = 0.0
    torch.testing.assert_close(head(side, side), taught, rtol=1e-5, atol=1e-5)


def test_a_batch_teaches_every_part() -> None:
    network = small_network()
    head = network.matching
    assert head is not None
    images = torch.from_numpy(striped_crops(people=4, cameras=1).images)
    person = torch.arange(4).repeat_interleave(2)
    said = network(images)
    assert said.places is not None and said.places.shape == (8, *head.shape)
    pair_loss(head.taught((said.feature.detach(), said.places)), person).backward()
    for name, value in head.named_parameters():
        assert value.grad is not None and value.grad.abs().sum() > 0, name
    assert next(network.backbone.parameters()).grad is not None


def test_a_mirrored_picture_is_described_by_mirrored_places() -> None:
    network, crops = small_network(), striped_crops(people=3, cameras=1)
    mirrored = replace(crops, images=np.ascontiguousarray(crops.images[:, :, ::-1]))
    plain, other = (describe(network, each, FP32) for each in (crops, mirrored))
    assert plain.places is not None and other.places is not None and network.matching is not None
    turned = network.matching.mirrored(torch.from_numpy(other.places)).numpy()
    np.testing.assert_allclose(turned, plain.places, atol=1e-5)


def test_the_rest_of_the_network_begins_as_with_a_plain_head() -> None:
    plain = build_network(load_training("tiny").model, people=2, seed=0)
    both = small_network().state_dict()
    assert plain.matching is None
    assert all(torch.equal(value, both[name]) for name, value in plain.state_dict().items())
    assert {name.split(".")[0] for name in both.keys() - plain.state_dict().keys()} == {"matching"}


@pytest.mark.parametrize("backbone", ["resnet18", "timm/tf_efficientnet_lite0"])
def test_maps_of_networks_are_found(backbone: str) -> None:
    head = rehearsed_network(config(**{"model.backbone": backbone}).model).matching
    assert head is not None
    assert head.shape == (8, 64)  # 64x32 pixels, a place for every 16x16


def test_a_saved_model_scores_alike(tmp_path: Path) -> None:
    network = small_network(**{"model.matching": {"channels": 8, "whole": 0.25}})
    settings = config(**{"model.matching": {"channels": 8, "whole": 0.25}})
    kept = Checkpoint(settings, "run", Precision.fp32, 0, ("a", "b"), network.state_dict())
    save_checkpoint(tmp_path / "model.pt", kept)
    again, _ = load_network(tmp_path / "model.pt")
    crops, rows = striped_crops(people=3), np.arange(18)
    scores = []
    for each in (network, again):
        found = describe(each, crops, FP32).scored
        assert found is not None
        scores.append(np.empty((18, 18), np.float32))
        found(rows, rows).fill(0, scores[-1])
    assert np.array_equal(*scores)


def test_a_backbone_whose_maps_are_unknown_is_refused() -> None:
    network = small_network()
    kind = replace(BACKBONES.find("resnet8"), maps=())
    with pytest.raises(BadRecipe, match=r"which maps of a resnet8.*`plain`"):
        build_matching_head(network.backbone, kind, network.settings, nn.BatchNorm2d)
