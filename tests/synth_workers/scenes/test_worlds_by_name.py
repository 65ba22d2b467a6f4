"""Worlds are scenes like those in files: whoever asks for one by name does not see a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import BadScene
from synth_workers.scenes import written_worlds
from synth_workers.scenes.families.worlds import make_world
from synth_workers.scenes.kept import scene_folder
from synth_workers.scenes.library import (
    SCENES_PATH_VARIABLE,
    load_scene,
    read_scene,
    scene_names,
    scene_outline,
    scene_version,
)
from synth_workers.scenes.written_worlds import written_world
from tests.synth_workers.scenes.test_scene_files import YARD

WORLD = "plaza-3"


def test_a_world_is_read_and_described_like_a_scene_in_a_file() -> None:
    world = make_world(WORLD)
    assert read_scene(WORLD) == scene_outline(WORLD) == world
    scene = load_scene(WORLD)
    assert (scene.name, scene.version) == (WORLD, scene_version(WORLD)) == (WORLD, world.version)
    assert [camera.name for camera in scene.cameras] == [entry.name for entry in world.cameras]
    assert WORLD not in scene_names()


def test_a_world_is_drawn_once_on_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    afresh = written_world.__wrapped__
    drawn = afresh(WORLD)
    (kept,) = (scene_folder() / "worlds").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(written_worlds, "make_world", lambda _: pytest.fail("drawn twice"))
        assert afresh(WORLD) == drawn
    kept.write_bytes(kept.read_bytes()[:-100])
    assert afresh(WORLD) == drawn


@pytest.mark.parametrize("name", ["plazza-3", "plaza-03", "plaza-"])
def test_who_misspells_a_world_is_told_what_worlds_are_called(name: str) -> None:
    with pytest.raises(BadScene, match=rf"unknown scene '{name}'.*plaza-1.*Families: .*plaza"):
        load_scene(name)


def test_no_file_may_be_called_like_a_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{WORLD}.yaml").write_text(YARD, encoding="utf-8")
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    with pytest.raises(BadScene, match=rf"{WORLD}\.yaml is called like a world"):
        scene_names()
