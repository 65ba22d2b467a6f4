"""Reads a person's .glb with pygltflib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib

from tests.synth_workers.people.export.skinned import Curve, SkinnedFile, transform

_TYPES: dict[int, Any] = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def read_gltf(path: Path) -> SkinnedFile:
    """Mesh, skin and animations of the file's only person."""
    file: Any = pygltflib.GLTF2().load_binary(str(path))  # every field is declared optional
    blob = file.binary_blob()

    def array(index: int) -> np.ndarray:
        accessor = file.accessors[index]
        view = file.bufferViews[accessor.bufferView]
        kind, width = _TYPES[accessor.componentType], _WIDTHS[accessor.type]
        start = (view.byteOffset or 0) + (accessor.byteOffset or 0)
        values = np.frombuffer(blob, kind, accessor.count * width, start)
        values = values.reshape(accessor.count, width)
        return values / np.iinfo(kind).max if accessor.normalized else values

    names = [node.name for node in file.nodes]
    parents: dict[str, str | None] = dict.fromkeys(names)
    for node in file.nodes:
        parents |= {names[child]: node.name for child in node.children or []}
    (primitive,) = file.meshes[0].primitives
    skin = file.skins[0]
    bones = [names[joint] for joint in skin.joints]
    # glTF stores matrices column by column.
    inverse = array(skin.inverseBindMatrices).reshape(-1, 4, 4).swapaxes(1, 2)
    rows, weights = array(primitive.attributes.JOINTS_0), array(primitive.attributes.WEIGHTS_0)
    influences = {}
    for bone, name in enumerate(bones):
        vertex, slot = np.nonzero((rows == bone) & (weights > 0))
        influences[name] = (vertex, weights[vertex, slot])
    clips = {}
    for animation in file.animations:
        curves: dict[str, dict[str, Curve]] = {}
        for channel in animation.channels:
            sampler = animation.samplers[channel.sampler]
            assert sampler.interpolation == "LINEAR"
            curve = Curve(array(sampler.input)[:, 0], array(sampler.output))
            curves.setdefault(names[channel.target.node], {})[channel.target.path] = curve
        rest = {node.name: node.translation for node in file.nodes}
        clips[animation.name] = (
            max(curve.seconds[-1] for paths in curves.values() for curve in paths.values()),
            {name: _track(paths, rest[name]) for name, paths in curves.items()},
        )
    return SkinnedFile(
        positions=array(primitive.attributes.POSITION).astype(float),
        uv=array(primitive.attributes.TEXCOORD_0).astype(float),
        corners=array(primitive.indices).reshape(-1, 3).astype(int),
        influences=influences,
        inverse_bind=dict(zip(bones, inverse, strict=True)),
        local={
            node.name: transform(node.translation, node.rotation, node.scale) for node in file.nodes
        },
        parents=parents,
        clips=clips,
    )


def _track(paths: dict[str, Curve], rest: Sequence[float] | None) -> Callable[[float], np.ndarray]:
    def local(seconds: float) -> np.ndarray:
        translation = paths["translation"](seconds) if "translation" in paths else rest
        rotation = paths["rotation"](seconds) if "rotation" in paths else None
        return transform(translation, rotation)

    return local
