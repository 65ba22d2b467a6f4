"""torchvision's residual networks with a last stride of 1 (UnrealPerson, CVPR 2021, section 4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from training.backbones.registry import BACKBONES, Backbone

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torchvision.models import ResNet

    from training.backbones.registry import Normalise


def _imagenet(name: str) -> dict[str, Tensor]:
    from torchvision.models import get_model_weights

    return get_model_weights(name)["IMAGENET1K_V1"].get_state_dict(progress=False, check_hash=True)


def _finely_pooled(name: str, layer: Normalise) -> nn.Module:
    from torch import nn
    from torchvision.models import get_model

    network = cast("ResNet", get_model(name, weights=None, norm_layer=layer))
    for module in network.layer4[0].modules():
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
    network.register_module("fc", nn.Identity())
    return network


for _name, _features in (("resnet18", 512), ("resnet50", 2048)):
    BACKBONES.add(
        Backbone(
            _name,
            _features,
            partial(_finely_pooled, _name),
            partial(_imagenet, _name),
            maps=(("layer3", _features // 2), ("layer4", _features)),
        )
    )
