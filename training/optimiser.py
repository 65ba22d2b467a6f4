"""What changes the weights, given their gradients."""

from __future__ import annotations

from typing import Any

import torch

from training.config import OptimiserKind, OptimiserSettings

_SECOND_MOMENT = 0.999


def make_optimiser(
    groups: list[dict[str, Any]], settings: OptimiserSettings
) -> torch.optim.Optimizer:
    """An optimiser of groups of parameters; the rate of a step is set before it.

    AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
    """
    if settings.kind is OptimiserKind.adamw:
        return torch.optim.AdamW(
            groups,
            lr=settings.learning_rate,
            betas=(settings.momentum, _SECOND_MOMENT),
            weight_decay=settings.weight_decay,
        )
    return torch.optim.SGD(
        groups,
        lr=settings.learning_rate,
        momentum=settings.momentum,
        nesterov=settings.nesterov,
        weight_decay=settings.weight_decay,
    )
