"""The statistics that are folded into an exported model, which knows no cameras."""

from __future__ import annotations

import difflib

import numpy as np
import torch

from manifests.errors import BadRecipe, NotFound
from training.checkpoints import Checkpoint
from training.evaluation.camera_statistics import (
    STATISTICS_IMAGES,
    estimate_statistics,
    in_batches,
    set_statistics,
    together,
)
from training.models.camera_batch_norm import MIN_IMAGES
from training.models.person_net import PersonNet
from training.precision import Arithmetic

_HOW = Arithmetic(torch.device("cpu"), bf16=False, channels_last=False)


def of_training(network: PersonNet, checkpoint: Checkpoint) -> str:
    """Set those of all training cameras together, or keep running ones; says what they are.

    ``NotFound`` if a camera-based model was saved without them.
    """
    if not network.camera_based:
        return "running statistics of the training"
    if not checkpoint.statistics:
        raise NotFound(
            "export: the model holds no statistics of training cameras (it is not finished, or was "
            "made before they were saved); estimate them from pictures: --crops FOLDER"
        )
    set_statistics(network, together(list(checkpoint.statistics.values())))
    return f"{len(checkpoint.statistics)} training cameras together"


def of_camera(network: PersonNet, checkpoint: Checkpoint, camera: str) -> str:
    """Set those of one training camera; says which. ``BadRecipe`` for a network without cameras,
    ``NotFound`` for a camera that the model does not know."""
    if not network.camera_based:
        raise BadRecipe(
            f"export: --camera {camera}: the model has plain batch normalisation, which knows no "
            "cameras"
        )
    known = sorted(checkpoint.statistics)
    if camera not in known:
        near = difflib.get_close_matches(camera, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise NotFound(
            f"export: no training camera {camera!r}; {hint}the model knows "
            f"{', '.join(known[:20]) or 'none'}{', ...' if len(known) > 20 else ''}"
        )
    set_statistics(network, checkpoint.statistics[camera])
    return f"training camera {camera}"


def of_pictures(network: PersonNet, images: np.ndarray) -> str:
    """Set those of pictures (N, H, W, 3) uint8, as evaluation takes those of one camera's; says of
    how many. ``BadRecipe`` for fewer than two."""
    if len(images) < MIN_IMAGES:
        raise BadRecipe("export: statistics need pictures, best hundreds of people who passed by")
    chosen = np.random.default_rng(0).permutation(len(images))[:STATISTICS_IMAGES]
    with torch.inference_mode():
        estimate_statistics(network, images, in_batches(chosen), _HOW)
    return f"{len(chosen)} pictures of the user's"
