"""Changing one field of a recipe leaves the shards alone that the field has nothing to do with."""

from __future__ import annotations

import pytest

from manifests.identity import crop_id, render_id
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from tasks.plan.planner import plan_build


def recipe(**changes: object) -> Recipe:
    overrides: dict[str, object] = {"people.count": 8, "shards.people_per_shard": 4}
    return load_recipe("tiny", overrides | changes)


def rendered(wanted: Recipe) -> dict[str, str]:
    """Scene of each shard, by render_id."""
    return {render_id(shard): shard.scene for shard in plan_build(wanted).shards}


@pytest.mark.parametrize(
    "change",
    [
        {"splits.test_share": 0.5},
        {"max_rounds": 3},
        {"keep_frames": True},
        {"description": "other words"},
        {"annotation.min_height": 120},
        {"annotation.jpeg_quality": 80},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_change_pixels_renders_nothing_again(change: dict[str, object]) -> None:
    assert rendered(recipe(**change)) == rendered(recipe())


def test_other_rules_of_annotation_only_cut_the_crops_anew() -> None:
    plain, stricter = recipe(), recipe(**{"annotation.min_height": 120})
    shard = plan_build(plain).shards[0]

    assert crop_id(render_id(shard), plain.annotation) != crop_id(
        render_id(shard), stricter.annotation
    )


def test_another_light_in_one_scene_renders_that_scene_alone() -> None:
    scenes = recipe().model_dump(mode="json")["scenes"]
    (street,) = [scene for scene in scenes if scene["name"] == "street"]
    street["lights"] = ["dusk"]

    before, after = rendered(recipe()), rendered(recipe(scenes=scenes))

    assert {scene for identity, scene in after.items() if identity not in before} == {"street"}
    assert set(before.values()) == {"street", "supermarket"}
    assert [i for i, s in after.items() if s == "supermarket"] == [
        i for i, s in before.items() if s == "supermarket"
    ]


def test_more_people_render_only_the_new_ones() -> None:
    before, after = rendered(recipe()), rendered(recipe(**{"people.count": 12}))

    assert before.items() <= after.items()
    assert len(after) == 1.5 * len(before)
