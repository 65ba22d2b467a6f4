"""Plans in worlds: every group meets its own, seen by some of their cameras, under drawn lights."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.errors import BadRecipe, BadScene
from manifests.identity import render_id
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.scene_requests import DRAWN_LIGHTS
from synth_workers.scenes.library import scene_version
from tasks.plan.cameras import used_scenes
from tasks.plan.cost import first_round
from tasks.plan.planner import plan_build, plan_top_up
from tasks.publish.published import production_versions

WORLDS = {"family": "plaza", "worlds": 3, "worlds_per_group": 2, "cameras_per_world": 3}


def recipe(scene: dict[str, Any] = WORLDS, **changes: Any) -> Recipe:
    """The tiny recipe, of 24 people in three groups, in worlds."""
    return load_recipe("tiny", {"scenes": [scene], "people.count": 24, **changes})


def test_groups_meet_their_worlds_under_drawn_lights() -> None:
    asked = recipe()
    plan, places = plan_build(asked), Places(asked)
    for group in range(3):
        shards = [shard for shard in plan.shards if shard.people[0].index == 8 * group]
        assert [shard.scene for shard in shards] == [
            places.all[number].name for number in places.of_group(group)
        ]
        for shard in shards:
            assert shard.scene_version == scene_version(shard.scene)
            assert set(shard.cameras) <= {f"{shard.scene}_c0{k}" for k in (1, 2, 3)}
    assert len({shard.light for shard in plan.shards}) > 2
    topped = plan_top_up(asked, plan, {9: 2}, 1).shards
    assert {shard.scene for shard in topped} <= {shard.scene for shard in plan.shards[2:4]}


def test_a_grown_recipe_plans_every_shard_of_the_smaller_one() -> None:
    few, grown = (plan_build(recipe(WORLDS, **{"people.count": count})) for count in (8, 24))
    assert {render_id(shard) for shard in few.shards} < {render_id(s) for s in grown.shards}


def test_fewer_cameras_and_more_lights_of_a_world_are_a_groups_own() -> None:
    asked = recipe(WORLDS | {"cameras_per_group": 1, "lights": ["day", "fog", "warm"],
                             "lights_per_group": 2})  # fmt: skip
    shards = plan_build(asked).shards
    assert {len(shard.cameras) for shard in shards} == {1}
    assert {shard.light for shard in shards} == {"day", "fog"}  # no plaza has `warm`
    assert len(shards) == 12


def test_named_scenes_and_worlds_have_drawn_lights_and_cameras_of_some_heights() -> None:
    named = {"name": "street", "cameras": "all", "lights": "drawn", "camera_heights": [4.45, 5]}
    shards = plan_build(recipe(named | {"lights_per_group": 1})).shards
    assert {shard.light for shard in shards} == {"l1", "l2", "l3"}
    assert {camera for shard in shards for camera in shard.cameras} == {
        "street_c01", "street_c04", "street_c05"
    }  # fmt: skip
    in_worlds = plan_build(recipe(WORLDS | {"lights": "drawn"})).shards
    assert {shard.light for shard in in_worlds} < set(DRAWN_LIGHTS)
    with pytest.raises(BadScene, match=r"camera_heights: no camera hangs between 9 and 10 m; they"):
        plan_build(recipe(WORLDS | {"camera_heights": [9, 10]}))
    with pytest.raises(BadRecipe, match=r"the lowest comes first, e\.g\. \[2, 4\]"):
        recipe(WORLDS | {"camera_heights": [4, 2]})
    with pytest.raises(BadRecipe, match=r"max_person_height: must be at least 1\.25 times"):
        recipe(WORLDS, **{"capture.max_person_height": 112})


def test_frames_of_worlds_have_to_add_several_crops_where_many_people_walk() -> None:
    def least(scene: dict[str, Any], **changes: Any) -> list[int]:
        asked = recipe(scene, **changes)
        plan = plan_build(asked)
        topped = plan_top_up(asked, plan, {3: 2}, 1)
        return [{shard.crops_per_frame for shard in of.shards}.pop() for of in (plan, topped)]

    many = {"shards.people_per_shard": 60}
    assert least(WORLDS, **many) == [3, 1]
    assert least(WORLDS | {"crops_per_frame": 2}, **many) == [2, 1]
    assert least(WORLDS, **many, **{"capture.max_others": 0.2}) == [1, 1]
    assert least(WORLDS) == [1, 1]
    assert least({"name": "plaza"}, **many) == [1, 1]


def test_whoever_lacks_crops_alone_is_asked_for_in_one_world_more() -> None:
    asked = recipe()
    plan = plan_build(asked)
    met = {shard.scene: frozenset(shard.cameras) for shard in plan.shards[2:4]}
    everywhere = {9: frozenset[str]().union(*met.values())}
    assert len(plan_top_up(asked, plan, {9: 3}, 1, everywhere).shards) == 1
    one, other = met
    (shard,) = plan_top_up(asked, plan, {9: 1}, 1, {9: met[one]}).shards
    assert shard.scene == other


def test_worlds_that_nobody_meets_are_neither_drawn_nor_part_of_the_data() -> None:
    few = recipe(WORLDS | {"worlds_per_group": 1}, **{"people.count": 8})
    assert len(used_scenes(few)) == 1
    assert len([name for name in production_versions(few) if name.startswith("scene ")]) == 1


@pytest.mark.parametrize("count", [8, 24, 48])
def test_costs_are_those_of_the_plan(count: int) -> None:
    asked = recipe(WORLDS, **{"people.count": count})
    shards = plan_build(asked).shards
    size = first_round(asked)
    assert size.shards == len(shards)
    assert size.views == pytest.approx(sum(len(s.cameras) for s in shards), rel=0.1)


@pytest.mark.parametrize(
    ("scene", "changes", "error", "said"),
    [
        (WORLDS | {"family": "plazza"}, {}, BadScene, "did you mean `plaza`"),
        (WORLDS | {"lights": ["warm"]}, {}, BadScene, "has no light 'warm'; it has .*day"),
        (
            WORLDS | {"cameras_per_group": 1},
            {"min_cameras_per_person": 3},
            BadRecipe,
            "at most 2, the cameras that every person passes",
        ),
        (WORLDS, {"splits.worlds": 1}, BadRecipe, "multiple of 5"),
    ],
)
def test_what_worlds_cannot_deliver_is_refused_at_once(
    scene: dict[str, Any], changes: dict[str, Any], error: type[Exception], said: str
) -> None:
    share = {"splits.test_share": 0.34, "people.look_alikes": 0.1}
    with pytest.raises(error, match=said):
        used_scenes(recipe(scene, **share, **changes))
