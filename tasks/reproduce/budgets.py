"""How large a reproduction is: people, cameras, pictures, networks and seeds of each budget.

The paper's numbers of people are scaled by one factor, so that rows keep their proportions. The
four scenes' 34 cameras are divided in two: `smoke` and `small` train with the odd ones and test
through the even ones; `paper` trains with all, so there the stand-ins' places are known and only
people, light and looks are new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from training.adaptation.config import AdaptationConfig, load_adaptation
from training.config import TrainingConfig, load_training

CAMERAS_OF_SCENE = {"street": 6, "crossing": 16, "plaza": 6, "supermarket": 6}
"""The 34 cameras of the paper's experiments."""

CLAIMING_SEEDS = 3
"""With fewer seeds no claim is judged."""


class BudgetName(StrEnum):
    """What a reproduction may cost."""

    smoke = "smoke"
    small = "small"
    paper = "paper"


@dataclass(frozen=True)
class Preset:
    """Settings of a training or an adaptation: a shipped preset and what differs from it."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Budget:
    """One size of everything.

    ``people_share``: of the paper's people. ``cameras``: of each scene, how many of its training
    cameras. ``images``: of each training person. ``target_people`` and ``corner_people``: of the
    stand-ins for market, duke, msmt17, half of whom are for training, and of those of Figure 5.
    ``recipe``: what all worlds have in common. ``longer``: how many times as long all learn.
    """

    name: BudgetName
    people_share: float
    cameras: dict[str, int]
    images: int
    target_people: int
    corner_people: int
    target_images: int
    seeds: tuple[int, ...]
    recipe: dict[str, Any]
    synthetic: Preset
    target: Preset
    adaptation: Preset
    every_camera_trains: bool = False
    adapts_a_trained_model: bool = True
    longer: int = 1

    def people(self, of_the_paper: int) -> int:
        """People of ours in place of so many of the paper's."""
        return round(of_the_paper * self.people_share)

    def training_cameras(self, scene: str) -> list[str]:
        """Cameras of a scene through which training worlds are seen."""
        step = 1 if self.every_camera_trains else 2
        numbers = range(1, CAMERAS_OF_SCENE[scene] + 1, step)
        return camera_names(scene, list(numbers)[: self.cameras[scene]])

    def training(self, preset: Preset, seed: int) -> TrainingConfig:
        """Settings of one training, on ``synthetic`` worlds or on images of a ``target``."""
        config = load_training(preset.name, {**preset.changes, "seed": seed})
        length = {
            field: value * self.longer
            for field in ("iterations", "epochs")
            if (value := getattr(config, field)) is not None
        }
        return config.model_copy(update=length)

    def adapting(self, seed: int) -> AdaptationConfig:
        """Settings of one adaptation."""
        preset = self.adaptation
        config = load_adaptation(preset.name, {**preset.changes, "seed": seed})
        return config.model_copy(update={"iterations": config.iterations * self.longer})


def camera_names(scene: str, numbers: list[int]) -> list[str]:
    """Names of a scene's cameras."""
    return [f"{scene}_c{number:02d}" for number in numbers]


def held_out_cameras(scene: str) -> list[str]:
    """The even cameras of a scene, through which stand-ins are seen."""
    return camera_names(scene, list(range(2, CAMERAS_OF_SCENE[scene] + 1, 2)))


_SMALL_PICTURES = {
    "image": {"width": 960, "height": 540, "supersampling": 1.0},
    # Crops cost less than the shards of a top-up round.
    "capture": {"min_person_height": 84, "oversample": 1.6},
    "annotation": {"min_height": 76, "min_visible_pixels": 700, "jpeg_quality": 85},
    "max_rounds": 1,
}

_LEARNS_LITTLE = Preset("tiny", {"iterations": 12, "checkpoint_every": 50})

_BUDGETS = (
    Budget(
        name=BudgetName.smoke,
        people_share=0.01,
        cameras={"street": 2, "crossing": 4, "plaza": 2, "supermarket": 2},
        images=4,
        target_people=16,
        corner_people=8,
        target_images=6,
        seeds=(0,),
        recipe={**_SMALL_PICTURES, "shards": {"people_per_shard": 30, "frames_per_shard": 400}},
        synthetic=_LEARNS_LITTLE,
        target=_LEARNS_LITTLE,
        adaptation=Preset("tiny", {"epochs": 3, "iterations": 2}),
    ),
    Budget(
        name=BudgetName.small,
        people_share=0.08,
        cameras={"street": 3, "crossing": 8, "plaza": 3, "supermarket": 3},
        images=12,
        target_people=80,
        corner_people=40,
        target_images=8,
        seeds=(0, 1, 2),
        recipe={**_SMALL_PICTURES, "shards": {"people_per_shard": 80, "frames_per_shard": 400}},
        synthetic=Preset("demo", {"iterations": 300, "checkpoint_every": 150}),
        target=Preset(
            "demo",
            {"iterations": 150, "checkpoint_every": 150, "optimiser": {"learning_rate": 0.02}},
        ),
        # People are gathered for takes, so that finer times of our worlds say nothing.
        adaptation=Preset("small", {"time": {"width": 20.0, "count": 300, "smoothing": 20.0}}),
    ),
    Budget(
        name=BudgetName.paper,
        people_share=1.0,
        cameras=CAMERAS_OF_SCENE,
        images=40,
        target_people=1200,
        corner_people=300,
        target_images=20,
        seeds=(0, 1, 2),
        recipe={"shards": {"people_per_shard": 60, "frames_per_shard": 300}},
        synthetic=Preset("paper-synthetic"),
        target=Preset("paper-real"),
        adaptation=Preset("jvtc"),
        every_camera_trains=True,
        adapts_a_trained_model=False,
    ),
)
BUDGETS = {budget.name: budget for budget in _BUDGETS}
