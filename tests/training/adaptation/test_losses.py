"""Losses of unlabelled images, equal to the published formulas, and the memory behind them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.training.adaptation import literal
from training.adaptation.losses import local_loss, memory_loss, view_means
from training.adaptation.memory import MemoryBank


def views(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Four views each of five images, mixed up."""
    rng = np.random.default_rng(seed)
    image = rng.permutation(np.repeat([2, 7, 11, 30, 31], 4))
    return torch.from_numpy(rng.normal(size=(20, 16))), torch.from_numpy(image)


def bank(clusters: int = 9) -> MemoryBank:
    rng = np.random.default_rng(5)
    labels = torch.from_numpy(rng.integers(0, clusters, 40))
    return MemoryBank(torch.from_numpy(rng.random((40, 16))), labels)


@pytest.mark.parametrize("beta", [0.1, 0.5])
def test_local_loss_equals_the_formula(beta: float) -> None:
    features, image = views()
    expected = literal.local_loss(features.numpy(), image.numpy(), beta)
    assert local_loss(features, image, beta).item() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("clusters", [1, 9, 200])
def test_memory_loss_equals_the_formula(clusters: int) -> None:
    features, image = views()
    memory = bank(clusters)
    expected = literal.memory_loss(
        features.numpy(), image.numpy(), memory.features.numpy(), memory.labels.numpy(), 0.05
    )
    assert memory_loss(features, image, memory, 0.05).item() == pytest.approx(expected, abs=1e-10)


def test_gradients_are_those_of_the_dense_target() -> None:
    features, image = views()
    memory = bank()
    features.requires_grad_()
    memory_loss(features, image, memory, 0.05).backward()
    dense = features.detach().clone().requires_grad_()
    logits = torch.nn.functional.normalize(dense, dim=1) @ memory.features.T / 0.05
    same = (memory.labels[image][:, None] == memory.labels[None]).double()
    target = same / same.sum(dim=1, keepdim=True)
    torch.nn.functional.cross_entropy(logits, target).backward()
    torch.testing.assert_close(features.grad, dense.grad, rtol=1e-9, atol=1e-12)


def test_memory_moves_towards_the_mean_of_the_views() -> None:
    features, image = views()
    memory = bank()
    before = memory.features.clone()
    images, means = view_means(features, image)
    memory.update(images, means, momentum=0.25)
    for one in images.tolist():
        mean = features[image == one].mean(dim=0)
        expected = 0.75 * mean / mean.norm() + 0.25 * before[one]
        torch.testing.assert_close(memory.features[one], expected)
    untouched = np.setdiff1d(np.arange(40), images.numpy())
    assert torch.equal(memory.features[untouched], before[untouched])


def test_a_fresh_memory_depends_on_its_seed_alone() -> None:
    one, same, other = (MemoryBank.fresh(6, 4, seed) for seed in (1, 1, 2))
    assert torch.equal(one.features, same.features)
    assert not torch.equal(one.features, other.features)
    assert one.labels.tolist() == list(range(6))
