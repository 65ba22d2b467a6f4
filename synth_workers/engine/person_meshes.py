"""People on the GPU: meshes by appearance and level of detail, cloth tiles in one array.

What is drawn is decided by `renderer`; which appearances exist by `crowd`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from enum import Enum
from functools import cached_property

import moderngl
import numpy as np

from synth_workers.engine.bone_boxes import BoneBoxes
from synth_workers.engine.draw_order import draw_order
from synth_workers.engine.graphics import compile_capture, compile_program, set_uniform
from synth_workers.people.person import VERTEX, BuiltPerson

BONES = 55
MAX_ACTORS = 255
"""Drawn actors; their ids are the bytes 1..255 of the id image, 0 is background."""

LAMPS_PER_PERSON = 4
TILE = 128
SHARED_LAYERS = 2  # white, wrinkles
_FIRST_LAYERS = 64
_KEPT_UNUSED = 48
_FOLDS = 44


class PersonPass(Enum):
    """What a program draws of a person: the vertex layout and the attributes it needs."""

    LIT = (
        "3f 4f1 2f2 4f1 4u1 4f1 1u2 2f1",
        *("position", "normal", "uv", "tint", "bones", "weights", "layer", "relief"),
    )
    SHAPE = ("3f 12x 4u1 4f1 4x", "position", "bones", "weights")
    NORMAL = ("3f 4f1 8x 4u1 4f1 4x", "position", "normal", "bones", "weights")
    POSED = ("12x 4f1 2f2 4f1 8x 1u2 2f1", "normal", "uv", "tint", "layer", "relief")


_POSED = ("posed_place", "posed_normal")
_POSED_FORMAT, _POSED_BYTES = "3f 3f", 24


def wrinkle_tile(size: int) -> np.ndarray:
    """(size, size, 3) uint8 periodic folds of 0.8 m of cloth: slope across and along, valleys.

    Folds are separate, long and slanting, as cloth creases where it is pushed together along
    v; between them it is smooth. Blue is how deep in a valley a place lies.
    """
    rng = np.random.default_rng([5, size])
    axis = (np.arange(size) + 0.5) / size
    v, u = np.meshgrid(axis, axis, indexing="ij")
    height = np.zeros((size, size))
    for i in range(_FOLDS):
        slant = np.radians(rng.uniform(8, 48)) * (1 if i % 2 else -1)
        x = (u - rng.random() + 0.5) % 1.0 - 0.5
        y = (v - (i + rng.random()) / _FOLDS + 0.5) % 1.0 - 0.5
        half, width = rng.uniform(0.08, 0.2), rng.uniform(0.014, 0.030)
        along = x * np.cos(slant) + y * np.sin(slant)
        bow = rng.uniform(-0.8, 0.8) * along**2
        away = y * np.cos(slant) - x * np.sin(slant) - bow
        # Steep on the side that is pushed over, flat on the other.
        reach = np.where(away > 0, width, 2.2 * width)
        ends = np.exp(-((along / half) ** 4))
        height += rng.uniform(0.5, 1.0) * ends * np.exp(-((away / reach) ** 2))
    across = np.roll(height, -1, 1) - np.roll(height, 1, 1)
    down = np.roll(height, -1, 0) - np.roll(height, 1, 0)
    scale = 0.09 / np.std(down)
    valley = np.clip((np.median(height) - height) / np.std(height), 0.0, 1.0)
    packed = np.stack([across * scale + 0.5, down * scale + 0.5, valley], axis=-1)
    return np.clip(np.rint(packed * 255), 0, 255).astype(np.uint8)


class _Level:
    """One level of detail; its arrays exist from the first time it is drawn."""

    def __init__(self, vertices: np.ndarray, indices: np.ndarray) -> None:
        if vertices.dtype != VERTEX:
            raise ValueError("a person's vertices do not have the VERTEX layout")
        self._vertices = vertices
        self._indices = indices
        self.one_sided = 0
        self._buffers: tuple[moderngl.Buffer, moderngl.Buffer] | None = None
        self._posed: moderngl.Buffer | None = None
        self._arrays: dict[int, moderngl.VertexArray] = {}

    @cached_property
    def boxes(self) -> BoneBoxes:
        return BoneBoxes.of(self._vertices)

    def array(self, program: moderngl.Program) -> moderngl.VertexArray:
        found = self._arrays.get(program.glo)
        if found is None:
            context = program.ctx
            vertices, triangles = self._uploaded(context)
            content = [(vertices, *program.extra.value)]
            if program.extra is PersonPass.POSED:
                content.append((self._kept(context), _POSED_FORMAT, *_POSED))
            found = context.vertex_array(program, content, triangles)
            self._arrays[program.glo] = found
        return found

    def pose(self, program: moderngl.Program) -> None:
        """Keep where ``program`` puts every vertex, for what draws ``PersonPass.POSED``."""
        context = program.ctx
        vertices, _ = self._uploaded(context)
        found = self._arrays.get(program.glo)
        if found is None:
            found = context.vertex_array(program, [(vertices, *program.extra.value)])
            self._arrays[program.glo] = found
        found.transform(self._kept(context), moderngl.POINTS)

    def _kept(self, context: moderngl.Context) -> moderngl.Buffer:
        if self._posed is None:
            count = self._uploaded(context)[0].size // VERTEX.itemsize
            self._posed = context.buffer(reserve=count * _POSED_BYTES)
        return self._posed

    def _uploaded(self, context: moderngl.Context) -> tuple[moderngl.Buffer, moderngl.Buffer]:
        if self._buffers is None:
            order = draw_order(self._vertices, self._indices)
            self.one_sided = 3 * order.one_sided
            self._buffers = (
                context.buffer(self._vertices[order.vertices].tobytes()),
                context.buffer(order.triangles.tobytes()),
            )
        return self._buffers


class PersonMesh:
    """One appearance: four levels of detail and its place in the tile array."""

    def __init__(self, person: BuiltPerson, layers: range) -> None:
        self.first_layer, self.layers = layers.start, layers
        self._levels = tuple(_Level(lod.vertices, lod.indices) for lod in person.lods)

    def draw(self, level: int, program: moderngl.Program, *, inside: bool) -> None:
        """Draw one level, both sides of everything. Without the ``inside`` that nobody can see a
        frame costs a quarter less."""
        chosen = self._level(level)
        array = chosen.array(program)
        first = 0 if inside else chosen.one_sided
        if first:
            program.ctx.enable(moderngl.CULL_FACE)
            array.render(vertices=first)
            program.ctx.disable(moderngl.CULL_FACE)
        if rest := array.vertices - first:
            array.render(vertices=rest, first=first)

    def pose(self, level: int, program: moderngl.Program) -> None:
        """Keep one level as ``program`` poses it."""
        self._level(level).pose(program)

    def boxes(self, level: int) -> BoneBoxes:
        """What encloses one level in any pose."""
        return self._level(level).boxes

    def _level(self, level: int) -> _Level:
        return self._levels[min(level, len(self._levels) - 1)]


class PersonMeshes:
    """All appearances in use, plus a few that were used lately."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context

        def program(what: PersonPass, vertex: str, fragment: str, **more: int) -> moderngl.Program:
            return _made_for(what, compile_program(context, vertex, fragment, **more))

        self.day_program = program(PersonPass.LIT, "person", "person")
        self.lamp_program = program(PersonPass.LIT, "person", "person", LAMPS=LAMPS_PER_PERSON)
        self.shadow_program = program(PersonPass.SHAPE, "person_shape", "depth")
        self.id_program = program(PersonPass.SHAPE, "person_shape", "person_id")
        self.normal_program = program(PersonPass.NORMAL, "person_normal", "normal")
        self._program = program
        self._palette = context.texture((BONES * 3, MAX_ACTORS), 4, dtype="f4")
        self._palette.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._meshes: OrderedDict[Hashable, PersonMesh] = OrderedDict()
        white = np.full((TILE, TILE, 3), 255, np.uint8)
        self._tiles = np.stack([white, wrinkle_tile(TILE)])
        self._free: set[int] = set()
        self._grow(_FIRST_LAYERS)

    @cached_property
    def posing_program(self) -> moderngl.Program:
        """Poses for several cameras at once; compiled when there are some, as the two below."""
        compiled = compile_capture(self._context, "person_posed", *_POSED)
        return _made_for(PersonPass.NORMAL, compiled)

    @cached_property
    def posed_day_program(self) -> moderngl.Program:
        """``day_program`` for those who are posed already."""
        return self._program(PersonPass.POSED, "person", "person", POSED=1)

    @cached_property
    def posed_lamp_program(self) -> moderngl.Program:
        """``lamp_program`` for those who are posed already."""
        lamps = LAMPS_PER_PERSON
        return self._program(PersonPass.POSED, "person", "person", POSED=1, LAMPS=lamps)

    @cached_property
    def flow_program(self) -> moderngl.Program:
        """Draws where everything is seen now and next; compiled when it is asked for."""
        return self._program(PersonPass.SHAPE, "person_flow", "flow")

    @cached_property
    def _next_palette(self) -> moderngl.Texture:
        texture = self._context.texture((BONES * 3, MAX_ACTORS), 4, dtype="f4")
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return texture

    def use_next(self, palettes: np.ndarray) -> None:
        """Bind to unit 3 the bones of the next tick, as ``write_palettes`` takes them."""
        viewport = (0, 0, BONES * 3, len(palettes))
        self._next_palette.write(np.ascontiguousarray(palettes, "f4"), viewport=viewport)
        self._next_palette.use(3)

    def mesh(self, key: Hashable, person: BuiltPerson) -> PersonMesh:
        """The uploaded appearance ``key``, uploading ``person`` when it is new."""
        found = self._meshes.get(key)
        if found is None:
            found = self._meshes[key] = PersonMesh(person, self._place(person.tiles))
        self._meshes.move_to_end(key)
        return found

    def forget_unused(self, used: set[Hashable]) -> None:
        """Drop the appearances that nobody wears, except the ones worn last."""
        unused = [key for key in self._meshes if key not in used]
        for key in unused[: max(len(unused) - _KEPT_UNUSED, 0)]:
            self._free.update(self._meshes.pop(key).layers)

    def write_palettes(self, palettes: np.ndarray) -> None:
        """(n, 55, 3, 4) float32 world-space bones (engine frame) of rows 0..n-1."""
        viewport = (0, 0, BONES * 3, len(palettes))
        self._palette.write(np.ascontiguousarray(palettes, "f4"), viewport=viewport)

    def use(self) -> None:
        """Bind tiles to unit 0 and palettes to unit 2."""
        if self._stale_mipmaps:
            self._array.build_mipmaps()
            self._array.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
            self._stale_mipmaps = False
        self._array.use(0)
        self._palette.use(2)

    def _place(self, tiles: np.ndarray) -> range:
        """Write tiles into consecutive free layers; returns those."""
        count = len(tiles)
        if not count:
            return range(SHARED_LAYERS, SHARED_LAYERS)
        if tiles.shape[1:] != (TILE, TILE, 3):
            raise ValueError(f"cloth tiles are {tiles.shape[1:]}, expected {(TILE, TILE, 3)}")
        runs = (range(start, start + count) for start in sorted(self._free))
        layers = next((run for run in runs if self._free.issuperset(run)), None)
        if layers is None:
            self._grow(max(len(self._tiles) * 2, len(self._tiles) + count))
            return self._place(tiles)
        self._free.difference_update(layers)
        self._tiles[layers.start : layers.stop] = tiles
        self._write_layers(layers)
        return layers

    def _grow(self, capacity: int) -> None:
        before = len(self._tiles)
        more = np.zeros((capacity - before, TILE, TILE, 3), np.uint8)
        self._tiles = np.concatenate([self._tiles, more])
        self._free.update(range(before, capacity))
        self._array = self._context.texture_array((TILE, TILE, capacity), 4)
        self._array.repeat_x = self._array.repeat_y = True
        self._write_layers(range(before))

    def _write_layers(self, layers: range) -> None:
        data = np.full((len(layers), TILE, TILE, 4), 255, np.uint8)
        data[..., :3] = self._tiles[layers.start : layers.stop]
        self._array.write(data, viewport=(0, 0, layers.start, TILE, TILE, len(layers)))
        self._stale_mipmaps = True


def _made_for(what: PersonPass, program: moderngl.Program) -> moderngl.Program:
    program.extra = what
    for unit, name in enumerate(("cloth", "shadows", "palette", "next_palette")):
        set_uniform(program, name, unit)
    return program
