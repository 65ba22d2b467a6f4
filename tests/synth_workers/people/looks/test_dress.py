"""Profiles of dress: what crowds wear by season and place, and that factors work on top."""

from __future__ import annotations

import pytest

from benchmarks.people_dress import colour_word, shares
from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.looks.colours import FAMILIES, PALETTES
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.sampling import sample_people, sample_person
from synth_workers.people.spec import PersonSpec, Slot
from synth_workers.people.textures.fabrics import FABRICS
from synth_workers.people.worn.accessories.registry import ACCESSORIES


def crowd(dress: str, count: int = 150, **more: object) -> list[PersonSpec]:
    recipe = PeopleRecipe.model_validate({"count": count, "dress": dress, "look_alikes": 0, **more})
    return sample_people(recipe, 7, range(count))


def test_the_street_is_dressed_as_labelled_people_of_photographs_are() -> None:
    seen = shares(crowd("street", 500))
    # Shares of 8,707 labelled people (PETA); black lies between the share of people who have that
    # label, 0.42, and its share of all colour labels, 0.37.
    for word, share in {"black": 0.40, "white": 0.19, "grey": 0.17, "blue": 0.07}.items():
        assert seen["above"][word] == pytest.approx(share, abs=0.06), word
    for word, share in {"black": 0.48, "grey": 0.25, "blue": 0.16}.items():
        assert seen["below"][word] == pytest.approx(share, abs=0.07), word
    assert seen["clothes"]["jeans"] == pytest.approx(0.30, abs=0.06)
    assert seen["things"]["carries something"] == pytest.approx(0.73, abs=0.06)
    assert seen["things"]["accessory"] == pytest.approx(0.10, abs=0.05)
    assert seen["things"]["backpack"] == pytest.approx(0.29, abs=0.06)


def test_seasons_and_places_are_told_by_what_is_worn() -> None:
    seen = {dress: shares(crowd(dress)) for dress in ("summer", "winter", "campus")}
    assert seen["winter"]["clothes"]["coat or jacket"] > 0.7
    assert seen["winter"]["clothes"]["shorts"] == 0
    assert seen["summer"]["clothes"]["long sleeves"] < 0.4
    assert seen["campus"]["things"]["backpack"] > 0.4


def test_office_people_wear_shirts_and_quiet_colours() -> None:
    people = crowd("office")
    tops = [garment.name for spec in people if (garment := spec.worn_at(Slot.top))]
    assert sum(name in {"shirt", "blouse"} for name in tops) > 0.4 * len(tops)
    assert shares(people)["above"].get("red", 0) < 0.1


def test_factors_of_the_recipe_work_on_top_of_a_profile() -> None:
    people = crowd("winter", 40, garments={"coat": 0}, accessories={"scarf": 1})
    assert not any(garment.name == "coat" for spec in people for garment in spec.garments)
    assert all("scarf" in {thing.kind for thing in spec.accessories} for spec in people)


def test_what_a_profile_has_none_of_is_not_asked_for() -> None:
    with pytest.raises(BadRecipe, match=r"leaves .* without trousers") as caught:
        crowd("winter", 20, garments={"*": 0, "shorts": 1})
    assert "jeans" in str(caught.value) and "shorts" not in str(caught.value)


def test_the_usual_dress_is_no_part_of_what_a_recipe_is_called() -> None:
    usual, street = PeopleRecipe(count=3), PeopleRecipe(count=3, dress="street")
    assert "dress" not in usual.model_dump(mode="json")
    assert street.model_dump(mode="json")["dress"] == "street"
    assert sample_person(usual, 1, 2) == sample_person(PeopleRecipe(count=3, dress="varied"), 1, 2)
    assert sample_person(usual, 1, 2).digest() != sample_person(street, 1, 2).digest()


def test_unknown_profiles_are_named() -> None:
    with pytest.raises(
        BadRecipe, match=r"people\.dress: unknown 'beach'; known are varied, street"
    ):
        crowd("beach", 1)


@pytest.mark.parametrize("name", DRESSES)
def test_profiles_speak_of_what_there_is(name: str) -> None:
    dress = DRESSES[name]
    assert set(dress.garments) <= {*GARMENTS.names, "*"}
    assert set(dress.fabrics) <= {fabric.name for fabric in FABRICS}
    assert set(dress.accessories) <= set(ACCESSORIES.names)
    assert dress.palettes.keys() == PALETTES.keys()
    for palette in dress.palettes.values():
        assert set(palette) <= set(FAMILIES)


def test_dark_cloth_is_black_whatever_its_hue() -> None:
    assert colour_word((30, 30, 34)) == colour_word((24, 26, 44)) == "black"
    assert colour_word((52, 70, 102)) == "blue"
    assert colour_word((240, 238, 225)) == "white"
