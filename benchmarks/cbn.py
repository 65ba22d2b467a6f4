"""Time of a training step with camera-based normalisation against plain batch normalisation.

``python -m benchmarks.cbn`` prints as its last line one JSON object: for ResNet-18
(128x64, 64 images) and ResNet-50 (256x128, 32 images), 8 cameras, the ratio of CPU-seconds in
bf16 and fp32 as the trainer computes them (channels-last, ``slice``), medians of alternating
steps on one thread; ``loop_ratio_…`` compares with one forward pass per camera;
``fp64_difference`` and ``fp32_difference`` are the largest deviations from that loop, gradients
included. ``--formats fp32_contiguous`` measures contiguous memory with ``view``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence

import numpy as np
import torch

from benchmarks.calibration import calibration_cpu_s
from benchmarks.synthetic_features import alone
from training.config import ModelSettings, Precision
from training.models.camera_batch_norm import Grouping, Phase, arranged, layout_of
from training.models.person_net import PersonNet, build_network
from training.precision import Arithmetic, arithmetic

TAKES = "ten minutes"
SMOKE = ("--case", "equality")

CAMERAS = 8
CASES = {"resnet18": (128, 64, 64, 9), "resnet50": (256, 128, 32, 5)}
CPU = torch.device("cpu")
FORMATS = {
    "bf16": arithmetic(Precision.bf16, CPU),
    "fp32": arithmetic(Precision.fp32, CPU),
    "fp32_contiguous": Arithmetic(CPU, bf16=False, channels_last=False),
}


def network(backbone: str, height: int, width: int, normalisation: str) -> PersonNet:
    values = {"height": height, "width": width, "normalisation": normalisation}
    settings = ModelSettings.model_validate({"backbone": backbone, **values})
    return build_network(settings, people=100, seed=0).train()


class Step:
    """One forward and backward pass over a fixed batch."""

    def __init__(self, net: PersonNet, images: int, how: Arithmetic, looped: bool = False) -> None:
        self.net, self.how, self.looped = net, how, looped
        how.prepared(net)
        settings = net.settings
        cameras = np.repeat(np.arange(CAMERAS), images // CAMERAS)
        order, grouping = arranged(cameras, how.channels_last)
        rng = np.random.default_rng(0)
        shape = (images, settings.height, settings.width, 3)
        self.pixels = torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8))
        self.person = torch.from_numpy(rng.integers(0, 100, images))
        self.per_camera = images // CAMERAS
        net.context.phase = Phase.by_layout
        net.context.layout = layout_of(cameras[order], grouping)
        if looped:
            net.context.layout = layout_of([0] * self.per_camera, Grouping.slice)

    def seconds(self) -> float:
        started = time.process_time()
        with self.how.autocast():
            if self.looped:
                parts = self.pixels.split(self.per_camera)
                logits = torch.cat([self.net(part).logits for part in parts])
            else:
                logits = self.net(self.pixels).logits
        torch.nn.functional.cross_entropy(logits, self.person).backward()
        self.net.zero_grad(set_to_none=True)
        return time.process_time() - started


def ratios(backbone: str, formats: Sequence[str]) -> dict[str, float]:
    height, width, images, rounds = CASES[backbone]
    out = {}
    for name_of_format in formats:
        how = FORMATS[name_of_format]
        steps = {
            "plain": Step(network(backbone, height, width, "batch"), images, how),
            "camera": Step(network(backbone, height, width, "camera"), images, how),
            "loop": Step(network(backbone, height, width, "camera"), images, how, looped=True),
        }
        times: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(rounds + 1):
            for name, step in steps.items():
                times[name].append(step.seconds())
        median = {name: statistics.median(values[1:]) for name, values in times.items()}
        kind = f"{backbone}_{name_of_format}"
        out[f"ratio_{kind}"] = round(median["camera"] / median["plain"], 3)
        out[f"loop_ratio_{kind}"] = round(median["loop"] / median["camera"], 3)
        out[f"images_per_cpu_s_{kind}"] = round(images / median["camera"], 1)
    return out


def difference(dtype: torch.dtype) -> float:
    """Largest deviation of features and gradients from one forward pass per camera."""
    net = network("resnet18", 64, 32, "camera").to(dtype)
    images = torch.from_numpy(
        np.random.default_rng(1).integers(0, 256, (16, 64, 32, 3), dtype=np.uint8)
    )
    cameras = np.repeat(np.arange(4), 4)
    order, grouping = arranged(cameras, channels_last=False)
    results = []
    for looped in (False, True):
        net.zero_grad()
        net.context.phase = Phase.by_layout
        if looped:
            net.context.layout = layout_of([0] * 4, Grouping.slice)
            features = torch.cat([net(part).feature for part in images.split(4)])
        else:
            net.context.layout = layout_of(cameras[order], grouping)
            features = net(images[order]).feature[np.argsort(order)]
        features.square().mul(torch.arange(16)[:, None]).mean().backward()
        gradients = [p.grad.flatten() for p in net.parameters() if p.grad is not None]
        results.append(torch.cat([features.detach().flatten(), *gradients]))
    ours, loop = results
    return float(((ours - loop).abs() / loop.abs().clamp(min=1)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=[*CASES, "equality"], help="measure in this process")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=["bf16", "fp32"])
    asked = parser.parse_args()
    if asked.case:
        torch.set_num_threads(1)
        if asked.case == "equality":
            found = {
                "fp64_difference": difference(torch.float64),
                "fp32_difference": difference(torch.float32),
            }
        else:
            found = ratios(asked.case, asked.formats)
        print(json.dumps(found))
        return
    result: dict[str, float] = {}
    for case in (*CASES, "equality"):
        result |= alone("benchmarks.cbn", "--case", case, "--formats", *asked.formats)
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
