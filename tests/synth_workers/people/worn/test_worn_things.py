"""Hair, accessories and construction details become sound parts on real bodies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import KDTree

from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.fastening import once_over
from synth_workers.people.clothes.collars import collar_parts
from synth_workers.people.clothes.decals import decal_parts, placed
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.looks.outfits import make_garment
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.looks.things import make_accessory, sample_gait
from synth_workers.people.mesh.parts import Part
from synth_workers.people.spec import (
    DetailKind,
    DetailSpec,
    Neck,
    PersonSpec,
    Slot,
)
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Place,
    accessory_parts,
    has_at,
)
from synth_workers.people.worn.hair.parts import hair_parts
from synth_workers.people.worn.hair.registry import HAIR_STYLES


@pytest.fixture(scope="module")
def people() -> list[PersonSpec]:
    bare = PeopleRecipe(count=1, look_alikes=0, accessories=dict.fromkeys(ACCESSORIES.names, 0))
    return sample_people(bare, 21, range(0, 9, 4))


def _sound(part: Part) -> None:
    assert len(part.positions) == len(part.normals) == len(part.bones) == len(part.weights)
    for array in (part.positions, part.normals, part.weights):
        assert np.isfinite(array).all()
    assert part.bones.max() < 55
    assert np.allclose(part.weights.sum(axis=1), 1, atol=1e-3)
    assert len(part.faces)
    assert part.faces.max() < len(part.positions)
    assert np.ptp(part.positions, axis=0).max() < 2.0


def _wearing(spec: PersonSpec, kind: str) -> PersonSpec:
    things = (make_accessory(np.random.default_rng(1), kind, False),)
    gait = sample_gait(np.random.default_rng(1), 30, things)
    return spec.model_copy(update={"accessories": things, "gait": gait})


@pytest.mark.parametrize("kind", ACCESSORIES.names)
def test_every_accessory_fits_everybody(
    kind: str, people: list[PersonSpec], fitter: Fitter
) -> None:
    for spec in people:
        body = fitter.body(spec.body, spec.body.stature)
        parts = accessory_parts(_wearing(spec, kind), body)
        assert parts
        for part in parts:
            _sound(part)


def test_headwear_sits_on_the_head_and_glasses_at_the_eyes(
    people: list[PersonSpec], fitter: Fitter
) -> None:
    for spec in people:
        body = fitter.body(spec.body, spec.body.stature)
        for kind in ("cap", "beanie", "bucket_hat", "sun_hat"):
            hat = accessory_parts(_wearing(spec, kind), body)[0]
            assert hat.positions[:, 1].max() > body.head_centre[1] + body.head_half[1]
            assert hat.positions[:, 1].min() > body.eyes[:, 1].max() - 0.03
        glasses = accessory_parts(_wearing(spec, "glasses"), body)[0]
        front = glasses.positions[glasses.positions[:, 2].argmax()]
        assert abs(front[1] - body.eyes[:, 1].mean()) < 0.03
        assert front[2] > body.eyes[:, 2].max()


def test_bags_hang_from_the_hand_above_the_ground(
    people: list[PersonSpec], builder: PersonBuilder, fitter: Fitter
) -> None:
    """Over a whole walk no carried bag drags on the ground or rises above the elbow."""
    spec = people[0]
    body = fitter.body(spec.body, spec.body.stature)
    for kind in ("handbag", "tote", "shopping_bag", "suitcase"):
        carrying = _wearing(spec, kind)
        clip = builder.build(carrying).clips["walk"]
        low, high = np.inf, -np.inf
        for part in accessory_parts(carrying, body):
            moved = clip.bones[:, part.bones[0, 0], 1, 3]
            low = min(low, float((part.positions[:, 1].min() + moved).min()))
            high = max(high, float((part.positions[:, 1].min() + moved).max()))
        assert low > (-0.02 if kind == "suitcase" else 0.08), kind
        assert high < 0.75 * body.stature


@pytest.mark.parametrize("style", HAIR_STYLES.names)
def test_every_hair_style_fits_everybody(
    style: str, people: list[PersonSpec], fitter: Fitter
) -> None:
    for spec in people:
        styled = spec.model_copy(update={"hair": spec.hair.model_copy(update={"style": style})})
        body = fitter.body(spec.body, spec.body.stature)
        parts = hair_parts(styled, body, hat=False, mask=False)
        hair = [part for part in parts if part.name != "beard"]
        assert bool(hair) == (style != "bald")
        for part in parts:
            _sound(part)
            if part.name != "hair.strands":
                assert part.fabric is None or part.fabric.kind == "hair"


def test_a_beard_covers_the_chin_unless_a_mask_does(
    people: list[PersonSpec], fitter: Fitter
) -> None:
    spec = people[0].model_copy(update={"face": people[0].face.model_copy(update={"beard": 1.0})})
    body = fitter.body(spec.body, spec.body.stature)
    free = hair_parts(spec, body, hat=False, mask=False)
    beard = next(part for part in free if part.name == "beard")
    _sound(beard)
    assert beard.positions[:, 1].max() < body.eyes[:, 1].min() - 0.04
    masked = hair_parts(spec, body, hat=False, mask=has_at(_wearing(spec, "mask"), Place.mouth))
    assert all(part.name != "beard" for part in masked)


def test_there_are_at_least_twelve_hair_styles() -> None:
    assert len(HAIR_STYLES.names) >= 12


def test_hair_is_flat_under_a_hat(people: list[PersonSpec], fitter: Fitter) -> None:
    spec = people[0]
    hair = spec.hair.model_copy(update={"style": "afro"})
    spec = spec.model_copy(update={"hair": hair})
    body = fitter.body(spec.body, spec.body.stature)
    capped = has_at(_wearing(spec, "cap"), Place.head)
    free, hidden = (hair_parts(spec, body, hat, mask=False)[0] for hat in (False, capped))
    assert hidden.positions[:, 1].max() < free.positions[:, 1].max() - 0.02


@pytest.mark.parametrize("name", sorted(GARMENTS.names))
def test_details_of_every_garment_are_panels_of_it(
    name: str, people: list[PersonSpec], fitter: Fitter
) -> None:
    style = GARMENTS.find(name)
    spec = people[1]
    body = fitter.body(spec.body, spec.body.stature)
    garment = make_garment(np.random.default_rng(4), style, False)
    details = tuple(DetailSpec(kind=kind, colours=((90, 80, 70),)) for kind in style.details)
    worn = spec.model_copy(update={"garments": (garment.model_copy(update={"details": details}),)})
    expected = {
        detail.kind
        for detail in details
        if detail.kind is not DetailKind.sole
        and (detail.kind in (DetailKind.side_stripe, DetailKind.collar) or placed(detail, garment))
    }
    parts = decal_parts(worn, body)
    named = {part.name.split(".")[1] for part in parts}
    grown = named & {"hood", "strings", "laces"}
    assert named - grown == {str(kind) for kind in expected}
    assert ("hood" in grown) == (garment.cuts[0].neck is Neck.hood)
    assert ("laces" in grown) == style.laced
    for part in parts:
        _sound(part)
        if part.name.split(".")[1] in {"side_stripe", "collar", "hood", "strings"}:
            continue
        assert part.fabric is not None
        assert part.fabric.kind == "decal"


def test_a_shirt_collar_is_a_leaf_that_stands_off_the_shirt(
    people: list[PersonSpec], fitter: Fitter
) -> None:
    spec = people[1]
    body = fitter.body(spec.body, spec.body.stature)
    shirt = make_garment(np.random.default_rng(4), GARMENTS.find("shirt"), False)
    (leaf,) = collar_parts(shirt, (90, 80, 70), body)
    worn = body.cut(shirt.cuts[0])
    away = np.asarray(KDTree(worn.positions).query(leaf.positions)[0])
    assert away.max() > 0.005
    assert leaf.positions[:, 1].max() <= worn.positions[:, 1].max() + 0.02
    in_front = leaf.positions[leaf.positions[:, 2] > leaf.positions[:, 2].mean() + 0.03]
    assert np.abs(in_front[:, 0]).min() > 0.002  # open in front


def test_a_hood_lies_on_the_back_unless_it_is_worn(
    people: list[PersonSpec], fitter: Fitter
) -> None:
    spec = people[1]
    body = fitter.body(spec.body, spec.body.stature)
    hoodie = make_garment(np.random.default_rng(4), GARMENTS.find("hoodie"), False)
    worn = spec.model_copy(update={"garments": (hoodie,), "accessories": ()})
    hood = next(part for part in decal_parts(worn, body) if part.name == "hoodie.hood")
    assert hood.positions[:, 2].min() < body.joint("neck_01")[2] - 0.05
    up = worn.model_copy(
        update={"accessories": (make_accessory(np.random.default_rng(1), "hood", False),)}
    )
    assert not any(part.name == "hoodie.hood" for part in decal_parts(up, body))


def test_details_under_a_closed_coat_are_left_out(people: list[PersonSpec], fitter: Fitter) -> None:
    spec = people[1]
    body = fitter.body(spec.body, spec.body.stature)
    shirt = make_garment(np.random.default_rng(4), GARMENTS.find("shirt"), False)
    coat = make_garment(np.random.default_rng(4), GARMENTS.find("puffer"), False)
    assert coat.slot is Slot.outer
    bare_coat = coat.model_copy(update={"details": ()})
    worn = spec.model_copy(update={"garments": (shirt, bare_coat)})
    assert decal_parts(worn, body) == []


def test_a_decal_is_laid_once_and_upright() -> None:
    grid = np.array([[x, y, 0.0] for y in (0.0, 1.0) for x in (0.0, 1.0)], dtype=np.float32)
    part = Part(
        positions=grid,
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        bones=np.zeros((4, 4), np.uint8),
        weights=np.eye(4, dtype=np.float32)[np.zeros(4, int)],
        faces=np.array([[0, 1, 3], [0, 3, 2]]),
    )
    uv = once_over(part, 0.5).uv
    assert uv is not None
    top_left = uv[2]
    assert np.allclose(top_left, [0.005, 0.005])
    back = once_over(replace(part, normals=-part.normals), 0.5).uv
    assert back is not None
    assert back[2, 0] > 0.4


def test_sampled_people_build(builder: PersonBuilder) -> None:
    for spec in sample_people(PeopleRecipe(count=1), 77, range(0, 400, 40)):
        built = builder.build(spec)
        for level in built.lods:
            assert np.isfinite(level.vertices["position"]).all()
            assert level.indices.max() < len(level.vertices)
        assert 0.1 < built.radius < 1.6
