"""What an improvement is asked to do, checked before any work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manifests.errors import BadRecipe
from manifests.identity import digest
from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES
from training.config import TrainingConfig
from training.targets.images import Target
from training.targets.registry import open_target, placed
from training.targets.training_part import TestOn

MOST_ROUNDS = 50


@dataclass(frozen=True)
class TargetPart:
    """The labelled training people of a data set of others, by name or list and folder."""

    name: str
    root: Path | None
    partial: bool = False

    def opened(self) -> Target:
        """Them as a test, one query a person and camera; their test people are not looked at.

        ``BadRecipe`` for a data set of several splits, and errors of what is not there.
        """
        targets = open_target(*placed(self.name, self.root), self.partial, TestOn.train)
        if len(targets) > 1:
            raise BadRecipe(f"{self.name} has {len(targets)} splits; name one as a CSV")
        return targets[0]


@dataclass(frozen=True)
class Improvement:
    """``recipe``: what is built first; ``rounds``: how often it may grow, each time by ``people``;
    ``most_crops`` of the grown set and ``cpu_hours`` of this improvement bound it; ``floor``: the
    least weight of anything; ``uniform``: grow without weights, to compare with; ``target``: who is
    measured on, the recipe's held-out worlds if nobody."""

    recipe: Recipe
    training: TrainingConfig
    rounds: int
    people: int
    most_crops: int | None = None
    cpu_hours: float | None = None
    floor: float = 0.5
    uniform: bool = False
    target: TargetPart | None = None

    def checked(self) -> Improvement:
        """Itself if it can be carried out, with a recipe whose test people stay the same as it
        grows; ``BadRecipe`` says what is wrong."""
        recipe, size = self.recipe, self.recipe.shards.people_per_shard
        crops = recipe.people.count * recipe.images_per_person
        for wrong, words in (
            (not 1 <= self.rounds <= MOST_ROUNDS, f"--rounds: must be 1 to {MOST_ROUNDS}, got "
             f"{self.rounds}"),
            (self.people < 1 or self.people % size, f"--people: {size} people walk together "
             f"(shards.people_per_shard): ask for {size}, {2 * size}, …; got {self.people}"),
            (recipe.people.count % size, f"people.count: must be a multiple of {size} "
             f"(shards.people_per_shard), so that whole groups are added, got "
             f"{recipe.people.count}"),
            (not 0 <= self.floor <= 1, f"--floor: must be 0 to 1, got {self.floor:g}"),
            (recipe.video is not None, "recordings cannot grow by weights; leave `video` out"),
            (self.most_crops is not None and self.most_crops < crops, f"--crops: the recipe alone "
             f"has {crops:,}, which is above {self.most_crops or 0:,}"),
            (self.cpu_hours is not None and self.cpu_hours <= 0, "--cpu-hours: must be above 0"),
            (self.target is None and recipe.splits.worlds is None, "no worlds are held out to "
             "measure on: set splits.worlds, or name a --target whose training people are "
             "measured on"),
        ):  # fmt: skip
            if wrong:
                raise BadRecipe(f"improve: {words}")
        if self.target is not None:
            self.target.opened()
        if recipe.splits.among_first is not None:
            return self
        plain = recipe.model_dump(mode="json")
        fixed = RECIPES.changed(plain, {"splits.among_first": recipe.people.count}, recipe.name)
        return Improvement(**{**vars(self), "recipe": fixed})

    def identity(self) -> str:
        """What decides what comes out; how far it may go is not part of it, so that a larger budget
        goes on from what is there."""
        target = None if self.target is None else [self.target.name, str(self.target.root)]
        return digest(
            {
                "recipe": self.recipe,
                "training": self.training,
                "people": self.people,
                "floor": self.floor,
                "uniform": self.uniform,
                "target": target,
            }
        )
