"""A network for re-identification, as in UnrealPerson, CVPR 2021, section 4.

A backbone with global average pooling (``training.backbones``), a normalisation "neck"
and a classifier without bias. The feature used for retrieval is the one after the neck. With an
embedding (JVTC, ECCV 2020) a linear layer comes before the neck, and a rectifier and a classifier
with bias after it. Losses and optimisation live elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from manifests.errors import BadRecipe
from training.backbones.registry import BACKBONES, IMAGENET_MEAN, IMAGENET_STD
from training.config import Head, ModelSettings, Normalisation
from training.models.camera_batch_norm import CameraBatchNorm, CameraContext
from training.models.first_weights import first_weights
from training.models.matching import MatchingHead, build_matching_head, taken
from training.models.normalisation import CameraNormalisation, PlainNormalisation

CLASSIFIER = ("classifier.",)
"""How the names of tensors begin that know the training people."""
HEAD = ("embedding.", "neck.", "matching.", *CLASSIFIER)
"""How the names of all tensors behind the backbone begin."""

_CLASSIFIER_STD = 0.001
_NECK_STD = 0.02


class Embedding(NamedTuple):
    """What the network says about a batch of B images.

    ``pooled`` (B, D): before the neck; ``feature`` (B, D): after it, used for retrieval;
    ``logits`` (B, people): scores of the training people, float32; ``places`` (B, R, d): of a
    matching head, which uses them beside the features.
    """

    pooled: Tensor
    feature: Tensor
    logits: Tensor
    places: Tensor | None = None


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
        based = CameraNormalisation(self.context) if self.camera_based else PlainNormalisation()
        self.backbone = kind.build(based)
        self.dimension = settings.embedding or kind.features
        self.embedding = _embedding(kind.features, settings.embedding)
        self.neck = self._neck()
        self.classifier = nn.Linear(self.dimension, people, bias=settings.embedding is not None)
        nn.init.normal_(self.classifier.weight, std=_CLASSIFIER_STD)
        if settings.embedding is not None:
            nn.init.zeros_(self.classifier.bias)
        mean, std = torch.tensor(kind.mean) * 255, torch.tensor(kind.std) * 255
        # Saved with the network, should a library change its mind about them.
        unusual = (kind.mean, kind.std) != (IMAGENET_MEAN, IMAGENET_STD)
        self.register_buffer("pixel_mean", mean.view(1, 3, 1, 1), persistent=unusual)
        self.register_buffer("pixel_scale", 1 / std.view(1, 3, 1, 1), persistent=unusual)
        self.matching: MatchingHead | None = None
        if settings.head is Head.matching:
            # Last, so that the rest begins as it does with a plain head.
            self.matching = build_matching_head(self.backbone, kind, settings, based)

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
        x, places = x.contiguous(memory_format=layout), None
        if self.matching is None:
            pooled = self.backbone(x)
        else:
            with taken(self.backbone, self.matching.maps) as maps:
                pooled = self.backbone(x)
            places = self.matching.places(maps())
        pooled = pooled if pooled.dtype is torch.float64 else pooled.float()
        with torch.autocast(images.device.type, enabled=False):
            feature = self.neck(self.embedding(pooled))
            scored = feature if self.settings.embedding is None else feature.relu()
            logits = self.classifier(scored)
        return Embedding(pooled, feature, logits, places)

    def _channels_last(self) -> bool:
        kernel = next((weight for weight in self.backbone.parameters() if weight.ndim == 4), None)
        return kernel is not None and kernel.is_contiguous(memory_format=torch.channels_last)

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
    if weights := first_weights(network.backbone, settings):
        network.backbone.load_state_dict(network.backbone.state_dict() | weights)
    return network


def rehearsed_network(settings: ModelSettings) -> PersonNet:
    """A network that holds no numbers: whether it can be had is known before any work is done.

    Raises what ``build_network`` raises, and ``BadRecipe`` for a backbone that does not take
    pictures of the size that is asked for.
    """
    plain = settings.model_copy(update={"head": Head.plain})
    with torch.random.fork_rng(), torch.device("meta"):
        network = PersonNet(plain, people=1)
        picture = torch.zeros(1, 3, settings.height, settings.width)
    first_weights(network.backbone, settings)
    network.eval()
    try:
        with torch.inference_mode():
            network.backbone(picture)
        if settings.head is not Head.plain:
            # It asks the backbone how large its maps are.
            with torch.random.fork_rng(), torch.device("meta"):
                network = PersonNet(settings, people=1)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise BadRecipe(
            f"a {settings.backbone} takes no pictures of {settings.height}x{settings.width} "
            f"({str(error)[:200]}); change model.height and model.width"
        ) from error
    return network


def _embedding(pooled: int, width: int | None) -> nn.Module:
    if width is None:
        return nn.Identity()
    layer = nn.Linear(pooled, width)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out")
    nn.init.zeros_(layer.bias)
    return layer
