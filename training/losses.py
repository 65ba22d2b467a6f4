"""What training minimises: cross-entropy over people, optionally with a triplet term."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.config import LossSettings
from training.models.person_net import Embedding


def training_loss(embedding: Embedding, person: Tensor, settings: LossSettings) -> Tensor:
    """Scalar loss of a batch; ``person`` (B,) int64 indexes the classifier's outputs."""
    loss = functional.cross_entropy(
        embedding.logits, person, label_smoothing=settings.label_smoothing
    )
    if settings.triplet_weight:
        margin = None if settings.soft_margin else settings.triplet_margin
        triplet = batch_hard_triplet(embedding.pooled, person, margin)
        loss = loss + settings.triplet_weight * triplet
    return loss


def batch_hard_triplet(features: Tensor, person: Tensor, margin: float | None) -> Tensor:
    """Mean hinge between each image's farthest positive and nearest negative.

    Hermans et al., 2017. ``features`` (B, D); Euclidean distance; without ``margin`` the hinge is
    soft, log(1 + exp(gap)). Images without another
    image of their person, or of anybody else, in the batch do not count.
    """
    distance = _distances(features)
    same = person[:, None] == person[None]
    itself = torch.eye(len(person), dtype=torch.bool, device=person.device)
    positive = distance.masked_fill(~same | itself, -torch.inf).amax(dim=1)
    negative = distance.masked_fill(same, torch.inf).amin(dim=1)
    valid = torch.isfinite(positive) & torch.isfinite(negative)
    # where() before the subtraction: inf - inf would poison the gradient of the whole batch.
    zero = torch.zeros_like(positive)
    gap = torch.where(valid, positive, zero) - torch.where(valid, negative, zero)
    hinge = functional.softplus(gap) if margin is None else functional.relu(gap + margin)
    return (hinge * valid).sum() / valid.sum().clamp(min=1)


def _distances(features: Tensor) -> Tensor:
    square = features.square().sum(dim=1)
    squared = square[:, None] + square[None] - 2 * features @ features.T
    # The square root has no gradient at zero, where equal images would sit.
    return squared.clamp(min=1e-12).sqrt()
