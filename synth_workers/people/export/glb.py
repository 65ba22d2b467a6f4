"""Writes a person as binary glTF 2.0 (.glb): mesh, skin, picture and animations in one file.

glTF's frame is the body's own: metres, right-handed, y up, looking along +z. The scene has two
nodes, the skeleton's ``root`` and the skinned mesh.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import cv2
import numpy as np

from synth_workers.people.export.model import ExportedPerson
from synth_workers.people.export.skeleton import Animation, Skeleton

GENERATOR = "UnrealPerson"

_MAGIC, _VERSION, _JSON, _BIN = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_VERTICES, _INDICES = 34962, 34963
_COMPONENTS = {"<f4": 5126, "|u1": 5121, "<u2": 5123, "<u4": 5125}
_REPEAT, _LINEAR, _LINEAR_MIPMAP_LINEAR = 10497, 9729, 9987
_STILL = 1e-6
_ROUGHNESS = 0.85


class _Buffer:
    """The binary chunk as it grows, with its views and accessors."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def view(self, data: bytes, target: int | None = None) -> int:
        self.data.extend(b"\0" * (-len(self.data) % 4))
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        self.views.append(view if target is None else view | {"target": target})
        self.data.extend(data)
        return len(self.views) - 1

    def accessor(
        self,
        array: np.ndarray,
        kind: str,
        *,
        target: int | None = None,
        bounds: bool = False,
    ) -> int:
        array = np.ascontiguousarray(array)
        accessor: dict[str, Any] = {
            "bufferView": self.view(array.tobytes(), target),
            "componentType": _COMPONENTS[array.dtype.str],
            "count": len(array),
            "type": kind,
        }
        if bounds:
            table = array.reshape(len(array), -1)
            accessor["min"] = table.min(0).tolist()
            accessor["max"] = table.max(0).tolist()
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def glb_bytes(person: ExportedPerson) -> bytes:
    """The whole file."""
    buffer = _Buffer()
    joints, name = len(person.skeleton.names), person.spec.person_id
    body = {
        "name": f"{name}_mesh",
        "mesh": 0,
        "skin": 0,
        "extras": {"person_id": name, "stature_m": round(person.stature, 4)},
    }
    surface = {
        "baseColorTexture": {"index": 0},
        "metallicFactor": 0.0,
        "roughnessFactor": _ROUGHNESS,
    }
    document = {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "scene": 0,
        "scenes": [{"name": name, "nodes": [0, joints]}],
        "nodes": [*_joint_nodes(person.skeleton), body],
        "meshes": [{"name": name, "primitives": [_primitive(person, buffer)]}],
        "skins": [_skin(person.skeleton, buffer)],
        "materials": [{"name": name, "doubleSided": True, "pbrMetallicRoughness": surface}],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [
            {
                "magFilter": _LINEAR,
                "minFilter": _LINEAR_MIPMAP_LINEAR,
                "wrapS": _REPEAT,
                "wrapT": _REPEAT,
            }
        ],
        "images": [
            {
                "name": f"{name}_colour",
                "mimeType": "image/png",
                "bufferView": buffer.view(png_bytes(person.texture)),
            }
        ],
        "animations": [
            _animation(clip, animation, person, buffer)
            for clip, animation in person.animations.items()
        ],
    }
    document |= {
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    return _container(document, bytes(buffer.data))


def png_bytes(picture: np.ndarray) -> bytes:
    """(h, w, 3) uint8 RGB as PNG."""
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} cannot be written as PNG")
    return data.tobytes()


def _container(document: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(document, separators=(",", ":")).encode()
    chunks = b""
    for kind, data, filler in ((_JSON, text, b" "), (_BIN, binary, b"\0")):
        data += filler * (-len(data) % 4)
        chunks += struct.pack("<II", len(data), kind) + data
    return struct.pack("<III", _MAGIC, _VERSION, 12 + len(chunks)) + chunks


def _joint_nodes(skeleton: Skeleton) -> list[dict[str, Any]]:
    offsets = skeleton.offsets.astype(np.float32).tolist()
    nodes: list[dict[str, Any]] = [
        {"name": name, "translation": offset} for name, offset in zip(skeleton.names, offsets)
    ]
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            nodes[parent].setdefault("children", []).append(joint)
    return nodes


def _primitive(person: ExportedPerson, buffer: _Buffer) -> dict[str, Any]:
    mesh = person.mesh
    # glTF allows normalised bytes here, but assimp 5.2 reads them wrongly.
    weights = mesh.weights.astype("<f4") / np.float32(255.0)
    faces = mesh.faces.reshape(-1)
    if len(mesh.positions) <= np.iinfo(np.uint16).max:
        faces = faces.astype("<u2")
    return {
        "attributes": {
            "POSITION": buffer.accessor(mesh.positions, "VEC3", target=_VERTICES, bounds=True),
            "NORMAL": buffer.accessor(mesh.normals, "VEC3", target=_VERTICES),
            "TEXCOORD_0": buffer.accessor(mesh.uv, "VEC2", target=_VERTICES),
            "JOINTS_0": buffer.accessor(mesh.joints, "VEC4", target=_VERTICES),
            "WEIGHTS_0": buffer.accessor(weights, "VEC4", target=_VERTICES),
        },
        "indices": buffer.accessor(faces, "SCALAR", target=_INDICES),
        "material": 0,
        "mode": 4,
    }


def _skin(skeleton: Skeleton, buffer: _Buffer) -> dict[str, Any]:
    inverse = np.tile(np.eye(4, dtype="<f4"), (len(skeleton.names), 1, 1))
    # Column-major: the translation is the last row of each stored matrix.
    inverse[:, 3, :3] = -skeleton.joints
    return {
        "name": "skeleton",
        "joints": list(range(len(skeleton.names))),
        "skeleton": 0,
        "inverseBindMatrices": buffer.accessor(inverse.reshape(-1, 16), "MAT4"),
    }


def _animation(
    name: str, animation: Animation, person: ExportedPerson, buffer: _Buffer
) -> dict[str, Any]:
    seconds = animation.seconds.astype("<f4")
    times = {
        True: buffer.accessor(seconds, "SCALAR", bounds=True),
        False: buffer.accessor(seconds[[0, -1]], "SCALAR", bounds=True),
    }
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    rest = person.skeleton.offsets
    for joint in range(len(person.skeleton.names)):
        for path, kind, values, still in (
            ("rotation", "VEC4", animation.rotations[:, joint], (0.0, 0.0, 0.0, 1.0)),
            ("translation", "VEC3", animation.translations[:, joint], rest[joint]),
        ):
            moves = bool(np.ptp(values, axis=0).max() > _STILL)
            if not moves and np.abs(values[0] - still).max() < _STILL and path == "translation":
                continue
            keys = values if moves else values[[0, -1]]
            output = buffer.accessor(keys.astype("<f4"), kind)
            samplers.append({"input": times[moves], "output": output, "interpolation": "LINEAR"})
            target = {"node": joint, "path": path}
            channels.append({"sampler": len(samplers) - 1, "target": target})
    extras = {
        "seconds": round(float(animation.seconds[-1]), 6),
        "metres_per_cycle": round(float(animation.travel[-1]), 6),
        "root_motion": animation.root_motion,
        "own": [use for use, own in person.own.items() if own == name],
    }
    return {"name": name, "samplers": samplers, "channels": channels, "extras": extras}
