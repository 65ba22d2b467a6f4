"""Built scenes kept on disk, so that an engine starts without painting and building again, and what
their cameras see of them, so that planners need not draw it again.

A file is good for exactly what its scene says and one state of this package's own sources; whatever
changes, a new file is built beside the old one. Layers of textures are files of their own, which
all scenes that are painted with the same seed share.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synth_workers.scenes.depth_maps import COLUMNS, DepthMap, depth_map, draw_depth
from synth_workers.scenes.description import Camera
from synth_workers.scenes.geometry import INDICES, Cell, SceneGeometry
from synth_workers.scenes.kept import (
    code_version,
    keep_arrays,
    kept_arrays,
    kept_name,
    scene_folder,
)
from synth_workers.scenes.library import build_scene, describe_geometry, read_scene
from synth_workers.scenes.materials import paint_layer, paint_layers
from synth_workers.scenes.placing import instances
from synth_workers.scenes.scene_file import SceneFile

_log = logging.getLogger(__name__)

_SHORT = np.iinfo(np.uint16).max


def cache_file(scene: SceneFile) -> Path:
    """Where the built form of a scene is kept for as long as it and the code stay as they are."""
    key = kept_name(scene.model_dump_json(by_alias=True), code_version())
    return scene_folder() / "geometry" / f"{scene.name}-{key}.npz"


def _save(path: Path, geometry: SceneGeometry) -> None:
    cells = geometry.cells
    longest = max(len(cell.vertices) for cell in cells)
    arrays: dict[str, np.ndarray] = {
        "materials": np.array(geometry.materials),
        "digest": np.array(geometry.digest),
        "spheres": np.array([(*cell.centre, cell.radius) for cell in cells]),
        "vertices": np.concatenate([cell.vertices for cell in cells]),
        "labels": np.concatenate([cell.labels for cell in cells]),
        "vertices_count": np.array([len(cell.vertices) for cell in cells]),
    }
    for kind in INDICES:
        parts = [getattr(cell, kind) for cell in cells]
        arrays[kind] = np.concatenate(parts).astype(np.uint16 if longest <= _SHORT else np.uint32)
        arrays[f"{kind}_count"] = np.array([len(part) for part in parts])
    keep_arrays(path, arrays)


def _cells(stored: dict[str, np.ndarray]) -> tuple[Cell, ...]:
    def split(kind: str, dtype: type | None = None) -> list[np.ndarray]:
        column = stored[kind] if dtype is None else stored[kind].astype(dtype)
        return np.split(column, np.cumsum(stored[f"{kind}_count"])[:-1])

    columns = [split("vertices"), *(split(kind, np.uint32) for kind in INDICES)]
    labels = np.split(stored["labels"], np.cumsum(stored["vertices_count"])[:-1])
    return tuple(
        Cell(*arrays, centre=(x, y, z), radius=radius, labels=own)
        for *arrays, own, (x, y, z, radius) in zip(*columns, labels, stored["spheres"].tolist())
    )


def kept_layer(name: str, seed: int) -> np.ndarray:
    """As ``materials.paint_layer``, but from the cache where it has the layer."""
    key = kept_name(code_version("textures", "materials.py"))
    path = scene_folder() / "layers" / f"{name}-{seed}-{key}.npz"
    kept = kept_arrays(path)
    if kept is None:
        layer = paint_layer(name, seed)
        keep_arrays(path, {"layer": layer})
        return layer
    return kept["layer"]


def load_geometry(name: str) -> SceneGeometry:
    """As `library.build_geometry`, but from the cache where it has the scene."""
    scene = read_scene(name)
    path = cache_file(scene)
    stored = kept_arrays(path)
    if stored is None:
        return _built(scene, path)
    materials = tuple(stored["materials"].tolist())
    _, layers = paint_layers(materials, scene.painted_by, kept_layer)
    geometry = describe_geometry(scene, list(instances(scene)), _cells(stored), materials, layers)
    if geometry.digest != str(stored["digest"]):
        _log.warning("cached scene %s is damaged; building it again", path)
        return _built(scene, path)
    return geometry


def _built(scene: SceneFile, path: Path) -> SceneGeometry:
    geometry = build_scene(scene, kept_layer)
    _save(path, geometry)
    return geometry


def load_depth_maps(
    name: str, cameras: Sequence[Camera], width: int, height: int
) -> tuple[DepthMap, ...]:
    """What each of a scene's cameras sees of it when nobody is there, for pictures of ``width`` x
    ``height`` pixels: kept maps, and drawn ones where there is none."""
    size = COLUMNS, max(round(COLUMNS * height / width), 1)
    said = read_scene(name).model_dump_json(by_alias=True)
    key = kept_name(said, code_version(), *size)
    maps: list[DepthMap] = []
    cells: tuple[Cell, ...] = ()
    for camera in cameras:
        path = scene_folder() / "depth" / f"{camera.name}-{key}.npz"
        kept = kept_arrays(path)
        if kept is None:
            cells = cells or load_geometry(name).cells
            kept = {"nearest": draw_depth(cells, camera, *size)}
            keep_arrays(path, kept)
        maps.append(depth_map(camera, kept["nearest"]))
    return tuple(maps)
