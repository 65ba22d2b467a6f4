"""A stand-in for the editor's module ``unreal`` that records every call and knows no others.

Only the classes, properties and functions listed here exist, as Epic's Python API pages document
them for 4.27 and 5.3; anything else is an ``AttributeError``, as in the editor. Imports make the
assets that the real importers would make of one skinned file with several takes.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any


class Thing:
    """An object with listed editor properties and methods, nothing else."""

    properties: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    editor: FakeUnreal

    def __init__(self, **values: Any) -> None:
        self._values: dict[str, Any] = {}
        for name, value in values.items():
            self.set_editor_property(name, value)

    def set_editor_property(self, name: str, value: Any) -> None:
        if name not in self.properties:
            raise AttributeError(f"{type(self).__name__} has no editor property {name}")
        self._values[name] = value
        self.editor.record("set", type(self).__name__, name, value)

    def get_editor_property(self, name: str) -> Any:
        if name not in self.properties:
            raise AttributeError(f"{type(self).__name__} has no editor property {name}")
        return self._values.get(name)

    def __getattr__(self, name: str) -> Any:
        if name in type(self).methods:
            return lambda *arguments: self.editor.record(type(self).__name__, name, *arguments)
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")


class FakeUnreal:
    """The module, for one engine version."""

    def __init__(self, version: str = "4.27.2") -> None:
        self.version = version
        self.calls: list[tuple[Any, ...]] = []
        self.assets: dict[str, Any] = {}
        self.clips: tuple[str, ...] = ("walk_normal", "walk_brisk", "idle_sway")
        self.heights: dict[str, float] = {}
        modern = tuple(map(int, version.split(".")[:2])) >= (5, 1)
        axes = ("convert_scene", "convert_scene_unit", "force_front_x_axis", "import_rotation")

        def kind(name: str, properties=(), methods=(), base=Thing) -> type:
            body = {"properties": tuple(properties), "methods": tuple(methods), "editor": self}
            return type(name, (base,), body)

        named = kind("Object")
        named.get_name = lambda asset: asset.path.rsplit("/", 1)[1]
        self.Texture2D = kind("Texture2D", base=named)
        self.AnimSequence = kind("AnimSequence", base=named)
        self.Skeleton = kind("Skeleton", base=named)
        self.SkeletalMaterial = kind("SkeletalMaterial", ("material_interface",))
        self.SkeletalMesh = kind("SkeletalMesh", ("materials",), base=named)
        self.SkeletalMesh.get_bounds = lambda mesh: SimpleNamespace(
            box_extent=SimpleNamespace(z=self.heights[mesh.path] / 2)
        )
        self.Material = kind("Material", ("two_sided", "used_with_skeletal_mesh"), base=named)
        self.MaterialInstanceConstant = kind("MaterialInstanceConstant", base=named)
        component = kind(
            "SkeletalMeshComponent",
            (
                "skeletal_mesh_asset" if modern else "skeletal_mesh",
                *("mobility", "animation_mode", "animation_data"),
                "visibility_based_anim_tick_option",
            ),
            ("set_collision_enabled", "set_enable_gravity", "set_simulate_physics"),
        )
        self.SkeletalMeshActor = kind(
            "SkeletalMeshActor",
            ("skeletal_mesh_component",),
            ("set_actor_enable_collision", "set_actor_hidden_in_game"),
        )
        self.Blueprint = kind("Blueprint", base=named)
        self._defaults: dict[str, Any] = {}

        def generated_class(blueprint: Any) -> str:
            return f"{blueprint.path}_C"

        def default_object(name: str) -> Any:
            if name not in self._defaults:
                actor = self.SkeletalMeshActor()
                actor._values["skeletal_mesh_component"] = component()
                self._defaults[name] = actor
            return self._defaults[name]

        self.Blueprint.generated_class = generated_class
        self.get_default_object = default_object
        self.AssetImportTask = kind(
            "AssetImportTask",
            (
                *("filename", "destination_path", "destination_name", "automated", "factory"),
                *("replace_existing", "save", "options", "imported_object_paths"),
            ),
        )
        self.FbxFactory = kind("FbxFactory")
        skinned = kind(
            "FbxSkeletalMeshImportData",
            (*axes, "use_t0_as_ref_pose", "import_morph_targets", "normal_import_method"),
        )
        sequences = kind(
            "FbxAnimSequenceImportData", (*axes, "import_bone_tracks", "animation_length")
        )
        self.FbxImportUI = kind(
            "FbxImportUI",
            (
                *("automated_import_should_detect_type", "mesh_type_to_import"),
                *("import_as_skeletal", "import_mesh", "import_animations", "import_materials"),
                *("import_textures", "create_physics_asset"),
                *("skeletal_mesh_import_data", "anim_sequence_import_data"),
            ),
        )
        self.FbxImportUI.get_editor_property = lambda ui, name: ui._values.setdefault(
            name,
            {"skeletal_mesh_import_data": skinned, "anim_sequence_import_data": sequences}[name](),
        )
        self.Rotator = lambda *, roll, pitch, yaw: ("Rotator", roll, pitch, yaw)
        self.Vector = lambda x, y, z: ("Vector", x, y, z)
        self.SingleAnimationPlayData = kind(
            "SingleAnimationPlayData", ("anim_to_play", "saved_looping", "saved_playing")
        )
        self.MaterialFactoryNew = kind("MaterialFactoryNew")
        self.MaterialInstanceConstantFactoryNew = kind("MaterialInstanceConstantFactoryNew")
        self.BlueprintFactory = kind("BlueprintFactory", ("parent_class",))
        self.MaterialExpressionTextureSampleParameter2D = kind(
            "MaterialExpressionTextureSampleParameter2D", ("parameter_name",)
        )
        self.MaterialExpressionConstant = kind("MaterialExpressionConstant", ("r",))

        def enum(name: str, *members: str) -> SimpleNamespace:
            return SimpleNamespace(**{member: f"{name}.{member}" for member in members})

        self.FBXImportType = enum("FBXImportType", "FBXIT_SKELETAL_MESH")
        self.FBXNormalImportMethod = enum("FBXNormalImportMethod", "FBXNIM_IMPORT_NORMALS")
        self.FBXAnimationLengthImportType = enum("Length", "FBXALIT_EXPORTED_TIME")
        self.MaterialProperty = enum(
            "MaterialProperty", "MP_BASE_COLOR", "MP_ROUGHNESS", "MP_SPECULAR"
        )
        self.ComponentMobility = enum("ComponentMobility", "MOVABLE")
        self.AnimationMode = enum("AnimationMode", "ANIMATION_SINGLE_NODE")
        self.CollisionEnabled = enum("CollisionEnabled", "NO_COLLISION")
        self.VisibilityBasedAnimTickOption = enum("Tick", "ALWAYS_TICK_POSE_AND_REFRESH_BONES")
        self.SystemLibrary = SimpleNamespace(get_engine_version=lambda: version)
        self.AssetToolsHelpers = SimpleNamespace(
            get_asset_tools=lambda: SimpleNamespace(
                import_asset_tasks=self._import, create_asset=self._create
            )
        )
        self.EditorAssetLibrary = SimpleNamespace(
            does_asset_exist=lambda path: path in self.assets,
            load_asset=lambda path: self.assets[path.split(".")[0]],
            load_blueprint_class=lambda path: self.assets.get(path),
            list_assets=lambda place, recursive: [
                f"{path}.{path.rsplit('/', 1)[1]}"
                for path in self.assets
                if path.startswith(f"{place}/")
            ],
            save_directory=lambda path: self.record("save_directory", path),
            save_loaded_asset=lambda asset: self.record("save_loaded_asset", asset.path),
        )
        self.MaterialEditingLibrary = SimpleNamespace(
            create_material_expression=lambda material, kind, x, y: kind(),
            connect_material_property=lambda *a: self.record("connect_material_property", *a),
            recompile_material=lambda material: self.record("recompile_material", material.path),
            set_material_instance_parent=lambda *a: self.record("set_material_instance_parent", *a),
            set_material_instance_texture_parameter_value=lambda *a: self.record(
                "set_material_instance_texture_parameter_value", *a
            ),
        )
        self.EditorLevelLibrary = SimpleNamespace(spawn_actor_from_class=self._spawn)
        self.log = lambda text: self.record("log", text)
        self.log_warning = lambda text: self.record("log_warning", text)
        if modern:
            self.BlueprintEditorLibrary = SimpleNamespace(
                compile_blueprint=lambda asset: self.record("compile_blueprint", asset.path)
            )
            self._add_interchange(kind)

    def record(self, *call: Any) -> None:
        self.calls.append(call)

    def called(self, *start: Any) -> list[tuple[Any, ...]]:
        """The recorded calls that begin so, in order."""
        return [call for call in self.calls if call[: len(start)] == start]

    def _add_interchange(self, kind: Any) -> None:
        parts = {
            "mesh_pipeline": kind(
                "InterchangeGenericMeshPipeline",
                ("import_static_meshes", "import_skeletal_meshes", "create_physics_asset"),
            ),
            "animation_pipeline": kind(
                "InterchangeGenericAnimationPipeline", ("import_animations",)
            ),
            "material_pipeline": kind(
                "InterchangeGenericMaterialPipeline", ("import_materials", "texture_pipeline")
            ),
        }
        textures = kind("InterchangeGenericTexturePipeline", ("import_textures",))

        def part(pipeline: Any, name: str) -> Any:
            made = pipeline._values.setdefault(name, parts[name]())
            if name == "material_pipeline":
                made._values.setdefault("texture_pipeline", textures())
            return made

        self.InterchangeGenericAssetsPipeline = kind(
            "InterchangeGenericAssetsPipeline", ("import_offset_rotation", *parts)
        )
        self.InterchangeGenericAssetsPipeline.get_editor_property = part
        self.InterchangePipelineStackOverride = kind(
            "InterchangePipelineStackOverride", (), ("add_pipeline",)
        )

    def _add(self, kind: type, path: str) -> Any:
        asset = kind()
        asset.path = path
        self.assets[path] = asset
        return asset

    def _create(self, name: str, place: str, kind: type, factory: Any) -> Any:
        self.record("create_asset", name, place, kind.__name__, type(factory).__name__)
        return self._add(kind, f"{place}/{name}")

    def _import(self, tasks: list[Any]) -> None:
        for task in tasks:
            source = Path(task.get_editor_property("filename"))
            place = task.get_editor_property("destination_path")
            name = task.get_editor_property("destination_name")
            content = source.read_bytes()
            self.record("import", source.name, place, name)
            if source.suffix == ".png":
                assert content.startswith(b"\x89PNG")
                made = [self._add(self.Texture2D, f"{place}/{name}")]
            else:
                mesh = self._add(self.SkeletalMesh, f"{place}/{name}")
                mesh._values["materials"] = [self.SkeletalMaterial()]
                self.heights.setdefault(mesh.path, 180.0)
                self._add(self.Skeleton, f"{place}/{name}_Skeleton")
                for clip in self.clips:
                    take = clip if source.suffix == ".glb" else f"{name}_Anim_Armature_{clip}"
                    self._add(self.AnimSequence, f"{place}/{take}")
                made = [mesh]
            task.set_editor_property("imported_object_paths", [asset.path for asset in made])

    def _spawn(self, actor_class: str, location: Any) -> Any:
        self.record("spawn_actor_from_class", actor_class, location)
        return self.SkeletalMeshActor()


def tiny_glb(picture: bytes) -> bytes:
    """A .glb that holds nothing but a picture."""
    document = {
        "images": [{"bufferView": 1, "mimeType": "image/png"}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 4},
            {"buffer": 0, "byteOffset": 4, "byteLength": len(picture)},
        ],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = b"\0\0\0\0" + picture
    return (
        struct.pack("<III", 0x46546C67, 2, 12 + 16 + len(text) + len(body))
        + struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(body), 0x004E4942)
        + body
    )
