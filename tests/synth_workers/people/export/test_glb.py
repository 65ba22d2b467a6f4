"""Exported .glb files, read back by programs that know nothing of ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.rig import Rig
from synth_workers.people.export.glb import glb_bytes
from synth_workers.people.export.model import ExportedPerson, export_model
from synth_workers.people.export.skeleton import clips_of
from synth_workers.people.mesh.pieces import FIRST_TILE_LAYER
from synth_workers.people.person import BuiltPerson, Clip
from synth_workers.people.worn.accessories.registry import Place, has_at
from tests.synth_workers.people.export.assimp_reader import needs_assimp, read_assimp
from tests.synth_workers.people.export.engine_pose import (
    PHASES,
    corner_error,
    engine_corners,
)
from tests.synth_workers.people.export.gltf_reader import read_gltf
from tests.synth_workers.people.export.skinned import SkinnedFile

MANNEQUIN = (
    *("root", "pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"),
    *(f"{bone}_{side}" for side in "lr" for bone in ("clavicle", "upperarm", "lowerarm", "hand")),
    *(f"{bone}_{side}" for side in "lr" for bone in ("thigh", "calf", "foot", "ball")),
)
TWO_MILLIMETRES = 0.002


def test_bones_are_those_of_the_ue4_mannequin(read: SkinnedFile) -> None:
    assert set(MANNEQUIN) < set(read.inverse_bind)
    assert read.parents["root"] is None
    assert read.parents["pelvis"] == "root"
    assert read.parents["hand_l"] == "lowerarm_l"
    assert read.parents["prop_r"] == "hand_r"
    assert np.array_equal(read.local["root"], np.eye(4))


def test_every_vertex_hangs_on_bones_with_all_its_weight(read: SkinnedFile) -> None:
    total = np.zeros(len(read.positions))
    for rows, weights in read.influences.values():
        assert len(np.unique(rows)) == len(rows)
        total[rows] += weights
    assert total == pytest.approx(1.0, abs=1e-6)


def test_things_in_the_hand_hang_on_its_prop_bone_alone(exported: ExportedPerson) -> None:
    weights = exported.mesh.weights
    names = np.array(exported.skeleton.names)
    on_prop = np.char.startswith(names[exported.mesh.joints], "prop_") & (weights > 0)
    carrying = has_at(exported.spec, Place.hand)
    assert (weights[on_prop] == 255).all()
    assert on_prop.any() == carrying


@pytest.mark.parametrize("reader", ["pygltflib", pytest.param("assimp", marks=needs_assimp)])
def test_readers_pose_people_as_the_engine_does(
    glb: Path,
    read: SkinnedFile,
    reader: str,
    exported: ExportedPerson,
    person: BuiltPerson,
    builder: PersonBuilder,
    tmp_path: Path,
) -> None:
    file = read if reader == "pygltflib" else read_assimp(glb, tmp_path)
    rig = Rig.from_body(builder.body(exported.spec))
    clips = clips_of(exported.spec.gait, rig)
    for use, name in exported.own.items():
        assert np.array_equal(clips[name].bones, person.clips[use].bones)
    assert set(file.clips) == set(clips)
    worst = 0.0
    for name, clip in clips.items():
        for phase in PHASES:
            expected = engine_corners(person, clip, phase)
            found = file.posed(name, phase)[file.corners]
            assert found.shape == expected.shape
            worst = max(worst, corner_error(found, expected))
    assert worst <= TWO_MILLIMETRES


def test_cycles_last_as_long_as_in_the_engine(
    read: SkinnedFile, exported: ExportedPerson, person: BuiltPerson
) -> None:
    for use, name in exported.own.items():
        assert read.clips[name][0] == pytest.approx(person.clips[use].seconds, rel=1e-5)


def test_root_motion_walks_as_far_as_the_engine_does(
    exported: ExportedPerson, person: BuiltPerson, builder: PersonBuilder, tmp_path: Path
) -> None:
    path = tmp_path / "walking.glb"
    walking = export_model(exported.spec, builder, level=3, texture_size=256, root_motion=True)
    path.write_bytes(glb_bytes(walking))
    file = read_gltf(path)
    clip = person.clips["walk"]
    walk, idle = exported.own["walk"], exported.own["idle"]
    for frame in (0, 12, 36):
        ahead = np.array([0.0, 0.0, clip.travel[frame]])
        root = file.clips[walk][1]["root"](file.clips[walk][0] * frame / 48)
        assert root[:3, 3] == pytest.approx(ahead, abs=1e-5)
        still = engine_corners(person, clip, frame / 48, level=3)
        found = file.posed(walk, frame / 48)[file.corners]
        assert corner_error(found, still + ahead) <= TWO_MILLIMETRES
    assert "root" not in file.clips[idle][1] or np.allclose(
        file.clips[idle][1]["root"](1.0), np.eye(4)
    )


def test_surfaces_are_what_the_engine_draws(glb: Path, person: BuiltPerson) -> None:
    (mesh,) = trimesh.load_scene(glb, process=False).geometry.values()
    expected = engine_corners(person, _rest(person), 0.0)
    assert corner_error(mesh.triangles, expected) < 1e-6
    facing = np.einsum("fi,fi->f", mesh.face_normals, mesh.vertex_normals[mesh.faces].mean(1))
    assert (facing[mesh.area_faces > 1e-8] > -1e-6).all()


def test_the_picture_holds_the_colours_that_the_engine_mixes(
    glb: Path, person: BuiltPerson
) -> None:
    (mesh,) = trimesh.load_scene(glb, process=False).geometry.values()
    picture = np.asarray(mesh.visual.material.baseColorTexture.convert("RGB"), float)
    vertices, faces = person.lods[0].vertices, person.lods[0].indices.astype(int)
    a, b, c = (vertices["position"][faces[:, k]].astype(float) for k in range(3))
    faces = faces[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 0]
    middle = vertices["tint"][faces][..., :3].mean(1)
    cloth = vertices["layer"][faces[:, 0]].astype(int) - FIRST_TILE_LAYER
    at = vertices["uv"][faces].astype(float).mean(1) % 1.0
    for tile in np.unique(cloth[cloth >= 0]):
        of_it = cloth == tile
        middle[of_it] *= _texels(person.tiles[tile].astype(float), at[of_it]) / 255.0
    uv = mesh.visual.uv[mesh.faces].mean(1)
    uv[:, 1] = 1.0 - uv[:, 1]  # trimesh turns pictures upside down
    found = _texels(picture, uv)
    error = np.abs(found - middle).max(1)
    large = mesh.area_faces > 2e-5
    assert np.median(error[large]) < 2.5
    assert np.quantile(error[large], 0.95) < 16


def test_coarser_levels_are_smaller_and_as_well_rigged(
    exported: ExportedPerson, builder: PersonBuilder
) -> None:
    coarse = export_model(exported.spec, builder, level=2, texture_size=256)
    assert len(coarse.mesh.faces) < len(exported.mesh.faces) / 3
    assert coarse.texture.shape == (256, 256, 3)
    assert np.array_equal(coarse.skeleton.joints, exported.skeleton.joints)


def test_equal_people_are_equal_files(exported: ExportedPerson, builder: PersonBuilder) -> None:
    again = export_model(exported.spec, builder)
    assert glb_bytes(again) == glb_bytes(exported)


def _rest(person: BuiltPerson) -> Clip:
    clip = person.clips["walk"]
    return Clip(np.eye(4)[None, None, :3] * np.ones((48, 55, 1, 1)), clip.travel, 1.0)


def _texels(picture: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Bilinear samples; ``places`` (N, 2) are right and down, 0..1, repeating."""
    size = picture.shape[0]
    x, y = (places * size - 0.5).T
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    out = np.zeros((len(places), 3))
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        share = abs(1 - dx - (x - column)) * abs(1 - dy - (y - row))
        out += share[:, None] * picture[(row + dy) % size, (column + dx) % size]
    return out
