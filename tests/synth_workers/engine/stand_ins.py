"""A scene of boxes and people of boxes: enough to test the engine without building bodies."""

from __future__ import annotations

import numpy as np

from manifests.channels import CLASSES, FIRST_PIECE
from synth_workers.engine.crowd import Crowd
from synth_workers.engine.engine import Level
from synth_workers.engine.person_meshes import TILE
from synth_workers.engine.shapes import box_vertices, still_clip
from synth_workers.people.person import CLIP_FRAMES, BuiltPerson, Clip, Lod
from synth_workers.scenes.description import Camera, SceneDescription, WalkGraph
from synth_workers.scenes.geometry import (
    STATIC_VERTEX,
    Cell,
    LightPreset,
    PointLight,
    SceneGeometry,
    geometry_digest,
)

LEG_LEFT, LEG_RIGHT = 1, 2


def walking_clip() -> Clip:
    """Legs that swing forwards and back like pendulums; one metre per cycle."""
    clip = still_clip()
    bones = clip.bones.copy()
    angles = 0.5 * np.sin(np.arange(CLIP_FRAMES) / CLIP_FRAMES * 2 * np.pi)
    for bone, sign in ((LEG_LEFT, 1.0), (LEG_RIGHT, -1.0)):
        cosine, sine = np.cos(sign * angles), np.sin(sign * angles)
        bones[:, bone, 1, 1], bones[:, bone, 1, 2] = cosine, sine
        bones[:, bone, 2, 1], bones[:, bone, 2, 2] = -sine, cosine
        bones[:, bone, 1, 3] = 0.9 - 0.9 * cosine
        bones[:, bone, 2, 3] = 0.9 * sine
    travel = np.linspace(0, 1, CLIP_FRAMES + 1, dtype=np.float32)
    return Clip(bones, travel, 1.0)


def box_person(seed: int) -> BuiltPerson:
    """Torso, head and two legs as boxes; tile 0 is striped cloth."""
    rng = np.random.default_rng(seed)
    shirt, trousers = (rng.integers(40, 220, 3).tolist() for _ in range(2))
    pieces = [
        (box_vertices((-0.22, 0.9, -0.12), (0.22, 1.5, 0.12), shirt), 0, 2),
        (box_vertices((-0.1, 1.5, -0.1), (0.1, 1.75, 0.12), (205, 160, 130)), 0, 0),
        (box_vertices((0.03, 0.0, -0.08), (0.2, 0.9, 0.08), trousers), LEG_LEFT, 1),
        (box_vertices((-0.2, 0.0, -0.08), (-0.03, 0.9, 0.08), trousers), LEG_RIGHT, 0),
    ]
    vertices, triangles, start = [], [], 0
    for (part, faces), bone, layer in pieces:
        part["bones"][:, 0] = bone
        part["layer"] = layer
        vertices.append(part)
        triangles.append(faces + start)
        start += len(part)
    lod = Lod(np.concatenate(vertices), np.concatenate(triangles).astype(np.uint32))
    tile = np.full((1, TILE, TILE, 3), 255, np.uint8)
    tile[0, ::16] = tile[0, 1::16] = 90
    feet = np.array([[0.11, 0, 0, 1], [-0.11, 0, 0, 1]], np.float32)
    joints = np.array([[0, 1.62, 0, 1], [0.11, 0.45, 0, 1], [-0.11, 0.45, 0, 1]], np.float32)
    return BuiltPerson(
        lods=(lod,) * 4,
        tiles=tile,
        clips={"walk": walking_clip(), "idle": still_clip()},
        feet=feet,
        foot_bones=(LEG_LEFT, LEG_RIGHT),
        joints=joints,
        joint_bones=(0, LEG_LEFT, LEG_RIGHT),
        joint_names=("head", "left_knee", "right_knee"),
        stature=1.75,
        radius=0.3,
        reach=1.75,
    )


def box_crowd(count: int = 12) -> Crowd:
    """``count`` people of boxes in different colours."""
    return Crowd([f"box-{i}" for i in range(count)], lambda key: box_person(int(key[4:])))


def static_box(
    low: tuple[float, float, float], high: tuple[float, float, float], tint: int, **fields: int
) -> tuple[np.ndarray, np.ndarray]:
    """A box of scenery in metres of the engine's frame."""
    source, triangles = box_vertices(low, high, (tint, tint, tint))
    vertices = np.zeros(len(source), STATIC_VERTEX)
    for name in ("position", "normal", "tint"):
        vertices[name] = source[name]
    vertices["uv"] = source["uv"].astype(np.float32) * 4
    for name, value in fields.items():
        vertices[name] = value
    return vertices, triangles


def ground(half: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """A flat square of ground, tessellated so that it can carry baked light."""
    line = np.arange(-half, half + step / 2, step)
    x, y = (grid.ravel() for grid in np.meshgrid(line, line, indexing="ij"))
    vertices = np.zeros(len(x), STATIC_VERTEX)
    vertices["position"] = np.stack([x, y, np.zeros_like(x)], axis=1)
    vertices["normal"][:, :3] = (128, 128, 255)
    vertices["uv"] = np.stack([x, y], axis=1) / 2
    vertices["tint"] = (190, 190, 185, 255)
    vertices["layer"] = 1
    n = len(line)
    i, j = (g.ravel() for g in np.meshgrid(np.arange(n - 1), np.arange(n - 1), indexing="ij"))
    a = i * n + j
    triangles = np.concatenate(
        [np.stack([a, a + n, a + n + 1], axis=1), np.stack([a, a + n + 1, a + 1], axis=1)]
    )
    return vertices, triangles


def box_geometry(name: str = "yard") -> SceneGeometry:
    """Ground, a wall across the back, one pillar, a lamp box; lights day and night."""
    pieces = [
        ground(20.0, 1.0),
        static_box((12.0, -8.0, 0.0), (12.5, 8.0, 4.0), 170, layer=1),
        static_box((4.0, 0.8, 0.0), (4.4, 1.2, 3.0), 120),
        static_box((7.0, 3.0, 3.5), (7.3, 3.3, 3.8), 240, glow=200, switch=1),
        static_box((11.9, -2.0, 1.0), (12.0, -1.0, 2.0), 200, glow=64, switch=2),
    ]
    vertices, triangles, start = [], [], 0
    for part, faces in pieces:
        vertices.append(part)
        triangles.append(faces + start)
        start += len(part)
    merged = np.concatenate(vertices)
    faces = np.concatenate(triangles).astype(np.uint32)
    none = np.zeros((0, 3), np.uint32)
    casters = np.concatenate(triangles[1:]).astype(np.uint32)
    kinds = ("ground", "building", "building", "light", "sign")
    of_pieces = [(FIRST_PIECE + n) << 8 | CLASSES.index(kind) for n, kind in enumerate(kinds)]
    labels = np.repeat(np.array(of_pieces, np.uint32), [len(part) for part, _ in pieces])
    cell = Cell(merged, faces, faces, none, none, casters, (0.0, 0.0, 2.0), 30.0, labels)
    layers = np.full((2, 512, 512, 3), 255, np.uint8)
    checks = (np.add.outer(np.arange(512) // 64, np.arange(512) // 64) % 2) * 50 + 190
    layers[1] = checks[..., None]
    day = LightPreset(
        sun_direction=(0.3, -0.4, 0.85),
        sun_colour=(2.8, 2.6, 2.3),
        sky_colour=(0.62, 0.74, 0.95),
        ground_colour=(0.36, 0.33, 0.3),
        zenith_colour=(0.22, 0.42, 0.85),
        fog_colour=(0.74, 0.81, 0.9),
    )
    night = LightPreset(
        sun_direction=(0.3, -0.4, 0.85),
        sun_colour=(0.02, 0.02, 0.03),
        sky_colour=(0.02, 0.025, 0.04),
        ground_colour=(0.015, 0.015, 0.02),
        zenith_colour=(0.005, 0.007, 0.02),
        fog_colour=(0.02, 0.02, 0.03),
        exposure=1.2,
        noise=0.05,
        lamps=(PointLight((7.15, 3.15, 3.3), (9.0, 7.0, 4.0)),),
        lamp_colour=(4.0, 3.2, 2.0),
        windows_lit=1.0,
        window_colour=(1.5, 1.2, 0.7),
    )
    cells = (cell,)
    return SceneGeometry(
        name, False, cells, layers, {"day": day, "night": night}, (6.0, 0.0, 15.0),
        geometry_digest(cells, layers),
    )  # fmt: skip


def box_level(name: str) -> Level:
    """The yard under any name, with one camera that looks along +x."""
    description = SceneDescription(
        name=name,
        version=1,
        indoor=False,
        cameras=(Camera(f"{name}_c01", (-300.0, 0.0, 300.0), (-15.0, 0.0, 0.0), 60.0),),
        camera_sets={"all": (f"{name}_c01",)},
        walk=WalkGraph(
            nodes=np.array([[100, -300, 0], [900, -300, 0], [900, 300, 0], [100, 300, 0]], float),
            edges=np.array([[0, 1], [1, 2], [2, 3], [3, 0]]),
            widths=np.full(4, 100.0),
        ),
        lights=("day", "night"),
    )
    return Level(description, box_geometry(name))
