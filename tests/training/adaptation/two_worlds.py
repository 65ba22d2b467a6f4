"""Two made-up worlds that share no people and no cameras, one of them to be adapted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from tests.training.striped_people import striped_crops
from training.adaptation.adapter import Adapter
from training.adaptation.config import AdaptationConfig, load_adaptation
from training.adaptation.refresh import Refresh
from training.adaptation.views import CameraStyles
from training.checkpoints import Checkpoint
from training.data.crops import CropSet
from training.models.person_net import build_network
from training.workers import Workers


def source_crops() -> CropSet:
    return striped_crops(people=8, cameras=3, images=2, seed=1)


def target_crops(people: int = 10) -> CropSet:
    """Other people, seen by cameras of other names."""
    crops = striped_crops(people=people, cameras=3, images=3, seed=2)
    return replace(crops, camera_names=("plaza_c00", "plaza_c01", "plaza_c02"))


def adapter_for(
    config: AdaptationConfig,
    started: Checkpoint | None = None,
    source: CropSet | None = None,
    target: CropSet | None = None,
    workers: Workers | None = None,
    on_refresh: Callable[[Refresh], None] | None = None,
) -> Adapter:
    source, target = source or source_crops(), target or target_crops()
    network = build_network(config.model, len(source.person_ids), config.seed)
    views = CameraStyles(target, config.seed)
    return Adapter(
        network,
        source,
        target,
        views,
        config,
        torch.device("cpu"),
        started=started,
        workers=workers,
        on_refresh=on_refresh,
    )


def tiny(**overrides: object) -> AdaptationConfig:
    return load_adaptation("tiny", overrides)
