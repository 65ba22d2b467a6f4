"""What a camera sees of an empty scene lies where geometry says, and is drawn once."""

from pathlib import Path

import numpy as np
import pytest

from synth_workers.scenes import cache
from synth_workers.scenes.cache import load_depth_maps
from synth_workers.scenes.depth_maps import DepthMap, depth_map, draw_depth
from synth_workers.scenes.description import Camera
from synth_workers.scenes.library import SCENES_PATH_VARIABLE, load_scene
from synth_workers.scenes.parts import Sketch, assemble
from tests.synth_workers.scenes.test_scene_files import YARD

LEVEL = Camera("c", (-1000.0, 0.0, 200.0), (0.0, 0.0, 0.0), 60.0)


def map_of(sketch: Sketch, camera: Camera = LEVEL) -> DepthMap:
    cells = assemble(sketch.parts, {"plaster": 0})
    return depth_map(camera, draw_depth(cells, camera, 320, 180))


def drawn() -> DepthMap:
    """A floor of 40 m and a box on it, one metre wide and 2 m high."""
    sketch = Sketch(np.random.default_rng(0))
    floor = [[-20, -20, 0], [20, -20, 0], [20, 20, 0], [-20, 20, 0]]
    sketch.quads([floor], "plaster", (255, 255, 255))
    sketch.boxes([[0.0, 0.0, 0.0]], [[1.0, 1.0, 2.0]], "plaster", (255, 255, 255))
    return map_of(sketch)


def test_a_floor_and_a_box_are_as_far_as_they_are() -> None:
    seen = drawn()
    middle = seen.nearest[100, 160]
    assert middle == pytest.approx(950.0, abs=1.0)  # the box, half a metre before its middle
    for row in (110, 140, 179):  # 2 m below the camera; nearer to it than the clipping plane, too
        below = (row + 0.5 - 90) / seen.focal
        assert seen.nearest[row, 20] == pytest.approx(200.0 / below, rel=1e-4)
    assert np.isinf(seen.nearest[20, 20])


def test_what_stands_behind_something_is_hidden_and_beside_it_is_not() -> None:
    seen = drawn()
    behind, before, beside = ([300.0, 0.0, 100.0], [-100.0, 0.0, 100.0], [300.0, 300.0, 100.0])
    away = [-2000.0, 0.0, 100.0]  # behind the camera
    points = np.array([behind, before, beside, away])
    assert seen.hides(points, 10.0).tolist() == [True, False, False, False]
    # Just behind its front is on it, if that is the margin.
    front = np.array([[-45.0, 0.0, 100.0]])
    assert [bool(seen.hides(front, margin)[0]) for margin in (2.0, 10.0)] == [True, False]


@pytest.mark.parametrize("two_sided", [False, True])
def test_leaves_are_seen_from_both_sides_and_walls_from_one(two_sided: bool) -> None:
    sketch = Sketch(np.random.default_rng(0))
    upright = [[0, -1, 0], [0, 1, 0], [0, 1, 4], [0, -1, 4]]
    sketch.quads([upright], "plaster", (255, 255, 255), two_sided=two_sided)
    opposite = Camera("c", (1000.0, 0.0, 200.0), (0.0, 180.0, 0.0), 60.0)
    hidden = [
        bool(map_of(sketch, camera).hides(np.array([[behind, 0.0, 150.0]]), 10.0)[0])
        for camera, behind in ((LEVEL, 100.0), (opposite, -100.0))
    ]
    assert sorted(hidden) == [two_sided, True]


def test_maps_of_a_scene_are_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "yard.yaml").write_text(YARD, encoding="utf-8")
    monkeypatch.setenv(SCENES_PATH_VARIABLE, str(tmp_path))
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    cameras = load_scene("yard").cameras
    (first,) = load_depth_maps("yard", cameras, 640, 360)
    monkeypatch.setattr(cache, "draw_depth", lambda *_: pytest.fail("drawn a second time"))
    (second,) = load_depth_maps("yard", cameras, 640, 360)
    np.testing.assert_array_equal(first.nearest, second.nearest)
    # Behind the trunk of a tree, and on the free ground beside it.
    behind, free = np.array([[-480.0, -320.0, 50.0]]), np.array([[0.0, -320.0, 50.0]])
    assert first.hides(behind, 10.0)[0] and not first.hides(free, 10.0)[0]
