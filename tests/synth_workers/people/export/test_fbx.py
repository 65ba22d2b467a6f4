"""FBX through Blender: refused clearly without one, read back by assimp with one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from scipy.spatial import KDTree

from manifests.errors import MissingRequirement
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.rig import Rig
from synth_workers.people.export.fbx import (
    FRAMES_PER_SECOND,
    PROGRAM_VARIABLE,
    Blender,
    write_fbx,
)
from synth_workers.people.export.model import ExportedPerson, export_model
from synth_workers.people.export.skeleton import clips_of
from synth_workers.people.person import BuiltPerson
from tests.synth_workers.people.export.assimp_reader import needs_assimp, read_assimp
from tests.synth_workers.people.export.engine_pose import corner_error, engine_corners
from tests.synth_workers.people.export.test_glb import MANNEQUIN

CM = 100.0
TWO_MILLIMETRES = 0.2  # centimetres


def test_without_blender_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROGRAM_VARIABLE, raising=False)
    with pytest.raises(MissingRequirement, match="--blender"):
        Blender()


def test_a_path_that_cannot_be_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingRequirement, match="No such file"):
        Blender(str(tmp_path / "blender"))


@pytest.mark.skipif(
    bool(os.environ.get(PROGRAM_VARIABLE)), reason="this Python may have bpy itself"
)
def test_a_python_without_bpy_is_refused() -> None:
    with pytest.raises(MissingRequirement, match="bpy"):
        Blender(sys.executable)


def test_a_blender_that_fails_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "blender-4.2"
    program.write_text("#!/bin/sh\necho out of memory >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(MissingRequirement, match="out of memory"):
        Blender(str(program))


@pytest.mark.slow
@needs_assimp
@pytest.mark.skipif(not os.environ.get(PROGRAM_VARIABLE), reason=f"needs {PROGRAM_VARIABLE}")
def test_assimp_poses_the_fbx_as_the_engine_does(
    exported: ExportedPerson, person: BuiltPerson, builder: PersonBuilder, tmp_path: Path
) -> None:
    path = tmp_path / "person.fbx"
    written = export_model(exported.spec, builder, frames_per_second=FRAMES_PER_SECOND)
    write_fbx(written, Blender(), path)
    file = read_assimp(path, tmp_path)

    assert set(MANNEQUIN) < set(file.parents)
    assert file.parents["root"] == "Armature"
    clips = clips_of(exported.spec.gait, Rig.from_body(builder.body(exported.spec)))
    assert set(file.clips) == set(clips)
    assert b"\x89PNG" in path.read_bytes()

    # Blender may order vertices anew; places on the texture say which is which.
    uv = file.uv * [1, -1] + [0, 1]
    for name, clip in clips.items():
        for frame in (0, 11, 30):
            phase = frame / 48
            expected = engine_corners(person, clip, phase) * CM
            posed = file.posed(name, phase)
            distance, row = KDTree(uv).query(written.mesh.uv[written.mesh.faces].reshape(-1, 2))
            assert distance.max() < 1e-4
            error = corner_error(posed[row].reshape(-1, 3, 3), expected)
            assert error <= TWO_MILLIMETRES
