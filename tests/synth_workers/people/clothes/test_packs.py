"""Clothes packs: a .mhclo garment made here is worn, fits, hides; bad ones are named."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import BadRecipe, NotFound
from manifests.people import PeopleRecipe
from synth_workers.cache_folder import cache_root
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import NEUTRAL
from synth_workers.people.body.fitted_body import BODY_VERTICES
from synth_workers.people.clothes import packs
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.clothes.kept_packs import load_pack
from synth_workers.people.clothes.mhclo import read_pack
from synth_workers.people.clothes.packs import install_packs
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.pieces import Tiles
from synth_workers.people.spec import CutKind, GarmentCut, PersonSpec, Slot
from tests.synth_workers.people.clothes.making_packs import whole, write_garment


@pytest.fixture(scope="module")
def jersey(tmp_path_factory, catalogue: GarmentCatalogue) -> Path:
    """Write a long-sleeved jersey: tights faces 2 cm off."""
    folder = tmp_path_factory.mktemp("clothes")
    fields = catalogue.fields
    wanted = (fields.torso > 0.0) & (fields.arm < 1.8) & (fields.leg < 0.0)
    chest = (fields.torso > 0.3) & (fields.torso < 0.8) & (fields.arm_share < 0.01)
    chest[BODY_VERTICES:] = False
    faces = whole(catalogue.triangles["helper-tights"], wanted)
    write_garment(folder, fields, "Test Jersey", faces, deleted=chest)
    return folder


def test_a_pack_is_read_with_its_licence(jersey: Path) -> None:
    pack = read_pack(jersey / "test_jersey.mhclo")
    assert (pack.name, pack.licence) == ("Test Jersey", "CC0-1.0")
    assert len(pack.deleted) > 500
    assert len(pack.faces) > 1000


def test_a_pack_fits_every_body_two_centimetres_off(jersey: Path, fitter: Fitter) -> None:
    pack = read_pack(jersey / "test_jersey.mhclo")
    for stature in (1.5, 1.9):
        body = fitter.body(NEUTRAL, stature)
        fitted = pack.fit(body.vertices * 10) / 10
        gap = np.linalg.norm(fitted - body.vertices[pack.rows[:, 0]], axis=1)
        assert np.isfinite(fitted).all()
        assert 0.012 < np.median(gap) < 0.03


def test_an_installed_pack_is_worn(
    jersey: Path, builder: PersonBuilder, fitter: Fitter, specs: list[PersonSpec]
) -> None:
    (jersey / "._jersey.mhclo").write_bytes(b"\0\5\x16\7")
    (installed,) = install_packs(jersey, refuse=True)
    assert load_pack(installed.digest).licence == "CC0-1.0"
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
        (("obj_file Test Jersey.obj", "obj_file ../secret.obj"), "leads out of"),
        (("obj_file Test Jersey.obj", f"obj_file {'o' * 999}"), "cannot be the name of a file"),
        (("obj_file Test Jersey.obj", "obj_file missing.obj"), "missing.obj"),
        (("x_scale", "# x_scale"), "x_scale"),
        (("0.5 0.3 0.2", "0.5 nan 0.2"), "the number nan"),
        (("verts 0", "verts 0\n17"), "binds"),
    ],
)
def test_bad_packs_are_named_and_refused_or_left_out(
    jersey: Path, tmp_path: Path, change: tuple[str, str], reason: str, caplog
) -> None:
    text = (jersey / "test_jersey.mhclo").read_text()
    (tmp_path / "bad.mhclo").write_text(text.replace(*change, 1))
    (tmp_path / "good.mhclo").write_text(text)
    (tmp_path / "Test Jersey.obj").write_text((jersey / "Test Jersey.obj").read_text())
    with pytest.raises(BadRecipe, match=r"bad\.mhclo") as caught:
        install_packs(tmp_path, refuse=True)
    assert reason in str(caught.value)
    with caplog.at_level(logging.WARNING):
        assert len(install_packs(tmp_path)) == 1
    assert "bad.mhclo" in caplog.text


def test_files_are_read_once_until_they_change_or_their_garment_is_lost(
    jersey: Path, tmp_path: Path, catalogue: GarmentCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clothes"
    shutil.copytree(jersey, folder)
    legs = whole(catalogue.triangles["helper-tights"], catalogue.fields.leg > 1.7)
    write_garment(folder, catalogue.fields, "socks", legs)
    read: list[str] = []
    monkeypatch.setattr(packs, "read_pack", lambda path: read.append(path.name) or read_pack(path))
    monkeypatch.setattr(packs, "cache_root", lambda: tmp_path / "found")
    (first,) = install_packs(folder)
    assert read == ["socks.mhclo", "test_jersey.mhclo"]

    read.clear()
    assert install_packs(folder) == [first]
    with pytest.raises(BadRecipe, match="under clothes"):
        install_packs(folder, refuse=True)
    assert read == []

    mesh = folder / "Test Jersey.obj"
    mesh.write_text(mesh.read_text() + "\nf 1 2 3")
    (second,) = install_packs(folder)
    assert second.digest != first.digest
    next(cache_root().rglob(f"{second.digest}.npz")).unlink()
    assert install_packs(folder) == [second]
    assert load_pack(second.digest).name == "Test Jersey"
    assert read == ["test_jersey.mhclo"] * 2


def test_a_pack_under_other_terms_than_the_recipe_names_is_left_out(
    jersey: Path, tmp_path: Path, caplog
) -> None:
    text = (jersey / "test_jersey.mhclo").read_text()
    (tmp_path / "terms.mhclo").write_text(text.replace("License: CC0", "License: AGPL3", 1))
    (tmp_path / "Test Jersey.obj").write_text((jersey / "Test Jersey.obj").read_text())
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(BadRecipe, match="no usable clothes pack") as caught,
    ):
        install_packs(tmp_path)
    assert "terms.mhclo is under AGPL-3.0-only" in caplog.text
    assert "terms.mhclo is under AGPL-3.0-only" in str(caught.value)
    with pytest.raises(BadRecipe, match="clothes_licence"):
        install_packs(tmp_path, refuse=True, licence="CC0-1.0")
    (pack,) = install_packs(tmp_path, refuse=True, licence="AGPL-3.0-only")
    assert pack.licence == "AGPL-3.0-only"


def test_a_garment_is_what_it_covers_not_what_it_is_called(
    tmp_path: Path, catalogue: GarmentCatalogue, caplog
) -> None:
    fields, tights = catalogue.fields, catalogue.triangles["helper-tights"]
    skirt, skin = catalogue.triangles["helper-skirt"], catalogue.triangles["body"]
    torso, leg, arm = fields.torso, fields.leg, fields.arm
    trunk = (torso > 0) & (arm < 1.0)
    legs = (torso < 0.3) & (leg < 2.0) & (arm < 0)
    meshes = {
        "short dress": whole(tights, legs),
        "shirtpants": whole(tights, trunk & (leg < 0)),
        "topcoat": whole(tights, trunk & (leg < 0)),
        "hat": np.concatenate([whole(tights, trunk), whole(tights, legs)]),
        "trousers": whole(skirt, torso < 0.3),
        "jeans boots": whole(tights, leg > 1.7),
        "short hair": whole(skin, (fields.head_share > 0.9) & (fields.head_height > 0.5)),
        "t-shirt": whole(skin, (fields.head_share > 0.9) & (fields.head_height > 0.5)),
        "one shoe": whole(tights, (leg > 1.7) & (fields.vertices[:, 0] > 0)),
        "socks": whole(tights, leg > 1.7),
        "shirt of hair": np.concatenate(
            [whole(skin, fields.head_share > 0.5), whole(tights, trunk)]
        ),
        "top gloves": whole(skin, fields.weights[:, 31] > 0.1),
        "shirt front": whole(tights, trunk & (fields.vertices[:, 2] > 0.4)),
    }
    for name, faces in meshes.items():
        write_garment(tmp_path, fields, name, faces)
    with caplog.at_level(logging.WARNING):
        found = {pack.name: pack.slot for pack in install_packs(tmp_path)}
    assert found == {
        "short dress": Slot.bottom,
        "shirtpants": Slot.top,
        "topcoat": Slot.outer,
        "hat": Slot.dress,
        "trousers": Slot.skirt,
        "jeans boots": Slot.shoes,
    }
    for name in meshes.keys() - found:
        assert f"{name.replace(' ', '_')}.mhclo is not worn" in caplog.text
    assert "covers head" in caplog.text
    with pytest.raises(BadRecipe, match="is not worn"):
        install_packs(tmp_path, refuse=True)


def test_tags_of_other_things_and_helpers_of_the_base_mesh_are_no_clothes(
    tmp_path: Path, catalogue: GarmentCatalogue, caplog
) -> None:
    fields = catalogue.fields
    trunk = (fields.torso > 0) & (fields.arm < 1.0) & (fields.leg < 0)
    top = whole(catalogue.triangles["helper-tights"], trunk)
    write_garment(tmp_path, fields, "jumper", top, header="# CC0\ntag Hairy wool\ntag Skin tight")
    write_garment(tmp_path, fields, "mane", top, header="# CC0\ntag Female\ntag Long Hair")
    skirt = catalogue.triangles["helper-skirt"]
    copied = write_garment(tmp_path, fields, "copied", skirt)
    bound_to_one = re.sub(r"^(\d+) \1 \1 .*$", r"\1", copied.read_text(), flags=re.MULTILINE)
    copied.write_text(bound_to_one)
    with caplog.at_level(logging.WARNING):
        assert [pack.name for pack in install_packs(tmp_path)] == ["jumper"]
    assert "mane.mhclo is not worn: its tags say" in caplog.text
    assert "copied.mhclo is not worn: it is a piece of the base mesh" in caplog.text


def test_a_garment_that_leaves_holes_or_lies_elsewhere_is_refused(
    tmp_path: Path, catalogue: GarmentCatalogue
) -> None:
    fields = catalogue.fields
    faces = whole(catalogue.triangles["helper-tights"], (fields.torso > 0) & (fields.arm < 1.0))
    legs = (fields.leg > 0.3) & (np.arange(len(fields.leg)) < BODY_VERTICES)
    write_garment(tmp_path, fields, "jumper", faces, deleted=legs)
    with pytest.raises(BadRecipe, match="would have holes"):
        install_packs(tmp_path)
    write_garment(tmp_path, fields, "jumper", faces, off=900.0)
    with pytest.raises(BadRecipe, match="far away"):
        install_packs(tmp_path)
    write_garment(tmp_path, fields, "jumper", faces, off=-0.3)  # under the skin
    with pytest.raises(BadRecipe, match="next to nothing of the body"):
        install_packs(tmp_path)


def test_tags_say_who_wears_a_garment_and_men_wear_suits(
    tmp_path: Path, catalogue: GarmentCatalogue
) -> None:
    fields = catalogue.fields
    faces = whole(catalogue.triangles["helper-tights"], (fields.leg < 2.0) & (fields.arm < 1.9))
    for name, tag in (("his", "Male"), ("hers", "Female")):
        write_garment(tmp_path, fields, name, faces, header=f"# CC0\ntag {tag}")
    assert {pack.name: pack.wearers for pack in install_packs(tmp_path)} == {
        "his": ("male",),
        "hers": ("female",),
    }
    recipe = PeopleRecipe(count=30, clothes_folder=str(tmp_path), clothes_share=1.0)
    worn = [
        (person.gender, garment.name, len(garment.cuts))
        for person in sample_people(recipe, 3, range(30))
        for garment in person.garments
        if garment.slot is Slot.dress
    ]
    assert set(worn) == {("male", "his", 1), ("female", "hers", 1)}


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
