"""Camera-based batch normalisation: every camera is normalised with its own statistics.

Method: Zhuang et al., "Rethinking the Distribution Gap of Person Re-identification with
Camera-based Batch Normalization", ECCV 2020, as used by UnrealPerson, CVPR 2021, section 4.
The original forwards each camera's images through the network separately. Here one forward
serves all cameras: each layer computes the same statistics in one of three ways,

- ``view``: equally many images per camera, interleaved (image j of camera k at j * K + k), in
  contiguous NCHW; reshaping to (n, K * C, H, W) is free and one native call does all cameras;
- ``slice``: images sorted by camera; one native call per slice (right for channels-last), or on a
  CUDA card one kernel for all (``fused_camera_norm``), where that runs and agrees;
- ``vec``: any order and any counts, through per-image moments and a small matrix product.

The affine parameters are shared by all cameras. Moments are always taken in 32 bits or more.
A camera with fewer than ``MIN_IMAGES`` images in a batch has no usable statistics of its own:
its images are normalised with those of the whole batch, so that no image is ever dropped.

Nothing but the layers and the description of a batch's cameras may live here.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

MIN_IMAGES = 2


class Grouping(StrEnum):
    """How the statistics of all cameras of a batch are computed at once."""

    view = "view"
    slice = "slice"
    vec = "vec"


@dataclass(frozen=True)
class CameraLayout:
    """Which images of a batch belong to which camera, ready for the layers to use.

    ``counts``: images per camera, for ``view`` and ``slice`` in batch order. For ``vec``,
    ``membership`` (G, B) float has rows that sum to 1 and mark whose moments make group g, and
    ``group`` (B,) int64 says with which group an image is normalised. For ``slice`` on a CUDA
    device, ``starts`` (G + 1,) int32 has the first image of each camera, and B, and ``group`` is
    int32.
    """

    grouping: Grouping
    counts: tuple[int, ...]
    membership: Tensor | None = None
    group: Tensor | None = None
    starts: Tensor | None = None


def layout_of(
    cameras: Sequence[int] | np.ndarray,
    grouping: Grouping,
    device: torch.device | str = "cpu",
) -> CameraLayout:
    """Describe a batch whose image i was taken by camera code ``cameras[i]``.

    ``view`` and ``slice`` need the batch in their own order (``arranged``) and at least two
    images of every camera; anything else is a ``ValueError``.
    """
    codes = np.asarray(cameras, dtype=np.int64)
    if codes.ndim != 1 or len(codes) == 0:
        raise ValueError(f"cameras: expected one code per image, got shape {codes.shape}")
    names, group, counts = np.unique(codes, return_inverse=True, return_counts=True)
    if grouping is Grouping.vec:
        return _vec_layout(group, counts, torch.device(device))
    if counts.min() < MIN_IMAGES:
        raise ValueError(f"{grouping}: a camera has fewer than {MIN_IMAGES} images; use vec")
    if grouping is Grouping.view:
        if len(set(counts.tolist())) != 1:
            raise ValueError(f"view: needs equally many images per camera, got {counts.tolist()}")
        rows = codes.reshape(-1, len(names))
        if not (rows == rows[0]).all():
            raise ValueError("view: the batch must be interleaved by camera")
        return CameraLayout(grouping, tuple(counts.tolist()))
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    if len(starts) != len(names):
        raise ValueError("slice: the batch must be sorted by camera")
    return _slice_layout(np.r_[starts, len(codes)], torch.device(device))


def arranged(
    cameras: Sequence[int] | np.ndarray, channels_last: bool
) -> tuple[np.ndarray, Grouping]:
    """Order in which a batch is normalised fastest, and the grouping that fits that order.

    Returns the permutation (B,) int64 to apply to the batch and its labels.
    """
    codes = np.asarray(cameras, dtype=np.int64)
    counts = np.unique(codes, return_counts=True)[1]
    if counts.min() < MIN_IMAGES:
        return np.arange(len(codes)), Grouping.vec
    by_camera = np.argsort(codes, kind="stable")
    if channels_last or len(set(counts.tolist())) != 1:
        return by_camera, Grouping.slice
    return by_camera.reshape(len(counts), -1).T.ravel().copy(), Grouping.view


class Phase(Enum):
    """What the layers do with statistics in a forward pass."""

    by_layout = "normalise with the batch's own per-camera statistics (training)"
    estimate = "normalise with the batch's own statistics and add them to the buffers"
    apply = "normalise with the buffers"


@dataclass
class CameraContext:
    """State shared by all layers of one network: set once per forward pass.

    ``share``: in phase ``estimate``, weight of this batch in the cumulative average.
    """

    phase: Phase = Phase.apply
    layout: CameraLayout | None = None
    share: float = field(default=1.0)


class CameraBatchNorm(nn.Module):
    """Normalisation of (B, C) or (B, C, H, W) by the statistics of each image's camera.

    ``running_mean`` and ``running_var`` (unbiased) hold the statistics of the one camera that
    is being tested; they are never updated in training.
    """

    weight: nn.Parameter
    bias: nn.Parameter
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, context: CameraContext, eps: float = 1e-5) -> None:
        super().__init__()
        self.channels = channels
        self.eps = eps
        self.context = context
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        context = self.context
        if context.phase is Phase.apply:
            return self._native(x, self.running_mean, self.running_var, training=False)
        if context.phase is Phase.estimate:
            return self._native(x, self.running_mean, self.running_var, True, context.share)
        layout = context.layout
        if layout is None or sum(layout.counts) != len(x):
            raise ValueError("camera-based normalisation needs the cameras of this very batch")
        if layout.grouping is Grouping.view and x.is_contiguous():
            return self._by_view(x, len(layout.counts))
        if layout.grouping is Grouping.vec:
            return self._by_moments(x, layout)
        if layout.grouping is Grouping.view:
            raise ValueError("view: needs contiguous NCHW; sort by camera and use slice")
        if (kernels := _kernels_for(x)) is not None:
            return kernels.normalise(
                x, layout.starts, layout.group, self.weight, self.bias, self.eps
            )
        parts = [self._native(part, None, None, True) for part in x.split(layout.counts)]
        return torch.cat(parts)

    def _native(
        self,
        x: Tensor,
        mean: Tensor | None,
        variance: Tensor | None,
        training: bool,
        momentum: float = 0.0,
    ) -> Tensor:
        return functional.batch_norm(
            x, mean, variance, self.weight, self.bias, training, momentum, self.eps
        )

    def _by_view(self, x: Tensor, cameras: int) -> Tensor:
        wide = x.view(-1, cameras * self.channels, *x.shape[2:])
        weight, bias = self.weight.repeat(cameras), self.bias.repeat(cameras)
        out = functional.batch_norm(wide, None, None, weight, bias, training=True, eps=self.eps)
        return out.view_as(x)

    def _by_moments(self, x: Tensor, layout: CameraLayout) -> Tensor:
        assert layout.membership is not None and layout.group is not None
        precise = x if x.dtype is torch.float64 else x.float()
        membership = layout.membership.to(precise.dtype)
        if x.ndim == 2:
            image_mean, within = precise, torch.zeros_like(precise)
        else:
            within, image_mean = torch.var_mean(precise, dim=(2, 3), correction=0)
        mean = membership @ image_mean
        # Law of total variance with deviations from the group's mean: no cancellation.
        between = (image_mean[None] - mean[:, None]).square()
        variance = membership @ within + torch.einsum("gb,gbc->gc", membership, between)
        scale = self.weight.to(precise.dtype) * torch.rsqrt(variance + self.eps)
        shift = self.bias.to(precise.dtype) - mean * scale
        trailing = (1,) * (x.ndim - 2)
        scale = scale[layout.group].view(len(x), self.channels, *trailing)
        shift = shift[layout.group].view(len(x), self.channels, *trailing)
        return torch.addcmul(shift, precise, scale).to(x.dtype)

    def extra_repr(self) -> str:
        return f"{self.channels}, eps={self.eps}"


def _kernels_for(x: Tensor) -> ModuleType | None:
    """The fused kernels, if they serve such pictures on their card."""
    fits = x.is_cuda and x.ndim == 4 and x.dtype is not torch.float64
    if not fits or not x.is_contiguous(memory_format=torch.channels_last):
        return None
    if torch.compiler.is_compiling():  # it fuses native calls by itself
        return None
    kernels = _fused_kernels()
    return kernels if kernels is not None and kernels.works(x.device) else None


@functools.cache
def _fused_kernels() -> ModuleType | None:
    try:
        from training.models import fused_camera_norm
    except ImportError:  # Triton is not part of torch everywhere
        return None
    return fused_camera_norm


def _slice_layout(edges: np.ndarray, device: torch.device) -> CameraLayout:
    counts = np.diff(edges)
    starts = group = None
    if device.type == "cuda":
        starts = torch.from_numpy(edges.astype(np.int32)).to(device)
        group = torch.from_numpy(np.repeat(np.arange(len(counts)), counts).astype(np.int32))
        group = group.to(device)
    return CameraLayout(Grouping.slice, tuple(counts.tolist()), None, group, starts)


def _vec_layout(group: np.ndarray, counts: np.ndarray, device: torch.device) -> CameraLayout:
    membership = (group == np.arange(len(counts))[:, None]) / counts[:, None]
    lonely = np.flatnonzero(counts < MIN_IMAGES)
    if len(lonely):
        membership = np.vstack([membership, np.full((1, len(group)), 1.0 / len(group))])
        group = np.where(np.isin(group, lonely), len(counts), group)
    return CameraLayout(
        Grouping.vec,
        tuple(counts.tolist()),
        torch.from_numpy(membership).to(device),
        torch.from_numpy(group.astype(np.int64)).to(device),
    )
