"""Features of crops from a network, with normalisation statistics of the tested cameras.

Camera-based normalisation is estimated anew for every tested camera (UnrealPerson, CVPR 2021,
section 4): forward passes over that camera's images, plain and mirrored, whose statistics are
averaged; then every image is embedded plain and mirrored, both features are added and scaled
to length 1. No remainder batch is dropped; a camera with a single image borrows the
statistics of all cameras together.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from training.data.crops import CropSet
from training.memory import enough_memory
from training.models.camera_batch_norm import MIN_IMAGES, Phase, reset_statistics
from training.models.resnet import PersonNet
from training.precision import Arithmetic

BATCH = 64
STATISTICS_IMAGES = 640
_STATISTICS_STREAM = 3


def extract_features(
    network: PersonNet, crops: CropSet, how: Arithmetic, seed: int = 0
) -> np.ndarray:
    """(N, D) float32 features of length 1, in the order of ``crops``.

    ``seed`` decides which images of a camera with more than ``STATISTICS_IMAGES`` count.
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
        for camera in np.unique(crops.camera):
            rows = np.flatnonzero(crops.camera == camera)
            typical = rows if len(rows) >= MIN_IMAGES else np.arange(len(crops))
            rng = np.random.default_rng([seed, _STATISTICS_STREAM, int(camera)])
            estimate_statistics(network, crops.images, typical, how, rng)
            _embed(network, crops, rows, features, how)
    return features


def estimate_statistics(
    network: PersonNet,
    images: np.ndarray,
    rows: np.ndarray,
    how: Arithmetic,
    rng: np.random.Generator,
) -> None:
    """Set the network's test statistics to those of pictures ``rows`` of (N, H, W, 3) uint8.

    Batches of about equal size, weighted by size, cover at most ``STATISTICS_IMAGES`` of them.
    """
    reset_statistics(network)
    context = network.context
    context.phase = Phase.estimate
    chosen = rng.permutation(rows)[:STATISTICS_IMAGES]
    seen = 0
    for part in np.array_split(chosen, math.ceil(len(chosen) / BATCH)):
        plain = torch.from_numpy(images[part]).to(how.device)
        for pictures in (plain, plain.flip(2)):
            seen += len(part)
            context.share = len(part) / seen
            network(pictures)
    context.phase = Phase.apply


def _embed(
    network: PersonNet, crops: CropSet, rows: np.ndarray, out: np.ndarray, how: Arithmetic
) -> None:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        plain = torch.from_numpy(crops.images[part]).to(how.device)
        both = network(plain).feature + network(plain.flip(2)).feature
        out[part] = torch.nn.functional.normalize(both.float(), dim=1).cpu().numpy()
