"""Allocations that fail are explained; other errors pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from manifests.errors import TrainingFailed
from training.memory import enough_memory

TOO_MUCH = 1 << 50


def on_a_full_device() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: np.empty(TOO_MUCH, np.uint8),
        lambda: torch.empty(TOO_MUCH, dtype=torch.uint8),
        on_a_full_device,
    ],
    ids=["numpy", "torch", "device"],
)
def test_what_did_not_fit_and_what_to_do(allocate: Callable[[], object]) -> None:
    with (
        pytest.raises(TrainingFailed, match="out of memory with 64 images; take fewer"),
        enough_memory("64 images", "take fewer"),
    ):
        allocate()


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="sizes"), enough_memory("a product", "none"):
        raise RuntimeError("sizes do not fit")
