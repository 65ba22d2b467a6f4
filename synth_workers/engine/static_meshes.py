"""The scenery on the GPU: cells with two levels of detail, drawn near to far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import moderngl
import numpy as np

from synth_workers.engine.graphics import compile_program, set_uniform
from synth_workers.engine.static_light import extra_light
from synth_workers.engine.view import View
from synth_workers.scenes.geometry import FAR_DETAIL, Cell, LightPreset, SceneGeometry

_LEAF_TRANSLUCENCY = 0.45
_PARTS = ("near", "far", "near_two_sided", "far_two_sided")


@dataclass(frozen=True)
class _Part:
    """One index range of a cell in the ways it is drawn."""

    lit: moderngl.VertexArray
    normal: moderngl.VertexArray
    indices: moderngl.Buffer


@dataclass(frozen=True)
class _CellMesh:
    """``parts``: by the names that ``Cell`` gives index ranges, without those that are empty."""

    vertices: np.ndarray
    main: moderngl.Buffer
    extra: moderngl.Buffer
    parts: dict[str, _Part]
    caster: moderngl.VertexArray | None


class StaticMeshes:
    """Buffers and programs of one scene's geometry."""

    def __init__(self, context: moderngl.Context, geometry: SceneGeometry) -> None:
        self._context = context
        self.program = compile_program(context, "static", "static")
        self._shape_program = compile_program(context, "static_shape", "depth")
        self._normal_program = compile_program(context, "static_normal", "normal")
        layers = geometry.layers
        opaque = np.full((*layers.shape[:3], 1), 255, np.uint8)
        texels = np.ascontiguousarray(np.concatenate([layers, opaque], axis=-1))
        size = (layers.shape[2], layers.shape[1], len(layers))
        self._texture = context.texture_array(size, 4, texels)
        self._texture.repeat_x = self._texture.repeat_y = True
        self._texture.build_mipmaps()
        self._texture.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        self._geometry = geometry
        self._cells = [self._upload(cell) for cell in geometry.cells]
        self._centres = np.array([cell.centre for cell in geometry.cells], float).reshape(-1, 3)
        self._radii = np.array([cell.radius for cell in geometry.cells], float)
        set_uniform(self.program, "surface", 0)
        set_uniform(self.program, "shadows", 1)

    def _upload(self, cell: Cell) -> _CellMesh:
        context = self._context
        vertices = cell.vertices.copy()
        main = context.buffer(vertices.tobytes())
        extra = context.buffer(reserve=len(vertices) * 8)

        def order(name: str) -> moderngl.Buffer:
            return context.buffer(np.ascontiguousarray(getattr(cell, name), "u4").tobytes())

        def part(indices: moderngl.Buffer) -> _Part:
            names = ("position", "normal", "uv", "tint", "layer")
            shaded = [(main, "3f 4f1 2f 4f1 1u2 2x", *names), (extra, "4f2", "extra")]
            plain = [(main, "3f 4f1 16x", "position", "normal")]
            return _Part(
                context.vertex_array(self.program, shaded, indices),
                context.vertex_array(self._normal_program, plain, indices),
                indices,
            )

        parts = {name: part(order(name)) for name in _PARTS if len(getattr(cell, name))}
        caster = None
        if len(cell.casters):
            shape = [(main, "3f 20x", "position")]
            caster = context.vertex_array(self._shape_program, shape, order("casters"))
        return _CellMesh(vertices, main, extra, parts, caster)

    def set_occlusion(self, occlusion: np.ndarray) -> None:
        """Darken surfaces by baked bytes, one per vertex of all cells in order."""
        ends = np.cumsum([len(cell.vertices) for cell in self._cells])
        for cell, own in zip(self._cells, np.split(occlusion, ends[:-1])):
            cell.vertices["tint"][:, 3] = own
            cell.main.write(cell.vertices.tobytes())

    def set_light(self, light: LightPreset) -> None:
        """Bake the preset's lamps and glowing surfaces into the vertices."""
        for cell in self._cells:
            cell.extra.write(extra_light(cell.vertices, light).tobytes())

    def draw_casters(self, matrix: bytes) -> None:
        """Draw what casts shadows, depth only, seen through ``matrix``."""
        set_uniform(self._shape_program, "view_projection", matrix)
        for cell in self._cells:
            if cell.caster is not None:
                cell.caster.render()

    def draw(self, view: View) -> None:
        """Draw what ``view`` sees; the shadow map is bound to unit 1."""
        chosen = self._visible(view)
        self._texture.use(0)
        self._context.enable(moderngl.CULL_FACE)
        for sides, through in (("", 0.0), ("_two_sided", _LEAF_TRANSLUCENCY)):
            set_uniform(self.program, "through", through)
            for cell, level in chosen:
                if part := cell.parts.get(level + sides):
                    part.lit.render()
            self._context.disable(moderngl.CULL_FACE)

    def draw_normals(self, view: View, matrix: bytes) -> None:
        """Draw the normals of what ``view`` sees, through ``matrix``."""
        set_uniform(self._normal_program, "view_projection", matrix)
        for cell, level in self._visible(view):
            for sides in ("", "_two_sided"):
                if part := cell.parts.get(level + sides):
                    part.normal.render()

    def draw_labels(self, view: View, matrix: bytes) -> None:
        """Draw the labels of what ``view`` sees (`scenes.labels`), through ``matrix``."""
        set_uniform(self._label_program, "view_projection", matrix)
        self._context.enable(moderngl.CULL_FACE)
        for sides in ("", "_two_sided"):
            for number, level in self._chosen(view):
                if array := self._labelled[number].get(level + sides):
                    array.render()
            self._context.disable(moderngl.CULL_FACE)

    @cached_property
    def _label_program(self) -> moderngl.Program:
        return compile_program(self._context, "static_label", "label")

    @cached_property
    def _labelled(self) -> list[dict[str, moderngl.VertexArray]]:
        """What draws the labels of each cell, by range of indices; nothing until it is needed."""
        context, program = self._context, self._label_program
        arrays: list[dict[str, moderngl.VertexArray]] = []
        for cell, mesh in zip(self._geometry.cells, self._cells):
            labels = np.zeros(len(cell.vertices), np.uint32)
            labels[: len(cell.labels)] = cell.labels
            own = context.buffer(labels.tobytes())
            content = [(mesh.main, "3f 20x", "position"), (own, "1u4", "label")]
            arrays.append(
                {
                    name: context.vertex_array(program, content, part.indices)
                    for name, part in mesh.parts.items()
                }
            )
        return arrays

    def _visible(self, view: View) -> list[tuple[_CellMesh, str]]:
        """Cells in view with their level of detail, near to far."""
        return [(self._cells[number], level) for number, level in self._chosen(view)]

    def _chosen(self, view: View) -> list[tuple[int, str]]:
        """Their numbers."""
        distances = np.linalg.norm(self._centres - view.eye, axis=1) - self._radii
        visible = np.flatnonzero(view.sees(self._centres, self._radii))
        order = visible[np.argsort(distances[visible], kind="stable")]
        return [(int(i), "far" if distances[i] > FAR_DETAIL else "near") for i in order]
