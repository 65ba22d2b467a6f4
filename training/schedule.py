"""The learning rate as a function of how much of the budget is spent."""

from __future__ import annotations

import math

from training.config import OptimiserSettings


def learning_rate(iteration: int, budget: int, settings: OptimiserSettings) -> float:
    """Rate of one iteration, counted from 0, of a run of ``budget`` iterations."""
    warm_up = round(settings.warm_up * budget)
    if iteration < warm_up:
        return settings.learning_rate * (iteration + 1) / warm_up
    if settings.cosine:
        progress = (iteration - warm_up) / max(1, budget - warm_up)
        return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))
    passed = sum(iteration >= round(share * budget) for share in settings.decay_at)
    return settings.learning_rate * settings.decay_by**passed
