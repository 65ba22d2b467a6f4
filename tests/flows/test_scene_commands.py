"""The commands that show worlds and write them out."""

from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import BadScene
from synth_workers import scene_sheets
from synth_workers.scenes.families.worlds import make_world
from synth_workers.scenes.scene_file import read_scene_file


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["scene", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_world_is_shown_with_its_cameras_and_lights() -> None:
    said = run("show", "park-3")
    assert "park-3: outdoors" in said and "l6" in said
    assert all(camera.name in said for camera in make_world("park-3").cameras)


def test_families_say_what_they_are() -> None:
    assert "market square" in run("families")


def test_a_written_world_is_the_same_scene_or_one_to_go_on_with(tmp_path: Path) -> None:
    run("write", "park-3", "--output", str(tmp_path / "same.yaml"))
    assert read_scene_file(tmp_path / "same.yaml") == make_world("park-3")
    run("write", "park-3", "--name", "green", "--output", str(tmp_path / "green.yaml"))
    green = read_scene_file(tmp_path / "green.yaml")
    assert [camera.name for camera in green.cameras][:2] == ["green_c01", "green_c02"]
    assert green.pieces == make_world("park-3").pieces


def test_a_sheet_shows_every_camera_of_a_world(tmp_path: Path) -> None:
    sheet = tmp_path / "new" / "corridor.jpg"
    said = run("sample", "--family", "corridor", "--count", "1", "--people", "0", "-o", str(sheet))
    assert "corridor-0 in " in said
    picture = cv2.imread(str(sheet), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture.shape == (180, 6 * 320)
    views = [picture[:, k * 320 : (k + 1) * 320] for k in range(6)]
    assert all(view.std() > 10 for view in views)


def test_a_sheet_that_is_no_picture_is_refused_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_sheets, "draw_sheet", lambda *_, **__: pytest.fail("drawn"))
    with pytest.raises(BadScene, match=r"call it \.png or \.jpg"):
        run("sample", "-o", str(tmp_path / "worlds.bmp"))
