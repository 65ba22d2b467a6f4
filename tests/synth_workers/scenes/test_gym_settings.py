"""Scene settings of gym-unrealcv and UnrealZoo become manifests; the values here are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadScene
from synth_workers.scenes.gym_settings import level_of
from synth_workers.scenes.level_manifest import read_level_manifest
from synth_workers.scenes.levels import describe_level, inspect_level

ROOM: dict[str, Any] = {
    "env_name": "CourtRoom",
    "env_bin": "Court_Linux/Court/Binaries/Linux/Court",
    "env_map": "",
    "cam_id": [],
    "height": 300,
    "targets": ["someBP"],
    "safe_start": [[0, 0, 120], [-9000, 9000, 9000]],
    "reset_area": [-900, 1100, -700, 700, 30, 40],
    "cam_area": [[-900, -700, -700, -500, 250, 350], [900, 1100, 500, 700, 250, 350]],
}
TOWN: dict[str, Any] = {
    "env_name": "Hill_Town",
    "env_bin": "Zoo_UE5_4_Linux/Linux/Zoo_UE5_4/Binaries/Linux/Zoo_UE5_4",
    "env_map": "Hill_Town",
    "third_cam": {
        "cam_id": 0,
        "pitch": -90,
        "yaw": 0,
        "roll": 0,
        "height_top_view": 900.0,
        "fov": 80,
    },
    "agents": {"player": {"class_name": ["bp_walker_C"]}, "car": {"class_name": ["BP_Car_C"]}},
    "safe_start": [[0, 0, 188], [400, 0, 188], [1000, 0, 188], [400, 500, 188]],
    "reset_area": [0, 1000, 0, 500, 100, 200],
}


def test_areas_of_cameras_become_cameras_that_look_into_the_room() -> None:
    level = level_of(ROOM, "court")
    first, second = level.content["cameras"]

    assert level.content["map"] == "CourtRoom"
    assert first["name"] == "court_c01"
    assert first["location"] == [-800, -600, 300]
    assert 0 < first["rotation"][1] < 90 and -180 < second["rotation"][1] < -90
    assert first["rotation"][0] < 0
    # One place outside is none; people walk through the middle of the room, on its floor.
    assert {node[2] for node in level.content["walk"]["nodes"].values()} == {32}
    assert level.engine is None
    assert any("1 of `safe_start`" in note for note in level.notes)


def test_places_are_joined_to_their_neighbours_and_players_are_people() -> None:
    level = level_of(TOWN, "hill")
    nodes = level.content["walk"]["nodes"]
    joined = [{edge["from"], edge["to"]} for edge in level.content["walk"]["edges"]]

    assert level.content["people"] == {"classes": ["bp_walker_C"]}
    assert nodes["p01"] == [0, 0, 100]
    assert joined == [{"p01", "p02"}, {"p02", "p04"}, {"p02", "p03"}]
    assert level.engine == "5.4"


def test_where_no_area_says_where_cameras_hang_they_look_along_the_ways(tmp_path: Path) -> None:
    level = level_of(TOWN, "hill")
    first, *others = level.content["cameras"]

    # The longest way is next to ten metres; nobody's camera looks down from above.
    assert first["location"] == [400, 0, 350] and len(others) == 3
    assert first["rotation"][1] == 0 and -30 < first["rotation"][0] < 0
    assert any("`third_cam` is left out" in note for note in level.notes)
    assert len({tuple(camera["location"]) for camera in level.content["cameras"]}) == 4
    (tmp_path / "hill.json").write_text(json.dumps(level.content))
    assert inspect_level(read_level_manifest(tmp_path / "hill.json")).faults == ()


def test_a_third_camera_that_looks_at_people_hangs_alone() -> None:
    looking = TOWN["third_cam"] | {"pitch": -40}
    (camera,) = level_of(TOWN | {"third_cam": looking}, "hill").content["cameras"]
    assert (camera["location"], camera["rotation"]) == ([500, 250, 900], [-40, 0, 0])


def test_a_room_without_cameras_is_seen_from_both_its_ends() -> None:
    level = level_of(ROOM | {"cam_area": []}, "court")
    first, second = level.content["cameras"]
    assert abs(abs(first["rotation"][1] - second["rotation"][1]) - 180) < 1e-6


def test_one_class_needs_no_list() -> None:
    level = level_of(TOWN | {"agents": {"player": {"class_name": "bp_walker_C"}}}, "hill")
    assert level.content["people"] == {"classes": ["bp_walker_C"]}


def test_an_imported_level_is_a_scene_that_can_be_planned(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(ROOM))
    into = tmp_path / "court.json"
    words = ["level", "import", str(tmp_path / "settings.json"), "--into", str(into)]

    done = CliRunner().invoke(app, words)

    assert done.exit_code == 0, done.output
    assert "program: {executable: /srv/Court_Linux/Court/Binaries/Linux/Court}" in done.output
    manifest = read_level_manifest(into)
    assert inspect_level(manifest).faults == ()
    assert len(describe_level(manifest).cameras) == 2
    assert isinstance(CliRunner().invoke(app, words).exception, BadScene)  # it exists now


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"safe_start": []}, "nowhere to walk"),
        ({"safe_start": [[1, 2]]}, r"safe_start\.0: must be 3 numbers"),
        ({"safe_start": 7}, "safe_start: must be a list; got 7"),
        ({"reset_area": [1, 2, 3]}, "reset_area: must be 4 or 6 numbers"),
        ({"cam_area": [[1, 2, 3, 4, 5, "six"]]}, r"cam_area\.0"),
    ],
)
def test_settings_that_make_no_level_are_refused_by_field(changes: dict, said: str) -> None:
    with pytest.raises(BadScene, match=said):
        level_of(ROOM | changes, "court")
