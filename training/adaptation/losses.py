"""What an image without a label teaches: JVTC's losses over views and over the memory bank.

Li and Zhang, ECCV 2020, sections 3.2 and 3.3. Every target image is seen in several views; a
batch holds all views of its images. The supervised loss of the source is ``training.losses``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.adaptation.memory import MemoryBank


def view_means(features: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """(images (M,), means (M, D)): the images of a batch, ascending, and each one's mean feature
    over its views, of length 1. ``features`` (B, D), ``image`` (B,) int64."""
    images, place = torch.unique(image, return_inverse=True)
    sums = features.new_zeros(len(images), features.shape[1]).index_add(0, place, features)
    return images, functional.normalize(sums, dim=1)


def local_loss(features: Tensor, image: Tensor, beta: float) -> Tensor:
    """Local one-hot classification: each view must find its own image among the batch's.

    ``features`` (B, D) before normalisation, ``image`` (B,) int64: which image a view shows;
    ``beta``: temperature. Gradients reach the images' means as well.
    """
    images, means = view_means(features, image)
    logits = functional.normalize(features, dim=1) @ means.T / beta
    return functional.cross_entropy(logits, torch.searchsorted(images, image))


def memory_loss(features: Tensor, image: Tensor, memory: MemoryBank, beta: float) -> Tensor:
    """Global multi-class classification: each view must find its image's cluster in the memory.

    The target is uniform over all remembered images of the cluster, so its cross-entropy is the
    log-sum-exp of all logits minus their mean over the cluster, which needs no dense target.
    """
    unit = functional.normalize(features, dim=1)
    logits = unit @ memory.features.T / beta
    labels, place = torch.unique(memory.labels[image], return_inverse=True)
    own = (unit * memory.means_of(labels)[place]).sum(dim=1) / beta
    return (torch.logsumexp(logits, dim=1) - own).mean()
