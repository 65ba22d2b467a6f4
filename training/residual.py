"""Residual blocks without weights in their shortcuts (He et al., CVPR 2016, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import pad, relu


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut: (B, ``channels``, H, W) to (B, ``out``, H /
    ``stride``, W / ``stride``), rounded up.

    The shortcut takes every ``stride``-th place, and zeros for channels that are new.
    """

    def __init__(
        self, channels: int, out: int, stride: int, layer: Callable[[int], nn.Module]
    ) -> None:
        super().__init__()
        self.stride, self.new = stride, out - channels
        self.conv1 = nn.Conv2d(channels, out, 3, stride, padding=1, bias=False)
        self.norm1 = layer(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = layer(out)

    def forward(self, x: Tensor) -> Tensor:
        """Both paths, added and rectified."""
        shortcut = pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))
        found = self.norm2(self.conv2(relu(self.norm1(self.conv1(x)))))
        return relu(found + shortcut)
