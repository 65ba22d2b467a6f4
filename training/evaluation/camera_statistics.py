"""Test statistics of normalisation layers: which images they are taken from.

A network that learnt with plain batch normalisation can be tested in the same ways in place of its
running statistics: every camera of its own is a domain to adapt to (Li et al., "Revisiting Batch
Normalization for Practical Domain Adaptation", 2016).

``StatisticsRule.camera`` takes every camera's own images of query and gallery, plain and
mirrored, in batches of about equal size, weighted by size, so that no remainder is dropped; a
camera with a single image borrows the statistics that were saved for it, or those of all cameras
together. ``StatisticsRule.paper`` repeats what the code of UnrealPerson (CVPR 2021) does: query
and gallery apart, at most ten full batches of 32; a camera with fewer than 32 images on one side
keeps mean 0 and variance 1. ``StatisticsRule.running`` takes none.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.data.crops import CropSet
from training.evaluation.protocol import StatisticsRule
from training.models.camera_batch_norm import MIN_IMAGES, CameraBatchNorm, Phase
from training.models.person_net import PersonNet
from training.precision import Arithmetic

BATCH = 64
STATISTICS_IMAGES = 640
SAVED_IMAGES = 64
PAPER_BATCH, PAPER_BATCHES = 32, 10
_STREAM = 3

Statistics = dict[str, Tensor]
"""Values of the statistics buffers of a network, by their names."""


@dataclass(frozen=True)
class CameraImages:
    """One camera's images ``rows`` (n,), and the batches that its statistics come from.

    Without ``batches`` the statistics stay at mean 0 and variance 1. ``alone``: the camera has
    too few images for statistics of its own, so the batches are of all cameras.
    """

    name: str
    rows: np.ndarray
    batches: tuple[np.ndarray, ...]
    alone: bool = False


def cameras_of(
    crops: CropSet, rule: StatisticsRule, seed: int, at_most: int = STATISTICS_IMAGES
) -> Iterator[CameraImages]:
    """The cameras of ``crops`` one by one; in the paper's way each of them twice."""
    for camera in np.unique(crops.camera):
        rows = np.flatnonzero(crops.camera == camera)
        name = crops.camera_names[camera] if camera < len(crops.camera_names) else ""
        rng = _stream(seed, int(camera))
        if rule is StatisticsRule.paper:
            asked = crops.role[rows] == "query"
            for side in (rows[asked], rows[~asked]):
                if len(side):
                    yield CameraImages(name, side, _full_batches(rng.permutation(side)))
            continue
        alone = len(rows) < MIN_IMAGES
        chosen = rng.permutation(np.arange(len(crops)) if alone else rows)[:at_most]
        yield CameraImages(name, rows, in_batches(chosen), alone)


def sample_of(rows: np.ndarray, camera: int, seed: int = 0) -> np.ndarray:
    """Which of the images ``rows`` of camera number ``camera`` its statistics are taken from."""
    return _stream(seed, camera).permutation(rows)[:STATISTICS_IMAGES]


def in_batches(chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    """In parts of about equal size."""
    return tuple(np.array_split(chosen, math.ceil(len(chosen) / BATCH)))


def _stream(seed: int, camera: int) -> np.random.Generator:
    return np.random.default_rng([seed, _STREAM, camera])


def _full_batches(rows: np.ndarray) -> tuple[np.ndarray, ...]:
    count = min(PAPER_BATCHES, len(rows) // PAPER_BATCH)
    return tuple(rows[: count * PAPER_BATCH].reshape(count, PAPER_BATCH))


def estimate_statistics(
    network: PersonNet, images: np.ndarray, batches: tuple[np.ndarray, ...], how: Arithmetic
) -> None:
    """Set the network's test statistics to those of ``batches`` of (N, H, W, 3) uint8 pictures,
    each plain and mirrored."""
    _reset(network)
    context, plain_layers = network.context, _plain_layers(network)
    context.phase = Phase.estimate
    momenta = [layer.momentum for layer in plain_layers]
    seen = 0
    for rows in batches:
        plain = torch.from_numpy(images[rows]).to(how.device)
        for pictures in (plain, plain.flip(2)):
            seen += len(rows)
            context.share = len(rows) / seen
            for layer in plain_layers:
                layer.training, layer.momentum = True, context.share
            network(pictures)
    for layer, momentum in zip(plain_layers, momenta, strict=True):
        layer.training, layer.momentum = False, momentum
    context.phase = Phase.apply


@contextmanager
def borrowed(network: PersonNet) -> Generator[None]:
    """Afterwards the network's buffers are what they were before."""
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    try:
        yield
    finally:
        with torch.no_grad():
            for name, buffer in network.named_buffers():
                buffer.copy_(before[name])


def saved_statistics(network: PersonNet, crops: CropSet, how: Arithmetic) -> dict[str, Statistics]:
    """Statistics of every camera that has enough images, by its name, to save with a model.

    At most ``SAVED_IMAGES`` of a camera count. Empty for plain normalisation, which keeps
    running statistics of its own. The network's mode and buffers are left as they were.
    """
    if not network.camera_based:
        return {}
    before, training = current_statistics(network), network.training
    network.eval()
    found: dict[str, Statistics] = {}
    with torch.inference_mode(), how.autocast():
        for camera in cameras_of(crops, StatisticsRule.camera, seed=0, at_most=SAVED_IMAGES):
            if not camera.alone:
                estimate_statistics(network, crops.images, camera.batches, how)
                found[camera.name] = current_statistics(network)
    set_statistics(network, before)
    network.train(training)
    return found


def current_statistics(network: PersonNet) -> Statistics:
    """Copies of the statistics buffers, on the CPU."""
    return {name: values.clone().cpu() for name, values in _buffers(network).items()}


def set_statistics(network: PersonNet, statistics: Statistics) -> None:
    """Put statistics into the buffers of a network."""
    with torch.no_grad():
        for name, buffer in _buffers(network).items():
            buffer.copy_(statistics[name])


def together(cameras: Sequence[Statistics]) -> Statistics:
    """Of cameras that count alike: means of their means, and variances within plus between."""
    found: Statistics = {}
    for name in cameras[0]:
        if not name.endswith("running_mean"):
            continue
        spread = name.removesuffix("mean") + "var"
        means = torch.stack([one[name].double() for one in cameras])
        within = torch.stack([one[spread].double() for one in cameras]).mean(0)
        found[name] = means.mean(0).float()
        found[spread] = (within + means.var(0, correction=0)).float()
    return found


def _reset(network: PersonNet) -> None:
    """Forget all test statistics."""
    for name, buffer in _buffers(network).items():
        buffer.fill_(name.endswith("running_var"))


def _plain_layers(network: PersonNet) -> list[nn.BatchNorm1d | nn.BatchNorm2d]:
    plain = (nn.BatchNorm1d, nn.BatchNorm2d)
    return [layer for layer in network.modules() if isinstance(layer, plain)]


def _buffers(network: PersonNet) -> dict[str, Tensor]:
    return {
        f"{name}.{kind}": getattr(layer, kind)
        for name, layer in network.named_modules()
        if isinstance(layer, CameraBatchNorm | nn.BatchNorm1d | nn.BatchNorm2d)
        for kind in ("running_mean", "running_var")
    }
