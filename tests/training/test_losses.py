"""Losses and the learning rate's course."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from training.config import LossSettings, OptimiserSettings
from training.losses import batch_hard_triplet, batch_loss, image_loss, pair_loss
from training.models.person_net import Embedding
from training.schedule import learning_rate


def test_triplet_takes_the_farthest_positive_and_the_nearest_negative() -> None:
    features = torch.tensor([[0.0], [1.0], [3.0], [4.5]], dtype=torch.float64)
    person = torch.tensor([0, 0, 0, 1])
    # Anchors 0, 1, 2: positives 3, 2, 3 away, the other person 4.5, 3.5, 1.5 away; anchor 3
    # has no positive and does not count.
    expected = (max(0, 3 - 4.5 + 2) + max(0, 2 - 3.5 + 2) + max(0, 3 - 1.5 + 2)) / 3
    assert batch_hard_triplet(features, person, 2.0).item() == pytest.approx(expected)


def test_a_soft_margin_is_a_smooth_hinge() -> None:
    features = torch.tensor([[0.0], [1.0], [3.0], [4.5]], dtype=torch.float64)
    gaps = torch.tensor([3 - 4.5, 2 - 3.5, 3 - 1.5], dtype=torch.float64)
    expected = torch.log1p(gaps.exp()).mean().item()
    found = batch_hard_triplet(features, torch.tensor([0, 0, 0, 1]), margin=None).item()
    assert found == pytest.approx(expected)


def test_triplet_gradients_are_finite_where_images_are_equal() -> None:
    features = torch.zeros(4, 3, requires_grad=True)
    batch_hard_triplet(features, torch.tensor([0, 0, 1, 2]), 0.3).backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()


def of_batch(embedding: Embedding, person: torch.Tensor, settings: LossSettings) -> torch.Tensor:
    return batch_loss(embedding.pooled, embedding.feature, person, settings)


def test_terms_add_up() -> None:
    generator = torch.Generator().manual_seed(0)
    pooled = torch.randn(6, 4, generator=generator)
    logits = torch.randn(6, 3, generator=generator)
    person = torch.tensor([0, 0, 1, 1, 2, 2])
    embedding = Embedding(pooled, pooled, logits)
    plain = image_loss(embedding, person, LossSettings())
    assert plain.item() == pytest.approx(
        -torch.log_softmax(logits, 1)[torch.arange(6), person].mean().item(), rel=1e-5
    )
    triplet = batch_hard_triplet(pooled, person, 0.3)
    found = of_batch(embedding, person, LossSettings(triplet_weight=0.5))
    assert found.item() == pytest.approx(0.5 * triplet.item())
    found = of_batch(embedding, person, LossSettings(triplet_weight=0.5, soft_margin=True))
    softer = batch_hard_triplet(pooled, person, None)
    assert found.item() == pytest.approx(0.5 * softer.item())
    assert of_batch(embedding, person, LossSettings()).item() == 0


def test_pairs_are_told_from_everybody_else() -> None:
    scores = torch.randn(5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    person = torch.tensor([0, 0, 1, 1, 2])
    terms = []
    for anchor, positive in ((0, 1), (1, 0), (2, 3), (3, 2)):
        others = scores[anchor][person != person[anchor]].exp().sum().log()
        terms.append(math.log1p(math.exp(others - scores[anchor, positive])))
    assert pair_loss(scores, person).item() == pytest.approx(sum(terms) / 4)


def test_a_contrastive_term_compares_directions_of_features() -> None:
    feature = torch.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 5.0], [1.0, 0.0]])
    person = torch.tensor([0, 0, 1, 1])
    embedding = Embedding(feature, feature, torch.zeros(4, 2))
    added = LossSettings(contrastive_weight=2.0, temperature=0.5)
    term = of_batch(embedding, person, added)
    # Everybody is across from one's own and along with one of the others: cosines 0, and 1 and 0.
    gap = math.log(math.exp(1 / 0.5) + math.exp(0 / 0.5)) - 0
    assert term.item() == pytest.approx(2.0 * math.log1p(math.exp(gap)), rel=1e-5)


@pytest.mark.parametrize("person", [[0, 1, 2], [0, 0, 0]])
def test_a_batch_without_pairs_or_others_teaches_nothing(person: list[int]) -> None:
    scores = torch.zeros(3, 3, requires_grad=True)
    loss = pair_loss(scores, torch.tensor(person))
    loss.backward()
    assert loss.item() == 0
    assert scores.grad is not None and not scores.grad.any()


def test_steps_of_the_papers_schedule() -> None:
    settings = OptimiserSettings()
    rates = [learning_rate(i, 30, settings) for i in range(30)]
    assert rates[:20] == [0.01] * 20
    assert rates[20:] == pytest.approx([0.001] * 10)


def test_warm_up_and_cosine() -> None:
    settings = OptimiserSettings(learning_rate=0.1, warm_up=0.1, cosine=True)
    rates = [learning_rate(i, 100, settings) for i in range(100)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == rates[9] == pytest.approx(0.1)
    assert rates[-1] < 0.001
    assert all(a >= b for a, b in pairwise(rates[9:]))
