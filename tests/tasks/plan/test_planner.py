"""Plans: who is wanted where is even, complete, stable, and refused where it cannot be."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

import pytest

from manifests.annotation_rules import AnnotationRules
from manifests.errors import BadRecipe, BadScene
from manifests.identity import crop_id, render_id
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.shards import BuildPlan
from tasks.plan.cameras import used_scenes
from tasks.plan.planner import plan_build, plan_top_up


def recipe(**changes: Any) -> Recipe:
    """The demo recipe, smaller, with ``changes``."""
    return load_recipe("demo", overrides={"people": {"count": 48}} | changes)


def wanted_by_person(plan: BuildPlan) -> dict[int, Counter[tuple[str, str]]]:
    wanted: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for shard in plan.shards:
        for wish in shard.wanted:
            wanted[wish.person][shard.scene, wish.camera] += wish.images
    return wanted


def identities(plan: BuildPlan) -> set[tuple[str, str]]:
    """render_id and crop_id of every shard."""
    renders = [render_id(shard) for shard in plan.shards]
    return {(identity, crop_id(identity, AnnotationRules())) for identity in renders}


def test_wishes_are_spread_evenly_over_the_cameras_of_all_scenes():
    asked = recipe()
    wanted = wanted_by_person(plan_build(asked))
    assert sorted(wanted) == list(range(48))
    total = math.ceil(asked.images_per_person * asked.capture.oversample)
    cameras = sum(len(part.cameras) for part in used_scenes(asked))
    for counts in wanted.values():
        assert sum(counts.values()) == total
        assert len(counts) == min(total, cameras)
        assert max(counts.values()) - min(counts.values()) <= 1
        assert {scene for scene, _ in counts} == {scene.name for scene in asked.single_scenes}


def test_lights_share_the_images_of_a_camera():
    scenes = [{"name": "street", "cameras": "demo", "lights": ["day", "night"]}]
    plan = plan_build(recipe(scenes=scenes, people={"count": 24}))
    images = Counter[str]()
    for shard in plan.shards:
        images[shard.light] += sum(wish.images for wish in shard.wanted)
    assert set(images) == {"day", "night"}
    assert abs(images["day"] - images["night"]) < 0.1 * sum(images.values())


@pytest.mark.parametrize("more", [41, 48, 49, 64, 120])
def test_a_grown_recipe_plans_every_shard_of_the_smaller_one(more: int):
    few, grown = recipe(people={"count": 40}), recipe(people={"count": more})
    assert identities(plan_build(few)) <= identities(plan_build(grown))
    # 40 and 48 people walk in the same two groups of 24, the last of 40 filled up with extras.
    assert (identities(plan_build(few)) == identities(plan_build(grown))) == (more <= 48)


def test_the_last_group_is_filled_up_with_extras_who_are_wanted_like_everybody():
    wanted = wanted_by_person(plan_build(recipe(people={"count": 40})))
    assert wanted == wanted_by_person(plan_build(recipe()))
    assert sorted(wanted) == list(range(48))


@pytest.mark.parametrize("more", [41, 49, 120])
def test_a_grown_recipe_tops_up_its_old_groups_in_the_same_shards(more: int):
    few, grown = recipe(people={"count": 40}), recipe(people={"count": more})
    lacking = {3: 2, 30: 5, 44: 1}  # 44 is an extra of the smaller recipe
    later = lacking | dict.fromkeys(range(48, more, 7), 2)
    for number in (1, 2):
        before = plan_top_up(few, plan_build(few), lacking, number)
        after = plan_top_up(grown, plan_build(grown), later, number)
        assert identities(before) <= identities(after)


def test_render_ids_do_not_depend_on_annotation_or_splits_but_on_pixels():
    first = plan_build(recipe()).shards[0]
    same = plan_build(recipe(annotation={"min_height": 64}, splits={"test_share": 0.5})).shards[0]
    other = plan_build(recipe(seed=9)).shards[0]
    assert render_id(first) == render_id(same) != render_id(other)


def test_groups_walk_in_as_many_scenes_as_asked_and_all_scenes_are_used():
    some = Places(recipe(scenes_per_person=1))
    assert [some.of_group(group) for group in range(4)] == [(0,), (1,), (0,), (1,)]
    assert Places(recipe()).of_group(3) == (0, 1)


def test_large_wishes_become_several_time_windows_that_add_up():
    asked = recipe(
        scenes=[{"name": "street", "cameras": "demo"}],
        people={"count": 24},
        images_per_person=60,
        capture={"oversample": 1.34},
        shards={"people_per_shard": 24, "frames_per_shard": 100},
    )
    plan = plan_build(asked)
    assert [shard.window for shard in plan.shards] == [0, 1, 2, 3]
    sizes = [sum(wish.images for wish in shard.wanted) for shard in plan.shards]
    assert max(sizes) - min(sizes) < 0.1 * max(sizes)
    assert {sum(c.values()) for c in wanted_by_person(plan).values()} == {81}


def test_people_change_clothes_from_scene_to_scene_if_they_have_several_outfits():
    plan = plan_build(recipe(people={"count": 24, "outfits_per_person": 2}))
    outfits = {shard.scene: {person.outfit for person in shard.people} for shard in plan.shards}
    assert outfits == {"street": {0}, "supermarket": {1}}
    digests = [[person.spec_digest for person in shard.people] for shard in plan.shards]
    assert not set(digests[0]) & set(digests[1])
    assert {shard.people[0].outfit for shard in plan_build(recipe()).shards} == {0}


def test_a_top_up_asks_for_more_than_is_missing_of_those_who_lack_only():
    asked = recipe()
    first = plan_build(asked)
    plan = plan_top_up(asked, first, {3: 2, 30: 5, 31: 0}, 1)
    wanted = wanted_by_person(plan)
    assert set(wanted) == {3, 30}
    assert all(shard.round == 1 for shard in plan.shards)
    assert 2 < sum(wanted[3].values()) <= 3 * asked.images_per_person
    assert sum(wanted[30].values()) > 5
    ids = {render_id(shard) for shard in plan.shards}
    assert not ids & {render_id(shard) for shard in first.shards}
    again = plan_top_up(asked, first, {3: 2, 30: 5}, 1)
    assert ids == {render_id(shard) for shard in again.shards}
    later = plan_top_up(asked, first, {3: 2, 30: 5}, 2)
    assert not ids & {render_id(shard) for shard in later.shards}
    assert plan_top_up(asked, first, {}, 1).shards == ()


def test_a_top_up_is_bounded():
    asked = recipe()
    plan = plan_top_up(asked, plan_build(asked), {3: 10_000}, 3)
    assert sum(wanted_by_person(plan)[3].values()) == 3 * asked.images_per_person


def test_people_who_must_stand_free_are_looked_for_where_they_are_missing():
    asked = recipe(capture={"max_others": 0.12}, min_cameras_per_person=3)
    first = plan_build(asked)
    cameras = {shard.scene: shard.cameras for shard in first.shards}
    assert set(cameras) == {"street", "supermarket"}

    def places(seen: dict[int, set[str]]) -> set[str]:
        found = {index: frozenset(names) for index, names in seen.items()}
        plan = plan_top_up(asked, first, dict.fromkeys(seen, 2), 1, found)
        assert set(wanted_by_person(plan)) == set(seen)
        return {shard.scene for shard in plan.shards}

    street, shop = set(cameras["street"]), set(cameras["supermarket"])
    everywhere = street | shop
    assert places({3: street, 4: everywhere}) == {"supermarket"}
    assert places({3: everywhere}) in ({"street"}, {"supermarket"})
    assert places({3: street, 4: shop}) == {"street", "supermarket"}
    few = frozenset({sorted(street)[0], sorted(shop)[0]})
    plan = plan_top_up(asked, first, {3: 1}, 1, {3: few})
    assert not {wish.camera for shard in plan.shards for wish in shard.wanted} & few


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"scenes": [{"name": "atlantis"}]}, BadScene, "atlantis"),
        ({"scenes": [{"name": "street", "cameras": "nowhere"}]}, BadScene, "'nowhere'"),
        ({"scenes": [{"name": "street", "lights": ["eclipse"]}]}, BadScene, "'eclipse'"),
        ({"capture": {"min_person_height": 700}}, BadScene, "sees no walkable path"),
        ({"min_cameras_per_person": 7}, BadRecipe, "at most 6"),
        ({"min_cameras_per_person": 4, "images_per_person": 3}, BadRecipe, "images_per_person"),
    ],
)
def test_what_the_scenes_cannot_deliver_is_refused_at_once(
    changes: dict[str, Any], error: type[Exception], said: str
):
    with pytest.raises(error, match=said):
        used_scenes(recipe(**changes))


def test_groups_take_cameras_and_lights_in_turn_until_all_are_used():
    scene = {"name": "street", "lights": ["day", "afternoon", "overcast"]}
    few = scene | {"cameras_per_group": 2, "lights_per_group": 1}
    asked = recipe(
        scenes=[few],
        people={"count": 60},
        shards={"people_per_shard": 10},
        min_cameras_per_person=2,
    )
    plan = plan_build(asked)

    assert [shard.light for shard in plan.shards] == ["day", "afternoon", "overcast"] * 2
    assert [len(shard.cameras) for shard in plan.shards] == [2] * 6
    seen = Counter(camera for shard in plan.shards for camera in shard.cameras)
    assert len(seen) == 6
    assert set(seen.values()) == {2}
    assert {len(counts) for counts in wanted_by_person(plan).values()} == {2}


def test_a_top_up_asks_the_cameras_that_the_group_has_met():
    scene = {"name": "street", "cameras_per_group": 2, "lights_per_group": 1, "lights": ["day"]}
    asked = recipe(
        scenes=[scene],
        people={"count": 24},
        shards={"people_per_shard": 8},
        min_cameras_per_person=2,
    )
    plan = plan_build(asked)
    met = {shard.people[0].index // 8: set(shard.cameras) for shard in plan.shards}
    shards = plan_top_up(asked, plan, {3: 2, 20: 1}, 1).shards
    assert {shard.people[0].index // 8 for shard in shards} == {0, 2}
    for shard in shards:
        assert set(shard.cameras) <= met[shard.people[0].index // 8]


def test_a_person_cannot_pass_more_cameras_than_its_group_meets():
    scene = {"name": "street", "cameras_per_group": 2}
    with pytest.raises(BadRecipe, match="at most 2, the cameras that every person passes"):
        used_scenes(recipe(scenes=[scene], min_cameras_per_person=3))
