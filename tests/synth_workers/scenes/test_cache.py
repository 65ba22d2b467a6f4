"""Built scenes on disk: the same geometry, rebuilt when damaged or when the scene changes."""

import os
from pathlib import Path

import numpy as np
import pytest

from synth_workers.scenes import cache, kept
from synth_workers.scenes.cache import cache_file, kept_layer, load_geometry
from synth_workers.scenes.kept import keep_arrays, kept_arrays, make_room, scene_folder
from synth_workers.scenes.library import SCENES_PATH_VARIABLE, build_geometry, read_scene
from synth_workers.scenes.materials import paint_layer
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
    assert cache_file(read_scene("yard")).is_file()
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
    assert not cache_file(read_scene("yard")).exists()


@pytest.mark.parametrize("damage", ["truncated", "flipped"])
def test_a_damaged_file_is_replaced(scenes: Path, damage: str) -> None:
    good = load_geometry("yard").digest
    path = cache_file(read_scene("yard"))
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        content = content[: len(content) // 2]
    else:
        content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    assert load_geometry("yard").digest == good
    assert load_geometry("yard").digest == good


def test_scenes_of_one_texture_seed_share_what_is_painted(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_geometry("yard")
    other = YARD.replace("yard", "court").replace("seed: 3", "seed: 8\ntexture_seed: 3")
    (scenes / "court.yaml").write_text(other, encoding="utf-8")
    painted: list[str] = []

    def paint(name: str, seed: int) -> np.ndarray:
        painted.append(name)
        return paint_layer(name, seed)

    monkeypatch.setattr(cache, "paint_layer", paint)
    second = load_geometry("court")
    assert second.digest != first.digest
    assert {"setts", "asphalt"} & set(second.materials) and not set(painted) & set(first.materials)
    assert cache_file(read_scene("court")).stat().st_size < 8e6


def test_a_layer_is_painted_again_when_its_file_is_damaged(scenes: Path) -> None:
    painted = kept_layer("brick", 3)
    (path,) = (scene_folder() / "layers").iterdir()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    np.testing.assert_array_equal(kept_layer("brick", 3), painted)


def test_the_files_used_longest_ago_make_room(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scene_folder()
    for age, name in enumerate(("new", "read", "old", "older")):
        keep_arrays(folder / "sky" / f"{name}.npz", {"seen": np.zeros(1000, np.uint8)})
        os.utime(folder / "sky" / f"{name}.npz", (1e9 - age, 1e9 - age))
    held = (folder / "sky" / "older.npz").open("rb")  # as an engine does that is loading it
    assert kept_arrays(folder / "sky" / "read.npz") is not None
    size = os.fstat(held.fileno()).st_size
    monkeypatch.setattr(kept, "MOST_BYTES", 3 * size + 99)
    keep_arrays(folder / "layers" / "newest.npz", {"layer": np.zeros(1000, np.uint8)})
    assert {path.stem for path in folder.rglob("*.npz")} == {"new", "read", "newest"}
    with held:
        assert len(held.read()) == size
    make_room(folder, 0)
    assert list(folder.rglob("*.npz")) == []
