"""The scenes there are: names, descriptions for workers, geometry for the engine.

A scene is a file, listed by ``scene_names``, or a world: the scene of a family and a number, which
nobody has to list. Whoever asks for one by name does not see the difference.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from manifests.environment import environment, variable
from manifests.errors import BadScene
from manifests.files_of_others import is_litter
from manifests.registry import unknown
from synth_workers.coordinates import to_world
from synth_workers.lens import SHARE_STEP, Distortion, edge_distortion
from synth_workers.scenes.checks import check_scene
from synth_workers.scenes.description import (
    Camera,
    CameraLook,
    Obstacle,
    SceneDescription,
    Seat,
    WalkGraph,
)  # fmt: skip
from synth_workers.scenes.drawn_lights import further_lights
from synth_workers.scenes.families.registry import FAMILIES, Family
from synth_workers.scenes.families.worlds import split_world
from synth_workers.scenes.geometry import Cell, SceneGeometry, geometry_digest, vector
from synth_workers.scenes.labels import label
from synth_workers.scenes.level_manifest import LevelManifest, read_level_manifest
from synth_workers.scenes.levels import level_scene
from synth_workers.scenes.lights import expect_sky, make_preset
from synth_workers.scenes.materials import Painting, paint_layer, paint_layers
from synth_workers.scenes.parts import assemble
from synth_workers.scenes.placing import Instance, instances
from synth_workers.scenes.scene_file import CameraEntry, SceneFile, read_scene_file
from synth_workers.scenes.written_worlds import written_world

SCENES_PATH_VARIABLE = variable("scenes")

SceneOutline = SceneFile | LevelManifest

_OWN_FOLDER = Path(__file__).parent / "data"
_LEVEL_SUFFIX = ".json"
_WORLDS_IN_MEMORY = 512
_LEGS = 0.35
"""Metres that legs of people who sit reach beyond the edge of their seat."""


def _scene_paths() -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for folder in (_OWN_FOLDER, *environment().scenes):
        for path in scene_files(folder):
            if path.stem in paths:
                raise BadScene(
                    f"two scene files are called {path.stem}: {paths[path.stem]}, {path}"
                )
            if split_world(path.stem) is not None:
                raise BadScene(
                    f"scene file {path} is called like a world of a family; rename it and the "
                    "scene in it"
                )
            paths[path.stem] = path
    return paths


def scene_files(folder: Path) -> list[Path]:
    """What lies in a folder and is called like a scene file or a level, sorted."""
    found = [*folder.glob("*.yaml"), *folder.glob(f"*{_LEVEL_SUFFIX}")]
    return sorted(path for path in found if not is_litter(path.name))


def _further_folders() -> str:
    folders = environment().scenes
    return f"now {', '.join(map(str, folders))}" if folders else "which is not set"


def scene_names() -> tuple[str, ...]:
    """Names of all scenes, shipped ones first, each folder in alphabetical order of files."""
    return tuple(_scene_paths())


def read_scene(name: str) -> SceneFile:
    """All that a scene says, written by a person or drawn; `BadScene` tells what is wrong."""
    if split_world(name) is not None:
        return written_world(name)
    path = scene_file(name)
    if path.suffix == _LEVEL_SUFFIX:
        raise BadScene(
            f"scene {name!r} is a level of a game ({path}), which the embedded engine cannot "
            "draw; ask for it with engine.kind: unreal"
        )
    scene = read_scene_file(path)
    _expect_name(path, scene.name)
    return scene


def scene_outline(name: str) -> SceneOutline:
    """What a scene says, without building anything; `BadScene` if it is wrong."""
    if split_world(name) is not None:
        return written_world(name)
    path = scene_file(name)
    return read_level_manifest(path) if path.suffix == _LEVEL_SUFFIX else read_scene(name)


def _lens(scene: SceneFile, entry: CameraEntry) -> Distortion:
    """The camera's own distortion, else one drawn for it, in steps."""
    share = entry.distortion
    if share is None:
        seed = [scene.seed, *entry.name.encode()]
        share = float(np.random.default_rng(seed).uniform(*scene.lens_distortion))
        share = round(share / SHARE_STEP) * SHARE_STEP
    return edge_distortion(share, entry.fov)


def _expect_name(path: Path, name: str) -> None:
    if name != path.stem:
        raise BadScene(f"scene file {path} calls itself {name!r}; rename one of the two")


def _camera(scene: SceneFile, entry: CameraEntry) -> Camera:
    at, target = np.asarray(entry.at), np.asarray(entry.look_at)
    x, y, z = target - at
    distance = float(np.linalg.norm(target - at))
    if distance < 1e-6:
        raise BadScene(f"camera {entry.name} looks at itself; give it another look_at")
    # Unreal's yaw grows the other way round than headings in the engine's frame.
    pitch, yaw = np.degrees(np.arcsin(z / distance)), -np.degrees(np.arctan2(y, x))
    return Camera(
        name=entry.name,
        location=vector(to_world(at)),
        rotation=(float(pitch), float(yaw), 0.0),
        fov=entry.fov,
        look=CameraLook(**dict(entry.look)),
        distortion=_lens(scene, entry),
    )


def _ground_heights(pieces: list[Instance], points: np.ndarray) -> np.ndarray:
    """(n,) the highest walkable surface under each (n, 2) point, metres; NaN: none."""
    height = np.full(len(points), np.nan)
    for instance in pieces:
        height = np.fmax(height, instance.ground_height(points))
    return height


def _walk(scene: SceneFile, pieces: list[Instance]) -> WalkGraph:
    legs = scene.walk.legs()
    joined = {name for leg in legs for name in leg[:2]}
    nodes = {name: at for name, at in scene.walk.all_nodes().items() if name in joined}
    names = list(nodes)
    given = list(nodes.values())
    flat = np.array([point[:2] for point in given], float)
    ground = _ground_heights(pieces, flat)
    height = np.array([p[2] if len(p) == 3 else h for p, h in zip(given, ground)])
    if np.isnan(height).any():
        lost = [name for name, h in zip(names, height) if np.isnan(h)]
        raise BadScene(f"scene {scene.name}: walk nodes off every floor: {', '.join(lost)}")
    index = {name: k for k, name in enumerate(names)}
    return WalkGraph(
        nodes=to_world(np.column_stack([flat, height])),
        edges=np.array([(index[a], index[b]) for a, b, _ in legs], np.intp),
        widths=np.array([width * 100.0 for _, _, width in legs], float),
    )


def _obstacle(box: tuple[float, float, float, float, float, float]) -> Obstacle:
    x0, y0, z0, x1, y1, z1 = (value * 100.0 for value in box)
    return Obstacle((x0, -y1, z0, x1, -y0, z1))


def _seats(pieces: Sequence[Instance]) -> tuple[Seat, ...]:
    """Seats where nothing else is in the way of the legs."""
    boxes = [instance.boxes() for instance in pieces]
    owners = [number for number, own in enumerate(boxes) for _ in own]
    every = np.array([box for own in boxes for box in own], float).reshape(-1, 6)
    found: list[Seat] = []
    for number, instance in enumerate(pieces):
        for x, y, z, heading, hides in instance.seats():
            ahead = np.array([np.cos(heading), np.sin(heading)])
            legs = np.array([x, y]) + ahead * np.array([[0.0], [_LEGS]])
            lies_in = (legs[:, None] > every[:, :2]) & (legs[:, None] < every[:, 3:5])
            in_the_way = lies_in.all(axis=2).any(axis=0) & (every[:, 2] < z + 1.0)
            if not (in_the_way & (every[:, 5] > z + 0.1) & (np.array(owners) != number)).any():
                yaw = -float(np.degrees(heading)) % 360.0
                hiding = tuple(_obstacle(box) for box in hides)
                found.append(Seat(vector(to_world([x, y, z])), yaw, hiding))
    return tuple(found)


@lru_cache(maxsize=32)
def _load(path: Path, modified: int) -> SceneDescription:
    if path.suffix == _LEVEL_SUFFIX:
        manifest = read_level_manifest(path)
        _expect_name(path, manifest.name)
        return level_scene(manifest)
    scene = read_scene(path.stem)
    try:
        return describe(scene)
    except BadScene as error:
        raise error.saying(f"scene file {path}: {error}") from error


@lru_cache(maxsize=_WORLDS_IN_MEMORY)
def _load_world(name: str) -> SceneDescription:
    return describe(written_world(name))


def describe(scene: SceneFile) -> SceneDescription:
    """What workers and planners know of what a scene says, checked; see ``load_scene``."""
    pieces = list(instances(scene))
    for light in scene.lights.values():
        expect_sky(light.sky)
    walk = _walk(scene, pieces)
    cameras = tuple(_camera(scene, entry) for entry in scene.cameras)
    description = SceneDescription(
        name=scene.name,
        version=scene.version,
        indoor=scene.indoor,
        cameras=cameras,
        camera_sets={"all": tuple(c.name for c in cameras), **scene.camera_sets},
        walk=walk,
        lights=tuple(scene.lights),
        obstacles=tuple(_obstacle(box) for instance in pieces for box in instance.boxes()),
        overhead=tuple(_obstacle(box) for instance in pieces for box in instance.overhead()),
        target_points=tuple(map(vector, walk.nodes)),
        drawn_lights=tuple(further_lights(scene)),
        seats=_seats(pieces),
    )
    check_scene(description, lambda points: _ground_heights(pieces, points))
    return description


def load_scene(name: str) -> SceneDescription:
    """What workers and planners know of a scene, checked; `BadScene` if it is unusable."""
    if split_world(name) is not None:
        return _load_world(name)
    path = scene_file(name)
    return _load(path, path.stat().st_mtime_ns)


def scene_version(name: str) -> int:
    """The version of what it says, without building it."""
    return scene_outline(name).version


def scene_file(name: str) -> Path:
    """The data file of a scene that is no world; `BadScene` naming the known ones if there is
    none."""
    paths = _scene_paths()
    if name not in paths:
        families = FAMILIES.names
        meant = difflib.get_close_matches(name.partition("-")[0], families, n=1) or families
        raise BadScene(
            f"{unknown('scene', name, paths)}, and worlds: a family and a number, e.g. "
            f"{meant[0]}-1. Families: {', '.join(families)}. Folders of further scenes: "
            f"{SCENES_PATH_VARIABLE}, {_further_folders()}"
        )
    return paths[name]


def find_family(name: str) -> Family:
    """The family called ``name``; `BadScene` naming the known ones if there is none."""
    if name not in FAMILIES.names:
        raise BadScene(unknown("family", name, FAMILIES.names))
    return FAMILIES.find(name)


def build_geometry(name: str) -> SceneGeometry:
    """All that the engine draws of a scene except people; the same bytes every time."""
    return build_scene(read_scene(name))


def build_scene(scene: SceneFile, paint: Painting = paint_layer) -> SceneGeometry:
    """``build_geometry`` of what a scene says; ``paint``: see ``materials.paint_layers``."""
    pieces = list(instances(scene))
    parts = [
        replace(part, label=label(number, instance.piece.name, part.material))
        for number, instance in enumerate(pieces)
        for part in instance.parts()
    ]
    layer_of, layers = paint_layers((part.material for part in parts), scene.painted_by, paint)
    cells = assemble(parts, layer_of)
    return describe_geometry(scene, pieces, cells, tuple(sorted(layer_of)), layers)


def describe_geometry(
    scene: SceneFile,
    pieces: Sequence[Instance],
    cells: tuple[Cell, ...],
    materials: tuple[str, ...],
    layers: np.ndarray,
) -> SceneGeometry:
    """Cells and layers together with the lights of the scene and the lamps that stand in it."""
    lamps = [lamp for instance in pieces for lamp in instance.lights()]
    said = scene.lights | further_lights(scene)
    lights = {name: make_preset(lamps, **dict(light)) for name, light in said.items()}
    return SceneGeometry(
        name=scene.name,
        indoor=scene.indoor,
        cells=cells,
        layers=layers,
        lights=lights,
        shadow_area=scene.shadow_area,
        digest=geometry_digest(cells, layers),
        materials=materials,
        sky_bake=scene.sky_bake,
    )
