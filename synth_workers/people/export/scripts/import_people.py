"""Imports exported people into an Unreal project as blueprint classes; the editor runs it.

    UE4Editor-Cmd GAME.uproject -run=pythonscript -script="import_people.py FOLDER"

or, in the editor's Python console: ``import import_people; import_people.import_people(FOLDER)``.
FOLDER is what ``unrealperson people export`` wrote (fbx for any engine, glb for 5.1 and later).
Each person becomes a mesh, a skeleton, a texture, a material instance, animations and the class
BP_Person_<file>: one skinned component as the root, origin at the feet, looking along +X, without
collision and gravity. Needs the plugins Python Editor Script and Editor Scripting Utilities of
4.26 or later (Python 3.7). See docs/ue4_people.md.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
from pathlib import Path

import unreal

LIST_NAME = "people.json"
FRAGMENT_NAME = "level_people.json"
DESTINATION = "/Game/People"
MATERIAL = "M_Person"
COLOUR = "Colour"
ROUGHNESS, SPECULAR = 0.85, 0.2
CLIP_VARIABLES = {"walk": "Walk", "idle": "Idle"}
GLTF_FORWARD_YAW = -90.0  # glTF people look along Unreal's +Y once they are imported
OUT_OF_SIGHT_CM = -5000.0


class PeopleImportError(RuntimeError):
    """The folder or the project is not as this script needs it."""


def import_people(
    folder, destination=DESTINATION, parent=None, manifest=None, place=False, turn=0.0
) -> list[str]:
    """Import everybody; returns the names of the classes in the list's order.

    ``parent``: path of a blueprint that the classes derive from: one with your functions, itself
    derived from SkeletalMeshActor, with variables ``Walk`` and ``Idle`` of type Anim Sequence,
    which are set to each person's own. ``manifest``: a level's manifest whose ``people.classes``
    are to be set; the same is always written to ``level_people.json`` beside the people. ``place``:
    also put one hidden instance of each class into the open level, so that the packaged game
    contains them. ``turn``: degrees to turn people further, should they not look along +X.
    """
    folder = Path(folder)
    people = _listed(folder)
    base = None if parent is None else _parent_class(parent)
    material = _material(destination)
    classes = []
    for person in people["people"]:
        blueprint = _import_person(folder, person, destination, base, material, turn)
        classes.append(f"{blueprint.get_name()}_C")
        if place:
            _place_hidden(blueprint)
        unreal.log(f"Imported {person['file']} as {classes[-1]}")
    unreal.EditorAssetLibrary.save_directory(destination)
    _write_json(folder / FRAGMENT_NAME, {"people": {"classes": classes}})
    if manifest is not None:
        content = json.loads(Path(manifest).read_text(encoding="utf-8"))
        content.setdefault("people", {})["classes"] = classes
        _write_json(Path(manifest), content)
    return classes


def _listed(folder: Path) -> dict:
    try:
        people = json.loads((folder / LIST_NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PeopleImportError(
            f"{folder} holds no {LIST_NAME}: name a folder that `unrealperson people export` wrote"
        ) from None
    if people["format"] == "glb" and not hasattr(unreal, "InterchangeGenericAssetsPipeline"):
        raise PeopleImportError(
            "this engine imports no skinned glTF (5.1 does): export with --format fbx"
        )
    if people["format"] not in ("fbx", "glb"):
        raise PeopleImportError(f"{people['format']} people are not for Unreal: export fbx or glb")
    for person in people["people"]:
        for name in filter(None, (person["file"], person.get("texture"))):
            if not (folder / name).is_file():
                raise PeopleImportError(f"{folder / name} is listed but missing: export again")
    return people


def _parent_class(path: str):
    found = unreal.EditorAssetLibrary.load_blueprint_class(path)
    if found is None:
        raise PeopleImportError(f"the parent blueprint {path} does not exist")
    return found


def _import_person(folder: Path, person: dict, destination, base, material, turn):
    stem = Path(person["file"]).stem
    place = f"{destination}/{stem}"
    texture = _import_texture(folder, person, place, f"T_{stem}")
    instance = _material_instance(f"MI_{stem}", place, material, texture)
    options = _fbx_options(turn) if person["file"].endswith(".fbx") else _gltf_options(turn)
    imported = _imported(folder / person["file"], place, f"SK_{stem}", options)
    mesh = _only(imported, unreal.SkeletalMesh, person["file"])
    slots = mesh.get_editor_property("materials")
    for slot in slots:
        _set(slot, material_interface=instance)
    _set(mesh, materials=slots)
    _check_size(mesh, person)
    clips = {}
    sequences = [asset for asset in imported if isinstance(asset, unreal.AnimSequence)]
    for clip in person["animations"]:
        named = [asset for asset in sequences if asset.get_name().endswith(clip["name"])]
        if len(named) != 1:
            found = ", ".join(sorted(asset.get_name() for asset in sequences)) or "none"
            raise PeopleImportError(
                f"{person['file']}: animation {clip['name']} was not imported; found {found}"
            )
        clips[clip["name"]] = named[0]
    own = {use: clips[clip["name"]] for clip in person["animations"] for use in clip["own"]}
    return _blueprint(f"BP_Person_{stem}", place, base, mesh, own)


def _set(thing, **properties):
    """The thing with these editor properties."""
    for name, value in properties.items():
        thing.set_editor_property(name, value)
    return thing


def _import_texture(folder: Path, person: dict, place: str, name: str):
    if "texture" in person:
        imported = _imported(folder / person["texture"], place, name)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            picture = Path(scratch) / f"{name}.png"
            picture.write_bytes(embedded_picture(folder / person["file"]))
            imported = _imported(picture, place, name)
    return _only(imported, unreal.Texture2D, person["file"])


def embedded_picture(path: Path) -> bytes:
    """The PNG inside a .glb."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20 : 20 + length].decode("utf-8"))
    view = document["bufferViews"][document["images"][0]["bufferView"]]
    start = 20 + length + 8 + view.get("byteOffset", 0)
    return data[start : start + view["byteLength"]]


def _imported(path: Path, place: str, name: str, options=None) -> list:
    """Import one file; everything that came of it."""
    task = _set(unreal.AssetImportTask(), filename=str(path), destination_path=place)
    _set(task, destination_name=name, automated=True, replace_existing=True, save=True)
    if options is not None:
        _set(task, options=options)
    if path.suffix == ".fbx":
        # Later engines would hand FBX to Interchange, which ignores these options.
        _set(task, factory=unreal.FbxFactory())
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    paths = list(task.get_editor_property("imported_object_paths"))
    if not paths:
        raise PeopleImportError(f"{path} was not imported: the editor's log says why")
    # Animations are reported by some engines only, so look at what lies there, too.
    known = {path.split(".")[0]: path for path in paths}
    for found in unreal.EditorAssetLibrary.list_assets(place, recursive=True):
        known.setdefault(str(found).split(".")[0], str(found))
    return [unreal.EditorAssetLibrary.load_asset(path) for path in known.values()]


def _only(assets: list, kind, source: str):
    found = [asset for asset in assets if isinstance(asset, kind)]
    if len(found) != 1:
        raise PeopleImportError(f"{source}: expected one {kind.__name__}, found {len(found)}")
    return found[0]


def _fbx_options(turn: float):
    options = _set(
        unreal.FbxImportUI(),
        automated_import_should_detect_type=False,
        mesh_type_to_import=unreal.FBXImportType.FBXIT_SKELETAL_MESH,
        import_as_skeletal=True,
        import_mesh=True,
        import_animations=True,
        import_materials=False,
        import_textures=False,
        create_physics_asset=False,
    )
    mesh = options.get_editor_property("skeletal_mesh_import_data")
    clips = options.get_editor_property("anim_sequence_import_data")
    rotation = unreal.Rotator(roll=0, pitch=0, yaw=turn)
    for data in (mesh, clips):
        _set(data, convert_scene=True, convert_scene_unit=True)
        _set(data, force_front_x_axis=True, import_rotation=rotation)
    normals = unreal.FBXNormalImportMethod.FBXNIM_IMPORT_NORMALS
    _set(mesh, use_t0_as_ref_pose=False, import_morph_targets=False, normal_import_method=normals)
    length = unreal.FBXAnimationLengthImportType.FBXALIT_EXPORTED_TIME
    _set(clips, import_bone_tracks=True, animation_length=length)
    return options


def _gltf_options(turn: float):
    rotation = unreal.Rotator(roll=0, pitch=0, yaw=GLTF_FORWARD_YAW + turn)
    pipeline = _set(unreal.InterchangeGenericAssetsPipeline(), import_offset_rotation=rotation)
    meshes = pipeline.get_editor_property("mesh_pipeline")
    _set(
        meshes, import_static_meshes=False, import_skeletal_meshes=True, create_physics_asset=False
    )
    _set(pipeline.get_editor_property("animation_pipeline"), import_animations=True)
    materials = pipeline.get_editor_property("material_pipeline")
    _set(materials, import_materials=False)
    _set(materials.get_editor_property("texture_pipeline"), import_textures=False)
    stack = unreal.InterchangePipelineStackOverride()
    stack.add_pipeline(pipeline)
    return stack


def _created(name: str, place: str, kind, factory):
    """The asset of this name, made if it does not exist."""
    path = f"{place}/{name}"
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        return unreal.EditorAssetLibrary.load_asset(path), False
    tools = unreal.AssetToolsHelpers.get_asset_tools()
    asset = tools.create_asset(name, place, kind, factory)
    if asset is None:
        raise PeopleImportError(f"{path} could not be made: the editor's log says why")
    return asset, True


def _material(place: str):
    """One two-sided, rough material; people differ in its texture."""
    material, new = _created(MATERIAL, place, unreal.Material, unreal.MaterialFactoryNew())
    if not new:
        return material
    library = unreal.MaterialEditingLibrary
    _set(material, two_sided=True, used_with_skeletal_mesh=True)
    colour = library.create_material_expression(
        material, unreal.MaterialExpressionTextureSampleParameter2D, -400, 0
    )
    _set(colour, parameter_name=COLOUR)
    library.connect_material_property(colour, "RGB", unreal.MaterialProperty.MP_BASE_COLOR)
    for value, slot, height in (
        (ROUGHNESS, unreal.MaterialProperty.MP_ROUGHNESS, 200),
        (SPECULAR, unreal.MaterialProperty.MP_SPECULAR, 300),
    ):
        constant = library.create_material_expression(
            material, unreal.MaterialExpressionConstant, -400, height
        )
        _set(constant, r=value)
        library.connect_material_property(constant, "", slot)
    library.recompile_material(material)
    return material


def _material_instance(name: str, place: str, material, texture):
    factory = unreal.MaterialInstanceConstantFactoryNew()
    instance, _ = _created(name, place, unreal.MaterialInstanceConstant, factory)
    library = unreal.MaterialEditingLibrary
    library.set_material_instance_parent(instance, material)
    library.set_material_instance_texture_parameter_value(instance, COLOUR, texture)
    return instance


def _check_size(mesh, person: dict) -> None:
    bounds = mesh.get_bounds()
    tall = 2.0 * bounds.box_extent.z
    if not 0.8 < tall / person["stature"] < 1.8:
        unreal.log_warning(
            f"{person['file']} is {tall:.0f} cm tall in the project and should be about "
            f"{person['stature']:.0f}: check the import's unit and axes"
        )


def _blueprint(name: str, place: str, base, mesh, own: dict):
    factory = _set(unreal.BlueprintFactory(), parent_class=base or unreal.SkeletalMeshActor)
    blueprint, _ = _created(name, place, unreal.Blueprint, factory)
    actor = unreal.get_default_object(blueprint.generated_class())
    actor.set_actor_enable_collision(False)
    component = actor.get_editor_property("skeletal_mesh_component")
    _set(
        component,
        **{_mesh_property(): mesh},
        mobility=unreal.ComponentMobility.MOVABLE,
        animation_mode=unreal.AnimationMode.ANIMATION_SINGLE_NODE,
        animation_data=unreal.SingleAnimationPlayData(
            anim_to_play=own["idle"], saved_looping=True, saved_playing=True
        ),
        # A paused or distant person must be posed all the same: the worker photographs them.
        visibility_based_anim_tick_option=(
            unreal.VisibilityBasedAnimTickOption.ALWAYS_TICK_POSE_AND_REFRESH_BONES
        ),
    )
    component.set_collision_enabled(unreal.CollisionEnabled.NO_COLLISION)
    component.set_enable_gravity(False)
    component.set_simulate_physics(False)
    if base is not None:
        _set_clips(actor, own)
    if hasattr(unreal, "BlueprintEditorLibrary"):
        unreal.BlueprintEditorLibrary.compile_blueprint(blueprint)
    unreal.EditorAssetLibrary.save_loaded_asset(blueprint)
    return blueprint


def _set_clips(actor, own: dict) -> None:
    """Fill the parent blueprint's variables, which also takes the clips into the package."""
    for use, variable in CLIP_VARIABLES.items():
        try:
            _set(actor, **{variable: own[use]})
        except Exception as error:
            raise PeopleImportError(
                f"the parent blueprint has no variable {variable} of type Anim Sequence ({error})"
            ) from error


def _mesh_property() -> str:
    version = unreal.SystemLibrary.get_engine_version()
    major, minor = (int(part) for part in version.split(".")[:2])
    return "skeletal_mesh_asset" if (major, minor) >= (5, 1) else "skeletal_mesh"


def _place_hidden(blueprint) -> None:
    actor = unreal.EditorLevelLibrary.spawn_actor_from_class(
        blueprint.generated_class(), unreal.Vector(0.0, 0.0, OUT_OF_SIGHT_CM)
    )
    actor.set_actor_hidden_in_game(True)


def _write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Import what the command line names."""
    parser = argparse.ArgumentParser(description="Imports exported people as BP_Person classes.")
    parser.add_argument("folder", help="what `unrealperson people export` wrote")
    parser.add_argument("--destination", default=DESTINATION, help="content folder")
    parser.add_argument("--parent", help="blueprint to derive the classes from")
    parser.add_argument("--manifest", help="level manifest whose people.classes are to be set")
    parser.add_argument("--place", action="store_true", help="put hidden instances into the level")
    parser.add_argument("--turn", type=float, default=0.0, help="degrees to turn people further")
    chosen = parser.parse_args(arguments)
    import_people(**vars(chosen))


if __name__ == "__main__":
    main(sys.argv[1:])
