"""Camera-based normalisation equals a plain loop over cameras, in values and gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from training.config import ModelSettings
from training.models.camera_batch_norm import (
    CameraBatchNorm,
    CameraContext,
    Grouping,
    Phase,
    arranged,
    layout_of,
)
from training.models.person_net import PersonNet, build_network

INTERLEAVED = [0, 1, 2, 3] * 3
SORTED = [0] * 3 + [2] * 2 + [7] * 5
RAGGED = [4, 1, 1, 4, 9, 4, 1, 4, 9, 9]


def looped(layer: CameraBatchNorm, x: Tensor, cameras: list[int]) -> Tensor:
    """The definition: each camera's images alone through a textbook normalisation."""
    out = torch.empty_like(x)
    codes = torch.tensor(cameras)
    for camera in codes.unique():
        own = codes == camera
        source = x if own.sum() < 2 else x[own]
        axes = (0, 2, 3) if x.ndim == 4 else (0,)
        mean = source.mean(axes, keepdim=True)
        variance = (source - mean).square().mean(axes, keepdim=True)
        shape = (1, -1, 1, 1) if x.ndim == 4 else (1, -1)
        normal = (x[own] - mean) / (variance + layer.eps).sqrt()
        out[own] = normal * layer.weight.view(shape) + layer.bias.view(shape)
    return out


def layer_for(cameras: list[int], grouping: Grouping, dtype: torch.dtype) -> CameraBatchNorm:
    context = CameraContext(Phase.by_layout, layout_of(cameras, grouping))
    layer = CameraBatchNorm(6, context).to(dtype)
    rng = np.random.default_rng(3)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(rng.uniform(0.5, 2, 6)))
        layer.bias.copy_(torch.from_numpy(rng.normal(size=6)))
    return layer


def values_and_gradients(
    call: Callable[[Tensor], Tensor], layer: CameraBatchNorm, x: Tensor
) -> list[Tensor]:
    x = x.clone().requires_grad_()
    layer.zero_grad()
    out = call(x)
    weights = torch.from_numpy(np.random.default_rng(5).normal(size=out.shape)).to(out.dtype)
    (out * weights).sum().backward()
    assert x.grad is not None
    assert layer.weight.grad is not None
    assert layer.bias.grad is not None
    return [out.detach(), x.grad, layer.weight.grad.clone(), layer.bias.grad.clone()]


@pytest.mark.parametrize(
    ("grouping", "cameras"),
    [
        (Grouping.view, INTERLEAVED),
        (Grouping.slice, SORTED),
        (Grouping.slice, sorted(INTERLEAVED)),
        (Grouping.vec, RAGGED),
        (Grouping.vec, INTERLEAVED),
        (Grouping.vec, [0, 0, 0, 1, 2, 2, 2, 3]),
    ],
)
@pytest.mark.parametrize("spatial", [(), (5, 3)])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 5e-5)])
def test_equals_the_loop_over_cameras(
    grouping: Grouping,
    cameras: list[int],
    spatial: tuple[int, ...],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    layer = layer_for(cameras, grouping, dtype)
    noise = np.random.default_rng(9).normal(2.0, 3.0, (len(cameras), 6, *spatial))
    x = torch.from_numpy(noise).to(dtype)
    fast = values_and_gradients(layer, layer, x)
    literal = values_and_gradients(lambda batch: looped(layer, batch, cameras), layer, x)
    for ours, reference in zip(fast, literal, strict=True):
        assert (ours - reference).abs().max() <= tolerance * max(1.0, reference.abs().max())


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 5e-5)])
@pytest.mark.parametrize("channels_last", [False, True])
def test_a_whole_network_equals_one_forward_per_camera(
    channels_last: bool, dtype: torch.dtype, tolerance: float
) -> None:
    settings = ModelSettings.model_validate({"backbone": "resnet18", "height": 64, "width": 32})
    network = build_network(settings, people=5, seed=1).to(dtype)
    if channels_last:
        network.to(memory_format=torch.channels_last)
    cameras = np.repeat([0, 1, 2], 4)
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (12, 64, 32, 3), np.uint8))
    order, grouping = arranged(cameras, channels_last)
    assert grouping is (Grouping.slice if channels_last else Grouping.view)

    def gradient(step: Callable[[PersonNet], Tensor]) -> tuple[Tensor, Tensor]:
        network.zero_grad()
        network.context.phase = Phase.by_layout
        features = step(network)
        features.square().mul(torch.arange(12)[:, None]).sum().backward()
        found = network.get_parameter("backbone.conv1.weight").grad
        assert found is not None
        return features.detach(), found.clone()

    def together(net: PersonNet) -> Tensor:
        net.context.layout = layout_of(cameras[order], grouping)
        return net(images[order]).feature[np.argsort(order)]

    def one_by_one(net: PersonNet) -> Tensor:
        parts = []
        for part in images.split(4):
            net.context.layout = layout_of([0] * 4, Grouping.slice)
            parts.append(net(part).feature)
        return torch.cat(parts)

    for ours, reference in zip(gradient(together), gradient(one_by_one), strict=True):
        assert (ours - reference).abs().max() <= tolerance * max(1.0, reference.abs().max())


def test_channels_last_needs_slices_and_gets_them() -> None:
    cameras = np.array([1, 0, 1, 0])
    order, grouping = arranged(cameras, channels_last=True)
    assert grouping is Grouping.slice
    assert cameras[order].tolist() == [0, 0, 1, 1]
    layer = layer_for(cameras[order].tolist(), grouping, torch.float32)
    x = torch.randn(4, 6, 4, 2, generator=torch.Generator().manual_seed(0))
    packed = x.contiguous(memory_format=torch.channels_last)
    assert torch.allclose(layer(packed), looped(layer, x, [0, 0, 1, 1]), atol=1e-5)
    assert layer(packed).is_contiguous(memory_format=torch.channels_last)


def test_every_image_counts_even_alone_in_its_camera() -> None:
    order, grouping = arranged(np.array([3, 0, 0, 1, 1]), channels_last=False)
    assert grouping is Grouping.vec
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("grouping", "cameras", "complaint"),
    [
        (Grouping.view, [0, 0, 1, 1], "interleaved"),
        (Grouping.view, [0, 1, 0, 1, 0, 1, 1], "equally many"),
        (Grouping.slice, [0, 1, 0, 1], "sorted"),
        (Grouping.slice, [0, 0, 1], "fewer than 2"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(
    grouping: Grouping, cameras: list[int], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        layout_of(cameras, grouping)


def test_a_layout_of_another_batch_is_refused() -> None:
    layer = CameraBatchNorm(2, CameraContext(Phase.by_layout, layout_of([0, 0], Grouping.slice)))
    with pytest.raises(ValueError, match="cameras of this very batch"):
        layer(torch.zeros(3, 2))


def test_estimated_statistics_are_the_weighted_mean_over_batches() -> None:
    context = CameraContext(Phase.estimate)
    layer = CameraBatchNorm(3, context)
    rng = np.random.default_rng(2)
    batches = [torch.from_numpy(rng.normal(size=(n, 3, 4, 2))).float() for n in (5, 2)]
    seen = 0
    for batch in batches:
        seen += len(batch)
        context.share = len(batch) / seen
        layer(batch)
    mean = sum(len(b) * b.mean((0, 2, 3)) for b in batches) / seen
    variance = sum(len(b) * b.var((0, 2, 3), correction=1) for b in batches) / seen
    assert torch.allclose(layer.running_mean, torch.as_tensor(mean), atol=1e-6)
    assert torch.allclose(layer.running_var, torch.as_tensor(variance), atol=1e-5)
    context.phase = Phase.apply
    plain = nn.functional.batch_norm(batches[0], layer.running_mean, layer.running_var)
    assert torch.allclose(layer(batches[0]), plain, atol=1e-6)
