"""Renders exported people front and back in Blender's Cycles; run by Blender's Python.

    PYTHON render_glb.py OUTPUT WIDTH HEIGHT PERSON.glb...

Writes OUTPUT/<file>_front.png and _back.png: an independent look at a file, beside the engine's.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import bpy  # pyright: ignore[reportMissingImports]  (Blender's own)

SAMPLES = 24
DISTANCE, EYE_HEIGHT, PITCH, FIELD_OF_VIEW = 6.2, 1.46, -5.2, 9.6  # metres and degrees
PHASE = 0.12
HEADINGS = {"front": 25.0, "back": -160.0}  # degrees that the camera stands round the person


def render(source: Path, output: Path, width: int, height: int) -> None:
    """Two pictures of one person in the middle of the first walk."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.import_scene.gltf(filepath=str(source), disable_bone_shape=True)
    armature = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
    tracks = armature.animation_data.nla_tracks
    for track in tracks:
        track.mute = not track.name.startswith("walk_normal")
    (strip,) = next(track for track in tracks if not track.mute).strips
    scene.frame_set(0, subframe=0.0)
    place = strip.frame_start + PHASE * (strip.frame_end - strip.frame_start)
    scene.frame_set(int(place), subframe=place - int(place))
    _light(scene)
    bpy.ops.mesh.primitive_plane_add(size=16.0)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    camera.data.sensor_fit = "HORIZONTAL"
    camera.data.angle = math.radians(FIELD_OF_VIEW)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = SAMPLES
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.view_settings.view_transform = "Standard"
    for name, heading in HEADINGS.items():
        # Blender turns glTF's forward +z into its own -y.
        angle = math.radians(heading - 90.0)
        camera.location = (
            DISTANCE * math.cos(angle),
            DISTANCE * math.sin(angle),
            EYE_HEIGHT,
        )
        camera.rotation_euler = (math.radians(90.0 + PITCH), 0.0, angle + math.radians(90.0))
        scene.render.filepath = str(output / f"{source.stem}_{name}.png")
        bpy.ops.render.render(write_still=True)


def _light(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("studio")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.62, 0.66, 0.72, 1.0)
    scene.world = world
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle = 1.6, 0.2
    sun.rotation_euler = (math.radians(50.0), 0.0, math.radians(-36.0))
    scene.collection.objects.link(sun)


def main(arguments: list) -> None:
    """Render what the command line names."""
    output, width, height = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    output.mkdir(parents=True, exist_ok=True)
    for source in arguments[3:]:
        render(Path(source), output, width, height)


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
