"""Fields that a later release adds change no identity until somebody sets them."""

# A later release's fields hold later models in the place of today's.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from manifests.annotation_rules import AnnotationRules
from manifests.capture_rules import CaptureRules, ImageSpec
from manifests.division import ShardRules, SplitRules
from manifests.engine_request import EngineRequest
from manifests.identity import crop_id, digest, render_id
from manifests.model import Model, in_full, since
from manifests.people import Normal, PeopleRecipe
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, load_recipe, parse_recipe, recipe_digest
from manifests.scene_requests import SceneRequest
from manifests.shards import PersonRef, ShardSpec, Wanted
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec
from synth_workers.scenes.library import read_scene
from synth_workers.scenes.scene_file import CameraEntry, Light, SceneFile
from tasks.plan.planner import plan_build
from training.config import ModelSettings, TrainingConfig, load_training


class Sensor(Model):
    """A group of fields that only a later release knows."""

    gain: float = 1.0


class LaterNormal(Normal):
    skew: float = since("0.2", 0.0)


class LaterPeople(PeopleRecipe):
    gloves: float = since("0.2", 0.0)
    build: LaterNormal = LaterNormal(mean=0.40, deviation=0.15)


class LaterScene(SceneRequest):
    weather: str | None = since("0.2", None)


class LaterImage(ImageSpec):
    sensor: Sensor = since("0.3", Sensor())


class LaterCapture(CaptureRules):
    tracklets: bool = since("0.2", False)


class LaterAnnotation(AnnotationRules):
    channels: tuple[str, ...] = since("0.2", ())


class LaterEngine(EngineRequest):
    samples: int = since("0.2", 1)


class LaterShards(ShardRules):
    overlap: int = since("0.2", 0)


class LaterSplits(SplitRules):
    folds: int = since("0.2", 1)


class LaterRecipe(Recipe):
    people: LaterPeople
    scenes: tuple[LaterScene, ...]
    image: LaterImage = LaterImage()
    capture: LaterCapture = LaterCapture()
    annotation: LaterAnnotation = LaterAnnotation()
    splits: LaterSplits = LaterSplits()
    shards: LaterShards = LaterShards()
    engine: LaterEngine = LaterEngine()
    holograms: bool = since("0.2", False)


class LaterReference(PersonRef):
    companion: int | None = since("0.2", None)


class LaterWanted(Wanted):
    seconds: float = since("0.2", 0.0)


class LaterShard(ShardSpec):
    people: tuple[LaterReference, ...]
    wanted: tuple[LaterWanted, ...]
    image: LaterImage
    capture: LaterCapture
    engine: LaterEngine
    until: float | None = since("0.2", None)


def plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def changed(value: Any, path: str, new: Any) -> Any:
    """A copy of plain data with ``new`` at a dotted path; numbers count the items of lists."""
    if not path:
        return new
    head, _, rest = path.partition(".")
    if isinstance(value, list):
        return [changed(v, rest, new) if int(head) == i else v for i, v in enumerate(value)]
    return value | {head: changed(value.get(head, {}), rest, new)}


NEW_IN_RECIPES = {
    "people.gloves": 0.5,
    "people.build.skew": 0.1,
    "scenes.0.weather": "rain",
    "image.sensor.gain": 2.0,
    "capture.tracklets": True,
    "annotation.channels": ["depth"],
    "engine.samples": 4,
    "shards.overlap": 2,
    "splits.folds": 5,
    "holograms": True,
}
NEW_IN_SHARDS = {
    "people.0.companion": 3,
    "wanted.1.seconds": 2.0,
    "image.sensor.gain": 2.0,
    "capture.tracklets": True,
    "engine.samples": 4,
    "until": 9.5,
}


@pytest.mark.parametrize("name", ["tiny", "demo"])
def test_a_recipe_of_today_keeps_its_digest_and_its_stored_form(name: str) -> None:
    recipe = load_recipe(name)
    later = LaterRecipe.model_validate(plain(recipe))
    assert recipe_digest(later) == recipe_digest(recipe)
    assert dump_recipe(later) == dump_recipe(recipe)
    assert parse_recipe(dump_recipe(later)) == recipe  # so that today's release reads it, too


@pytest.mark.parametrize("path", NEW_IN_RECIPES)
def test_a_new_field_that_is_set_makes_another_recipe_that_loads_again(path: str) -> None:
    recipe = load_recipe("tiny")
    asked = changed(plain(recipe), path, NEW_IN_RECIPES[path])
    later = LaterRecipe.model_validate(asked)
    assert recipe_digest(later) != recipe_digest(recipe)
    assert LaterRecipe.model_validate(yaml.safe_load(dump_recipe(later))) == later
    with pytest.raises(ValidationError):
        Recipe.model_validate(yaml.safe_load(dump_recipe(later)))


def test_shards_keep_their_pixels_and_crops() -> None:
    recipe = load_recipe("tiny")
    for shard in plan_build(recipe).shards:
        later = LaterShard.model_validate(plain(shard))
        rules = LaterAnnotation.model_validate(plain(recipe.annotation))
        assert render_id(later) == render_id(shard)
        assert crop_id(render_id(later), rules) == crop_id(render_id(shard), recipe.annotation)


@pytest.mark.parametrize("path", NEW_IN_SHARDS)
def test_a_new_field_of_a_shard_that_is_set_renders_it_anew(path: str) -> None:
    shard = plan_build(load_recipe("tiny")).shards[0]
    asked = changed(plain(shard), path, NEW_IN_SHARDS[path])
    assert render_id(LaterShard.model_validate(asked)) != render_id(shard)


def test_new_rules_of_annotation_that_are_set_cut_the_crops_anew() -> None:
    rules = LaterAnnotation(channels=("depth",))
    assert crop_id("a", rules) != crop_id("a", AnnotationRules())


def test_scenes_keep_their_version() -> None:
    class LaterLight(Light):
        haze: float = since("0.2", 0.0)

    class LaterCamera(CameraEntry):
        shutter: float | None = since("0.2", None)

    class LaterFile(SceneFile):
        lights: dict[str, LaterLight]
        cameras: tuple[LaterCamera, ...]
        slope: float = since("0.2", 0.0)

    scene = read_scene("street")
    content = scene.model_dump(mode="json", by_alias=True)
    assert LaterFile.model_validate(content).version == scene.version
    for path in ("lights.day.haze", "cameras.2.shutter", "slope"):
        assert LaterFile.model_validate(changed(content, path, 0.5)).version != scene.version


def test_people_keep_the_digest_of_their_looks() -> None:
    class LaterSpec(PersonSpec):
        gloves: str | None = since("0.2", None)

    (spec,) = sample_people(load_recipe("tiny").people, 0, [0])
    assert LaterSpec.model_validate(plain(spec)).digest() == spec.digest()
    assert LaterSpec.model_validate(plain(spec) | {"gloves": "wool"}).digest() != spec.digest()


def test_trainings_keep_the_name_of_their_models() -> None:
    class LaterModel(ModelSettings):
        pooling: str = since("0.2", "mean")

    class LaterTraining(TrainingConfig):
        model: LaterModel = LaterModel()
        average: float = since("0.2", 0.0)

    config = load_training("demo")
    assert digest(LaterTraining.model_validate(plain(config))) == digest(config)
    for path, new in (("model.pooling", "gem"), ("average", 0.99)):
        asked = changed(plain(config), path, new)
        assert digest(LaterTraining.model_validate(asked)) != digest(config)


def test_who_asks_for_a_recipe_in_full_sees_the_new_fields_too() -> None:
    later = LaterRecipe.model_validate(plain(load_recipe("tiny")))
    shown = yaml.safe_load(dump_recipe(later, complete=True))
    assert shown == in_full(later)
    assert shown["holograms"] is False and shown["image"]["sensor"] == {"gain": 1.0}
    assert shown["scenes"][0]["weather"] is None and shown["engine"]["game"] is None
    assert LaterRecipe.model_validate(shown) == later
