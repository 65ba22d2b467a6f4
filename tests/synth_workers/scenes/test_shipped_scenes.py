"""The shipped scenes keep their promises to workers and to the engine."""

from functools import lru_cache

import numpy as np
import pytest

from manifests.errors import BadScene
from synth_workers.scenes.checks import sample_walk, visible_heights
from synth_workers.scenes.geometry import STATIC_VERTEX, SceneGeometry
from synth_workers.scenes.library import build_geometry, load_scene, scene_names

SHIPPED = scene_names()
MOST_TRIANGLES = 140_000


@lru_cache
def geometry(name: str) -> SceneGeometry:
    return build_geometry(name)


def test_four_scenes_with_as_many_cameras_as_in_the_paper() -> None:
    cameras = {name: len(load_scene(name).camera_sets["all"]) for name in SHIPPED}
    assert cameras == {"street": 6, "crossing": 16, "plaza": 6, "supermarket": 6}
    assert len(load_scene("supermarket").camera_sets["high"]) == 6


@pytest.mark.parametrize("name", ["street", "crossing", "plaza"])
def test_outdoor_scenes_have_the_whole_day(name: str) -> None:
    lights = geometry(name).lights
    whole_day = {"morning", "day", "afternoon", "overcast", "dusk", "night", "fog"}
    assert set(lights) == whole_day | set(load_scene(name).drawn_lights)
    suns = {lights[light].sun_direction for light in ("morning", "day", "afternoon", "dusk")}
    assert len(suns) == 4
    assert lights["fog"].fog_density > 4 * lights["day"].fog_density


def test_it_is_dark_outside_a_shop_whose_lamps_are_dimmed() -> None:
    lights = geometry("supermarket").lights
    assert lights["day"].windows_lit > 0
    assert min(lights["day"].window_colour) > max(lights["warm"].window_colour)
    assert lights["dimmed"].windows_lit == 0


def test_cameras_differ_in_their_looks() -> None:
    looks = {camera.look for name in SHIPPED for camera in load_scene(name).cameras}
    assert len(looks) >= 20


@pytest.mark.parametrize("name", SHIPPED)
def test_description_is_complete(name: str) -> None:
    scene = load_scene(name)
    assert scene.name == name
    assert len(scene.cameras) >= 6
    names = {camera.name for camera in scene.cameras}
    assert len(set(scene.camera_sets["all"])) >= 6
    assert all(set(members) <= names for members in scene.camera_sets.values())
    assert len(scene.camera_sets["demo"]) == 3
    assert "day" in scene.lights
    assert np.isfinite(scene.walk.nodes).all()
    assert (scene.walk.widths >= 100).all()
    assert len(scene.target_points) == len(scene.walk.nodes)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_camera_sees_people_of_useful_size_on_the_walk(name: str) -> None:
    scene = load_scene(name)
    points = sample_walk(scene.walk)
    for camera in scene.cameras:
        tall = visible_heights(camera, points)
        useful = (tall >= 110) & (tall <= 350)
        assert useful.sum() >= 60, camera.name
        assert -45 <= camera.rotation[0] <= -6, camera.name


@pytest.mark.parametrize("name", SHIPPED)
def test_cameras_do_not_stand_inside_obstacles(name: str) -> None:
    scene = load_scene(name)
    boxes = np.array([obstacle.box for obstacle in scene.obstacles])
    for camera in scene.cameras:
        inside = (boxes[:, :3] < camera.location).all(1) & (boxes[:, 3:] > camera.location).all(1)
        assert not inside.any(), camera.name


@pytest.mark.parametrize("name", SHIPPED)
def test_the_walk_is_one_connected_net(name: str) -> None:
    walk = load_scene(name).walk
    group = np.arange(len(walk.nodes))
    for _ in range(len(walk.nodes)):
        a, b = walk.edges.T
        low = np.minimum(group[a], group[b])
        np.minimum.at(group, a, low)
        np.minimum.at(group, b, low)
    assert len(set(group.tolist())) == 1


def test_camera_names_are_unique_over_all_scenes() -> None:
    names = [camera.name for scene in SHIPPED for camera in load_scene(scene).cameras]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", SHIPPED)
def test_geometry_is_sound_and_within_budget(name: str) -> None:
    scene = geometry(name)
    near, far = scene.triangles()
    assert 40_000 < near <= MOST_TRIANGLES
    assert far < near
    for cell in scene.cells:
        assert cell.vertices.dtype == STATIC_VERTEX
        assert np.isfinite(cell.vertices["position"]).all()
        assert np.isfinite(cell.vertices["uv"]).all()
        normals = (cell.vertices["normal"][:, :3].astype(float) - 128) / 127
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=0.02)
        assert cell.vertices["layer"].max() < len(scene.layers)
        for indices in (cell.near, cell.far, cell.near_two_sided, cell.casters):
            assert indices.dtype == np.uint32
            assert not len(indices) or indices.max() < len(cell.vertices)
        offset = cell.vertices["position"] - np.asarray(cell.centre, np.float32)
        assert np.linalg.norm(offset, axis=1).max() <= cell.radius + 1e-3


@pytest.mark.parametrize("name", SHIPPED)
def test_lights_are_complete(name: str) -> None:
    scene = geometry(name)
    told = load_scene(name)
    assert tuple(scene.lights) == told.lights + told.drawn_lights
    for light in scene.lights.values():
        assert np.linalg.norm(light.sun_direction) == pytest.approx(1)
        assert light.sun_direction[2] > 0
    dark = scene.lights["dimmed" if scene.indoor else "night"]
    assert len(dark.lamps) >= 4
    assert max(dark.sky_colour) < 0.2 < max(scene.lights["day"].sky_colour)


def test_geometry_is_the_same_every_time() -> None:
    again = build_geometry("supermarket")
    assert again.digest == geometry("supermarket").digest
    assert again.digest != geometry("street").digest


def test_unknown_scene_names_the_known_ones() -> None:
    for call in (load_scene, build_geometry):
        with pytest.raises(BadScene, match=r"moonbase.*street.*supermarket"):
            call("moonbase")
