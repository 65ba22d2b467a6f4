"""Profiles of movement: who does what and who pushes what, and that fields work on top."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from synth_workers.people.looks.movement import MOVEMENTS
from synth_workers.people.looks.sampling import sample_people, sample_person
from synth_workers.people.motion.activities import ACTIVITIES
from synth_workers.people.spec import CarryPose, PersonSpec
from synth_workers.people.worn.accessories.registry import ACCESSORIES, Place, has_at


def crowd(count: int = 150, **more: object) -> list[PersonSpec]:
    return sample_people(PeopleRecipe.model_validate({"count": count, **more}), 7, range(count))


def test_the_usual_movement_is_no_part_of_what_a_recipe_is_called() -> None:
    usual = PeopleRecipe(count=3)
    assert not {"movement", "activities"} & usual.model_dump(mode="json").keys()
    person = sample_person(usual, 1, 2)
    assert not {"lean", "elbow", "width", "stance", "activities"} & person.gait.model_dump().keys()
    street = sample_person(PeopleRecipe(count=3, movement="street"), 1, 2)
    assert street.digest() != person.digest() and street.garments == person.garments


def test_who_has_full_arms_has_nothing_in_either_hand() -> None:
    people = crowd(movement="lively", accessories={"bicycle": 0.5, "handbag": 0.9, "phone": 0.9})
    full = [spec for spec in people if has_at(spec, Place.arms)]
    assert len(full) > 50
    for spec in full:
        assert not has_at(spec, Place.hand) and not has_at(spec, Place.other_hand)
        assert {spec.gait.left, spec.gait.right} <= {
            CarryPose.bar, CarryPose.box, CarryPose.handlebar, CarryPose.saddle
        }  # fmt: skip
        assert not {"run", "call"} & {*spec.activities}


def test_shares_of_the_recipe_take_the_place_of_the_profiles() -> None:
    people = crowd(movement="street", activities={"run": 0.5, "wait": 0}, accessories={"phone": 1})
    for spec in people:
        shares = dict(spec.gait.activities)
        assert "wait" not in shares and shares.get("run", 0.5) == 0.5
        assert ("call" in shares) == (CarryPose.phone in (spec.gait.left, spec.gait.right))
        assert "run" not in shares or spec.body.age < 70
    assert {spec.activities for spec in crowd(40, activities={"hurry": 0.2})} == {("hurry",)}


def test_what_is_asked_for_keeps_its_share_and_the_rest_gives_way() -> None:
    for spec in crowd(20, movement="street", activities={"wait": 0.8}, accessories={"phone": 1}):
        shares = dict(spec.gait.activities)
        assert shares["wait"] == 0.8 and sum(shares.values()) == pytest.approx(1.0)
        assert shares["call"] / shares["stroll"] == pytest.approx(4.6)
    for spec in crowd(20, movement="street", activities={"hurry": 1.0}):
        assert spec.gait.activities == (("hurry", 1.0),)


def test_gaits_of_the_street_differ_more() -> None:
    usual, street = ([spec.gait for spec in crowd(movement=m)] for m in ("usual", "street"))
    for gain in ("stride", "cadence", "arm_swing", "lean", "width"):
        spreads = [np.std([getattr(gait, gain) for gait in gaits]) for gaits in (usual, street)]
        assert spreads[1] > 1.2 * spreads[0], gain


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"movement": "dance"}, r"people\.movement: unknown 'dance'; known are usual, street"),
        ({"activities": {"fly": 0.1}}, r"people\.activities: unknown fly; known are run"),
    ],
)
def test_unknown_names_are_refused(asked: dict[str, object], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        crowd(1, **asked)


def test_a_day_has_no_more_than_all_its_moments() -> None:
    with pytest.raises(ValidationError, match="must not add up to more than 1"):
        PeopleRecipe(count=1, activities={"run": 0.6, "wait": 0.6})


def test_people_of_games_have_movements_of_their_own() -> None:
    asked = load_recipe("tiny").model_dump()
    asked["people"]["activities"] = {"run": 0.1}
    asked["engine"] = {"contract": "unrealperson"}
    with pytest.raises(ValidationError, match="people of games"):
        Recipe.model_validate(asked)


@pytest.mark.parametrize("name", MOVEMENTS)
def test_profiles_speak_of_what_there_is(name: str) -> None:
    movement = MOVEMENTS[name]
    assert set(movement.activities) <= set(ACTIVITIES)
    assert set(movement.accessories) <= set(ACCESSORIES.names)
    assert sum(movement.activities.values()) <= 1
