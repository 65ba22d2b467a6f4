"""What holds for every world of every family, whatever its number.

``WORLDS_TESTED=200 pytest -n0 tests/synth_workers/scenes/test_worlds.py`` tries more.
"""

import itertools
import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from synth_workers.planning.walk_net import segment_values, walk_net
from synth_workers.scenes.families.registry import FAMILIES
from synth_workers.scenes.library import load_scene, read_scene
from synth_workers.scenes.lights import make_preset
from synth_workers.scenes.placing import Instance, instances
from synth_workers.scenes.scene_file import SceneFile, read_scene_file
from synth_workers.scenes.scene_text import scene_text

COUNT = int(os.environ.get("WORLDS_TESTED", "2"))
WORLDS = [f"{family}-{number}" for family in FAMILIES.names for number in range(COUNT)]

STANDS_IN = {("bicycle", "bike_rack")}
"""Pieces of which one is made to stand in the other."""

SHELL = {"terrace", "inner_wall", "glass_front", "shop_unit", "gallery"}
"""Pieces of buildings, which meet at corners."""

HANGS = {"glow", "ceiling", "strip_lamps", "ducts", "hanging_sign"} | SHELL - {"terrace"}
"""Pieces that do not stand on anything."""


@cache
def world(name: str) -> SceneFile:
    """A world, drawn once for all tests."""
    return read_scene(name)


def things(scene: SceneFile) -> list[Instance]:
    return list(instances(scene))


@pytest.mark.parametrize("name", WORLDS)
def test_people_can_walk_everywhere_and_every_camera_sees_them(name: str) -> None:
    scene = load_scene(name)
    net = walk_net(scene.walk)
    for camera in scene.cameras:
        values = segment_values(net, camera, 1280, 720, scene.obstacles, 110)
        assert values.max() > 0.3, camera.name
        assert (values * net.lengths * net.widths).sum() > 60_000, camera.name
    group = np.arange(len(scene.walk.nodes))
    for _ in group:
        a, b = scene.walk.edges.T
        low = np.minimum(group[a], group[b])
        np.minimum.at(group, a, low)
        np.minimum.at(group, b, low)
    assert len(set(group.tolist())) == 1


@pytest.mark.parametrize("name", WORLDS)
def test_no_piece_stands_in_another(name: str) -> None:
    pieces = things(world(name))
    boxes = [(k, box) for k, piece in enumerate(pieces) for box in piece.boxes()]
    owner, corners = np.array([k for k, _ in boxes]), np.array([box for _, box in boxes])
    low = np.maximum(corners[:, None, :3], corners[None, :, :3])
    high = np.minimum(corners[:, None, 3:], corners[None, :, 3:])
    # Houses have a margin for cornices before their fronts; a tree stands a little in its lawn.
    deep = np.all(high - low > (0.02, 0.02, 0.08), axis=2) & (owner[:, None] < owner[None])
    for i, j in np.argwhere(deep):
        kinds = tuple(sorted(pieces[owner[k]].piece.name for k in (i, j)))
        if set(kinds) <= SHELL:
            assert (high - low)[i, j, :2].min() <= 0.36
        else:
            assert kinds in STANDS_IN, (kinds, corners[i], corners[j])


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_floats(name: str) -> None:
    pieces = things(world(name))
    standing = [
        piece
        for piece in pieces
        if piece.piece.name not in HANGS and not piece.piece.surfaces(**piece.parameters)
    ]
    places = np.array([piece.place for piece in standing])
    floors = [piece for piece in pieces if piece.piece.surfaces(**piece.parameters)]
    ground = np.array([piece.ground_height(places[:, :2]) for piece in floors])
    boxes = np.array([box for piece in pieces for box in piece.boxes()])
    flat = places[None, :, :2]
    under = np.all((boxes[:, None, :2] < flat) & (boxes[:, None, 3:5] > flat), axis=2)
    tops = np.where(under, boxes[:, None, 5], np.nan)
    apart = np.abs(np.concatenate([ground, tops]) - places[None, :, 2])
    nearest = np.where(np.isnan(apart), np.inf, apart).min(axis=0)
    floating = [(standing[k].piece.name, standing[k].place) for k in np.flatnonzero(nearest > 0.08)]
    assert floating == []


@pytest.mark.parametrize("name", WORLDS)
def test_no_two_floors_lie_in_one_plane(name: str) -> None:
    floors = [
        (np.array(piece.parameters["rect"], float), piece.parameters.get("z", 0.0))
        for piece in things(world(name))
        if piece.piece.name == "floor"
    ]
    for (a, at), (b, other) in itertools.combinations(floors, 2):
        overlap = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
        assert overlap.min() < 1e-6 or abs(at - other) > 0.019


@pytest.mark.parametrize("name", WORLDS)
def test_it_is_neither_pitch_black_nor_blinding(name: str) -> None:
    scene = world(name)
    assert scene.night() in scene.lights
    for light in scene.lights.values():
        preset = make_preset((), **dict(light))
        level = np.array(preset.sky_colour) + np.array(preset.sun_colour) * preset.sun_direction[2]
        brightness = float(preset.exposure * level.mean())
        bounds = (0.05, 0.4) if light.sky in ("night", "dusk", "dimmed") else (0.6, 2.4)
        assert bounds[0] <= brightness <= bounds[1], light
        assert preset.fog_density <= 0.03


@pytest.mark.parametrize("name", WORLDS)
def test_cameras_keep_to_what_installations_have(name: str) -> None:
    scene = world(name)
    assert all(2.3 <= camera.at[2] <= 8.0 and 30 <= camera.fov <= 105 for camera in scene.cameras)
    apart = [math.dist(a.at, b.at) for a, b in itertools.combinations(scene.cameras, 2)]
    assert min(apart) >= 0.5
    looks = {camera.look.model_dump_json() for camera in scene.cameras}
    assert len(looks) == len(scene.cameras)
    obstacles = np.array([box for piece in things(scene) for box in piece.boxes()])
    for camera in scene.cameras:
        at = np.array(camera.at)
        assert not np.any(np.all((obstacles[:, :3] < at) & (obstacles[:, 3:] > at), axis=1))


@pytest.mark.parametrize("family", FAMILIES.names)
def test_a_world_that_is_written_out_reads_back_as_itself(family: str, tmp_path: Path) -> None:
    drawn = world(f"{family}-1")
    path = tmp_path / "world.yaml"
    path.write_text(scene_text(drawn), encoding="utf-8")
    again = read_scene_file(path)
    assert again == drawn and again.version == drawn.version
