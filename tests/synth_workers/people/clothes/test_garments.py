"""Garments: clips are exact, cuts fit any body, cloth hangs, shoes stand."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import BadRecipe
from synth_workers.people.body.bodies import NEUTRAL
from synth_workers.people.body.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.clothes.catalogue import GarmentCatalogue, outline_of
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.clothes.soles import THICKNESS, sole_part
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.mesh.levels_of_detail import decimate, decimate_seamed
from synth_workers.people.mesh.surfaces import border_vertices, face_normals
from synth_workers.people.spec import CutKind, GarmentCut, Panel


@pytest.fixture(scope="module")
def body(fitter: Fitter) -> FittedBody:
    return fitter.body(NEUTRAL, 1.72)


def _grid(n: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n))
    points = np.stack([x.ravel(), y.ravel(), np.zeros(n * n)], 1)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate([np.stack([a, a + 1, a + n], 1), np.stack([a + 1, a + n + 1, a + n], 1)])
    return points, faces


def _area(points: np.ndarray, faces: np.ndarray) -> float:
    return float(np.linalg.norm(face_normals(points, faces), axis=1).sum() / 2)


def test_clips_cut_exactly_along_the_line_however_often() -> None:
    points, faces = _grid(7)
    mesh = ClippedMesh.of(faces, len(points))
    mesh = mesh.clip(mesh(points[:, 0]) - 0.62)
    mesh = mesh.clip(0.21 - mesh(points[:, 1]))
    mesh = mesh.clip(mesh(points @ [1.0, 1.0, 0.0]) - 1.0)
    cut = mesh(points)
    assert mesh.shares.sum(1) == pytest.approx(1.0)
    # the rectangle .62 x .79 without what is above x + y = 1
    assert _area(cut, mesh.faces) == pytest.approx(0.62 * 0.79 - 0.62**2 / 2, abs=1e-6)
    assert cut[:, 0].max() <= 0.62 + 1e-6
    assert cut[:, 1].min() >= 0.21 - 1e-6


def test_decimation_only_chooses_among_its_own_vertices() -> None:
    points, faces = _grid(20)
    coarse = decimate(points, faces, 0.2)
    assert 0 < len(coarse) < 0.3 * len(faces)
    assert _area(points, coarse) == pytest.approx(1.0, abs=0.05)
    uv = points[:, :2]
    assert _area(points, decimate_seamed(points, uv, faces, 0.2)) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("sleeve", [0.3, 0.9, 1.6])
def test_sleeves_end_where_the_cut_says(catalogue: GarmentCatalogue, sleeve: float) -> None:
    template = catalogue.template(GarmentCut(kind=CutKind.top, sleeve=sleeve))
    arm = template.mesh(catalogue.fields.arm)
    assert arm.max() == pytest.approx(sleeve, abs=1e-4)
    edge = border_vertices(template.mesh.faces)
    cuff = edge[arm[edge] > sleeve - 0.02]
    assert len(cuff) > 20
    assert arm[cuff] == pytest.approx(sleeve, abs=1e-4)


def test_cuts_that_differ_in_looseness_share_one_outline() -> None:
    tight = GarmentCut(kind=CutKind.bottom, leg=1.97, loose=0.05, off=0.05)
    wide = GarmentCut(kind=CutKind.bottom, leg=1.96, loose=0.5, off=0.1, sleeve=0.3)
    assert outline_of(tight) == outline_of(wide)
    assert outline_of(tight) != outline_of(GarmentCut(kind=CutKind.bottom, leg=1.5))


def test_a_cut_that_leaves_nothing_is_refused(body: FittedBody) -> None:
    nowhere = GarmentCut(kind=CutKind.top, panel=Panel(x0=8.0, x1=9.0, t0=0.2, t1=0.4))
    with pytest.raises(BadRecipe, match="leaves nothing"):
        body.cut(nowhere)


def test_cloth_stays_outside_the_skin_it_covers(fitter: Fitter) -> None:
    heavy = fitter.body(NEUTRAL.model_copy(update={"weight": 0.95, "gender": 0.1}), 1.6)
    part = heavy.cut(GarmentCut(kind=CutKind.top, off=0.12, loose=0.16))
    base = fitter.catalogue.template(GarmentCut(kind=CutKind.top)).mesh
    suit = base(heavy.vertices)
    axis = heavy.joint("spine_02") * [1, 0, 1]
    chest = np.abs(part.positions[:, 1] - heavy.joint("spine_02")[1]) < 0.1
    chest &= base(fitter.catalogue.fields.arm_share) < 0.1
    outer = np.linalg.norm((part.positions - axis)[chest][:, [0, 2]], axis=1)
    inner = np.linalg.norm((suit - axis)[chest][:, [0, 2]], axis=1)
    assert (outer - inner).min() > 0.002


def test_trousers_hang_instead_of_following_the_calf(fitter: Fitter, body: FittedBody) -> None:
    def width(cut: GarmentCut, leg: float) -> float:
        part = body.cut(cut)
        along = fitter.catalogue.template(cut).mesh(fitter.catalogue.fields.leg)
        band = (np.abs(along - leg) < 0.1) & (part.positions[:, 0] > 0)
        return float(np.ptp(part.positions[band, 0]))

    leggings = GarmentCut(kind=CutKind.bottom, off=0.04, loose=0.02)
    wide = GarmentCut(kind=CutKind.bottom, off=0.1, loose=0.5, taper=0.0, flare=0.2)
    assert width(wide, 1.85) > 1.7 * width(leggings, 1.85)


def test_soles_stand_on_the_ground(catalogue: GarmentCatalogue, body: FittedBody) -> None:
    sole = sole_part(catalogue.sole, body.vertices, upper_off=0.1)
    assert sole.positions[:, 1].min() == 0.0
    assert sole.positions[:, 1].max() == pytest.approx(THICKNESS / 10)
    shoe = body.cut(GarmentCut(kind=CutKind.shoe, top=1.9, off=0.1, loose=0.0))
    assert shoe.positions[:, 1].min() > 0.0
    feet = body.vertices[:BODY_VERTICES]
    feet = feet[feet[:, 1] < 0.02]
    for axis in (0, 2):
        assert sole.positions[:, axis].min() < feet[:, axis].min()
        assert sole.positions[:, axis].max() > feet[:, axis].max()


def test_soles_face_outwards(catalogue: GarmentCatalogue, body: FittedBody) -> None:
    sole = sole_part(catalogue.sole, body.vertices, upper_off=0.1)
    assert sole.levels
    for level in sole.levels:
        faces = level.vertices[level.faces]
        towards = face_normals(sole.positions, faces) * sole.normals[faces].sum(1)
        assert (towards.sum(1) > 0).mean() > 0.98


def test_the_pattern_of_a_top_runs_down_to_its_hem_and_the_hem_is_level(
    catalogue: GarmentCatalogue, body: FittedBody
) -> None:
    cut = GarmentCut(kind=CutKind.top, sleeve=0.7, hem=0.01, off=0.2, loose=0.2)
    template, worn = catalogue.template(cut), body.cut(cut).positions
    fields, mesh = catalogue.fields, template.mesh
    below_waist = (mesh(fields.torso) < 0.25) & (mesh(fields.arm_share) < 0.5)
    for level in template.levels:
        here = below_waist[level.vertices]
        height = mesh(fields.vertices[:, 1])[level.vertices]
        np.testing.assert_allclose(level.uv[here, 1], height[here] / 10, atol=1e-4)
    hem = below_waist & (mesh(fields.torso) < 0.011)
    assert np.ptp(worn[hem, 1]) < 0.015


def test_skirts_hang_on_both_legs(catalogue: GarmentCatalogue) -> None:
    template = catalogue.template(GarmentCut(kind=CutKind.skirt, leg=1.4, waist=0.3))
    names = list(catalogue.fields.bone_names)
    points = template.mesh(catalogue.fields.vertices)
    front = (np.abs(points[:, 0]) < 0.15) & (points[:, 1] < -1.0)
    rows, weights = template.bone_rows[front], template.bone_weights[front]
    for side in "lr":
        own = [names.index(f"{bone}_{side}") for bone in ("thigh", "calf")]
        share = np.where(np.isin(rows, own), weights, 0).sum(1)
        assert share == pytest.approx(0.5, abs=0.08)
