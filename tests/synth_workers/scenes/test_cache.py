"""Built scenes on disk: the same geometry, rebuilt when damaged or when the scene changes."""

from pathlib import Path

import numpy as np
import pytest

from synth_workers.scenes.cache import cache_file, load_geometry
from synth_workers.scenes.library import SCENES_PATH_VARIABLE, build_geometry
from tests.full_disk import refusing_folder
from tests.synth_workers.scenes.test_scene_files import YARD


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "yard.yaml").write_text(YARD, encoding="utf-8")
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(folder))
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    return folder


def test_the_cached_scene_is_the_built_one(scenes: Path) -> None:
    first = load_geometry("yard")
    assert cache_file("yard").is_file()
    second = load_geometry("yard")
    built = build_geometry("yard")
    assert first.digest == second.digest == built.digest
    assert second.lights == built.lights
    np.testing.assert_array_equal(second.layers, built.layers)
    for a, b in zip(second.cells, built.cells, strict=True):
        np.testing.assert_array_equal(a.vertices, b.vertices)
        np.testing.assert_array_equal(a.casters, b.casters)
        assert (a.centre, a.radius) == (b.centre, b.radius)


def test_a_changed_scene_is_built_anew(scenes: Path) -> None:
    before = load_geometry("yard").digest
    changed = YARD.replace("material: setts", "material: slabs")
    (scenes / "yard.yaml").write_text(changed, encoding="utf-8")
    assert load_geometry("yard").digest != before


def test_a_scene_is_built_where_it_cannot_be_kept(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(refusing_folder(tmp_path)))
    assert load_geometry("yard").digest == load_geometry("yard").digest
    assert not cache_file("yard").exists()


@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_a_damaged_file_is_replaced(scenes: Path, damage: str) -> None:
    good = load_geometry("yard").digest
    path = cache_file("yard")
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    else:
        content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    assert load_geometry("yard").digest == good
    assert load_geometry("yard").digest == good
