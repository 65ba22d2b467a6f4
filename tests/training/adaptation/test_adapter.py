"""The adaptation loop on made-up worlds: losses fall, clusters get purer, resuming is exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from manifests.errors import BadRecipe, CorruptData, TrainingFailed
from tests.training.adaptation.two_worlds import adapter_for, target_crops, tiny
from tests.training.interrupting import stopped
from training.adaptation.adapter import AdaptationProgress, Adapter
from training.adaptation.config import RefreshSettings
from training.adaptation.memory import MemoryBank
from training.adaptation.refresh import Refresh, Similarity, due
from training.config import BatchSettings, SamplerKind
from training.workers import Workers


@pytest.fixture(scope="module")
def adapted() -> tuple[Adapter, list[AdaptationProgress], list[Refresh]]:
    """A run long enough to learn something."""
    config = tiny(
        source={"cameras": 3, "people": 4, "images": 2},
        target={"images": 8, "views": 3},
        epochs=5,
        iterations=8,
        refresh={"every": 1, "visual_from": 2, "joint_from": 4},
    )
    progress: list[AdaptationProgress] = []
    refreshes: list[Refresh] = []
    adapter = adapter_for(config, on_refresh=refreshes.append)
    adapter.run(progress.append)
    return adapter, progress, refreshes


def test_it_learns_people_without_their_names(adapted) -> None:
    adapter, progress, refreshes = adapted
    assert adapter.iteration == 40 == len(adapter.losses)
    assert [now.epoch for now in progress] == [1, 2, 3, 4, 5]
    assert progress[-1].source_loss < 0.5 * progress[0].source_loss
    assert progress[-1].memory_loss < 0.7 * progress[0].memory_loss
    assert [(r.epoch, r.similarity) for r in refreshes] == [
        (2, Similarity.visual),
        (3, Similarity.visual),
        (4, Similarity.joint),
    ]
    assert refreshes[-1].purity > 0.85
    assert refreshes[-1].clusters < refreshes[0].images / 2
    assert refreshes == adapter.refreshes


def test_walking_times_are_reported(adapted) -> None:
    """In this world everybody passes camera after camera, 30 seconds apart."""
    times = {(t.earlier, t.later): t.time for t in adapted[0].refreshes[-1].transitions}
    assert times["plaza_c00", "plaza_c01"] == pytest.approx(30, abs=5)
    assert times["plaza_c00", "plaza_c02"] == pytest.approx(60, abs=5)


def test_an_interrupted_run_ends_as_if_nothing_had_happened() -> None:
    config = tiny()
    whole = adapter_for(config)
    whole.run()
    second = adapter_for(config, stopped(adapter_for(config), checkpoints=2))
    assert second.iteration == 2 * config.iterations
    second.run()
    assert second.losses == whole.losses
    assert second.refreshes == whole.refreshes
    assert torch.equal(second.memory.features, whole.memory.features)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name


def test_labels_of_the_target_change_nothing() -> None:
    target = target_crops()
    shuffled = replace(target, person=np.random.default_rng(0).permutation(target.person))
    one, other = (adapter_for(tiny(), target=crops) for crops in (target, shuffled))
    for adapter in (one, other):
        adapter.run()
    assert one.losses == other.losses


def test_new_layers_learn_faster() -> None:
    groups = adapter_for(tiny()).optimiser.param_groups
    assert [group["factor"] for group in groups] == [1.0, 10.0]
    assert sum(p.numel() for p in groups[1]["params"]) < sum(p.numel() for p in groups[0]["params"])


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        (5, None),
        (9, None),
        (10, "visual"),
        (25, "visual"),
        (30, "joint"),
        (55, "joint"),
        (60, None),
    ],
)
def test_when_labels_are_refreshed(epoch: int, expected: str | None) -> None:
    assert due(epoch, 60, RefreshSettings()) == expected


def test_without_joint_similarity_refreshes_stay_visual() -> None:
    assert due(50, 60, RefreshSettings(joint_from=None)) == "visual"


def test_times_are_needed_for_joint_similarity_only() -> None:
    timeless = replace(target_crops(), time=np.full(len(target_crops()), np.nan))
    with pytest.raises(BadRecipe, match=r"90 of 90 target images.*joint_from"):
        adapter_for(tiny(), target=timeless)
    config = tiny(refresh={"joint_from": None})
    adapter = adapter_for(config, target=timeless)
    adapter.run()
    assert adapter.refreshes[-1].similarity == "visual"


def test_a_loss_that_is_no_number_is_an_error() -> None:
    config = tiny(optimiser={"learning_rate": 10.0}, new_layers_rate=100.0, epochs=4, iterations=10)
    with pytest.raises(TrainingFailed, match="the loss became"):
        adapter_for(config).run()


def test_too_few_target_images_are_refused() -> None:
    with pytest.raises(TrainingFailed, match="a batch of 100 images needs as many, got 90"):
        adapter_for(tiny(target={"images": 100}))


def test_processes_need_cameras_they_can_share() -> None:
    config = tiny(source=BatchSettings(sampler=SamplerKind.paper).model_dump())
    with pytest.raises(BadRecipe, match="camera_balanced"):
        adapter_for(config, workers=Workers(0, 2))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "memory"),
        ({"labels": torch.arange(4)}, "memory.features is NoneType"),
        ({"features": torch.rand(3, 8), "labels": torch.arange(4)}, r"\(3, 8\) instead of"),
        ({"features": torch.rand(4, 8), "labels": torch.rand(4)}, "memory.labels is torch.float32"),
        ({"features": torch.rand(4, 8), "labels": torch.arange(4) + 1}, r"not all in \[0, 4\)"),
    ],
)
def test_a_memory_of_other_images_is_refused(state: dict[str, torch.Tensor], said: str) -> None:
    with pytest.raises(CorruptData, match=said):
        MemoryBank.restored(state, images=4, dimension=8)
