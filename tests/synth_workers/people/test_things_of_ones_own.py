"""A module of one's own adds an accessory, a hair style, a garment, a fabric or a format."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.export.exporter import ExportOptions
from synth_workers.people.export.formats import FORMATS
from synth_workers.people.export.people import export_people
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.mesh.pieces import Tiles
from synth_workers.people.spec import PersonSpec
from synth_workers.people.textures.fabrics import FABRICS, render_tile
from synth_workers.people.worn.accessories.registry import (
    ACCESSORIES,
    Place,
    accessories_at,
    accessory_parts,
)
from synth_workers.people.worn.hair.parts import hair_parts
from synth_workers.people.worn.hair.registry import HAIR_STYLES

TABLES = (ACCESSORIES, HAIR_STYLES, GARMENTS, FABRICS, FORMATS)

Import = Callable[[str], None]


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports a module with this text; what it registers is forgotten after the test."""
    for table in TABLES:
        monkeypatch.setattr(table, "_rows", dict(table._rows))  # pyright: ignore[reportPrivateUsage]

    def load(text: str) -> None:
        (tmp_path / "things_of_my_own.py").write_text(dedent(text))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "things_of_my_own", raising=False)
        importlib.import_module("things_of_my_own")

    return load


def _people(**wishes: object) -> list[PersonSpec]:
    recipe = {"count": 1, "look_alikes": 0, "dark_clothing": 0} | wishes
    return sample_people(PeopleRecipe.model_validate(recipe), 4, range(12))


def test_an_accessory_of_ones_own_is_worn(own_module: Import, builder: PersonBuilder) -> None:
    usual = _people()
    own_module(
        """
        from synth_workers.people.mesh.primitives import rounded_box, vector
        from synth_workers.people.worn.accessories.registry import Place, accessory

        @accessory("bow_tie", Place.neck, colours=((120, 20, 30),))
        def _bow_tie(wearer):
            throat = wearer.body.joint("neck_01") + vector(0.0, 0.0, 0.08)
            return [wearer.rigid(rounded_box((0.05, 0.02, 0.01)).moved(throat), "neck_01")]
        """
    )
    assert _people() == usual  # what nobody asked for changes nobody
    spec = _people(accessories={"bow_tie": 1})[0]
    assert "bow_tie" in spec.attributes()["accessories"]
    parts = accessory_parts(spec, builder.body(spec))
    assert "bow_tie" in [part.name for part in parts]


def test_a_hair_style_of_ones_own_is_worn(own_module: Import, builder: PersonBuilder) -> None:
    own_module(
        """
        from synth_workers.people.worn.hair.registry import Commonness, HairShape, hair_style

        hair_style("beehive", HairShape(off=0.14, lift=0.12), Commonness(women=1), ("bun",))
        """
    )
    hatless = dict.fromkeys((row.name for row in accessories_at(Place.head)), 0)
    wishes = {"hair_styles": {"*": 0, "beehive": 1}, "gender": {"female": 1}}
    spec = _people(accessories=hatless, **wishes)[0]
    assert spec.hair.style == "beehive"
    flat = spec.model_copy(update={"hair": spec.hair.model_copy(update={"style": "bun"})})
    body = builder.body(spec)
    hair = [hair_parts(each, body, hat=False, mask=False)[0] for each in (spec, flat)]
    high, low = (part.positions[:, 1].max() for part in hair)
    assert high > low + 0.05


def test_a_garment_of_ones_own_is_worn(own_module: Import, builder: PersonBuilder) -> None:
    own_module(
        """
        from synth_workers.people.clothes.wardrobe import garment
        from synth_workers.people.spec import CutKind, GarmentCut, Slot

        tunic = GarmentCut(kind=CutKind.top, sleeve=1.0, hem=-0.1, loose=0.2)
        garment("tabard", Slot.top, tunic, fabrics={"plain": 1})
        """
    )
    spec = _people(garments={"tabard": 10_000}, gender={"male": 1})[0]
    assert "tabard" in spec.attributes()["garments"]
    without = tuple(garment for garment in spec.garments if garment.name != "tabard")
    bare = spec.model_copy(update={"garments": without})
    body = builder.body(spec)
    dressed, undressed = (len(builder.pieces(each, body, Tiles())) for each in (spec, bare))
    assert dressed > undressed


def test_a_fabric_of_ones_own_is_worn(own_module: Import) -> None:
    own_module(
        """
        from synth_workers.people.textures.loom import fabric, mixed

        @fabric("herringbone", colours=2)
        def _herringbone(loom):
            zigzag = loom.y + abs((loom.x * 8) % 1 - 0.5) / 8
            return mixed(loom.ground, loom.colours[1], loom.wave(zigzag, 1 / 16, 0.5))
        """
    )
    spec = _people(fabrics={"*": 0, "herringbone": 1})[0]
    fabric = spec.garments[0].fabric
    assert fabric.kind == "herringbone"
    assert len(fabric.colours) == 2
    assert render_tile(fabric).std() > 0


def test_people_are_written_in_a_format_of_ones_own(own_module: Import, tmp_path: Path) -> None:
    own_module(
        """
        from synth_workers.people.export.formats import people_format

        @people_format("json")
        def _json(exporter, spec, path):
            path.write_text(spec.model_dump_json())
            return {"skin": spec.skin}
        """
    )
    recipe, folder = PeopleRecipe(count=2), tmp_path / "written"
    export_people(recipe, 3, [0, 1], folder, ExportOptions(format="json"))
    listed = json.loads((folder / "people.json").read_text())["people"]
    specs = sample_people(recipe, 3, [0, 1])
    read = [PersonSpec.model_validate_json((folder / each["file"]).read_text()) for each in listed]
    assert read == specs
    assert [tuple(each["skin"]) for each in listed] == [spec.skin for spec in specs]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: type(next(iter(table))).__name__)
def test_a_name_is_registered_once(table) -> None:
    with pytest.raises(ValueError, match="registered twice"):
        table.add(next(iter(table)))
