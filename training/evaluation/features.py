"""Features of crops from a network, with normalisation statistics of the tested cameras.

Camera-based normalisation is estimated anew for every tested camera (UnrealPerson, CVPR 2021,
section 4): forward passes over that camera's images, whose statistics are averaged; then every
image is embedded plain and mirrored, both features are added and scaled to length 1. Which images
the statistics come from is said in ``camera_statistics``. Plain batch normalisation is tested with
its running statistics unless others are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

import numpy as np
import torch

from manifests.errors import BadRecipe
from training.data.crops import CropSet
from training.evaluation.camera_statistics import (
    BATCH,
    Statistics,
    borrowed,
    cameras_of,
    estimate_statistics,
    set_statistics,
)
from training.evaluation.descriptions import Descriptions
from training.evaluation.protocol import StatisticsRule
from training.memory import enough_memory
from training.models.person_net import PersonNet
from training.precision import Arithmetic


def tested_by(network: PersonNet, asked: StatisticsRule | None) -> StatisticsRule:
    """How a network is tested: as ``asked``, by default as it was trained.

    ``BadRecipe`` for running statistics of a network that has none.
    """
    if asked is StatisticsRule.running and network.camera_based:
        raise BadRecipe(
            "statistics `running`: a network with camera-based normalisation keeps none while it "
            "learns; take `camera`, or train with model.normalisation `batch`"
        )
    if asked is None:
        return StatisticsRule.camera if network.camera_based else StatisticsRule.running
    return asked


def extract_features(
    network: PersonNet,
    crops: CropSet,
    how: Arithmetic,
    seed: int = 0,
    rule: StatisticsRule | None = None,
    saved: Mapping[str, Statistics] | None = None,
) -> np.ndarray:
    """(N, D) float32 features of length 1, in the order of ``crops``; see ``describe``."""
    return describe(network, crops, how, seed, rule, saved).features


def describe(
    network: PersonNet,
    crops: CropSet,
    how: Arithmetic,
    seed: int = 0,
    rule: StatisticsRule | None = None,
    saved: Mapping[str, Statistics] | None = None,
) -> Descriptions:
    """What ``network`` says of all ``crops``, in their order.

    ``seed`` decides which images of a camera with very many count; ``rule`` is as for
    ``tested_by``; ``saved`` holds statistics of cameras by name, for those that have too few
    images here. A network with plain batch normalisation keeps its running statistics.
    """
    rule = tested_by(network, rule)
    how.prepared(network)
    network.eval()
    found = _nothing_yet(network, len(crops))
    _, height, width, _ = crops.images.shape
    work = f"{BATCH} test images of {height}x{width}"
    remedy = "free the device, or hide it (CUDA_VISIBLE_DEVICES=) to compute on the CPU"
    kept = nullcontext() if network.camera_based else borrowed(network)
    with torch.inference_mode(), how.autocast(), enough_memory(work, remedy), kept:
        if rule is StatisticsRule.running:
            _fill(network, crops, np.arange(len(crops)), found, how)
            return found
        for camera in cameras_of(crops, rule, seed):
            if camera.alone and saved is not None and camera.name in saved:
                set_statistics(network, saved[camera.name])
            else:
                estimate_statistics(network, crops.images, camera.batches, how)
            _fill(network, crops, camera.rows, found, how)
    return found


def _nothing_yet(network: PersonNet, count: int) -> Descriptions:
    features = np.empty((count, network.dimension), np.float32)
    head = network.matching
    if head is None:
        return Descriptions(features)
    return Descriptions(features, np.empty((count, *head.shape), np.float32), head)


def _fill(
    network: PersonNet, crops: CropSet, rows: np.ndarray, out: Descriptions, how: Arithmetic
) -> None:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        plain = torch.from_numpy(crops.images[part]).to(how.device)
        found = describe_both_ways(network, plain)
        out.features[part] = found.features
        if out.places is not None:
            out.places[part] = found.places


def both_ways(network: PersonNet, images: torch.Tensor) -> np.ndarray:
    """(N, D) float32 of (N, H, W, 3) uint8 images on the network's device, with the statistics that
    it holds: of each image and its mirror image together, of length 1."""
    return describe_both_ways(network, images).features


def describe_both_ways(network: PersonNet, images: torch.Tensor) -> Descriptions:
    """The same, with the places of a matching head."""
    plain, mirrored = network(images), network(images.flip(2))
    features = _unit(plain.feature + mirrored.feature)
    head = network.matching
    if head is None:
        return Descriptions(features)
    return Descriptions(features, _unit(plain.places + head.mirrored(mirrored.places)), head)


def _unit(values: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(values.float(), dim=-1).cpu().numpy()
