"""Built scenes kept on disk, so that an engine starts without painting and building again.

A file is good for exactly one scene file and one state of this package's own sources; whatever
changes, a new file is built beside the old one.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from synth_workers.cache_folder import cache_root, mere_saving, write_npz
from synth_workers.scenes.geometry import INDICES, Cell, SceneGeometry
from synth_workers.scenes.library import build_geometry, describe_geometry, read_scene, scene_file
from synth_workers.scenes.placing import instances

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _sources() -> bytes:
    """Digest of the code that builds scenes and of the libraries that draw textures."""
    state = hashlib.blake2b(digest_size=16)
    folder = Path(__file__).parent
    for path in sorted([*folder.rglob("*.py"), *folder.glob("kit/*.yaml")]):
        state.update(path.relative_to(folder).as_posix().encode())
        state.update(path.read_bytes())
    state.update(f"numpy {np.__version__} opencv {cv2.__version__}".encode())
    return state.digest()


def cache_file(name: str) -> Path:
    """Where the built form of a scene is kept while its file and the code stay as they are."""
    key = hashlib.blake2b(scene_file(name).read_bytes() + _sources(), digest_size=12).hexdigest()
    return cache_root() / "scenes" / f"{name}-{key}.npz"


def _save(path: Path, geometry: SceneGeometry) -> None:
    cells = geometry.cells
    arrays: dict[str, np.ndarray] = {
        "layers": geometry.layers,
        "digest": np.array(geometry.digest),
        "spheres": np.array([(*cell.centre, cell.radius) for cell in cells]),
        "vertices": np.concatenate([cell.vertices for cell in cells]),
        "vertices_count": np.array([len(cell.vertices) for cell in cells]),
    }
    for kind in INDICES:
        parts = [getattr(cell, kind) for cell in cells]
        arrays[kind] = np.concatenate(parts)
        arrays[f"{kind}_count"] = np.array([len(part) for part in parts])
    write_npz(path, arrays)


def _load(path: Path) -> tuple[tuple[Cell, ...], np.ndarray, str]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:

        def split(kind: str) -> list[np.ndarray]:
            return np.split(stored[kind], np.cumsum(stored[f"{kind}_count"])[:-1])

        columns = [split(kind) for kind in ("vertices", *INDICES)]
        spheres = stored["spheres"].tolist()
        layers, digest = stored["layers"], str(stored["digest"])
    cells = tuple(
        Cell(*arrays, centre=(x, y, z), radius=radius)
        for *arrays, (x, y, z, radius) in zip(*columns, spheres)
    )
    return cells, layers, digest


def load_geometry(name: str) -> SceneGeometry:
    """As `library.build_geometry`, but from the cache where it has the scene."""
    path = cache_file(name)
    try:
        cells, layers, digest = _load(path)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return _built(name, path)
    scene = read_scene(name)
    geometry = describe_geometry(scene, list(instances(scene)), cells, layers)
    if geometry.digest != digest:
        _log.warning("cached scene %s is damaged; building it again", path)
        return _built(name, path)
    return geometry


def _built(name: str, path: Path) -> SceneGeometry:
    geometry = build_geometry(name)
    with mere_saving():
        _save(path, geometry)
    return geometry
