"""Clothes packs: a .mhclo garment made here is worn, fits, hides; bad ones are named."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import BadRecipe, NotFound
from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import NEUTRAL
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.clothes.packs import install_packs, load_pack, read_pack
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.pieces import Tiles
from synth_workers.people.spec import CutKind, GarmentCut, PersonSpec, Slot


@pytest.fixture(scope="module")
def jersey(tmp_path_factory, catalogue: GarmentCatalogue) -> Path:
    """Write a long-sleeved jersey: tights faces 2 cm off, each vertex bound to three others."""
    folder = tmp_path_factory.mktemp("clothes")
    fields = catalogue.fields
    faces = catalogue.triangles["helper-tights"]
    wanted = (fields.torso > 0.0) & (fields.arm < 1.8) & (fields.leg < 0.0)
    faces = faces[wanted[faces].all(1)]
    rows, local = np.unique(faces, return_inverse=True)
    lines = ["# License: CC0", "basemesh hm08", "name Test Jersey", "obj_file jersey.obj"]
    lines += ["x_scale 5399 11998 1.4800", "y_scale 791 881 2.2100", "z_scale 962 5320 1.9000"]
    lines += ["verts 0"]
    scale = [(5399, 11998, 1.48), (791, 881, 2.21), (962, 5320, 1.9)]
    body = fields.vertices
    size = [abs(body[a, k] - body[b, k]) / d for k, (a, b, d) in enumerate(scale)]
    for row in rows:
        offset = 0.2 * fields.normals[row] / size
        lines.append(f"{row} {row} {row} 0.5 0.3 0.2 " + " ".join(f"{x:.5f}" for x in offset))
    skin = np.flatnonzero((fields.torso[:13380] > 0.3) & (fields.torso[:13380] < 0.8))
    skin = skin[fields.arm_share[skin] < 0.01]
    lines += ["delete_verts"] + [" ".join(map(str, skin))]
    (folder / "jersey.mhclo").write_text("\n".join(lines))
    obj = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in body[rows]]
    obj += [f"vt {(x + z) / 10:.4f} {y / 10:.4f}" for x, y, z in body[rows]]
    obj += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in local.reshape(-1, 3) + 1]
    (folder / "jersey.obj").write_text("\n".join(obj))
    return folder


def test_a_pack_is_read_with_its_licence_and_slot(jersey: Path) -> None:
    pack = read_pack(jersey / "jersey.mhclo")
    assert (pack.name, pack.licence, pack.slot) == ("Test Jersey", "CC0", Slot.top)
    assert len(pack.deleted) > 500
    assert len(pack.faces) > 1000


def test_a_pack_fits_every_body_two_centimetres_off(jersey: Path, fitter: Fitter) -> None:
    pack = read_pack(jersey / "jersey.mhclo")
    for stature in (1.5, 1.9):
        body = fitter.body(NEUTRAL, stature)
        fitted = pack.fit(body.vertices * 10) / 10
        gap = np.linalg.norm(fitted - body.vertices[pack.rows[:, 0]], axis=1)
        assert np.isfinite(fitted).all()
        assert 0.012 < np.median(gap) < 0.03


def test_an_installed_pack_is_worn(
    jersey: Path, builder: PersonBuilder, fitter: Fitter, specs: list[PersonSpec]
) -> None:
    (installed,) = install_packs(jersey)
    assert load_pack(installed.digest).licence == "CC0"
    spec = specs[1]
    garments = [g for g in spec.garments if g.slot in (Slot.bottom, Slot.shoes)]
    worn = spec.garments[0].model_copy(
        update={
            "name": installed.name,
            "slot": installed.slot,
            "cuts": (GarmentCut(kind=CutKind.top),),
            "pack": installed.digest,
            "details": (),
        }
    )
    spec = spec.model_copy(update={"garments": (*garments, worn), "accessories": ()})
    body = fitter.body(spec.body, spec.body.stature)
    pieces = {piece.name: piece for piece in builder.pieces(spec, body, Tiles())}
    faces = [len(level.faces) for level in pieces["Test Jersey"].levels]
    assert faces == sorted(faces, reverse=True)
    assert faces[3] > 50
    chest = np.abs(pieces["skin"].vertices["position"][:, 1] - body.joint("spine_03")[1]) < 0.03
    rows = np.flatnonzero(chest)
    rows = rows[fitter.catalogue.fields.arm_share[rows] < 0.01]
    assert not np.isin(rows, pieces["skin"].levels[0].vertices).any()
    person = builder.build(spec)
    assert np.isfinite(person.lods[0].vertices["position"]).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("basemesh hm08", "basemesh alpha7"), "alpha7"),
        (("obj_file jersey.obj", "obj_file ../secret.obj"), "outside its own folder"),
        (("obj_file jersey.obj", "obj_file missing.obj"), "missing.obj"),
        (("x_scale", "# x_scale"), "x_scale"),
        (("0.5 0.3 0.2", "0.5 nan 0.2"), "nine numbers"),
        (("verts 0", "verts 0\n17"), "binds"),
    ],
)
def test_bad_packs_are_named_and_refused_or_left_out(
    jersey: Path, tmp_path: Path, change: tuple[str, str], reason: str, caplog
) -> None:
    text = (jersey / "jersey.mhclo").read_text()
    (tmp_path / "bad.mhclo").write_text(text.replace(*change, 1))
    (tmp_path / "jersey.obj").write_text((jersey / "jersey.obj").read_text())
    with pytest.raises(BadRecipe, match=r"bad\.mhclo") as caught:
        install_packs(tmp_path, refuse=True)
    assert reason in str(caught.value)
    with caplog.at_level(logging.WARNING):
        assert install_packs(tmp_path) == []
    assert "bad.mhclo" in caplog.text


def test_a_pack_under_other_terms_than_the_recipe_names_is_left_out(
    jersey: Path, tmp_path: Path, caplog
) -> None:
    text = (jersey / "jersey.mhclo").read_text()
    (tmp_path / "terms.mhclo").write_text(text.replace("License: CC0", "License: AGPL3", 1))
    (tmp_path / "jersey.obj").write_text((jersey / "jersey.obj").read_text())
    with caplog.at_level(logging.WARNING):
        assert install_packs(tmp_path) == []
    assert "terms.mhclo is under AGPL-3.0-only" in caplog.text
    with pytest.raises(BadRecipe, match="clothes_licence"):
        install_packs(tmp_path, refuse=True, licence="CC0-1.0")
    (pack,) = install_packs(tmp_path, refuse=True, licence="AGPL-3.0-only")
    assert pack.licence == "AGPL3"


def test_a_recipe_dresses_people_in_the_packs_of_its_folder(jersey: Path) -> None:
    recipe = PeopleRecipe(
        count=20, clothes_folder=str(jersey), clothes_licence="CC0-1.0", clothes_share=1.0
    )
    tops = [
        garment
        for person in sample_people(recipe, 3, range(20))
        for garment in person.garments
        if garment.slot is Slot.top
    ]
    assert tops
    assert {garment.name for garment in tops} == {"Test Jersey"}


def test_a_pack_that_is_not_installed_is_asked_for() -> None:
    with pytest.raises(NotFound, match="clothes_folder"):
        load_pack("0123456789abcdef")
    with pytest.raises(NotFound):
        load_pack("../../etc/passwd")
