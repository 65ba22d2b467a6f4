"""The residual network for small pictures in its least depth (He et al., CVPR 2016, section 4.2).

Eight layers and 75,000 weights: for tests and first looks, which need a network that learns in
seconds and not a good one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.backbones.registry import backbone

if TYPE_CHECKING:
    from torch import nn

    from training.backbones.registry import Normalise

_WIDTHS = (16, 32, 64)


@backbone("resnet8", features=_WIDTHS[-1], maps=(("5", _WIDTHS[-1]),))
def resnet8(layer: Normalise) -> nn.Module:
    """A convolution, a block of each width at half the size of the one before, and the mean.

    First weights keep the spread of what goes through them (He et al., ICCV 2015, section 2.2).
    """
    from torch import nn

    from training.residual import ResidualBlock

    first = _WIDTHS[0]
    stem = nn.Conv2d(3, first, 3, padding=1, bias=False)
    blocks = [
        ResidualBlock(channels, out, stride=1 if out == first else 2, layer=layer)
        for channels, out in zip((first, *_WIDTHS), _WIDTHS, strict=False)
    ]
    network = nn.Sequential(
        stem, layer(first), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network
