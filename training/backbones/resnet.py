"""torchvision's residual networks with a last stride of 1 (UnrealPerson, CVPR 2021, section 4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from training.backbones.registry import backbone

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torchvision.models import ResNet

    from training.backbones.registry import Normalise


def _imagenet(name: str) -> dict[str, Tensor]:
    from torchvision.models import get_model_weights

    return get_model_weights(name)["IMAGENET1K_V1"].get_state_dict(progress=False, check_hash=True)


@backbone("resnet18", features=512, imagenet=partial(_imagenet, "resnet18"))
def _resnet18(layer: Normalise) -> nn.Module:
    from torchvision.models import resnet18

    return _finely_pooled(resnet18(weights=None, norm_layer=layer))


@backbone("resnet50", features=2048, imagenet=partial(_imagenet, "resnet50"))
def _resnet50(layer: Normalise) -> nn.Module:
    from torchvision.models import resnet50

    return _finely_pooled(resnet50(weights=None, norm_layer=layer))


def _finely_pooled(network: ResNet) -> ResNet:
    from torch import nn

    for module in network.layer4[0].modules():
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
    network.register_module("fc", nn.Identity())
    return network
