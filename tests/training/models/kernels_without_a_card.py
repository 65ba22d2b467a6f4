"""What can be known of Triton kernels without a card, as a program: Triton and Mesa, with which
other tests draw, do not share a process, and its interpreter is chosen before it is loaded.

``compiled``: the size of every kernel's machine code for two generations of cards. ``computed``,
with TRITON_INTERPRET=1: the largest differences from native calls, in values and in gradients of
pictures, weight and bias.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from torch.nn import functional

from training.models import fused_camera_norm

GENERATIONS = (80, 90)
CASES: dict[str, tuple[tuple[int, ...], int, int, int, torch.dtype]] = {
    "three cameras": ((3, 2, 5), 72, 9, 5, torch.float32),
    "one pixel": ((2, 4), 5, 1, 1, torch.float32),
    "many rows": ((2, 2, 2, 3), 3, 40, 33, torch.float32),
    "sixteen bits": ((4, 4), 64, 8, 4, torch.bfloat16),
}
_POINTERS = {"starts": "*i32", "group_of": "*i32", "x": "*bf16", "out": "*bf16", "slope": "*bf16"}
_NUMBERS = {"area": "i32", "channels": "i32", "groups": "i32", "splits": "i32", "eps": "fp32"}


def compiled() -> dict[str, dict[int, int]]:
    """Bytes of machine code by kernel and generation."""
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource, compile  # pyright: ignore

    found: dict[str, dict[int, int]] = {}
    for name, kernel in vars(fused_camera_norm).items():
        if not name.endswith("_kernel"):
            continue
        types = {**_POINTERS, **_NUMBERS, "of_x": "*bf16"}
        sizes = {argument: 64 for argument in kernel.arg_names if argument in ("ROWS", "CHANNELS")}
        signature = {
            argument: "constexpr" if argument in sizes else types.get(argument, "*fp32")
            for argument in kernel.arg_names
        }
        source: Any = ASTSource(fn=kernel, signature=signature, constexprs=sizes)
        targets = {generation: GPUTarget("cuda", generation, 32) for generation in GENERATIONS}
        found[name] = {g: len(compile(source, target=t).asm["cubin"]) for g, t in targets.items()}
    return found


def computed() -> dict[str, list[float]]:
    """Differences by case: of the result, and of the three gradients."""
    with torch.inference_mode():
        assert fused_camera_norm.works(torch.device("cpu"))
    found: dict[str, list[float]] = {}
    for name, (counts, channels, height, width, dtype) in CASES.items():
        made = torch.Generator().manual_seed(1)
        # Far from zero: sums of squares would cancel.
        pixels = torch.randn(sum(counts), channels, height, width, generator=made) * 2 + 50
        slope = torch.randn(pixels.shape, generator=made)
        edges = torch.tensor([0, *counts]).cumsum(0).int()
        group = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts)).int()
        results: list[list[torch.Tensor]] = []
        for fused in (True, False):
            start = pixels.to(dtype)
            x = (start if fused else start.double()).contiguous(memory_format=torch.channels_last)
            x = x.detach().requires_grad_()
            exact = torch.float32 if fused else torch.float64
            weight = torch.linspace(0.5, 2.0, channels, dtype=exact).requires_grad_()
            bias = torch.linspace(-1.0, 1.0, channels, dtype=exact).requires_grad_()
            if fused:
                out = fused_camera_norm.normalise(x, edges, group, weight, bias, 1e-5)
            else:
                parts = [
                    functional.batch_norm(part, None, None, weight, bias, training=True)
                    for part in x.split(counts)
                ]
                out = torch.cat(parts)
            (out.double() * slope).sum().backward()
            gradients = [value.grad for value in (x, weight, bias) if value.grad is not None]
            results.append([out.detach(), *gradients])
        found[name] = [
            float((ours.double() - theirs).abs().max() / theirs.abs().max())
            for ours, theirs in zip(*results, strict=True)
        ]
    return found


if __name__ == "__main__":
    print(json.dumps({"compiled": compiled, "computed": computed}[sys.argv[1]]()))
