"""Which worlds groups of people meet: evenly, never all the same, the same when a recipe grows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml

from manifests.errors import BadRecipe
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES, dump_recipe, load_recipe, parse_recipe

WORLDS = {"family": "plaza", "worlds": 12, "worlds_per_group": 4}


def recipe(*scenes: dict[str, Any], **changes: Any) -> Recipe:
    """The tiny recipe, of 96 people in groups of eight, with other scenes."""
    asked = {"scenes": list(scenes) or [WORLDS], "people.count": 96, **changes}
    return load_recipe("tiny", asked)


def test_worlds_are_called_by_family_and_number_and_more_of_them_come_at_the_end() -> None:
    (named,) = (p.name for p in Places(recipe({"family": "plaza", "worlds": 1, "first": 7})).all)
    assert named == "plaza-7"
    few, many = (
        [p.name for p in Places(recipe({"of": ["plaza", "park"], "worlds": n})).all] for n in (4, 9)
    )
    assert few == ["plaza-0", "park-0", "plaza-1", "park-1"]
    assert many[:4] == few and len(many) == 9


def test_worlds_can_be_named_by_their_numbers() -> None:
    listed = recipe({"of": ["plaza", "park"], "worlds": [3, 17]})
    assert [p.name for p in Places(listed).all] == ["plaza-3", "park-3", "plaza-17", "park-17"]
    assert parse_recipe(dump_recipe(listed)) == listed


def test_all_worlds_are_met_equally_and_no_two_groups_meet_the_same_ones() -> None:
    places = Places(recipe())
    met = [places.of_group(group) for group in range(300)]
    assert {len(numbers) for numbers in met} == {4}
    assert len(set(met)) == 300
    assert set(Counter(k for numbers in met for k in numbers).values()) <= set(range(94, 107))


def test_a_grown_recipe_meets_the_same_worlds_and_another_seed_others() -> None:
    grown, other = recipe(**{"people.count": 9600}), recipe(seed=5)
    met, more, others = (
        [Places(each).of_group(group) for group in range(12)] for each in (recipe(), grown, other)
    )
    assert met == more != others


def test_single_scenes_and_worlds_are_met_side_by_side_or_in_turn() -> None:
    street = {"name": "street"}
    both = Places(recipe(street, WORLDS))
    assert all(both.of_group(group)[0] == 0 and len(both.of_group(group)) == 5 for group in (0, 1))
    turns = Places(recipe(street, WORLDS, scenes_per_person=1))
    assert [len(turns.of_group(group)) for group in range(4)] == [1, 4, 1, 4]
    few = recipe(street, WORLDS | {"worlds": 40}, **{"people.count": 8})
    assert Places(few).used()[0] == "street" and len(Places(few).used()) == 5


def test_test_people_alone_walk_in_the_worlds_that_are_held_out() -> None:
    asked = recipe({"name": "street"}, WORLDS, splits={"worlds": 0.25, "test_share": 0.25})
    places, groups = Places(asked), range(len(asked.groups()))
    assert len(places.held_out) == 3
    tested = [group for group in groups if places.is_tested(group)]
    assert len(tested) == 3
    for group in groups:
        names = {places.all[number].name for number in places.of_group(group)}
        assert names <= places.held_out if group in tested else not names & places.held_out
    assert parse_recipe(dump_recipe(asked)) == asked
    counted = recipe(splits={"worlds": 3, "test_share": 0.25})
    assert Places(counted).held_out == places.held_out


@pytest.mark.parametrize(
    ("scene", "changes", "said"),
    [
        ({"family": "plaza"}, {}, "scenes[0].worlds: is required"),
        ({"family": "plaza", "wolds": 3}, {}, "did you mean `worlds`"),
        ({"worlds": 3}, {}, "either a `family` or a list `of` families"),
        (WORLDS | {"of": ["park"]}, {}, "either a `family` or a list `of` families"),
        ({"of": ["park", "park"], "worlds": 3}, {}, "each family may appear once"),
        ({"of": ["park", "plaza"], "worlds": 1}, {}, "at least 2, one of each family"),
        (WORLDS | {"worlds": [3, 17, 3]}, {}, "each number may appear once, got [3, 17, 3]"),
        (WORLDS | {"worlds": [3, 17], "first": 2}, {}, "a list of worlds has no first one"),
        (WORLDS | {"worlds": []}, {}, "or a list, at least 1 items"),
        (WORLDS | {"worlds": [-3]}, {}, "scenes[0].worlds[0]: must be a whole number, at least 0"),
        (
            WORLDS | {"lights": []},
            {},
            "scenes[0].lights: must be one of any, drawn, night or a list",
        ),
        (WORLDS, {"splits.worlds": 12}, "12 worlds of families, of which some must be held out"),
        (WORLDS, {"splits.worlds": 0.01}, "12 worlds of families, of which some must be held out"),
        (WORLDS, {"splits.worlds": 1.5}, "splits.worlds: must be a whole number"),
        ({"name": "street"}, {"splits.worlds": 2}, "the recipe has 0 worlds of families"),
        (WORLDS, {"splits.worlds": 2, "splits.test_share": 0.0}, "leaves no group"),
        (WORLDS, {"splits.worlds": 2, "people.count": 8}, "leaves no group"),
        (
            WORLDS,
            {"engine": {"kind": "unreal", "game": "town", "build": "a"}},
            "a game has the levels that it has. Name these instead of plaza",
        ),
    ],
)
def test_worlds_that_cannot_be_had_are_refused_in_words(
    scene: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadRecipe) as refused:
        recipe(scene, **changes)
    assert said in str(refused.value)


def test_a_world_that_is_asked_for_twice_is_refused() -> None:
    with pytest.raises(BadRecipe, match="each scene may appear once, got plaza-3"):
        recipe(WORLDS, {"name": "plaza-3"})


def test_more_scenes_than_a_person_has_images_are_fine_unless_a_number_is_promised() -> None:
    scenes = [{"name": f"yard{k}"} for k in range(9)]
    plain = yaml.safe_load(dump_recipe(load_recipe("tiny"))) | {"scenes": scenes}
    assert RECIPES.check(plain, "test").images_per_person == 6
    with pytest.raises(BadRecipe, match="images_per_person: must be at least 9"):
        RECIPES.check(plain | {"scenes_per_person": 9}, "test")
