"""Levels of games: their manifests, what is refused, and what planners see of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from manifests.errors import BadScene, NotFound
from synth_workers.scenes import level_manifest
from synth_workers.scenes.level_manifest import (
    SCHEMA_FILE,
    level_schema,
    parse_level_manifest,
    read_level_manifest,
)
from synth_workers.scenes.levels import inspect_level, level_scene
from synth_workers.scenes.library import SCENES_PATH_VARIABLE, load_scene, read_scene
from tests.synth_workers.scenes.levels import manifest_of, write_manifest


@pytest.fixture(scope="module")
def town() -> dict[str, Any]:
    return manifest_of("street", "town")


def parsed(content: dict[str, Any]):
    return parse_level_manifest(json.dumps(content), "town.json")


def test_a_level_is_a_scene_for_planners_and_workers(
    town: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_manifest(tmp_path, town)
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    scene, street = load_scene("town"), load_scene("street")
    assert scene.camera_sets["all"] == ("town_c01", "town_c02", "town_c03")
    assert np.allclose(scene.walk.nodes, street.walk.nodes, atol=0.01)
    assert scene.lights == street.lights and len(scene.target_points) == len(scene.walk.nodes)
    assert scene.game is not None
    assert (scene.game.map, scene.game.contract) == ("TownMap", "person")
    with pytest.raises(BadScene, match=r"level of a game .* engine.kind: unreal"):
        read_scene("town")


def test_any_edit_makes_another_version_and_the_schema_reference_does_not(town: dict[str, Any]):
    version = parsed(town).version
    assert parsed({**town, "$schema": "level.json"}).version == version
    assert parsed({**town, "lights": ["day"]}).version != version


def test_the_shipped_schema_is_that_of_the_model_and_takes_what_the_model_takes(
    town: dict[str, Any],
):
    """If not: unrealperson level schema > synth_workers/scenes/level_manifest.schema.json"""
    shipped = Path(level_manifest.__file__).with_name(SCHEMA_FILE)
    assert json.loads(shipped.read_text()) == level_schema()
    jsonschema.validate(town, level_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**town, "cameras": []}, level_schema())


def with_camera(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda town: {**town, "cameras": [{**town["cameras"][0], **changes}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: {**t, "camera": []}, "camera: unknown key, did you mean `cameras`?"),
        (lambda t: {k: v for k, v in t.items() if k != "walk"}, "walk: is required"),
        (with_camera(name="c01"), "names must start with town_"),
        (with_camera(fov=200), "cameras[0].fov: must be a number, at least 10"),
        (with_camera(location=[0, 0]), "cameras[0].location"),
        (with_camera(location=[0, 0, 1e9]), "cameras[0].location"),
        (lambda t: {**t, "cameras": t["cameras"] * 2}, "two are called town_c01"),
        (lambda t: {**t, "camera_sets": {"near": ["town_c99"]}}, "near has unknown town_c99"),
        (lambda t: {**t, "lights": ["day", "day"]}, "each may be named once"),
        (lambda t: {**t, "lights": ["day; quit"]}, "lights[0]"),
        (lambda t: {**t, "map": "../x y"}, "map: must be text, of the form"),
        (lambda t: {**t, "people": {"classes": []}}, "people.classes: must be a list, at least 1"),
        (lambda t: {**t, "obstacles": [[1, 1, 1, 0, 2, 2]]}, "lowest first"),
        (lambda t: {**t, "walk": {**t["walk"], "edges": [{"from": "n0", "to": "x"}]}}, "nodes x"),
        (lambda t: {**t, "walk": {**t["walk"], "edges": [{"from": "n0", "to": "n0"}]}}, "itself"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_field(
    change: Callable[[dict[str, Any]], dict[str, Any]], said: str, town: dict[str, Any]
):
    with pytest.raises(BadScene) as error:
        parsed(change(town))
    assert said in str(error.value) and str(error.value).startswith("town.json: ")


@pytest.mark.parametrize("text", ["", "[1]", "{", "null", '{"name": NaN}', "[" * 100_000])
def test_what_is_no_manifest_at_all_is_refused(text: str):
    with pytest.raises(BadScene, match=r"^town.json"):
        parse_level_manifest(text, "town.json")


def test_files_that_cannot_be_read_are_named(tmp_path: Path):
    with pytest.raises(NotFound, match="no level manifest at"):
        read_level_manifest(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"name": "caf\xe9"}')
    with pytest.raises(BadScene, match="not UTF-8"):
        read_level_manifest(tmp_path / "latin.json")


def test_cameras_that_see_nobody_and_walks_into_walls_are_faults(town: dict[str, Any]):
    away = parsed(with_camera(rotation=[80.0, 0.0, 0.0])(town))
    assert inspect_level(away).faults == ("camera town_c01 sees no walkable path",)
    with pytest.raises(BadScene, match="level town: camera town_c01 sees no"):
        level_scene(away)
    x, y, z = town["walk"]["nodes"]["n0"]
    wall = [x - 50, y - 50, z, x + 50, y + 50, z + 300]
    blocked = inspect_level(parsed({**town, "obstacles": [wall]}))
    assert any("runs into the obstacle" in fault for fault in blocked.faults)


def test_doubtful_manifests_are_warned_of(town: dict[str, Any]):
    camera = town["cameras"][0]
    twice = {**town, "cameras": [camera, {**camera, "name": "town_c09"}]}
    twice["walk"] = {
        "nodes": {**town["walk"]["nodes"], "alone": [0, 0, 0], "a": [0, 0, 0], "b": [500, 0, 0]},
        "edges": [*town["walk"]["edges"], {"from": "a", "to": "b"}],
    }
    warnings = inspect_level(parsed(twice)).warnings
    assert [w for w in warnings if "same pose" in w] and [w for w in warnings if "pieces" in w]
    assert any("1 walk nodes are joined to nothing" in warning for warning in warnings)
    one = inspect_level(parsed({**town, "cameras": [camera]})).warnings
    assert one == ("one camera only: nobody is seen by two, so re-identification has no pairs",)


def test_two_scenes_of_one_name_and_a_wrong_file_name_are_refused(
    town: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    (tmp_path / "city.json").write_text(json.dumps(town))
    with pytest.raises(BadScene, match="calls itself 'town'; rename one of the two"):
        load_scene("city")
    (tmp_path / "street.json").write_text(json.dumps(town))
    with pytest.raises(BadScene, match="two scene files are called street"):
        load_scene("town")
