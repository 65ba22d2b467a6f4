"""A network for re-identification, as in UnrealPerson, CVPR 2021, section 4.

A backbone with global average pooling (``training.backbones``), a normalisation "neck"
and a classifier without bias. The feature used for retrieval is the one after the neck. With an
embedding (JVTC, ECCV 2020) a linear layer comes before the neck, and a rectifier and a classifier
with bias after it. Losses and optimisation live elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from manifests.errors import BadRecipe, CorruptData, NotFound
from training.backbones.registry import BACKBONES
from training.config import ModelSettings, Normalisation, Weights
from training.models.camera_batch_norm import CameraBatchNorm, CameraContext

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

CLASSIFIER = ("classifier.",)
"""How the names of tensors begin that know the training people."""
HEAD = ("embedding.", "neck.", *CLASSIFIER)
"""How the names of all tensors behind the backbone begin."""

_CLASSIFIER_STD = 0.001
_NECK_STD = 0.02


class Embedding(NamedTuple):
    """What the network says about a batch of B images.

    ``pooled`` (B, D): before the neck; ``feature`` (B, D): after it, used for retrieval;
    ``logits`` (B, people): scores of the training people, float32.
    """

    pooled: Tensor
    feature: Tensor
    logits: Tensor


class PersonNet(nn.Module):
    """Backbone, neck and classifier.

    ``context`` is shared by all camera-based layers and must be set before each forward pass;
    with plain batch normalisation nothing reads it.
    """

    pixel_mean: Tensor
    pixel_scale: Tensor

    def __init__(self, settings: ModelSettings, people: int) -> None:
        super().__init__()
        self.settings = settings
        self.context = CameraContext()
        kind = BACKBONES.find(settings.backbone)
        self.backbone = kind.build(self._normalisation())
        self.dimension = settings.embedding or kind.features
        self.embedding = _embedding(kind.features, settings.embedding)
        self.neck = self._neck()
        self.classifier = nn.Linear(self.dimension, people, bias=settings.embedding is not None)
        nn.init.normal_(self.classifier.weight, std=_CLASSIFIER_STD)
        if settings.embedding is not None:
            nn.init.zeros_(self.classifier.bias)
        mean, std = torch.tensor(IMAGENET_MEAN) * 255, torch.tensor(IMAGENET_STD) * 255
        self.register_buffer("pixel_mean", mean.view(1, 3, 1, 1), persistent=False)
        self.register_buffer("pixel_scale", 1 / std.view(1, 3, 1, 1), persistent=False)

    @property
    def camera_based(self) -> bool:
        """Whether normalisation needs to know each image's camera."""
        return self.settings.normalisation is Normalisation.camera

    def forward(self, images: Tensor) -> Embedding:
        """Embed (B, H, W, 3) uint8 sRGB images.

        The convolutions see channels-last memory exactly when the backbone's weights are
        channels-last.
        """
        x = images.permute(0, 3, 1, 2)
        x = (x.to(self.pixel_mean.dtype) - self.pixel_mean) * self.pixel_scale
        layout = torch.channels_last if self._channels_last() else torch.contiguous_format
        pooled = self.backbone(x.contiguous(memory_format=layout))
        pooled = pooled if pooled.dtype is torch.float64 else pooled.float()
        with torch.autocast(images.device.type, enabled=False):
            feature = self.neck(self.embedding(pooled))
            scored = feature if self.settings.embedding is None else feature.relu()
            logits = self.classifier(scored)
        return Embedding(pooled, feature, logits)

    def _channels_last(self) -> bool:
        kernel = next((weight for weight in self.backbone.parameters() if weight.ndim == 4), None)
        return kernel is not None and kernel.is_contiguous(memory_format=torch.channels_last)

    def _normalisation(self) -> Callable[[int], nn.Module]:
        if self.camera_based:
            return lambda channels: CameraBatchNorm(channels, self.context)
        return nn.BatchNorm2d

    def _neck(self) -> nn.Module:
        if self.camera_based:
            neck = CameraBatchNorm(self.dimension, self.context)
        else:
            neck = nn.BatchNorm1d(self.dimension)
        if self.settings.embedding is None:
            nn.init.normal_(neck.weight, mean=1.0, std=_NECK_STD)
            nn.init.zeros_(neck.bias)
            neck.bias.requires_grad_(False)
        return neck


def build_network(settings: ModelSettings, people: int, seed: int) -> PersonNet:
    """A network for so many training people, its random parts drawn from ``seed`` alone.

    Raises ``NotFound`` or ``BadRecipe`` for backbone weights that cannot be had or do not fit.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = PersonNet(settings, people)
    if settings.weights is Weights.imagenet:
        _load_backbone(network, _imagenet_weights(settings.backbone), "ImageNet weights")
    elif settings.weights is Weights.file:
        assert settings.weights_file is not None
        weights = _weights_from(settings.weights_file)
        _load_backbone(network, weights, str(settings.weights_file))
    return network


def _embedding(pooled: int, width: int | None) -> nn.Module:
    if width is None:
        return nn.Identity()
    layer = nn.Linear(pooled, width)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out")
    nn.init.zeros_(layer.bias)
    return layer


def _imagenet_weights(backbone: str) -> dict[str, Tensor]:
    kind = BACKBONES.find(backbone)
    instead = "set model.weights to `file` with a local state dict, or to `none`"
    if kind.imagenet is None:
        raise BadRecipe(f"no ImageNet weights are known for {backbone}; {instead}")
    try:
        return kind.imagenet()
    except OSError as error:
        raise NotFound(
            f"ImageNet weights of {backbone} could not be downloaded ({error}); {instead}"
        ) from error


def _weights_from(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise NotFound(f"backbone weights {path}: no such file")
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise CorruptData(f"backbone weights {path}: not a state dict: {error}") from error
    if not isinstance(weights, dict) or not all(isinstance(v, Tensor) for v in weights.values()):
        raise CorruptData(f"backbone weights {path}: expected a dict of tensors")
    return weights


def _load_backbone(network: PersonNet, weights: dict[str, Tensor], source: str) -> None:
    own = network.backbone.state_dict()
    usable = {name: weights[name] for name in own if name in weights}
    required = {name for name in own if not name.endswith("num_batches_tracked")}
    wrong = [name for name, value in usable.items() if value.shape != own[name].shape]
    missing = sorted(required - usable.keys())
    if missing or wrong:
        raise BadRecipe(
            f"{source}: do not fit a {network.settings.backbone}: "
            f"{len(missing)} tensors missing ({', '.join(missing[:3])}), "
            f"{len(wrong)} of another shape ({', '.join(wrong[:3])})"
        )
    network.backbone.load_state_dict(usable, strict=False)
