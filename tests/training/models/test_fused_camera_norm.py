"""Kernels for cards that are not here: they compile, and Triton's interpreter computes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from training.models.camera_batch_norm import (
    CameraBatchNorm,
    CameraContext,
    Grouping,
    Phase,
    layout_of,
)

pytest.importorskip("triton", reason="this torch comes without Triton")


def without_a_card(asked: str, folder: Path, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.models.kernels_without_a_card", asked],
        env={**os.environ, "TRITON_CACHE_DIR": str(folder), **environment},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_every_kernel_becomes_machine_code(tmp_path: Path) -> None:
    sizes = without_a_card("compiled", tmp_path)
    assert len(sizes) == 6
    assert all(size > 1_000 for of_kernel in sizes.values() for size in of_kernel.values())


def test_kernels_give_values_and_gradients_of_native_calls(tmp_path: Path) -> None:
    differences = without_a_card("computed", tmp_path, TRITON_INTERPRET="1")
    for case, found in differences.items():
        # Results of sixteen bits are rounded to eight of them.
        assert max(found) < (8e-3 if case == "sixteen bits" else 1e-4), (case, found)


def test_on_a_cpu_cameras_are_normalised_natively() -> None:
    layout = layout_of([0, 0, 1, 1], Grouping.slice)
    assert layout.starts is None
    layer = CameraBatchNorm(3, CameraContext(Phase.by_layout, layout))
    x = torch.randn(4, 3, 5, 4).contiguous(memory_format=torch.channels_last)
    assert torch.allclose(layer(x)[:2].mean((0, 2, 3)), torch.zeros(3), atol=1e-6)
