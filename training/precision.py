"""Number format and memory layout of the convolutions: fixed, by capability or by a probe.

bfloat16 is two to three times faster where the processor multiplies it natively, and slower
where it does not. Channels-last memory is faster in both formats (a ResNet-50 step in fp32 takes
two thirds of the time). Statistics, losses and parameters stay in 32 bits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from training.config import Precision

_PROBE_STEPS = 3


@dataclass(frozen=True)
class Arithmetic:
    """How convolutions are computed on one device."""

    device: torch.device
    bf16: bool
    channels_last: bool

    def autocast(self) -> AbstractContextManager[object]:
        """Context in which forward passes run."""
        if not self.bf16:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def prepared(self, network: nn.Module) -> nn.Module:
        """The network on the device, its weights in the chosen memory layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return network.to(device=self.device).to(memory_format=layout)

    def describe(self) -> str:
        """One word for run records."""
        return f"{self.device.type}-{'bf16' if self.bf16 else 'fp32'}" + (
            "-channels_last" if self.channels_last else ""
        )


def best_device() -> torch.device:
    """An accelerator if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def arithmetic(
    precision: Precision,
    device: torch.device,
    step: Callable[[Arithmetic], None] | None = None,
) -> Arithmetic:
    """Choose how to compute.

    ``step`` runs one training step in a given arithmetic; ``by_probe`` needs it and keeps the
    faster of the two. Without it, capability decides.
    """
    plain = Arithmetic(device, bf16=False, channels_last=True)
    short = Arithmetic(device, bf16=True, channels_last=True)
    if precision is Precision.fp32:
        return plain
    if precision is Precision.bf16:
        return short
    if not multiplies_bf16(device):
        return plain
    if precision is Precision.by_capability or step is None:
        return short
    return min((plain, short), key=lambda choice: _seconds(step, choice))


def multiplies_bf16(device: torch.device) -> bool:
    """Whether the device has instructions for products of bfloat16 numbers."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())  # pyright: ignore[reportPrivateUsage]


def _seconds(step: Callable[[Arithmetic], None], choice: Arithmetic) -> float:
    step(choice)
    _synchronise(choice.device)
    start = time.perf_counter()
    for _ in range(_PROBE_STEPS):
        step(choice)
    _synchronise(choice.device)
    return time.perf_counter() - start


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
