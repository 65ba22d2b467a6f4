"""Camera-based normalisation of channels-last pictures by Triton kernels: two passes over the
pixels forward and two backward, for all cameras at once.

One native call a camera reads every pixel as often, but launches as many kernels as there are
cameras, joins their results, and is bound by both on a fast card. ``camera_batch_norm`` says when
these kernels are used; its native way is what they are compared with, in tests (Triton's
interpreter runs them on a CPU) and by ``works`` on the card itself.

Nothing but the kernels and their launches may live here; importing it needs Triton.
"""

# Arguments of kernels are pointers and numbers of Triton's own; constants are capitals there.
# ruff: noqa: ANN001, N803
# pyright: basic, reportArgumentType=false

from __future__ import annotations

import functools
import logging
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_log = logging.getLogger(__name__)

_ROWS = 64
_CHANNELS = 64
_TOLERANCE = 1e-3
_PROGRAMS = 1024
"""About as many programs as keep a large card busy while moments are taken."""


def normalise(
    x: Tensor, starts: Tensor, group: Tensor, weight: Tensor, bias: Tensor, eps: float
) -> Tensor:
    """Normalise (B, C, H, W), channels-last, sorted by camera, each with its camera's statistics.

    ``starts`` (G + 1,) int32: the first image of each camera, and B; ``group`` (B,) int32: the
    camera of each image. ``weight`` and ``bias`` (C,) have 32 bits. The result has the type and
    layout of ``x``. Moments are taken in 32 bits, by merging those of blocks, so that nothing
    cancels.
    """
    return _Normalise.apply(x, starts, group, weight, bias, eps)


@functools.cache
def works(device: torch.device) -> bool:
    """Whether the kernels compile for this card and agree with native calls on a small batch."""
    try:
        # Whoever asks first may be without gradients, or in sixteen bits.
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.autocast(device.type, enabled=False),
        ):
            difference = _difference(device)
    except Exception as error:  # whatever a compiler or a driver throws: the native way is there
        _log.warning("fused normalisation does not run on %s: %s", device, error)
        return False
    if difference > _TOLERANCE:
        _log.warning("fused normalisation is %.1g off on %s and is not used", difference, device)
        return False
    return True


def _difference(device: torch.device) -> float:
    """The largest difference from native calls, in values and gradients of a small batch."""
    counts, channels = (3, 2, 5), 72
    made = torch.Generator().manual_seed(0)
    start = torch.randn(sum(counts), channels, 9, 5, generator=made) * 2 + 5
    slope = torch.randn(start.shape, generator=made).to(device)
    starts = torch.tensor([0, 3, 5, 10], dtype=torch.int32, device=device)
    group = torch.tensor([0] * 3 + [1] * 2 + [2] * 5, dtype=torch.int32, device=device)
    found: list[list[Tensor]] = []
    for fused in (True, False):
        x = start.to(device, memory_format=torch.channels_last).requires_grad_()
        weight = torch.linspace(0.5, 2.0, channels, device=device).requires_grad_()
        bias = torch.linspace(-1.0, 1.0, channels, device=device).requires_grad_()
        if fused:
            out = normalise(x, starts, group, weight, bias, 1e-5)
        else:
            parts = x.split(counts)
            native = functools.partial(
                functional.batch_norm, weight=weight, bias=bias, training=True
            )
            out = torch.cat([native(part, None, None) for part in parts])
        (out * slope).sum().backward()
        gradients = [value.grad for value in (x, weight, bias) if value.grad is not None]
        found.append([out.detach(), *gradients])
    ours, theirs = found
    # Of sums over many pixels, relative to their size.
    return max(
        float((one - other).abs().max() / other.abs().max().clamp(min=1.0))
        for one, other in zip(ours, theirs, strict=True)
    )


class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        starts: Tensor,
        group: Tensor,
        weight: Tensor,
        bias: Tensor,
        eps: float,
    ) -> Tensor:
        mean, inverse = _moments(x, starts, eps)
        out = torch.empty_like(x)
        grid = _pixel_grid(x)
        _normalise_kernel[grid](
            x, out, group, mean, inverse, weight, bias, _area(x), x.shape[1], _ROWS, _CHANNELS
        )
        ctx.save_for_backward(x, starts, group, weight, mean, inverse)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        x, starts, group, weight, mean, inverse = ctx.saved_tensors
        slope = slopes[0].contiguous(memory_format=torch.channels_last)
        groups, channels = mean.shape
        splits = _splits(x, groups)
        sums = x.new_empty((2, splits, groups, channels), dtype=torch.float32)
        grid = (triton.cdiv(channels, _CHANNELS), groups, splits)
        _slope_sums_kernel[grid](
            x,
            slope,
            starts,
            mean,
            inverse,
            sums,
            _area(x),
            channels,
            groups,
            splits,
            _ROWS,
            _CHANNELS,
        )
        means = x.new_empty((2, groups, channels), dtype=torch.float32)
        of_weight, of_bias = torch.empty_like(weight), torch.empty_like(weight)
        _finish_slopes_kernel[(triton.cdiv(channels, _CHANNELS),)](
            sums, starts, means, of_weight, of_bias, _area(x), channels, groups, splits, _CHANNELS
        )
        of_x = torch.empty_like(x)
        _slope_kernel[_pixel_grid(x)](
            x,
            slope,
            of_x,
            group,
            mean,
            inverse,
            weight,
            means,
            _area(x),
            channels,
            groups,
            _ROWS,
            _CHANNELS,
        )
        return of_x, None, None, of_weight, of_bias, None


def _area(x: Tensor) -> int:
    return x.shape[2] * x.shape[3]


def _pixel_grid(x: Tensor) -> tuple[int, int]:
    return len(x) * triton.cdiv(_area(x), _ROWS), triton.cdiv(x.shape[1], _CHANNELS)


def _splits(x: Tensor, groups: int) -> int:
    """Parts of a camera's rows whose moments are taken by programs of their own."""
    rows = len(x) * _area(x) // groups
    busy = _PROGRAMS // (groups * triton.cdiv(x.shape[1], _CHANNELS))
    return max(1, min(busy, rows // (4 * _ROWS)))


def _moments(x: Tensor, starts: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Mean and inverse deviation (G, C), 32-bit."""
    groups, channels = len(starts) - 1, x.shape[1]
    splits = _splits(x, groups)
    parts = x.new_empty((2, splits, groups, channels), dtype=torch.float32)
    grid = (triton.cdiv(channels, _CHANNELS), groups, splits)
    _moments_kernel[grid](x, starts, parts, _area(x), channels, groups, splits, _ROWS, _CHANNELS)
    mean = x.new_empty((groups, channels), dtype=torch.float32)
    inverse = torch.empty_like(mean)
    _finish_moments_kernel[grid[:2]](
        parts, starts, mean, inverse, eps, _area(x), channels, groups, splits, _CHANNELS
    )
    return mean, inverse


@triton.jit
def _part(starts, area, group, split, splits):
    """First row of a part of a camera, and the one behind its last."""
    first = tl.load(starts + group).to(tl.int64) * area
    last = tl.load(starts + group + 1).to(tl.int64) * area
    size = (last - first + splits - 1) // splits
    begin = tl.minimum(first + split * size, last)
    return begin, tl.minimum(begin + size, last)


@triton.jit
def _block(group_of, area, channels, ROWS: tl.constexpr, CHANNELS: tl.constexpr):
    """What a program of ``_pixel_grid`` sees: the camera of its image, its channels (CHANNELS,),
    where its pixels are, and which of these there are (ROWS, CHANNELS)."""
    blocks = tl.cdiv(area, ROWS)
    image = tl.program_id(0) // blocks
    within = (tl.program_id(0) % blocks) * ROWS + tl.arange(0, ROWS)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    at = (image.to(tl.int64) * area + within)[:, None] * channels + channel[None, :]
    there = (within < area)[:, None] & (channel < channels)[None, :]
    return tl.load(group_of + image), channel, at, there


@triton.jit
def _moments_kernel(
    x, starts, parts, area, channels, groups, splits, ROWS: tl.constexpr, CHANNELS: tl.constexpr
):
    """Mean, and sum of squared deviations from it, of every part of every camera."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    group, split = tl.program_id(1), tl.program_id(2)
    begin, end = _part(starts, area, group, split, splits)
    seen = 0.0
    mean = tl.zeros([CHANNELS], tl.float32)
    squares = tl.zeros([CHANNELS], tl.float32)
    row = begin
    while row < end:
        rows = row + tl.arange(0, ROWS)
        there = (rows < end)[:, None] & (channel < channels)[None, :]
        values = tl.load(x + rows[:, None] * channels + channel[None, :], there, 0.0).to(tl.float32)
        count = tl.minimum(end - row, ROWS).to(tl.float32)
        own = tl.sum(values, 0) / count
        apart = tl.where(there, values - own[None, :], 0.0)
        both = seen + count
        shift = own - mean
        mean += shift * (count / both)
        squares += tl.sum(apart * apart, 0) + shift * shift * (seen * count / both)
        seen = both
        row += ROWS
    at = (split * groups + group) * channels + channel
    tl.store(parts + at, mean, channel < channels)
    tl.store(parts + splits * groups * channels + at, squares, channel < channels)


@triton.jit
def _finish_moments_kernel(
    parts, starts, means, inverses, eps, area, channels, groups, splits, CHANNELS: tl.constexpr
):
    """What the parts of a camera come to."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    group = tl.program_id(1)
    seen = 0.0
    mean = tl.zeros([CHANNELS], tl.float32)
    squares = tl.zeros([CHANNELS], tl.float32)
    for split in range(splits):
        begin, end = _part(starts, area, group, split, splits)
        if end > begin:
            count = (end - begin).to(tl.float32)
            at = (split * groups + group) * channels + channel
            own = tl.load(parts + at, channel < channels, 0.0)
            more = tl.load(parts + splits * groups * channels + at, channel < channels, 0.0)
            both = seen + count
            shift = own - mean
            mean += shift * (count / both)
            squares += more + shift * shift * (seen * count / both)
            seen = both
    at = group * channels + channel
    tl.store(means + at, mean, channel < channels)
    tl.store(inverses + at, 1.0 / tl.sqrt(squares / seen + eps), channel < channels)


@triton.jit
def _normalise_kernel(
    x,
    out,
    group_of,
    means,
    inverses,
    weights,
    biases,
    area,
    channels,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Pixels of one image: normalised, scaled and shifted."""
    group, channel, at, there = _block(group_of, area, channels, ROWS, CHANNELS)
    valid = channel < channels
    mean = tl.load(means + group * channels + channel, valid, 0.0)
    inverse = tl.load(inverses + group * channels + channel, valid, 0.0)
    weight = tl.load(weights + channel, valid, 0.0)
    bias = tl.load(biases + channel, valid, 0.0)
    values = tl.load(x + at, there, 0.0).to(tl.float32)
    values = (values - mean[None, :]) * (inverse * weight)[None, :] + bias[None, :]
    tl.store(out + at, values.to(out.dtype.element_ty), there)


@triton.jit
def _slope_sums_kernel(
    x,
    slope,
    starts,
    means,
    inverses,
    sums,
    area,
    channels,
    groups,
    splits,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Sums of slopes, and of slopes times normalised values, of every part of every camera."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    group, split = tl.program_id(1), tl.program_id(2)
    valid = channel < channels
    begin, end = _part(starts, area, group, split, splits)
    mean = tl.load(means + group * channels + channel, valid, 0.0)
    inverse = tl.load(inverses + group * channels + channel, valid, 0.0)
    plain = tl.zeros([CHANNELS], tl.float32)
    weighted = tl.zeros([CHANNELS], tl.float32)
    row = begin
    while row < end:
        rows = row + tl.arange(0, ROWS)
        there = (rows < end)[:, None] & valid[None, :]
        at = rows[:, None] * channels + channel[None, :]
        values = tl.load(x + at, there, 0.0).to(tl.float32)
        slopes = tl.load(slope + at, there, 0.0).to(tl.float32)
        plain += tl.sum(slopes, 0)
        weighted += tl.sum(slopes * (values - mean[None, :]) * inverse[None, :], 0)
        row += ROWS
    at = (split * groups + group) * channels + channel
    tl.store(sums + at, plain, valid)
    tl.store(sums + splits * groups * channels + at, weighted, valid)


@triton.jit
def _finish_slopes_kernel(
    sums, starts, means, of_weight, of_bias, area, channels, groups, splits, CHANNELS: tl.constexpr
):
    """Means of both for a camera; the slopes of weight and bias, which are sums over cameras."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    valid = channel < channels
    bias = tl.zeros([CHANNELS], tl.float32)
    weight = tl.zeros([CHANNELS], tl.float32)
    for group in range(groups):
        plain = tl.zeros([CHANNELS], tl.float32)
        weighted = tl.zeros([CHANNELS], tl.float32)
        for split in range(splits):
            at = (split * groups + group) * channels + channel
            plain += tl.load(sums + at, valid, 0.0)
            weighted += tl.load(sums + splits * groups * channels + at, valid, 0.0)
        images = tl.load(starts + group + 1) - tl.load(starts + group)
        count = images.to(tl.float32) * area
        at = group * channels + channel
        tl.store(means + at, plain / count, valid)
        tl.store(means + groups * channels + at, weighted / count, valid)
        bias += plain
        weight += weighted
    tl.store(of_weight + channel, weight, valid)
    tl.store(of_bias + channel, bias, valid)


@triton.jit
def _slope_kernel(
    x,
    slope,
    of_x,
    group_of,
    means,
    inverses,
    weights,
    slope_means,
    area,
    channels,
    groups,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Slopes of the pixels of one image."""
    group, channel, at, there = _block(group_of, area, channels, ROWS, CHANNELS)
    valid = channel < channels
    mean = tl.load(means + group * channels + channel, valid, 0.0)
    inverse = tl.load(inverses + group * channels + channel, valid, 0.0)
    plain = tl.load(slope_means + group * channels + channel, valid, 0.0)
    weighted = tl.load(slope_means + (groups + group) * channels + channel, valid, 0.0)
    weight = tl.load(weights + channel, valid, 0.0)
    values = tl.load(x + at, there, 0.0).to(tl.float32)
    slopes = tl.load(slope + at, there, 0.0).to(tl.float32)
    normal = (values - mean[None, :]) * inverse[None, :]
    found = (slopes - plain[None, :] - normal * weighted[None, :]) * (inverse * weight)[None, :]
    tl.store(of_x + at, found.to(of_x.dtype.element_ty), there)
