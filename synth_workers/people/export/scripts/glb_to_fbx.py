"""Turns exported people from .glb into .fbx; run by Blender's Python, never imported by ours.

    PYTHON glb_to_fbx.py OUTPUT PERSON.glb...            (a Python that has the package bpy)
    blender -b -P glb_to_fbx.py -- OUTPUT PERSON.glb...

A scene in centimetres makes Blender read the metres of glTF as hundreds of its units, so that the
.fbx files are in Unreal's unit without any scale in their nodes. Takes are sampled at
FRAMES_PER_SECOND; ``--check`` only says which Blender runs.
"""

import sys
from pathlib import Path

import bpy

FRAMES_PER_SECOND = 180
CM_SCENE = 0.01


def convert(source: Path, output: Path) -> None:
    """Write one person with skeleton, skin, texture and all animations."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = FRAMES_PER_SECOND
    scene.unit_settings.system = "METRIC"
    scene.unit_settings.scale_length = CM_SCENE
    bpy.ops.import_scene.gltf(filepath=str(source), disable_bone_shape=True)
    armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    # Unreal leaves a node of this name out of the skeleton; any other would become a bone.
    armature.name = "Armature"
    output.mkdir(parents=True, exist_ok=True)
    bpy.ops.export_scene.fbx(
        filepath=str(output / f"{source.stem}.fbx"),
        object_types={"ARMATURE", "MESH"},
        add_leaf_bones=False,
        use_armature_deform_only=False,
        mesh_smooth_type="OFF",
        bake_anim=True,
        bake_anim_use_all_bones=True,
        bake_anim_use_nla_strips=False,
        bake_anim_use_all_actions=True,
        bake_anim_force_startend_keying=True,
        bake_anim_simplify_factor=0.01,
        path_mode="COPY",
        embed_textures=True,
    )


def main(arguments: list) -> None:
    """Convert what the command line names."""
    if arguments == ["--check"]:
        print(f"Blender {bpy.app.version_string}")
        return
    output, *sources = map(Path, arguments)
    for source in sources:
        convert(source, output)
        print(f"converted {source.name}", flush=True)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
