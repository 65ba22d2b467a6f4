"""Whole people: finite, dressed, standing, equal wherever they are built."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from manifests.people import PeopleRecipe
from manifests.schema import KEYPOINT_NAMES
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.fitted_body import BODY_VERTICES
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.pieces import FIRST_TILE_LAYER, TILE_PIXELS
from synth_workers.people.person import CLIP_FRAMES, VERTEX, BuiltPerson, Lod
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import ACCESSORIES


@pytest.fixture(scope="module")
def built(builder: PersonBuilder, specs: list[PersonSpec]) -> list[BuiltPerson]:
    return [builder.build(spec) for spec in specs]


def fingerprint(person: BuiltPerson) -> str:
    """Digest of everything that decides pixels."""
    seen = hashlib.blake2b()
    for lod in person.lods:
        seen.update(lod.vertices.tobytes() + lod.indices.tobytes())
    seen.update(person.tiles.tobytes())
    for name in sorted(person.clips):
        seen.update(person.clips[name].bones.tobytes() + person.clips[name].travel.tobytes())
    return seen.hexdigest()


def silhouette(lod: Lod, axes: tuple[int, int]) -> np.ndarray:
    """(h, w) bool at 128 pixels per metre, seen along the axis that is left."""
    pixels = np.rint((lod.vertices["position"][:, axes] + (1.2, 0.1)) * 128).astype(np.int32)
    picture = np.zeros((340, 310), np.uint8)
    for triangle in pixels[lod.indices]:
        cv2.fillConvexPoly(picture, triangle, (1,))
    return picture > 0


def test_every_number_is_finite_and_every_index_valid(built: list[BuiltPerson]) -> None:
    for person in built:
        assert len(person.lods) == 4
        for lod in person.lods:
            assert lod.vertices.dtype == VERTEX
            assert np.isfinite(lod.vertices["position"]).all()
            assert np.isfinite(lod.vertices["uv"].astype(float)).all()
            assert (lod.vertices["weights"].sum(1, dtype=int) == 255).all()
            assert lod.vertices["bones"].max() < 55
            assert lod.indices.max() < len(lod.vertices)
            assert lod.vertices["layer"].max() < FIRST_TILE_LAYER + len(person.tiles)
        for clip in person.clips.values():
            assert clip.bones.shape == (CLIP_FRAMES, 55, 3, 4)
            assert np.isfinite(clip.bones).all()


def test_levels_of_detail_shrink(built: list[BuiltPerson]) -> None:
    for person in built:
        counts = [len(lod.indices) for lod in person.lods]
        assert 15_000 < counts[0] < 40_000
        for finer, coarser in itertools.pairwise(counts):
            assert coarser < 0.62 * finer
        assert counts[3] < 3_000


def test_levels_agree_about_the_shape(built: list[BuiltPerson]) -> None:
    for person in built:
        boxes = [
            (lod.vertices["position"].min(0), lod.vertices["position"].max(0))
            for lod in person.lods
        ]
        for low, high in boxes[1:]:
            assert low == pytest.approx(boxes[0][0], abs=0.04)
            assert high == pytest.approx(boxes[0][1], abs=0.04)


@pytest.mark.parametrize("axes", [(0, 1), (2, 1)], ids=["front", "side"])
def test_every_level_keeps_the_silhouette(built: list[BuiltPerson], axes: tuple[int, int]) -> None:
    for person in built[:4]:
        fine, *coarser = (silhouette(lod, axes) for lod in person.lods)
        assert fine.sum() > 2000
        for coarse, least in zip(coarser, (0.97, 0.95, 0.92)):
            assert (fine & coarse).sum() / (fine | coarse).sum() > least


def test_nobody_sinks_or_floats_in_rest(built: list[BuiltPerson]) -> None:
    for person in built:
        assert person.lods[0].vertices["position"][:, 1].min() == pytest.approx(0.0, abs=0.004)


def test_measures_are_those_of_people(built: list[BuiltPerson], specs: list[PersonSpec]) -> None:
    for person, spec in zip(built, specs):
        assert person.stature == pytest.approx(spec.body.stature, abs=0.03)
        assert person.reach > 0.93 * person.stature
        assert 0.25 < person.radius < 1.1
        assert person.tiles.shape[1:] == (TILE_PIXELS, TILE_PIXELS, 3)


def test_skin_under_clothes_is_left_out(
    builder: PersonBuilder, fitter: Fitter, specs: list[PersonSpec], built: list[BuiltPerson]
) -> None:
    for spec, person in zip(specs, built):
        body = fitter.body(spec.body, spec.body.stature)
        skin = body.vertices[:BODY_VERTICES]
        drawn = {row.tobytes() for row in person.lods[0].vertices["position"]}
        hips = np.flatnonzero(np.abs(skin[:, 1] - body.joint("pelvis")[1]) < 0.03)
        arm = fitter.catalogue.fields.arm_share[hips] > 0
        hips = hips[~arm]
        assert len(hips) > 20
        shown = [row for row in hips if skin[row].tobytes() in drawn]
        assert not shown
        nose_row = builder.landmarks[0]
        assert skin[nose_row].tobytes() in drawn


def test_joints_follow_the_coco_order(built: list[BuiltPerson]) -> None:
    for person in built:
        assert person.joint_names == KEYPOINT_NAMES
        joint = dict(zip(person.joint_names, person.joints))
        for side in ("left", "right"):
            heights = [
                joint[f"{side}_{name}"][1] for name in ("eye", "shoulder", "hip", "knee", "ankle")
            ]
            assert heights == sorted(heights, reverse=True)
        assert joint["left_shoulder"][0] > 0 > joint["right_shoulder"][0]
        assert joint["nose"][2] > joint["left_ear"][2]


def test_equal_specs_are_built_alike_whoever_was_built_before(
    builder: PersonBuilder, specs: list[PersonSpec], built: list[BuiltPerson], tmp_path: Path
) -> None:
    chosen = 5
    here = fingerprint(builder.build(specs[chosen]))
    assert here == fingerprint(built[chosen])
    code = f"""
import json, sys
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import ACCESSORIES
from tests.synth_workers.people.test_assembly import fingerprint
from pathlib import Path
data = BodyData.load()
builder = PersonBuilder(data, GarmentCatalogue(data, Path({str(tmp_path)!r})))
print(fingerprint(builder.build(PersonSpec.model_validate_json(sys.stdin.read()))))
"""
    there = subprocess.run(
        [sys.executable, "-c", code],
        input=specs[chosen].model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


@pytest.mark.parametrize("kind", ["pram", "bicycle"])
def test_what_is_pushed_is_measured_apart_from_the_person(
    builder: PersonBuilder, kind: str
) -> None:
    having = dict.fromkeys(ACCESSORIES.names, 0.0)
    with_it, without = (
        builder.build(sample_people(PeopleRecipe(count=1, accessories=worn), 3, [2])[0])
        for worn in (having | {kind: 1.0}, having)
    )
    (low, behind), (high, ahead) = with_it.pushed
    assert without.pushed.shape == (0, 2)
    assert abs(with_it.radius - without.radius) < 0.15 and 0.8 < ahead < 1.3
    if kind == "pram":
        assert 0.2 < behind < 0.6 and -low == pytest.approx(high) and 0.2 < high < 0.3
    else:
        assert behind < -0.5 and 0.45 < high - low < 0.65 and abs(low + high) / 2 > 0.25
