"""Reads people's files (.glb, .fbx) with the program assimp."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.synth_workers.people.export.skinned import Curve, SkinnedFile, transform

needs_assimp = pytest.mark.skipif(
    shutil.which("assimp") is None, reason="needs assimp (Debian's assimp-utils)"
)


def read_assimp(path: Path, scratch: Path) -> SkinnedFile:
    """Meshes, bones and animations as assimp understands them."""
    dump = scratch / f"{path.stem}.json"
    # Joined vertices (-jiv) stay below 65,536: assimp 5.2 mixes up weights where it splits meshes.
    command = ["assimp", "export", str(path), str(dump), "assjson", "-jiv"]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    scene = json.loads(dump.read_text())
    local: dict[str, np.ndarray] = {}
    parents: dict[str, str | None] = {}

    def walk(node: dict, parent: str | None) -> None:
        name = node["name"]
        local[name] = np.array(node["transformation"], float).reshape(4, 4)
        parents[name] = parent
        for child in node.get("children", []):
            walk(child, name)

    walk(scene["rootnode"], None)
    positions, uv, corners, found, inverse = [], [], [], {}, {}
    count = 0
    for mesh in scene["meshes"]:
        positions.append(np.array(mesh["vertices"], float).reshape(-1, 3))
        uv.append(np.array(mesh["texturecoords"][0], float).reshape(-1, 2))
        corners.append(np.array(mesh["faces"], int) + count)
        for bone in mesh.get("bones", []):
            inverse[bone["name"]] = np.array(bone["offsetmatrix"], float).reshape(4, 4)
            table = np.array(bone["weights"], float).reshape(-1, 2)
            found.setdefault(bone["name"], []).append(table + [count, 0])
        count += len(positions[-1])
    influences = {}
    for name, tables in found.items():
        table = np.concatenate(tables)
        influences[name] = (table[:, 0].astype(int), table[:, 1])
    clips = {}
    for animation in scene["animations"]:
        # Files without a rate of their own count in assimp's default, milliseconds or 1/25 s;
        # only the share of the whole is used here.
        ticks = animation["duration"]
        clips[animation["name"].split("|")[-1]] = (
            float(ticks),
            {channel["name"]: _track(channel) for channel in animation["channels"]},
        )
    return SkinnedFile(
        positions=np.concatenate(positions),
        uv=np.concatenate(uv),
        corners=np.concatenate(corners),
        influences=influences,
        inverse_bind=inverse,
        local=local,
        parents=parents,
        clips=clips,
    )


def _track(channel: dict):
    def curve(kind: str) -> Curve | None:
        keys = channel.get(kind) or []
        if not keys:
            return None
        return Curve(np.array([k[0] for k in keys]), np.array([k[1] for k in keys]))

    places, turns, sizes = curve("positionkeys"), curve("rotationkeys"), curve("scalingkeys")

    def local(ticks: float) -> np.ndarray:
        quaternion = turns(ticks)[[1, 2, 3, 0]] if turns else None  # assimp puts w first
        return transform(
            places(ticks) if places else None, quaternion, sizes(ticks) if sizes else None
        )

    return local
