"""A batch that a device cannot hold is refused before any picture is decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from manifests.errors import TrainingFailed
from tasks.train import fit as fitting
from tests.training.striped_people import striped_crops
from training.config import SamplerKind, TrainingConfig
from training.models.person_net import Embedding, PersonNet
from training.rehearsal import rehearse_step
from training.workers import Workers

CPU = torch.device("cpu")


def config(**batch: Any) -> TrainingConfig:
    return TrainingConfig.model_validate(
        {
            "model": {"backbone": "resnet18", "height": 32, "width": 16},
            "batch": {"cameras": 2, "people": 2, "images": 2} | batch,
            "loss": {"triplet_weight": 1.0},
            "iterations": 100,
            "threads": 1,
        }
    )


@pytest.mark.parametrize("sampler", SamplerKind)
def test_the_batch_is_as_large_as_in_training(
    sampler: SamplerKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, ...]] = []
    forward = PersonNet.forward

    def recorded(network: PersonNet, images: Tensor) -> Embedding:
        seen.append(tuple(images.shape))
        return forward(network, images)

    monkeypatch.setattr(PersonNet, "forward", recorded)
    before = torch.random.get_rng_state()
    rehearse_step(config(sampler=sampler), CPU)
    assert seen == [(8, 32, 16, 3)]
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_does_not_fit_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(network: PersonNet, images: Tensor) -> Embedding:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(PersonNet, "forward", too_large)
    words = "out of memory with a batch of 8 images of 32x16; make batch.people smaller"
    with pytest.raises(TrainingFailed, match=words):
        rehearse_step(config(), CPU)


def test_nothing_is_decoded_for_a_gpu_that_is_too_small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def too_large(config: TrainingConfig, device: torch.device) -> None:
        assert device.type == "cuda"
        raise TrainingFailed("out of memory")

    decoded: list[int] = []
    data = fitting.TrainingData("ab" * 16, {}, lambda: decoded.append(1) or striped_crops())
    monkeypatch.setattr(Workers, "device", lambda _: torch.device("cuda", 0))
    monkeypatch.setattr(fitting, "rehearse_step", too_large)
    with pytest.raises(TrainingFailed, match="out of memory"):
        fitting.fit(data, config(), tmp_path)
    assert decoded == []
