"""What variants of a recipe will take, known before anything is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from manifests.annotation_rules import AnnotationRules
from manifests.claims import read_claims
from manifests.dataset import Dataset
from manifests.division import SplitRules
from manifests.identity import crop_id, render_id
from manifests.recipe import OnShortfall, Recipe
from manifests.recipes_io import recipe_digest
from manifests.stores import Store
from tasks.plan.planner import plan_build

AFTER_RENDERING = {
    "annotation": AnnotationRules(),
    "splits": SplitRules(),
    "keep_frames": False,
    "max_rounds": 0,
    "on_shortfall": OnShortfall.error,
    "description": "",
}
"""Fields of a recipe that no pixel of the first round depends on."""


@dataclass(frozen=True)
class PlannedVariant:
    """Shards of the first round: ``crops`` (crop_id) -> what is rendered for it (render_id)."""

    dataset: Dataset
    crops: dict[str, str]
    keeps_frames: bool

    def there(self) -> set[str]:
        """Which of its shards are in the store."""
        return set(read_claims(self.dataset, "crops", self.crops))


@dataclass(frozen=True)
class Budget:
    """Of several variants; ``there``: shards that are in the store; ``models``: how many are
    trained on all of them."""

    planned: tuple[PlannedVariant, ...]
    there: frozenset[str]
    models: int
    iterations: int

    @classmethod
    def of(cls, recipes: Sequence[Recipe], store: Store, seeds: int, iterations: int) -> Budget:
        """Plans the first round of every variant, once for those that show the same pixels."""
        rendered: dict[str, list[str]] = {}
        planned: list[PlannedVariant] = []
        for recipe in recipes:
            pixels = recipe.model_copy(update=AFTER_RENDERING)
            key = recipe_digest(pixels)
            if key not in rendered:
                rendered[key] = [render_id(shard) for shard in plan_build(pixels).shards]
            crops = {crop_id(render, recipe.annotation): render for render in rendered[key]}
            planned.append(PlannedVariant(Dataset(recipe.name, store), crops, recipe.keep_frames))
        there = frozenset().union(*(variant.there() for variant in planned))
        return cls(tuple(planned), there, len(recipes) * seeds, iterations)

    @property
    def shards(self) -> int:
        """Of all variants, as if nothing were shared."""
        return sum(len(variant.crops) for variant in self.planned)

    @cached_property
    def missing(self) -> dict[str, str]:
        """What is to be made, as ``PlannedVariant.crops``."""
        every = {crop: render for variant in self.planned for crop, render in variant.crops.items()}
        return {crop: render for crop, render in every.items() if crop not in self.there}

    @property
    def equal(self) -> int:
        """Shards that another variant before has, too."""
        return self.shards - len({crop for variant in self.planned for crop in variant.crops})

    @property
    def rendered_again(self) -> int:
        """Missing shards whose pixels are those of another one and which are cut otherwise."""
        return len(self.missing) - len(set(self.missing.values()))

    def told(self) -> str:
        """In a sentence or two."""
        there = len({crop for variant in self.planned for crop in variant.crops} & self.there)
        text = (
            f"{len(self.planned)} variants: {self.shards:,} shards, of which {self.equal:,} are "
            f"equal to one of an earlier variant and {there:,} are in the store already, which "
            f"leaves {len(self.missing):,} to make (top-up rounds not counted); up to "
            f"{self.models} trainings of {self.iterations:,} iterations"
        )
        if not self.rendered_again:
            return text
        if all(variant.keeps_frames for variant in self.planned):
            return f"{text}; {self.rendered_again:,} of the shards are only cut anew, not rendered"
        return (
            f"{text}; {self.rendered_again:,} of the shards show the same pixels as another and "
            "are cut otherwise: with keep_frames=true they are rendered once"
        )
