"""People are drawn from (seed, index, recipe): reproducibly, and as the recipe asks."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from pydantic import ValidationError

from manifests.errors import BadRecipe
from manifests.people import PeopleRecipe
from manifests.schema import CROPS
from synth_workers.people.clothes.packs import InstalledPack
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.looks import tastes
from synth_workers.people.looks.colours import (
    FAMILIES,
    PALETTES,
    capped,
    hair_colour_weights,
    saturation_cap,
)
from synth_workers.people.looks.sampling import sample_people, sample_person
from synth_workers.people.looks.things import probabilities
from synth_workers.people.looks.vocabulary import check_names, vocabulary
from synth_workers.people.spec import (
    PersonSpec,
    Slot,
    WalkStyle,
)
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Place,
    accessories_at,
    place_of,
)

RECIPE = PeopleRecipe(count=100)


@pytest.fixture(scope="module")
def crowd() -> list[PersonSpec]:
    return sample_people(RECIPE, 3, range(300))


def test_the_same_person_in_another_process() -> None:
    program = (
        "from manifests.people import PeopleRecipe\n"
        "from synth_workers.people.looks.sampling import sample_person\n"
        "print(sample_person(PeopleRecipe(count=7), 3, 41).digest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == sample_person(RECIPE, 3, 41).digest()


def test_people_do_not_depend_on_how_many_are_asked_for_or_on_the_order() -> None:
    few = PeopleRecipe(count=1)
    assert sample_people(few, 3, [9, 2]) == [sample_person(RECIPE, 3, i) for i in (9, 2)]


def test_no_two_people_are_equal(crowd: list[PersonSpec]) -> None:
    looks = {
        spec.model_copy(update={"person_id": "", "index": 0, "look_alike": None}).digest()
        for spec in crowd
    }
    assert len(looks) == len(crowd)


def test_another_seed_makes_other_people() -> None:
    assert sample_person(RECIPE, 3, 0).body != sample_person(RECIPE, 4, 0).body


def test_specs_are_small_json_and_come_back_equal(crowd: list[PersonSpec]) -> None:
    text = crowd[0].model_dump_json()
    assert len(text) < 6000
    assert PersonSpec.model_validate_json(text) == crowd[0]


def test_default_shares_are_met(crowd: list[PersonSpec]) -> None:
    share = Counter(spec.gender for spec in crowd)["female"] / len(crowd)
    assert 0.4 < share < 0.6
    assert 0.08 < sum(spec.dark_clothing for spec in crowd) / len(crowd) < 0.24
    assert 0.08 < sum(spec.look_alike is not None for spec in crowd) / len(crowd) < 0.34


def test_everybody_is_dressed_and_wears_shoes(crowd: list[PersonSpec]) -> None:
    for spec in crowd:
        slots = {garment.slot for garment in spec.garments}
        assert Slot.shoes in slots
        assert Slot.dress in slots or (Slot.top in slots and slots & {Slot.bottom, Slot.skirt})


def test_a_weight_of_zero_excludes() -> None:
    recipe = PeopleRecipe(
        count=1, gender={"female": 1, "male": 0}, accessories=dict.fromkeys(ACCESSORIES.names, 0)
    )
    people = sample_people(recipe, 5, range(100))
    assert {spec.gender for spec in people} == {"female"}
    assert not any(spec.accessories for spec in people)


def test_a_share_of_one_is_always_met_even_among_look_alikes() -> None:
    recipe = PeopleRecipe(count=1, look_alikes=1, accessories={"cap": 1, "backpack": 1})
    for spec in sample_people(recipe, 5, range(50)):
        kinds = {accessory.kind for accessory in spec.accessories}
        assert {"cap", "backpack"} <= kinds


def test_overridden_accessories_do_not_change_bodies_or_clothes() -> None:
    plain = PeopleRecipe(count=1, look_alikes=0)
    capped_people = plain.model_copy(update={"accessories": {"cap": 1.0}})
    for index in range(20):
        one, other = (sample_person(recipe, 3, index) for recipe in (plain, capped_people))
        assert (one.body, one.garments, one.hair) == (other.body, other.garments, other.hair)


def test_dark_clothing_is_dark() -> None:
    recipe = PeopleRecipe(count=1, dark_clothing=1)
    for spec in sample_people(recipe, 5, range(60)):
        assert spec.dark_clothing
        for garment in spec.garments:
            assert max(garment.fabric.main_colour) < 90


def test_cloth_is_never_candy_coloured(crowd: list[PersonSpec]) -> None:
    for spec in crowd:
        for garment in spec.garments:
            high, low = max(garment.fabric.main_colour), min(garment.fabric.main_colour)
            assert (high - low) / high <= saturation_cap(high / 255) + 0.06 or high < 60


def test_the_colours_of_shoes_are_mostly_black_white_or_brown() -> None:
    palette = PALETTES["shoes"]
    plain = ("black", "white", "brown", "camel", "charcoal", "beige")
    assert sum(palette[name] for name in plain) / sum(palette.values()) >= 0.7
    assert set(palette) <= set(FAMILIES)
    assert capped((255, 0, 0)) != (255, 0, 0)


def test_exclusive_accessories_exclude_each_other(crowd: list[PersonSpec]) -> None:
    for spec in crowd:
        places = [place_of(accessory.kind) for accessory in spec.accessories]
        assert len(places) == len(set(places))


def test_each_hand_holds_at_most_one_thing_and_the_arm_carries_it(
    crowd: list[PersonSpec],
) -> None:
    held = (Place.hand, Place.other_hand)
    for spec in crowd:
        hands = [
            accessory.hand for accessory in spec.accessories if place_of(accessory.kind) in held
        ]
        assert len(hands) == len(set(hands))
        for hand in hands:
            assert getattr(spec.gait, {"l": "left", "r": "right"}[hand]) is not None


def test_probabilities_give_way_to_what_was_asked() -> None:
    chance = probabilities({"cap": 0.95}, female=True)
    assert chance["cap"] == 0.95
    assert sum(chance[row.name] for row in accessories_at(Place.head)) <= 1.0 + 1e-9


def test_recipes_may_name_all_that_can_be_drawn() -> None:
    names = vocabulary()
    assert set(names["hair_colours"]) == set(hair_colour_weights(40, 0.2, 0.8))
    assert not {"hair", "decal", "image"} & set(names["fabrics"])
    for field, known in names.items():
        shares = dict.fromkeys(known, 1 / 16)
        check_names(PeopleRecipe.model_validate({"count": 1, field: shares}))


@pytest.mark.parametrize("field", vocabulary())
def test_an_unknown_name_is_refused_with_the_known_ones(field: str) -> None:
    recipe = PeopleRecipe.model_validate({"count": 1, field: {"moustache": 0}})
    with pytest.raises(BadRecipe, match=rf"people\.{field}: unknown moustache; known are \w+, "):
        sample_people(recipe, 3, [0])


def _people(count: int = 40, **fields: object) -> list[PersonSpec]:
    recipe = PeopleRecipe.model_validate({"count": 1, "look_alikes": 0.3} | fields)
    return sample_people(recipe, 6, range(count))


def _worn(people: list[PersonSpec]) -> Counter[str]:
    return Counter(garment.name for spec in people for garment in spec.garments)


def test_garments_can_be_excluded_weighted_and_fixed() -> None:
    without = _worn(_people(garments={"sneakers": 0, "jeans": 0}))
    assert not without["sneakers"] + without["jeans"]
    assert _worn(_people(garments={"tee": 50}))["tee"] > 2 * _worn(_people())["tee"]
    uniform = {"*": 0, "polo": 1, "chinos": 1, "loafers": 1}
    assert set(_worn(_people(garments=uniform))) == {"polo", "chinos", "loafers"}


def test_excluding_everything_wearable_is_refused_by_name() -> None:
    with pytest.raises(BadRecipe, match=r"people\.garments leaves a man without trousers"):
        _people(garments={"*": 0, "tee": 1, "mini_skirt": 1, "sneakers": 1}, gender={"male": 1})


def test_hair_can_be_fixed() -> None:
    people = _people(hair_styles={"*": 0, "bob": 1}, hair_colours={"*": 0, "auburn": 1})
    assert {spec.hair.style for spec in people} == {"bob"}
    assert all(spec.hair.colour[0] > 1.3 * spec.hair.colour[1] for spec in people)


def test_ages_ancestry_stature_and_build_can_be_fixed() -> None:
    people = _people(
        ages={"senior": 1},
        ancestry={"asian": 1},
        stature={"female": {"mean": 1.8, "deviation": 0}, "male": {"mean": 1.8, "deviation": 0}},
        build={"mean": 0.8, "deviation": 0},
    )
    for spec in people:
        assert 55 <= spec.body.age <= 82
        assert spec.body.asian == 1
        assert 1.77 < spec.body.stature <= 1.8
        assert spec.body.weight == 0.8


def test_walks_colours_and_fabrics_can_be_fixed() -> None:
    people = _people(
        walks={"*": 0, "brisk": 1},
        colours={"*": 0, "teal": 1},
        fabrics={"*": 0, "plain": 1},
        dark_clothing=0,
    )
    assert {spec.gait.walk for spec in people} == {WalkStyle.brisk}
    for spec in people:
        for garment in spec.garments:
            red, green, blue = garment.fabric.main_colour
            assert garment.fabric.kind == "plain"
            if "colour" not in str(spec.look_alike):
                assert min(green, blue) > red


def test_generated_textures_use_any_colour() -> None:
    usual, generated = _people(dark_clothing=0), _people(textures="generated", dark_clothing=0)

    def vivid(people: list[PersonSpec]) -> float:
        spread = [
            max(garment.fabric.main_colour) - min(garment.fabric.main_colour)
            for spec in people
            for garment in spec.garments
        ]
        return sum(spread) / len(spread)

    assert vivid(generated) > 1.8 * vivid(usual)


def test_outfits_change_clothes_and_nothing_of_the_body() -> None:
    recipe = PeopleRecipe(count=1, outfits_per_person=4)
    for index in range(20):
        outfits = [sample_person(recipe, 3, index, outfit) for outfit in range(4)]
        first = outfits[0]
        assert [spec.outfit for spec in outfits] == [0, 1, 2, 3]
        assert len({str(spec.garments) for spec in outfits}) == 4
        assert len({spec.digest() for spec in outfits}) == 4
        for spec in outfits:
            assert spec.person_id == first.person_id
            assert (spec.body, spec.skin, spec.face) == (first.body, first.skin, first.face)
            if first.look_alike is None:
                assert spec.hair == first.hair


def test_the_first_outfit_does_not_depend_on_how_many_there_are() -> None:
    many = PeopleRecipe(count=1, outfits_per_person=9)
    assert sample_person(many, 3, 7) == sample_person(RECIPE, 3, 7)


def test_an_outfit_beyond_the_recipe_is_refused() -> None:
    with pytest.raises(BadRecipe, match="outfits_per_person"):
        sample_person(RECIPE, 3, 0, outfit=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gender": {"robot": 1}},
        {"gender": {"female": 0, "male": 0}},
        {"gender": {"female": -1}},
        {"accessories": {"sword": 0.5}},
        {"garments": {"toga": 1}},
        {"hair_styles": {"mohawk": 1}},
        {"ages": {"adult": 0}},
        {"stature": {"male": {"mean": 3, "deviation": 0}}},
        {"outfits_per_person": 0},
        {"textures": "random"},
        {"accessories": {"cap": 1.5}},
        {"count": 0},
        {"dark": 1},
    ],
)
def test_a_wrong_recipe_is_refused(wrong: dict) -> None:
    with pytest.raises((ValidationError, BadRecipe)):
        check_names(PeopleRecipe.model_validate({"count": 5} | wrong))


def test_attributes_fill_the_looks_columns_of_the_crop_schema(crowd: list[PersonSpec]) -> None:
    attributes = crowd[0].attributes()
    assert set(attributes) <= set(CROPS.names)
    assert len(attributes["garments"]) == len(attributes["garment_colours"])
    assert 100 < attributes["stature"] < 210


def test_the_wardrobe_is_rich() -> None:
    assert len(GARMENTS.names) >= 40
    assert all(sum(style.fabrics.values()) > 0 for style in GARMENTS)


def test_clothes_packs_are_worn_as_often_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    packs = (
        InstalledPack(digest="a" * 32, name="kilt", slot=Slot.skirt, licence="CC0"),
        InstalledPack(digest="b" * 32, name="smock", slot=Slot.top, licence="CC0"),
    )
    monkeypatch.setattr(tastes, "install_packs", lambda folder, refuse, licence: list(packs))
    tastes._packs.cache_clear()  # pyright: ignore[reportPrivateUsage]
    crowd = _people(clothes_folder=".", clothes_share=1.0)
    worn = [garment for spec in crowd for garment in spec.garments]
    assert {garment.name for garment in worn if garment.slot is Slot.top} == {"smock"}
    assert all((garment.pack is None) == (garment.slot not in (Slot.top, Slot.skirt))
               for garment in worn)  # fmt: skip
    assert not any(garment.pack for spec in _people() for garment in spec.garments)
    tastes._packs.cache_clear()  # pyright: ignore[reportPrivateUsage]


def test_a_missing_clothes_folder_is_refused() -> None:
    with pytest.raises(BadRecipe, match="clothes_folder"):
        _people(clothes_folder="/nowhere/to/be/found")
