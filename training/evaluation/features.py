"""Features of crops from a network, with normalisation statistics of the tested cameras.

Camera-based normalisation is estimated anew for every tested camera (UnrealPerson, CVPR 2021,
section 4): forward passes over that camera's images, whose statistics are averaged; then every
image is embedded plain and mirrored, both features are added and scaled to length 1. Which images
the statistics come from is said in ``camera_statistics``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from training.data.crops import CropSet
from training.evaluation.camera_statistics import (
    BATCH,
    Statistics,
    cameras_of,
    estimate_statistics,
    set_statistics,
)
from training.evaluation.protocol import StatisticsRule
from training.memory import enough_memory
from training.models.person_net import PersonNet
from training.precision import Arithmetic


def extract_features(
    network: PersonNet,
    crops: CropSet,
    how: Arithmetic,
    seed: int = 0,
    rule: StatisticsRule = StatisticsRule.camera,
    saved: Mapping[str, Statistics] | None = None,
) -> np.ndarray:
    """(N, D) float32 features of length 1, in the order of ``crops``.

    ``seed`` decides which images of a camera with very many count; ``saved`` holds statistics of
    cameras by name, for those that have too few images here.
    """
    how.prepared(network)
    network.eval()
    features = np.empty((len(crops), network.dimension), np.float32)
    _, height, width, _ = crops.images.shape
    work = f"{BATCH} test images of {height}x{width}"
    remedy = "free the device, or hide it (CUDA_VISIBLE_DEVICES=) to compute on the CPU"
    with torch.inference_mode(), how.autocast(), enough_memory(work, remedy):
        if not network.camera_based:
            _embed(network, crops, np.arange(len(crops)), features, how)
            return features
        for camera in cameras_of(crops, rule, seed):
            if camera.alone and saved is not None and camera.name in saved:
                set_statistics(network, saved[camera.name])
            else:
                estimate_statistics(network, crops.images, camera.batches, how)
            _embed(network, crops, camera.rows, features, how)
    return features


def _embed(
    network: PersonNet, crops: CropSet, rows: np.ndarray, out: np.ndarray, how: Arithmetic
) -> None:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        plain = torch.from_numpy(crops.images[part]).to(how.device)
        both = network(plain).feature + network(plain.flip(2)).feature
        out[part] = torch.nn.functional.normalize(both.float(), dim=1).cpu().numpy()
