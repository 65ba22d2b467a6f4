"""A set that grows otherwise than it began: who was there stays, later ones come by factors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from manifests.division import LaterViews
from manifests.errors import BadRecipe
from manifests.identity import render_id
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe, recipe_digest
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.looks.vocabulary import check_names
from tasks.plan.planner import plan_build
from tasks.plan.weighted import by_credit, chosen

BASE = {"people.count": 8, "shards.people_per_shard": 4, "images_per_person": 24}
LIGHTS = {"scenes.0.lights": ["day", "night"]}


def recipe(**changes: object) -> Recipe:
    return load_recipe("tiny", BASE | LIGHTS | changes)


def grown(**changes: object) -> Recipe:
    return recipe(**{"people.count": 12, **changes})


def images(wanted: Recipe) -> Counter[tuple[str, str]]:
    """Wished images of the people of index 8 and more, by camera and light."""
    found: Counter[tuple[str, str]] = Counter()
    for shard in plan_build(wanted).shards:
        for wish in shard.wanted:
            if wish.person >= 8:
                found[wish.camera, shard.light] += wish.images
    return found


def test_who_was_there_keeps_all_shards() -> None:
    changed = grown(
        **{
            "people.later": [{"first": 8, "dark_clothing": 1.0}],
            "later_views": [{"first": 8, "cameras": {"street_c01": 3}, "lights": {"night": 2}}],
            "splits.among_first": 8,
        }
    )
    before = {render_id(shard) for shard in plan_build(recipe()).shards}
    after = {render_id(shard) for shard in plan_build(changed).shards}
    assert before < after
    assert len(after - before) == len(before) / 2


def test_what_nobody_asks_for_is_part_of_no_identity() -> None:
    assert "later" not in recipe().model_dump(mode="json")["people"]
    assert recipe_digest(recipe(later_views=[])) == recipe_digest(recipe())


def test_later_people_are_drawn_otherwise() -> None:
    later = [
        {"first": 4, "dark_clothing": 1.0, "accessories": {"backpack": 1.0}},
        {"first": 8, "look_alikes": 1.0},
    ]
    people = grown(**{"people.dark_clothing": 0.0, "people.later": later}).people
    drawn = sample_people(people, 0, range(12))
    assert [spec.dark_clothing for spec in drawn] == [False] * 4 + [True] * 4 + [False] * 4
    assert all("backpack" in {a.kind for a in spec.accessories} for spec in drawn[4:8])
    assert all(spec.look_alike for spec in drawn[8:])
    plain = sample_people(recipe(**{"people.dark_clothing": 0.0}).people, 0, range(4))
    assert drawn[:4] == plain


def test_images_are_shared_out_by_factors() -> None:
    plain = images(grown(later_views=[{"first": 8}]))
    cameras = sorted({camera for camera, _ in plain if camera.startswith("street")})
    factors = {cameras[0]: 3.0, cameras[1]: 0.0}
    views = [{"first": 8, "cameras": factors, "lights": {"street/night": 3.0}}]
    weighted = images(grown(later_views=views))
    assert sum(weighted.values()) == sum(plain.values())

    def of(found: Counter[tuple[str, str]], camera: str, light: str | None = None) -> int:
        return sum(n for (name, by), n in found.items() if name == camera and light in (None, by))

    assert of(weighted, cameras[0]) > 2 * of(weighted, cameras[2])
    assert of(weighted, cameras[1]) <= 4, "no more than its turn of those that all have"
    day, night = (sum(of(weighted, camera, light) for camera in cameras) for light in LIGHTS_ASKED)
    assert 2.2 * day < night < 4.0 * day


LIGHTS_ASKED = ("day", "night")


def test_turns_of_credit_are_as_exact_as_whole_numbers_come() -> None:
    turns = by_credit([3.0, 1.0, 0.0], 0)
    first = [next(turns) for _ in range(40)]
    assert Counter(first) == {0: 30, 1: 10}
    even = by_credit([1.0, 1.0, 1.0], 0)
    assert [next(even) for _ in range(6)] == [0, 1, 2, 0, 1, 2]
    with pytest.raises(BadRecipe, match="at least one camera and light"):
        next(by_credit([0.0, 0.0], 0))


def test_few_of_many_are_drawn_by_factor() -> None:
    met = Counter(
        k for group in range(300) for k in chosen([4, 1, 1, 0], 1, "lights", 0, "s", group)
    )
    assert met[0] > 2.5 * met[1] > 0 and met[3] == 0
    assert chosen([0, 0], 1, "lights", 0, "s", 0) in ([0], [1])
    assert chosen([4, 1], "all", "lights", 0, "s", 0) == [0, 1]


def test_test_people_stay_when_a_set_grows() -> None:
    worlds = {"scenes": [{"family": "plaza", "worlds": 4, "worlds_per_group": 2}]}
    splits = {"splits.worlds": 1, "splits.test_share": 0.5, "splits.among_first": 8}
    small, large = (recipe_of(count, worlds | splits) for count in (8, 24))
    tested = [[Places(of).is_tested(group) for group in range(6)] for of in (small, large)]
    assert tested[0] == tested[1] and sum(tested[1]) == 1
    assert [Places(small).of_group(k) for k in range(2)] == [
        Places(large).of_group(k) for k in range(2)
    ]


def recipe_of(count: int, changes: Mapping[str, object]) -> Recipe:
    return load_recipe("tiny", {**BASE, "people.count": count, **changes})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"people.later": [{"first": 6}]}, "people.later: groups of 4 people .* got 6"),
        ({"later_views": [{"first": 8}, {"first": 4}]}, "first must rise"),
        ({"people.later": [{"first": 8}, {"first": 8}]}, "must rise"),
        ({"splits.among_first": 7}, "splits.among_first: groups of 4"),
        ({"people.later": [{"first": 8, "dark_clothing": 1.5}]}, "dark_clothing"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadRecipe, match=words):
        grown(**change)


def test_names_of_nothing_are_refused() -> None:
    with pytest.raises(BadRecipe, match=r"later_views.cameras: .* meet no 'street_c99'"):
        plan_build(grown(later_views=[{"first": 8, "cameras": {"street_c99": 2}}]))
    with pytest.raises(BadRecipe, match=r"people.later.0.accessories: unknown wings"):
        check_names(grown(**{"people.later": [{"first": 8, "accessories": {"wings": 1}}]}).people)


def test_the_last_that_has_begun_counts() -> None:
    views = [{"first": 4, "cameras": {"a": 2}}, {"first": 8}]
    asked = grown(later_views=views)
    assert asked.views_of(0) is None
    assert asked.views_of(1) == LaterViews(first=4, cameras={"a": 2.0})
    assert asked.views_of(2) == LaterViews(first=8)
