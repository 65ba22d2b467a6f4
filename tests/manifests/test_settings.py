"""One strict way to read settings, whatever they are of."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from manifests.errors import BadRecipe, BadScene, FactoryError, NotFound, StoreUnsuitable
from manifests.recipes_io import load_recipe
from manifests.settings import override, parse_assignments
from manifests.stores.named import STORES_VARIABLE, allowed_stores
from manifests.strict_text import read_yaml
from synth_workers.scenes.level_manifest import read_level_manifest
from synth_workers.scenes.scene_file import read_scene_file
from synth_workers.unreal.games import read_games
from training.adaptation.config import load_adaptation
from training.config import load_training


def read_stores(path: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORES_VARIABLE, str(path))
        return allowed_stores()


EVERY_KIND = {
    "recipe": (load_recipe, BadRecipe),
    "training": (load_training, BadRecipe),
    "adaptation": (load_adaptation, BadRecipe),
    "scene": (read_scene_file, BadScene),
    "games": (read_games, BadRecipe),
    "stores": (read_stores, StoreUnsuitable),
}


@pytest.mark.parametrize(("read", "refusal"), EVERY_KIND.values(), ids=EVERY_KIND)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "not YAML: line 1"),
        ("name: a\nname: b", "`name` is written twice"),
        ("- a", "is a mapping.* got list"),
        ("nmae: {}", "nmae"),
        ("name: !!python/object/apply:os.getcwd []", "not YAML: .*os.getcwd"),
        ("a: &a [*a]", "more than 100,000 keys and values, aliases written out"),
        ("a: &a " + "x" * 90_000 + "\nb: [" + "*a, " * 900 + "]", "aliases written out"),
        ("name: " + "x" * 200_000, "a text of more than 100,000 characters"),
        ("seed: " + "9" * 5_000, "a number of more than 30 digits"),
        ("seed: 010", "`010` could be read in several ways"),
        ("seed: 0x10", "`0x10` could be read in several ways"),
        ("seed: 1:30", "`1:30` could be read in several ways"),
        ("[" * 200_000, "nested more than 100 deep"),
        ("# " + "x" * 1_000_000, "larger than 1,000,000 bytes"),
        ("".join(f"k{n}: [{{}}]\n" for n in range(2_000)), "and [0-9,]+ more problems"),
    ],
)
def test_every_kind_of_file_is_refused_by_its_name_and_place(
    read, refusal: type[FactoryError], text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(refusal, match=said) as refused:
        read(path)
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)


def test_what_never_ends_and_names_that_no_file_has_are_refused() -> None:
    with pytest.raises(BadRecipe, match="larger than 1,000,000 bytes"):
        load_recipe("/dev/zero")
    with pytest.raises(NotFound, match=r"no recipe called 'x{80}'\."):
        load_recipe("x" * 5000)
    with pytest.raises(BadRecipe, match="File name too long"):
        load_recipe("x" * 5000 + ".yaml")


@pytest.mark.parametrize(
    ("read", "typed", "meant"),
    [
        (load_recipe, "dmeo", "demo"),
        (load_training, "paper-synthetc", "paper-synthetic"),
        (load_adaptation, "smal", "small"),
    ],
)
def test_a_shipped_name_that_is_mistyped_is_guessed(read, typed: str, meant: str) -> None:
    with pytest.raises((NotFound, BadRecipe), match=f"did you mean `{meant}`.*path of a .yaml"):
        read(typed)


def test_json_of_levels_is_as_strict(tmp_path: Path) -> None:
    path = tmp_path / "town.json"
    for text, said in (
        ('{"name": "a", "name": "b"}', "not JSON: the key `name` is written twice"),
        ("[" * 200_000, "not JSON: "),
        ("{", "not JSON: .*line 1"),
        ("[]", "a level manifest is a mapping with keys such as .*name, .* got list"),
        ('{"naem": "a"}', "did you mean `name`"),
    ):
        path.write_text(text)
        with pytest.raises(BadScene, match=said):
            read_level_manifest(path)


def test_wrong_numbers_deep_in_a_scene_are_named_with_their_range(tmp_path: Path) -> None:
    shipped = resources.files("synth_workers.scenes") / "data" / "street.yaml"
    text = shipped.read_text("utf-8").replace("shadow_area: [4.0", "shadow_area: [wide")
    path = tmp_path / "street.yaml"
    path.write_text(text.replace("fov: 46", "fov: 460"))
    with pytest.raises(BadScene) as refused:
        read_scene_file(path)
    assert "shadow_area[0]: must be a number, got 'wide'" in str(refused.value)
    assert "cameras[0].fov: must be a number, at least 20" in str(refused.value)


def test_aliases_may_repeat_but_not_multiply() -> None:
    assert read_yaml("a: &a {x: 1}\nb: {<<: *a, y: 2}") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}}
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(ValueError, match="more than 100,000 keys and values, aliases written out"):
        read_yaml(bomb)


def test_overrides_are_paths_or_groups() -> None:
    plain = {"people": {"count": 3, "garments": {"coat": 1.0}}, "seed": 0}
    override(plain, {"people.count": 4, "people": {"garments": {"shorts": 0}}, "image.width": 640})
    assert plain == {
        "people": {"count": 4, "garments": {"coat": 1.0, "shorts": 0}},
        "seed": 0,
        "image": {"width": 640},
    }
    with pytest.raises(ValueError, match=r"override seed\.x: `seed` has no fields"):
        override(plain, {"seed.x": 1})
    with pytest.raises(ValueError, match="override scenes: is a list; give one, or items"):
        override({"scenes": [{"name": "street"}]}, {"scenes": {}})


def test_a_field_is_set_by_its_path_wherever_the_file_has_it() -> None:
    assert load_training("tiny", {"model.height": 64}).model.height == 64
    # The network of an adaptation keeps its embedding, whose default is the adaptation's own.
    assert load_adaptation("jvtc", {"model.height": 128}).model.embedding == 512
    with pytest.raises(BadRecipe, match=r"training tiny, changed: modle: unknown key.*`model`"):
        load_training("tiny", {"modle.height": 64})


def test_words_of_the_command_line_are_overrides() -> None:
    words = ["people.count=64", "scenes=[{name: street}]", "description="]
    assert parse_assignments(words, "--set") == {
        "people.count": 64,
        "scenes": [{"name": "street"}],
        "description": None,
    }
    for wrong, said in (("people", "field=value"), ("a=[", "--set a=.: the value is not YAML")):
        with pytest.raises(BadRecipe, match=said):
            parse_assignments([wrong], "--set")


def test_true_is_no_number() -> None:
    for field in ("people.count", "images_per_person", "seed", "people.look_alikes"):
        with pytest.raises(BadRecipe, match=rf"{field}: must be .*number.*got True"):
            load_recipe("tiny", {field: True})
    with pytest.raises(BadRecipe, match=r"augmentation\.flip: must be a number.*got True"):
        load_training("tiny", {"augmentation.flip": True})
    assert load_recipe("tiny", {"keep_frames": True}).keep_frames
