"""A scene is a data file: add one from a folder of your own, and be told what is wrong with it."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from manifests.errors import BadScene
from manifests.scene_requests import DRAWN_LIGHTS
from synth_workers.scenes.kit import PIECES
from synth_workers.scenes.library import (
    SCENES_PATH_VARIABLE,
    build_geometry,
    load_scene,
    scene_names,
)
from synth_workers.scenes.lights import SKIES
from synth_workers.scenes.materials import MATERIALS

YARD = """
name: yard
version: 1
indoor: false
seed: 3
shadow_area: [0, 0, 15]
pieces:
  - {piece: floor, with: {rect: [-10, -10, 10, 10], material: setts}}
  - {piece: tree, at: [[-4, 0], [4, 0]], vary: {height: [5, 6]}}
  - {piece: bench, row: {start: [-8, 7], end: [8, 7], step: 4}, heading: -90}
  - {piece: lamp, at: [[0, 8]], heading: -90}
cameras:
  - {name: yard_c01, at: [0, -16, 4], look_at: [0, 0, 0.8], fov: 55}
walk:
  nodes: {west: [-8, -3], middle: [0, -3], east: [8, -3]}
  paths:
    - {through: [west, middle, east], width: 2}
lights:
  day: {sky: day, azimuth: 30}
  night: {sky: night}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    return tmp_path


def write(folder: Path, **changes: object) -> None:
    content = yaml.safe_load(YARD)
    content.update(changes)
    (folder / "yard.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def test_a_file_in_an_extra_folder_is_a_scene(folder: Path) -> None:
    write(folder)
    for litter in ("._yard.yaml", ".#yard.yaml", "#yard.yaml#", "~$yard.yaml"):
        (folder / litter).write_bytes(b"\0\5\x16\7")
    assert [name for name in scene_names() if "yard" in name] == ["yard"]
    scene = load_scene("yard")
    assert scene.camera("yard_c01").location == (0, 1600, 400)  # world frame: y mirrored, cm
    assert scene.camera("yard_c01").rotation[1] == pytest.approx(-90)
    np.testing.assert_allclose(scene.walk.nodes[0], [-800, 300, 0])
    assert scene.walk.widths.tolist() == [200, 200]
    geometry = build_geometry("yard")
    assert geometry.triangles()[0] > 2000
    assert [len(geometry.lights[name].lamps) for name in ("day", "night")] == [0, 1]
    # Further lights are drawn from its seed; its own come first and are what engines step through.
    assert scene.lights == ("day", "night") and scene.drawn_lights == DRAWN_LIGHTS
    assert tuple(geometry.lights) == scene.lights + scene.drawn_lights
    suns = {geometry.lights[name].sun_direction for name in DRAWN_LIGHTS}
    assert len(suns) == len(DRAWN_LIGHTS)
    assert max(geometry.lights[name].fog_density for name in DRAWN_LIGHTS) < 0.01


def test_any_edit_but_a_comment_makes_another_version(folder: Path) -> None:
    versions = []
    for text in (YARD, "# a comment\n" + YARD, YARD.replace("height: [5, 6]", "height: [5, 7]")):
        (folder / "yard.yaml").write_text(text, encoding="utf-8")
        versions.append(load_scene("yard").version)
    assert versions[0] == versions[1] != versions[2]


def test_pieces_keep_their_looks_when_others_are_added_after_them(folder: Path) -> None:
    write(folder)
    before = {len(c.vertices) for c in build_geometry("yard").cells}
    content = yaml.safe_load(YARD)
    write(folder, pieces=[*content["pieces"], {"piece": "bin", "at": [[9, 9]]}])
    after = {len(c.vertices) for c in build_geometry("yard").cells}
    assert len(before & after) >= len(before) - 1


FAULTS = {
    "unknown piece": ({"pieces": [{"piece": "spaceship"}]}, "spaceship.*known are.*bench"),
    "misspelt piece": (
        {"pieces": [{"piece": "bech"}]},
        r"yard\.yaml: pieces\.0: unknown piece 'bech'; did you mean `bench`",
    ),
    "unknown parameter": (
        {"pieces": [{"piece": "bench", "with": {"colour": 1}}]},
        "'bench' has no parameter colour; it has length",
    ),
    "unknown key": ({"gravity": 9.81}, "gravity"),
    "walk off the floor": (
        {"walk": {"nodes": {"a": [0, 0], "b": [40, 0]}, "paths": [{"through": ["a", "b"]}]}},
        "off every floor: b",
    ),
    "walk into a tree": (
        {"walk": {"nodes": {"a": [-6, 0], "b": [0, 0]}, "paths": [{"through": ["a", "b"]}]}},
        "runs into the obstacle",
    ),
    "path through nowhere": (
        {"walk": {"nodes": {"a": [0, 0]}, "paths": [{"through": ["a", "z"]}]}},
        "unknown nodes z",
    ),
    "blind camera": (
        {"cameras": [{"name": "yard_c01", "at": [0, -16, 4], "look_at": [0, -30, 4]}]},
        "camera yard_c01 sees no walkable path",
    ),
    "camera of another scene": (
        {"cameras": [{"name": "street_c01", "at": [0, -16, 4], "look_at": [0, 0, 1]}]},
        "must start with yard_",
    ),
    "unknown sky": ({"lights": {"day": {"sky": "dawn"}}}, "unknown sky 'dawn'; .*known are day"),
    "misspelt material": (
        {"pieces": [{"piece": "floor", "choose": {"material": ["setts", "sets"]}}]},
        r"yard\.yaml: pieces\.0: unknown material 'sets'; did you mean `setts`",
    ),
    "unknown camera in a set": (
        {"camera_sets": {"near": ["yard_c09"]}},
        "near has unknown yard_c09; there are yard_c01",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_refused_with_what_and_where(folder: Path, fault: str) -> None:
    """When it is planned with, not when it is drawn."""
    changes, message = FAULTS[fault]
    write(folder, **changes)
    with pytest.raises(BadScene, match=message):
        load_scene("yard")


def test_a_file_that_is_not_yaml_is_refused(folder: Path) -> None:
    (folder / "yard.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(BadScene, match="not YAML"):
        load_scene("yard")


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    (folder / "street.yaml").write_text(YARD, encoding="utf-8")
    with pytest.raises(BadScene, match="two scene files are called street"):
        scene_names()


def manual() -> str:
    return (Path(__file__).parents[3] / "docs" / "scenes.md").read_text(encoding="utf-8")


def test_the_example_of_the_manual_is_a_scene(folder: Path) -> None:
    blocks = [block.split("```")[0] for block in manual().split("```yaml\n")[1:]]
    (example,) = (block for block in blocks if block.startswith("name: yard"))
    (folder / "yard.yaml").write_text(example, encoding="utf-8")
    scene = load_scene("yard")
    assert scene.camera_sets == {"all": ("yard_c01", "yard_c02"), "demo": ("yard_c01",)}
    assert set(build_geometry("yard").lights) == {"day", "night", *DRAWN_LIGHTS}


def test_the_manual_names_every_piece_and_every_parameter() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in manual().splitlines() if "|" in line}
    for name in PIECES.names:
        assert all(f"`{name_of}`" in rows[name] for name_of in PIECES.find(name).defaults), name
    assert all(f"`{name}`" in manual() for name in (*SKIES, *MATERIALS))
