"""Variants on any recipe, of shipped scenes and of a user's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from manifests.errors import BadRecipe, BadScene
from manifests.scene_requests import WorldsRequest
from synth_workers.scenes.families.registry import FAMILIES
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.library import SCENES_PATH_VARIABLE
from tasks.plan.cameras import used_scenes
from tasks.plan.planner import plan_build
from tasks.plan.requests import resolve_recipe
from tasks.plan.variants import Variant

OUTDOORS = """
name: small
people: {count: 3}
scenes: [{name: street}]
images_per_person: 4
"""


def test_night_turns_lamps_on_outdoors_and_down_indoors() -> None:
    night = resolve_recipe("demo", [Variant.night])
    assert {s.name: s.lights for s in night.single_scenes} == {
        "street": ("night",),
        "supermarket": ("dimmed",),
    }
    assert night.name == "demo-night"


def test_indoor_adds_the_high_cameras_and_indoor_only_keeps_nothing_else() -> None:
    indoor = resolve_recipe("demo", [Variant.indoor])
    assert {s.name: s.cameras for s in indoor.single_scenes} == {
        "street": "demo",
        "supermarket": ("demo", "high"),
    }
    only = resolve_recipe("demo", ["indoor-only"])
    assert [s.name for s in only.single_scenes] == ["supermarket"]


def test_indoor_variants_give_an_outdoor_recipe_an_indoor_scene(tmp_path: Path) -> None:
    path = tmp_path / "outdoors.yaml"
    path.write_text(OUTDOORS)
    assert [s.name for s in resolve_recipe(path, [Variant.indoor]).single_scenes] == [
        "street",
        "supermarket",
    ]
    assert [s.name for s in resolve_recipe(path, [Variant.indoor_only]).single_scenes] == [
        "supermarket"
    ]


def test_variants_combine_in_any_order() -> None:
    one = resolve_recipe("demo", [Variant.night, Variant.indoor_only, Variant.black_clothing])
    other = resolve_recipe("demo", [Variant.black_clothing, Variant.night, Variant.indoor_only])
    assert one == other
    assert one.people.dark_clothing == 1.0
    assert one.single_scenes[0].lights == ("dimmed",)


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadRecipe, match="night, indoor, indoor-only, black-clothing"):
        resolve_recipe("demo", ["dusk"])


class TestScenesOfOnesOwn:
    """A hall, which is indoors and calls its lights as it likes, and a yard."""

    @pytest.fixture(autouse=True)
    def scenes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
        yard = (
            Path(__file__).parents[2] / "manifests" / "releases" / "v0.1" / "scenes" / "yard.yaml"
        )
        content = yaml.safe_load(yard.read_text())
        (tmp_path / "yard.yaml").write_text(yaml.safe_dump(content))
        cameras = [
            camera | {"name": camera["name"].replace("yard", "hall")}
            for camera in content["cameras"]
        ]
        hall = {
            "name": "hall",
            "indoor": True,
            "cameras": cameras,
            "camera_sets": {"all": ["hall_c01"], "high": ["hall_c02"]},
            "lights": {"lamps": {"sky": "bright"}, "after_hours": {"sky": "dimmed"}},
        }
        (tmp_path / "hall.yaml").write_text(yaml.safe_dump(content | hall))
        self.recipe = tmp_path / "mine.yaml"
        self.recipe.write_text(
            OUTDOORS.replace("[{name: street}]", "[{name: yard}, {name: hall, lights: [lamps]}]")
        )

    def test_its_lamps_are_dimmed_by_its_own_name_for_that(self) -> None:
        night = resolve_recipe(self.recipe, ["night"], {"scenes_per_person": 1})
        assert [scene.lights for scene in night.single_scenes] == [("night",), ("after_hours",)]
        # The yard has no light for the night, and says so where plans are made.
        with pytest.raises(BadScene, match=r"scenes\.yard\.lights: .* 'night'; choose from day"):
            used_scenes(night)

    def test_indoor_only_keeps_it_and_nothing_else(self) -> None:
        only = resolve_recipe(self.recipe, ["indoor-only", "night"])
        assert [(s.name, s.lights) for s in only.single_scenes] == [("hall", ("after_hours",))]

    def test_its_cameras_under_the_ceiling_are_the_high_ones(self) -> None:
        indoor = resolve_recipe(self.recipe, ["indoor", "indoor-only"])
        assert [(s.name, s.cameras) for s in indoor.single_scenes] == [("hall", ("all", "high"))]
        shards = plan_build(indoor).shards
        assert {camera for shard in shards for camera in shard.cameras} == {"hall_c01", "hall_c02"}


def test_a_variant_of_a_scene_that_nobody_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moon.yaml"
    path.write_text(OUTDOORS.replace("street", "moon"))
    assert resolve_recipe(path, ["black-clothing"]).people.dark_clothing == 1.0
    with pytest.raises(BadScene, match=r"unknown scene .moon.; known are .*street"):
        resolve_recipe(path, ["night"])


def test_a_mistyped_variant_is_guessed() -> None:
    with pytest.raises(BadRecipe, match="did you mean `indoor-only`"):
        resolve_recipe("demo", ["indor-only"])


@pytest.mark.parametrize("variant", Variant)
def test_every_variant_says_what_it_does_and_changes_something(variant: Variant) -> None:
    plain, changed = resolve_recipe("paper"), resolve_recipe("paper", [variant])
    assert variant.explained.endswith(".")
    assert changed.name == f"paper-{variant}"
    assert changed.model_copy(update={"name": "paper"}) != plain


WORLDS = """
name: mine
people: {count: 24}
images_per_person: 4
scenes:
  - {of: [plaza, hall], worlds: 6}
  - {family: hall, worlds: 3, first: 9}
  - {family: plaza, worlds: 2, first: 9}
"""


class TestWorlds:
    @pytest.fixture(autouse=True)
    def _an_indoor_family(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(site: Site) -> None:
            pytest.fail("whether a family is indoors is known without drawing any of it")

        hall = replace(FAMILIES.find("plaza"), name="hall", indoor=True, draw=never)
        monkeypatch.setitem(FAMILIES._rows, "hall", hall)  # pyright: ignore[reportPrivateUsage]
        self.recipe = tmp_path / "worlds.yaml"
        self.recipe.write_text(WORLDS)

    def test_indoor_only_keeps_the_families_that_are(self) -> None:
        only = resolve_recipe(self.recipe, ["indoor-only", "black-clothing"])
        kept = [request for request in only.scenes if isinstance(request, WorldsRequest)]
        assert [(each.families, each.worlds) for each in kept] == [(("hall",), 6), (("hall",), 3)]

    def test_all_worlds_are_seen_at_night(self) -> None:
        night = resolve_recipe(self.recipe, ["night"])
        assert {scene.lights for scene in night.scenes} == {"night"}

    def test_a_family_that_nobody_has_is_guessed(self) -> None:
        self.recipe.write_text(WORLDS.replace("plaza", "plasa"))
        with pytest.raises(BadScene, match="unknown family 'plasa'; did you mean `plaza`"):
            resolve_recipe(self.recipe, ["indoor-only"])
