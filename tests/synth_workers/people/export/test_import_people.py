"""The editor's import script against a recording fake of the module ``unreal``."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from synth_workers.people import export
from tests.synth_workers.people.export.fake_unreal import FakeUnreal, tiny_glb

SCRIPT = Path(export.__file__).parent / "scripts" / "import_people.py"
PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture(params=["4.27.2-18319896+++UE4", "5.3.2-29314046+++UE5"], ids=["4.27", "5.3"])
def unreal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeUnreal:
    fake = FakeUnreal(request.param)
    monkeypatch.setitem(sys.modules, "unreal", fake)
    return fake


@pytest.fixture
def script(unreal: FakeUnreal) -> ModuleType:
    spec = importlib.util.spec_from_file_location("import_people", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return exported(tmp_path / "people", "fbx")


def exported(folder: Path, form: str, stems: tuple[str, ...] = ("p3_000000", "p3_000001")) -> Path:
    """A folder as the exporter writes it."""
    folder.mkdir()
    listed = []
    for stem in stems:
        entry: dict[str, Any] = {
            "file": f"{stem}.{form}",
            "stature": 172.0,
            "animations": [
                {"name": "walk_normal", "own": []},
                {"name": "walk_brisk", "own": ["walk"]},
                {"name": "idle_sway", "own": ["idle"]},
            ],
        }
        if form == "fbx":
            (folder / entry["file"]).write_bytes(b"Kaydara FBX Binary")
            entry["texture"] = f"{stem}.png"
            (folder / entry["texture"]).write_bytes(PNG)
        else:
            (folder / entry["file"]).write_bytes(tiny_glb(PNG))
        listed.append(entry)
    (folder / "people.json").write_text(
        json.dumps({"version": 1, "format": form, "people": listed})
    )
    return folder


def test_every_person_becomes_a_class(script: ModuleType, unreal: FakeUnreal, people: Path) -> None:
    classes = script.import_people(people)
    assert classes == ["BP_Person_p3_000000_C", "BP_Person_p3_000001_C"]
    assert [call[1:] for call in unreal.called("import")][:2] == [
        ("p3_000000.png", "/Game/People/p3_000000", "T_p3_000000"),
        ("p3_000000.fbx", "/Game/People/p3_000000", "SK_p3_000000"),
    ]
    assert [call[1] for call in unreal.called("create_asset")] == [
        "M_Person",
        *("MI_p3_000000", "BP_Person_p3_000000"),
        *("MI_p3_000001", "BP_Person_p3_000001"),
    ]
    assert unreal.calls.index(("save_directory", "/Game/People")) > unreal.calls.index(
        ("save_loaded_asset", "/Game/People/p3_000001/BP_Person_p3_000001")
    )
    assert not unreal.called("log_warning")


def test_meshes_come_skinned_facing_x_with_takes_and_our_material(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    script.import_people(people, turn=90.0)
    assert ("set", "FbxImportUI", "mesh_type_to_import", "FBXImportType.FBXIT_SKELETAL_MESH") in (
        unreal.calls
    )
    for data in ("FbxSkeletalMeshImportData", "FbxAnimSequenceImportData"):
        assert unreal.called("set", data, "force_front_x_axis", True)
        assert unreal.called("set", data, "convert_scene_unit", True)
        assert unreal.called("set", data, "import_rotation", ("Rotator", 0, 0, 90.0))
    assert unreal.called("set", "AssetImportTask", "factory")
    mesh = unreal.assets["/Game/People/p3_000000/SK_p3_000000"]
    (slot,) = mesh.get_editor_property("materials")
    instance = unreal.assets["/Game/People/p3_000000/MI_p3_000000"]
    assert slot.get_editor_property("material_interface") is instance
    texture = unreal.assets["/Game/People/p3_000000/T_p3_000000"]
    (parent, *_) = unreal.called("set_material_instance_parent")
    assert parent[1:] == (instance, unreal.assets["/Game/People/M_Person"])
    assert (
        "set_material_instance_texture_parameter_value",
        instance,
        "Colour",
        texture,
    ) in unreal.calls


def test_the_class_stands_still_untouched_by_physics(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    script.import_people(people)
    actor = unreal.get_default_object("/Game/People/p3_000000/BP_Person_p3_000000_C")
    component = actor.get_editor_property("skeletal_mesh_component")
    mesh = "skeletal_mesh_asset" if unreal.version.startswith("5") else "skeletal_mesh"
    stem = "/Game/People/p3_000000"
    assert component.get_editor_property(mesh) is unreal.assets[f"{stem}/SK_p3_000000"]
    playing = component.get_editor_property("animation_data").get_editor_property("anim_to_play")
    assert playing.get_name().endswith("idle_sway")
    assert unreal.called("set", "BlueprintFactory", "parent_class", unreal.SkeletalMeshActor)
    assert unreal.called("SkeletalMeshActor", "set_actor_enable_collision", False)
    assert unreal.called("SkeletalMeshComponent", "set_enable_gravity", False)
    assert unreal.called("SkeletalMeshComponent", "set_simulate_physics", False)
    assert unreal.called(
        "SkeletalMeshComponent", "set_collision_enabled", "CollisionEnabled.NO_COLLISION"
    )


def test_the_material_is_two_sided_and_made_once(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    script.import_people(people)
    script.import_people(people)
    assert len(unreal.called("create_asset", "M_Person")) == 1
    assert len(unreal.called("create_asset", "BP_Person_p3_000000")) == 1
    assert unreal.called("set", "Material", "two_sided", True)
    assert unreal.called("set", "Material", "used_with_skeletal_mesh", True)
    slots = [call[3] for call in unreal.called("connect_material_property")]
    assert slots == [
        "MaterialProperty.MP_BASE_COLOR",
        "MaterialProperty.MP_ROUGHNESS",
        "MaterialProperty.MP_SPECULAR",
    ]


def test_classes_may_derive_from_a_blueprint_with_functions(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    unreal.assets["/Game/BP_Base"] = base = object()
    with pytest.raises(script.PeopleImportError, match="no variable Walk"):
        script.import_people(people, parent="/Game/BP_Base")
    unreal.SkeletalMeshActor.properties += ("Walk", "Idle")
    script.import_people(people, parent="/Game/BP_Base")
    assert unreal.called("set", "BlueprintFactory", "parent_class", base)
    actor = unreal.get_default_object("/Game/People/p3_000000/BP_Person_p3_000000_C")
    assert actor.get_editor_property("Walk").get_name().endswith("walk_brisk")
    assert actor.get_editor_property("Idle").get_name().endswith("idle_sway")
    with pytest.raises(script.PeopleImportError, match="/Game/BP_None"):
        script.import_people(people, parent="/Game/BP_None")


def test_the_manifest_names_the_classes_in_order(
    script: ModuleType, people: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"name": "plaza", "people": {"root_height": 0.0}}))
    classes = script.import_people(people, manifest=manifest)
    assert json.loads((people / "level_people.json").read_text()) == {
        "people": {"classes": classes}
    }
    assert json.loads(manifest.read_text()) == {
        "name": "plaza",
        "people": {"root_height": 0.0, "classes": classes},
    }


def test_hidden_instances_keep_classes_in_the_packaged_game(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    script.main([str(people), "--destination", "/Game/Crowd", "--place"])
    spawned = [call[1] for call in unreal.called("spawn_actor_from_class")]
    assert spawned == [f"/Game/Crowd/p3_00000{i}/BP_Person_p3_00000{i}_C" for i in range(2)]
    assert len(unreal.called("SkeletalMeshActor", "set_actor_hidden_in_game", True)) == 2


def test_gltf_people_need_interchange(
    script: ModuleType, unreal: FakeUnreal, tmp_path: Path
) -> None:
    folder = exported(tmp_path / "glb", "glb", ("p3_000000",))
    if unreal.version.startswith("4"):
        with pytest.raises(script.PeopleImportError, match="--format fbx"):
            script.import_people(folder)
        assert not unreal.called("import")
        return
    assert script.import_people(folder) == ["BP_Person_p3_000000_C"]
    assert unreal.called(
        "set", "InterchangeGenericAssetsPipeline", "import_offset_rotation", ("Rotator", 0, 0, -90)
    )
    assert unreal.called("set", "InterchangeGenericMeshPipeline", "import_skeletal_meshes", True)
    assert unreal.called("InterchangePipelineStackOverride", "add_pipeline")
    assert [call[1] for call in unreal.called("import")] == ["T_p3_000000.png", "p3_000000.glb"]


def test_a_missing_animation_is_named(script: ModuleType, unreal: FakeUnreal, people: Path) -> None:
    unreal.clips = ("walk_normal", "idle_sway")
    with pytest.raises(script.PeopleImportError, match="walk_brisk was not imported; found SK_"):
        script.import_people(people)


def test_people_of_the_wrong_size_are_pointed_out(
    script: ModuleType, unreal: FakeUnreal, people: Path
) -> None:
    unreal.heights["/Game/People/p3_000000/SK_p3_000000"] = 1.7
    script.import_people(people)
    (warning,) = unreal.called("log_warning")
    assert "2 cm tall" in warning[1]


def test_other_folders_are_refused_before_anything_is_made(
    script: ModuleType, unreal: FakeUnreal, people: Path, tmp_path: Path
) -> None:
    with pytest.raises(script.PeopleImportError, match="people export"):
        script.import_people(tmp_path)
    (people / "p3_000001.png").unlink()
    with pytest.raises(script.PeopleImportError, match=r"p3_000001\.png is listed but missing"):
        script.import_people(people)
    assert not unreal.called("create_asset")


def test_the_script_is_python_3_7() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 7))
