"""What training minimises: cross-entropy over people, optionally with a triplet or a contrastive
term, and of a matching head a term over pairs."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.config import LossSettings
from training.models.matching import MatchingHead
from training.models.person_net import Embedding


def image_loss(
    embedding: Embedding,
    person: Tensor,
    settings: LossSettings,
    matching: MatchingHead | None = None,
) -> Tensor:
    """Scalar loss of the images of a batch, each by itself, and of a matching head's pairs of them;
    ``person`` (B,) int64 indexes the classifier's outputs; ``matching``: the head that scores
    pairs, if there is one."""
    loss = functional.cross_entropy(
        embedding.logits, person, label_smoothing=settings.label_smoothing
    )
    if matching is not None and embedding.places is not None:
        whole = functional.normalize(embedding.feature.detach(), dim=1)
        scores = matching.taught((whole, embedding.places))
        loss = loss + settings.matching_weight * pair_loss(scores, person)
    return loss


def compares_features(settings: LossSettings) -> bool:
    """Whether there is a term that ``batch_loss`` is made of."""
    return bool(settings.triplet_weight or settings.contrastive_weight)


def batch_loss(pooled: Tensor, feature: Tensor, person: Tensor, settings: LossSettings) -> Tensor:
    """Scalar loss of all images of a batch beside one another, of whatever process they are.

    ``pooled`` and ``feature`` (B, D), ``person`` (B,) int64.
    """
    loss = pooled.new_zeros(())
    if settings.triplet_weight:
        margin = None if settings.soft_margin else settings.triplet_margin
        triplet = batch_hard_triplet(pooled, person, margin)
        loss = loss + settings.triplet_weight * triplet
    if settings.contrastive_weight:
        unit = functional.normalize(feature, dim=1)
        contrastive = pair_loss(unit @ unit.T / settings.temperature, person)
        loss = loss + settings.contrastive_weight * contrastive
    return loss


def pair_loss(scores: Tensor, person: Tensor) -> Tensor:
    """Mean of log(1 + exp(gap)) over pairs of two images of one person, where the gap is between
    the soft maximum of the first image's scores (B, B) with everybody else and the pair's score;
    of cosines over a temperature, this is InfoNCE with every positive by itself.

    Zero without such pairs.
    """
    same = person[:, None] == person[None]
    itself = torch.eye(len(person), dtype=torch.bool, device=person.device)
    positive = same & ~itself & ~same.all(dim=1, keepdim=True)
    # Finite, since the gradient of a soft maximum over nobody would be none.
    nobody = torch.finfo(scores.dtype).min / 2
    others = scores.masked_fill(same, nobody).logsumexp(dim=1, keepdim=True)
    # where() before the subtraction, as in the triplet term.
    gap = torch.where(positive, others - scores, torch.zeros_like(scores))
    return (functional.softplus(gap) * positive).sum() / positive.sum().clamp(min=1)


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
