"""Recipes: what loads, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import BadRecipe, NotFound
from manifests.recipes_io import (
    dump_recipe,
    load_recipe,
    parse_recipe,
    recipe_digest,
    shipped_recipes,
)

SMALL = """
name: small
people: {count: 3}
scenes: [{name: street}]
images_per_person: 4
"""


@pytest.mark.parametrize("name", shipped_recipes())
def test_every_shipped_recipe_loads_and_survives_being_written_out(name: str) -> None:
    recipe = load_recipe(name)
    again = parse_recipe(dump_recipe(recipe))
    assert again == recipe
    assert recipe_digest(again) == recipe_digest(recipe)


def test_demo_asks_for_what_the_demo_promises() -> None:
    demo = load_recipe("demo")
    assert demo.people.count >= 48
    assert len(demo.scenes) == 2
    assert demo.images_per_person == 12
    assert demo.people.count * demo.splits.test_share >= 12


def test_digest_depends_on_what_is_asked_not_on_how_it_is_written() -> None:
    spelled_out = SMALL + "seed: 0\nkeep_frames: false\n"
    assert recipe_digest(parse_recipe(SMALL)) == recipe_digest(parse_recipe(spelled_out))
    assert recipe_digest(parse_recipe(SMALL)) != recipe_digest(parse_recipe(SMALL + "seed: 1"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", ["not YAML", "line 1"]),
        ("", ["a recipe is a mapping", "got nothing"]),
        ("- street", ["a recipe is a mapping", "got list"]),
        (SMALL.replace("count: 3", "count: 0"), ["people.count", "greater than 0", "got 0"]),
        (SMALL + "colour: red", ["colour", "unknown key", "images_per_person"]),
        (SMALL + "image: {widht: 640}", ["image.widht", "did you mean `width`"]),
        (SMALL + "image: {width: 321}", ["image.width", "multiple of 2", "320", "3840", "got 321"]),
        (SMALL + "image: {width: wide}", ["image.width", "a whole number", "got 'wide'"]),
        (SMALL + "engine: {kind: unity}", ["engine.kind", "embedded, unreal", "got 'unity'"]),
        (SMALL + "scenes_per_person: 4", ["scenes_per_person", "1 to 1", "got 4"]),
        (
            SMALL + "min_cameras_per_person: 5",
            ["images_per_person", "at least 5", "5 cameras", "got 4"],
        ),
        (SMALL + "scenes_per_person: many", ["scenes_per_person", "'all'", "got 'many'"]),
        (SMALL.replace("[{name: street}]", "[]"), ["scenes", "at least 1 items", "got []"]),
        (SMALL.replace("name: street", "name: ../x"), ["scenes[0].name", "got '../x'"]),
        (SMALL.replace("images_per_person: 4", ""), ["images_per_person", "is required"]),
        (SMALL + "splits: {test_share: 1.5}", ["splits.test_share", "at most 1.0", "got 1.5"]),
        (SMALL + "seed: -1", ["seed", "at least 0", "got -1"]),
        (SMALL + "on_shortfall: shrug", ["on_shortfall", "error, drop_person", "got 'shrug'"]),
        (SMALL + "annotation: {max_aspect: .inf}", ["annotation.max_aspect", "got inf"]),
        (SMALL.replace("3}", "3, gender: {female: .inf}}"), ["must be finite"]),
        (SMALL + 'description: "\\ud800"', ["Unicode"]),
        (SMALL.replace("3}", '3, garments: {"\\ud800": 1}}'), ["Unicode"]),
        (SMALL + "seed: 1\nseed: 2", ["`seed` is written twice", "line 7"]),
        (
            SMALL + "description: !!python/object/apply:os.getcwd []",
            ["not YAML", "os.getcwd"],
        ),
        (
            SMALL.replace("name: street", "name: street}, {name: street"),
            ["each scene may appear once"],
        ),
    ],
)
def test_bad_recipes_are_refused_with_field_range_and_value(text: str, words: list[str]) -> None:
    with pytest.raises(BadRecipe) as refusal:
        parse_recipe(text, "my.yaml")
    message = str(refusal.value)
    assert message.startswith("my.yaml: ") and "\n" not in message
    assert [word for word in words if word not in message] == []


def test_all_mistakes_are_named_at_once_and_containers_are_not_blamed() -> None:
    with pytest.raises(BadRecipe) as refusal:
        parse_recipe(SMALL.replace("street}", "Street, cameras: ['A b']}") + "seed: x")
    message = str(refusal.value)
    assert "scenes[0].name" in message and "scenes[0].cameras[0]" in message and "seed" in message
    assert "scenes: must be" not in message


def test_a_file_is_read_by_path_and_a_missing_one_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL)
    assert load_recipe(path).name == "small"
    with pytest.raises(NotFound, match=r"no recipe at .*other.yaml"):
        load_recipe(tmp_path / "other.yaml")
    with pytest.raises(NotFound, match="did you mean `demo`"):
        load_recipe("dmeo")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRecipe, match="not UTF-8"):
        load_recipe(path)


def test_overrides_reach_nested_fields_and_are_validated() -> None:
    recipe = load_recipe("demo", overrides={"people.count": 48, "image": {"width": 640}})
    assert recipe.people.count == 48
    assert (recipe.image.width, recipe.image.height) == (640, 720)
    with pytest.raises(BadRecipe, match=r"people\.count.*got 0"):
        load_recipe("demo", overrides={"people.count": 0})
    with pytest.raises(BadRecipe, match="no fields"):
        load_recipe("demo", overrides={"seed.x": 0})


class TestLicences:
    @staticmethod
    def with_folder(licence: str) -> str:
        named = f", texture_licence: {licence}" if licence else ""
        return SMALL.replace("count: 3", f"count: 3, texture_folder: /clothes{named}")

    @pytest.mark.parametrize("licence", ["", "CC-BY-NC-4.0", "my own terms"])
    def test_restricted_or_unknown_material_needs_a_deliberate_yes(self, licence: str) -> None:
        text = self.with_folder(licence)
        name = licence or "unknown"
        with pytest.raises(BadRecipe, match=f"acknowledged_licences.*texture folder.*{name}"):
            parse_recipe(text)
        agreed = parse_recipe(text + f"acknowledged_licences: [{name}]")
        assert name in agreed.sources().values()

    def test_clothes_packs_have_a_licence_too(self) -> None:
        text = SMALL.replace("count: 3", "count: 3, clothes_folder: /packs")
        with pytest.raises(BadRecipe, match=r"acknowledged_licences.*clothes folder.*unknown"):
            parse_recipe(text)
        named = text.replace("/packs", "/packs, clothes_licence: CC0-1.0")
        assert parse_recipe(named).sources()["clothes packs (clothes folder)"] == "CC0-1.0"

    def test_without_a_folder_the_textures_are_said_to_be_ours(self) -> None:
        assert any("synthesise" in source for source in parse_recipe(SMALL).sources())

    def test_free_material_needs_none(self) -> None:
        recipe = parse_recipe(self.with_folder("CC-BY-4.0"))
        assert "CC-BY-4.0" in recipe.sources().values()
        assert set(parse_recipe(SMALL).sources().values()) == {"CC0-1.0"}
