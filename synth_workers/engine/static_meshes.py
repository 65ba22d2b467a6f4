"""The scenery on the GPU: cells with two levels of detail, drawn near to far."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np

from synth_workers.engine.graphics import compile_program, set_uniform
from synth_workers.engine.static_light import extra_light
from synth_workers.engine.view import View
from synth_workers.scenes.geometry import Cell, LightPreset, SceneGeometry

FAR_DETAIL = 18.0
"""Metres beyond which a cell is drawn with less detail."""

_LEAF_TRANSLUCENCY = 0.45


def texture_array(
    context: moderngl.Context, layers: np.ndarray, mipmaps: bool = True
) -> moderngl.TextureArray:
    """A repeating texture array from (k, h, w, 3) uint8 layers."""
    opaque = np.full((*layers.shape[:3], 1), 255, np.uint8)
    data = np.ascontiguousarray(np.concatenate([layers, opaque], axis=-1))
    array = context.texture_array((layers.shape[2], layers.shape[1], len(layers)), 4, data)
    array.repeat_x = array.repeat_y = True
    if mipmaps:
        array.build_mipmaps()
        array.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
    return array


@dataclass
class _Range:
    """One index range of a cell in the ways it is drawn."""

    lit: moderngl.VertexArray
    normal: moderngl.VertexArray
    triangles: int


@dataclass
class _CellMesh:
    extra: moderngl.Buffer
    closed: tuple[_Range | None, _Range | None]  # near, far
    open: tuple[_Range | None, _Range | None]
    caster: moderngl.VertexArray | None
    vertices: np.ndarray


class StaticMeshes:
    """Buffers and programs of one scene's geometry."""

    def __init__(
        self, context: moderngl.Context, geometry: SceneGeometry, occlusion: np.ndarray
    ) -> None:
        """``occlusion``: baked bytes, one per vertex of all cells in order."""
        self._context = context
        self.program = compile_program(context, "static_vertex.glsl", "static_fragment.glsl")
        self.shape_program = compile_program(
            context, "static_shape_vertex.glsl", "depth_fragment.glsl"
        )
        self._normal_program = compile_program(
            context, "static_normal_vertex.glsl", "normal_fragment.glsl"
        )
        self._texture = texture_array(context, geometry.layers)
        self._cells: list[_CellMesh] = []
        start = 0
        for cell in geometry.cells:
            stop = start + len(cell.vertices)
            self._cells.append(self._upload(cell, occlusion[start:stop]))
            start = stop
        self._centres = np.array([cell.centre for cell in geometry.cells], float).reshape(-1, 3)
        self._radii = np.array([cell.radius for cell in geometry.cells], float)
        set_uniform(self.program, "surface", 0)
        set_uniform(self.program, "shadows", 1)

    def _upload(self, cell: Cell, occlusion: np.ndarray) -> _CellMesh:
        context = self._context
        vertices = cell.vertices.copy()
        vertices["tint"][:, 3] = occlusion
        main = context.buffer(vertices.tobytes())
        extra = context.buffer(reserve=max(len(vertices) * 8, 8))

        def lit(indices: np.ndarray) -> _Range | None:
            if not len(indices):
                return None
            names = ("position", "normal", "uv", "tint", "layer")
            order = context.buffer(np.ascontiguousarray(indices, "u4").tobytes())
            shaded = context.vertex_array(
                self.program,
                [(main, "3f 4f1 2f 4f1 1u2 2x", *names), (extra, "4f2", "extra")],
                order,
            )
            normal = context.vertex_array(
                self._normal_program, [(main, "3f 4f1 16x", "position", "normal")], order
            )
            return _Range(shaded, normal, len(indices))

        caster = None
        if len(cell.casters):
            caster = context.vertex_array(
                self.shape_program,
                [(main, "3f 20x", "position")],
                context.buffer(np.ascontiguousarray(cell.casters, "u4").tobytes()),
            )
        return _CellMesh(
            extra,
            (lit(cell.near), lit(cell.far)),
            (lit(cell.near_two_sided), lit(cell.far_two_sided)),
            caster,
            vertices,
        )

    def set_light(self, light: LightPreset) -> None:
        """Bake the preset's lamps and glowing surfaces into the vertices."""
        for cell in self._cells:
            if len(cell.vertices):
                cell.extra.write(extra_light(cell.vertices, light).tobytes())

    def draw_casters(self, matrix: bytes) -> None:
        """Draw what casts shadows, depth only, seen through ``matrix``."""
        set_uniform(self.shape_program, "view_projection", matrix)
        for cell in self._cells:
            if cell.caster is not None:
                cell.caster.render()

    def draw(self, view: View) -> int:
        """Draw what ``view`` sees; the shadow map is bound to unit 1. Returns triangles."""
        chosen = self._visible(view)
        self._texture.use(0)
        triangles = 0
        self._context.enable(moderngl.CULL_FACE)
        set_uniform(self.program, "through", 0.0)
        for cell, level in chosen:
            if (part := cell.closed[level]) is not None:
                part.lit.render()
                triangles += part.triangles
        self._context.disable(moderngl.CULL_FACE)
        set_uniform(self.program, "through", _LEAF_TRANSLUCENCY)
        for cell, level in chosen:
            if (part := cell.open[level]) is not None:
                part.lit.render()
                triangles += part.triangles
        return triangles

    def draw_normals(self, view: View, matrix: bytes) -> None:
        """Draw the normals of what ``view`` sees, through ``matrix``."""
        set_uniform(self._normal_program, "view_projection", matrix)
        for cell, level in self._visible(view):
            for part in (cell.closed[level], cell.open[level]):
                if part is not None:
                    part.normal.render()

    def _visible(self, view: View) -> list[tuple[_CellMesh, int]]:
        """Cells in view with their level of detail, near to far."""
        distances = np.linalg.norm(self._centres - view.eye, axis=1) - self._radii
        visible = np.flatnonzero(view.sees(self._centres, self._radii))
        order = visible[np.argsort(distances[visible], kind="stable")]
        return [(self._cells[i], int(distances[i] > FAR_DETAIL)) for i in order]
