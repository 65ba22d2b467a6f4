"""Who makes the normalisation layers of a network: plain ones, or camera-based ones."""

from __future__ import annotations

from torch import Tensor, nn

from training.models.camera_batch_norm import CameraBatchNorm, CameraContext


class PlainNormalisation:
    """Layers that normalise by the statistics of the batch, and keep running ones."""

    def __call__(self, channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels)

    def instead_of(self, layer: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.Module:
        """The layer itself, which is plain."""
        return layer


class CameraNormalisation:
    """Layers that normalise by the statistics of each camera, as ``context`` says."""

    def __init__(self, context: CameraContext) -> None:
        self._context = context

    def __call__(self, channels: int) -> nn.Module:
        return CameraBatchNorm(channels, self._context)

    def instead_of(self, layer: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.Module:
        """One with the epsilon, the parameters and the children of ``layer``."""
        joined = any(True for _ in layer.children())
        kind = _ThenItsChildren if joined else CameraBatchNorm
        replacement = kind(layer.num_features, self._context, layer.eps)
        replacement.weight, replacement.bias = layer.weight, layer.bias
        for name, child in layer.named_children():
            replacement.add_module(name, child)
        return replacement


class _ThenItsChildren(CameraBatchNorm):
    """In place of a layer that also does what its children do, one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        for step in self.children():
            x = step(x)
        return x
