"""Training speed on a GPU: images a second, and how much of the card's matrix rate that uses.

``python -m benchmarks.gpu_training`` trains ResNet-50 on 256x128 pictures in bf16 with
camera-based normalisation, with plain normalisation, and with one forward pass per camera as the
original does. Last line, one JSON object: ``images_per_s`` of each, ``loop_ratio`` (ours over the
loop), ``plain_ratio``, ``matrix_tflops`` (the best of large bf16 products), ``step_tflops`` and
``share_of_matrix_rate`` (operations of convolutions and products in a step, over that rate),
``peak_gb``, and the card's name. ``--compile`` adds torch.compile. Pictures lie on the device;
what the loader delivers is measured by ``benchmarks.loader``.

``--backbone`` takes every backbone, ``timm/…`` included.
``--device cpu --backbone resnet18 --height 64 --width 32 --images 16`` shows that it runs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from manifests.errors import FactoryError
from training.backbones.registry import BACKBONES
from training.config import ModelSettings, Normalisation, Precision
from training.models.camera_batch_norm import Grouping, Phase, arranged, layout_of
from training.models.person_net import build_network
from training.precision import Arithmetic, arithmetic

TAKES = "two minutes on a GPU"
SMOKE = (
    "--device",
    "cpu",
    "--backbone",
    "resnet18",
    "--height",
    "64",
    "--width",
    "32",
    "--images",
    "16",
    "--steps",
    "1",
    "--rounds",
    "1",
    "--matrix",
    "128",
)

PEOPLE = 3_000


@dataclass(frozen=True)
class Case:
    """What is trained: ``images`` of ``cameras`` per step, ``steps`` per round."""

    backbone: str = "resnet50"
    height: int = 256
    width: int = 128
    images: int = 128
    cameras: int = 8
    steps: int = 20
    rounds: int = 5
    compiled: bool = False
    matrix: int = 8192


class Step:
    """One optimiser step over a fixed batch, once through the network or camera by camera."""

    def __init__(
        self, case: Case, how: Arithmetic, normalisation: Normalisation, looped: bool = False
    ) -> None:
        values = {"backbone": case.backbone, "height": case.height, "width": case.width}
        settings = ModelSettings.model_validate({**values, "normalisation": normalisation})
        self.how, self.looped = how, looped
        self.net = build_network(settings, PEOPLE, seed=0).train()
        how.prepared(self.net)
        parameters = [p for p in self.net.parameters() if p.requires_grad]
        self.optimiser = torch.optim.SGD(parameters, lr=1e-3, momentum=0.9, weight_decay=5e-4)
        self.forward = torch.compile(self.net) if case.compiled else self.net
        rng = np.random.default_rng(0)
        shape = (case.images, case.height, case.width, 3)
        self.pixels = torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8)).to(how.device)
        self.person = torch.from_numpy(rng.integers(0, PEOPLE, case.images)).to(how.device)
        self.per_camera = case.images // case.cameras
        cameras = np.repeat(np.arange(case.cameras), self.per_camera)
        order, grouping = arranged(cameras, how.channels_last)
        self.net.context.phase = Phase.by_layout
        self.net.context.layout = layout_of(cameras[order], grouping, how.device)
        if looped:
            alone = [0] * self.per_camera
            self.net.context.layout = layout_of(alone, Grouping.slice, how.device)

    def run(self) -> None:
        """Forward, backward, update."""
        with self.how.autocast():
            parts = self.pixels.split(self.per_camera) if self.looped else (self.pixels,)
            logits = torch.cat([self.forward(part).logits for part in parts])
        loss = torch.nn.functional.cross_entropy(logits, self.person)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()

    def operations(self) -> int:
        """Floating-point operations of the convolutions and products of one step."""
        from torch.utils.flop_counter import FlopCounterMode  # loads compilers

        with FlopCounterMode(display=False) as counter:
            self.run()
        return counter.get_total_flops()


def synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(work: Step, steps: int) -> float:
    """Wall seconds of so many steps."""
    synchronise(work.how.device)
    started = time.perf_counter()
    for _ in range(steps):
        work.run()
    synchronise(work.how.device)
    return time.perf_counter() - started


def matrix_rate(size: int, device: torch.device, repeats: int = 10) -> float:
    """Operations a second of products of square bf16 matrices, the best of some."""
    a, b = (torch.randn(size, size, device=device).bfloat16() for _ in range(2))
    best = 0.0
    for _ in range(repeats):
        synchronise(device)
        started = time.perf_counter()
        torch.matmul(a, b)
        synchronise(device)
        best = max(best, 2 * size**3 / (time.perf_counter() - started))
    return best


def measure(case: Case, device: torch.device) -> dict[str, Any]:
    """All figures; the three ways of training take turns."""
    how = arithmetic(Precision.bf16, device)
    steps = {
        "camera": Step(case, how, Normalisation.camera),
        "plain": Step(case, how, Normalisation.batch),
        "loop": Step(case, how, Normalisation.camera, looped=True),
    }
    for step in steps.values():
        seconds(step, 3)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(case.rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, case.steps))
    rate = {
        name: case.images * case.steps / statistics.median(values) for name, values in times.items()
    }
    # Counted in eager mode: what torch.compile fuses would not be seen.
    operations = Step(replace(case, compiled=False), how, Normalisation.camera)
    step_rate = operations.operations() / case.images * rate["camera"]
    matrix = matrix_rate(case.matrix, device)
    on_gpu = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if on_gpu else "cpu",
        "network": f"{case.backbone} {case.height}x{case.width}",
        "images_per_step": case.images,
        "images_per_s": {name: round(value, 1) for name, value in rate.items()},
        "loop_ratio": round(rate["camera"] / rate["loop"], 3),
        "plain_ratio": round(rate["camera"] / rate["plain"], 3),
        "step_tflops": round(step_rate / 1e12, 3),
        "matrix_tflops": round(matrix / 1e12, 3),
        "share_of_matrix_rate": round(step_rate / matrix, 4),
        "peak_gb": round(torch.cuda.max_memory_allocated(device) / 1e9, 2) if on_gpu else None,
        "torch": torch.__version__,
    }


def backbone(name: str) -> str:
    """A name that there is a backbone of, timm's included."""
    try:
        return BACKBONES.find(name).name
    except FactoryError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--backbone", type=backbone, default=Case.backbone)
    parser.add_argument("--height", type=int, default=Case.height)
    parser.add_argument("--width", type=int, default=Case.width)
    parser.add_argument("--images", type=int, default=Case.images)
    parser.add_argument("--steps", type=int, default=Case.steps)
    parser.add_argument("--rounds", type=int, default=Case.rounds)
    parser.add_argument("--matrix", type=int, default=Case.matrix)
    parser.add_argument("--compile", dest="compiled", action="store_true")
    asked = vars(parser.parse_args())
    device = torch.device(asked.pop("device"))
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.exit("no GPU that torch can use; --device cpu shows that the benchmark runs")
    print(json.dumps(measure(Case(**asked), device)))


if __name__ == "__main__":
    main()
