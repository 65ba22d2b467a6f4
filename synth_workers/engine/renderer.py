"""Draws a scene with people: one pass into colour and id, all of it in one thread.

The renderer knows matrices, meshes and lights; commands, names and colours belong to `world`.
Supersampling: colour and ids are drawn at ``supersampling`` times the asked size in the same
pass; colour is reduced by an area filter, ids by taking the one at each pixel's centre. So the
mask is exact (no mixed labels) and its edges lie within half a drawn pixel of the colour's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import cv2
import moderngl
import numpy as np

from synth_workers.engine.ambient_occlusion import load_or_bake
from synth_workers.engine.contacts import Contacts
from synth_workers.engine.drawing import Drawing, Figure, RenderTarget
from synth_workers.engine.graphics import create_context, set_uniform
from synth_workers.engine.lens_table import reduce_labels
from synth_workers.engine.person_meshes import (
    LAMPS_PER_PERSON,
    MAX_ACTORS,
    PersonMesh,
    PersonMeshes,
)
from synth_workers.engine.shadows import CASTER_LEVEL, ShadowMap
from synth_workers.engine.sky import Sky
from synth_workers.engine.static_meshes import StaticMeshes
from synth_workers.engine.view import FAR, NEAR, View, gl_bytes
from synth_workers.scenes.geometry import LightPreset, PointLight, SceneGeometry

LEVEL_HEIGHTS = (520.0, 210.0, 80.0)
"""Height on the final image, pixels, above which levels 0, 1 and 2 are used."""

_BODY_HEIGHT = 1.7
_CHEST = np.array([0.0, 0.0, 0.9])
_VIEW_RADIUS = 1.3
_SHADOW_REACH = 3.2
_KEPT_TARGETS = 4
_LIGHT_UNIFORMS = (
    "sun_colour", "sky_colour", "ground_colour", "zenith_colour", "fog_colour", "fog_density",
)  # fmt: skip


class Renderer:
    """Owns the OpenGL context. Call it from the thread that made it, and from no other."""

    def __init__(self, device: str = "auto", supersampling: float = 1.0) -> None:
        cv2.setNumThreads(1)
        context = self._context = create_context(device)
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = "<"
        context.front_face = "cw"  # pictures are drawn upside down: their first row is the top one
        context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        self.supersampling = supersampling
        self._people = PersonMeshes(context)
        self._sky = Sky(context)
        self._contacts = Contacts(context)
        self._target_of = lru_cache(_KEPT_TARGETS)(RenderTarget)
        self._scenery: StaticMeshes | None = None
        self._shadows: ShadowMap | None = None
        self._light: LightPreset | None = None
        self._token = 0
        self._closed = False
        self.people_cast_shadows = True
        self.set_figures(())

    def close(self) -> None:
        """Destroy the context with everything in it.

        Objects that are collected later must not be released one by one: their names may by then
        belong to objects of another context.
        """
        if not self._closed:
            self._closed = True
            self._context.gc_mode = "context_gc"
            self._context.release()

    @property
    def name(self) -> str:
        """The OpenGL renderer string."""
        return str(self._context.info["GL_RENDERER"])

    @property
    def light(self) -> LightPreset:
        """The light in use."""
        if self._light is None:
            raise RuntimeError("no light is set")
        return self._light

    # -- scene, light, people ------------------------------------------------------------

    def set_scene(self, geometry: SceneGeometry) -> None:
        """Upload scenery; follow with ``set_light``."""
        self._scenery = self._shadows = self._light = None  # or two scenes would be there at once
        scenery = self._scenery = StaticMeshes(self._context, geometry)
        scenery.set_occlusion(load_or_bake(self._context, geometry, scenery.draw_casters))
        self._shadows = ShadowMap(self._context, geometry.shadow_area)

    def set_light(self, light: LightPreset) -> None:
        """Change sun, sky and lamps; bakes what does not move."""
        if self._scenery is None or self._shadows is None:
            raise RuntimeError("set_scene comes first")
        self._light = light
        self._scenery.set_light(light)
        self._sky.set_light(light)
        direction = np.asarray(light.sun_direction, float)
        direction /= np.linalg.norm(direction)
        self._shadows.set_sun(direction)
        self._shadows.begin_static()
        self._scenery.draw_casters(self._shadows.matrix_bytes)
        self._shadows.end_static()
        self._shadowed[:] = False
        uniforms = {name: getattr(light, name) for name in _LIGHT_UNIFORMS}
        uniforms |= {"sun": tuple(direction), "shadow_matrix": self._shadows.matrix_bytes}
        self._light_uniforms = uniforms
        self._posed.clear()
        for program in self._lit_programs():
            _set_all(program, uniforms)

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Who stands where from now on, as ``figures``; figure i has id i + 1."""
        if len(figures) > MAX_ACTORS:
            raise ValueError(f"{len(figures)} figures, at most {MAX_ACTORS} can be drawn")
        self.figures = tuple(figures)
        self._roots = np.array([f.root for f in figures], float).reshape(-1, 3)
        self._chests = self._roots + _CHEST
        self._reach = np.array([f.reach for f in figures], float)
        if figures:
            self._people.write_palettes(np.stack([f.palette for f in figures]))
        self._people.forget_unused({f.key for f in figures})
        if self._shadows is not None:
            self._shadows.wipe_people()
        self._shadowed = np.zeros(len(figures), bool)
        self._contacts.set_figures(self.figures)
        self._posed: set[tuple[int, int]] = set()

    def expect(self, views: Sequence[View]) -> None:
        """All ``views`` are drawn next, of the figures as they are: shadows are drawn for all of
        them, and whom several show at one level of detail is posed once."""
        if len(views) < 2:
            return
        self._draw_shadows(views)
        seen = Counter(figure for view in views for figure in self.visible_figures(view))
        # A mesh keeps one pose: of people who look the same every camera has its own.
        wearers = Counter((self.figures[row].key, level) for row, level in seen)
        shared = {
            (row, level)
            for (row, level), cameras in seen.items()
            if cameras > 1 and wearers[self.figures[row].key, level] == 1
        }
        if not shared:
            return
        _set_all(self._posed_program, self._light_uniforms)
        program = self._people.posing_program
        self._people.use()
        for row, level in shared:
            set_uniform(program, "actor", self._actor(row))
            self._mesh(row).pose(level, program)
        self._posed = shared

    @property
    def _posed_program(self) -> moderngl.Program:
        people = self._people
        return people.posed_lamp_program if self.light.lamps else people.posed_day_program

    # -- drawing -------------------------------------------------------------------------

    def draw(self, view: View, gain: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> Drawing:
        """Draw what ``view`` sees; ``gain`` is the camera's exposure and white balance."""
        light = self.light
        target = self._target(view)
        self._draw_shadows([view])
        total = tuple(
            light.exposure * balance * own for balance, own in zip(light.white_balance, gain)
        )
        matrix = gl_bytes(_upside_down(view))
        for program in self._lit_programs():
            set_uniform(program, "view_projection", matrix)
            set_uniform(program, "eye", tuple(view.eye))
            set_uniform(program, "gain", total)
        target.both.use()
        target.both.clear(0, 0, 0, 0)
        assert self._shadows is not None and self._scenery is not None
        self._shadows.depth.use(1)
        self._draw_people(view)
        self._scenery.draw(view)
        self._context.depth_func = "<="
        self._sky.draw()
        self._context.depth_func = "<"
        if self.people_cast_shadows:
            self._contacts.draw(target)
        self._token += 1
        target.token = self._token
        ids = reduce_labels(target.read(target.both, 1, "u1", attachment=1), view)
        return Drawing(target.read(target.both, 3), ids, self._token)

    def read_depth(self, view: View, drawing: Drawing) -> np.ndarray | None:
        """(height, width) float32 planar depth in metres of ``drawing``; inf where there is sky.

        None when its images were drawn over since: draw again.
        """
        target = self._target(view)
        if target.token != drawing.token:
            return None
        window = reduce_labels(target.read(target.both, 1, "f4", attachment=-1), view)
        scaled = window.astype(np.float64) * 2 - 1
        metres = 2 * FAR * NEAR / (FAR + NEAR - scaled * (FAR - NEAR))
        return np.where(window >= 0.999985, np.inf, metres).astype(np.float32)

    def draw_normals(self, view: View) -> np.ndarray:
        """(height, width, 3) uint8 world normals as n * 127.5 + 127.5, black for the sky."""
        assert self._scenery is not None
        target = self._target(view)
        target.token = -1
        matrix = gl_bytes(_upside_down(view))
        target.colour_only.use()
        target.colour_only.clear(0, 0, 0, 0)
        program = self._people.normal_program
        set_uniform(program, "view_projection", matrix)
        self._people.use()
        for row, level in self.visible_figures(view):
            self._draw_figure(row, level, program)
        self._scenery.draw_normals(view, matrix)
        return reduce_labels(target.read(target.colour_only, 3), view)

    def draw_flow(self, view: View, palettes: np.ndarray) -> np.ndarray:
        """(height, width, 4) float32: tangents to the right and up under which surfaces of figures
        are seen, then those at the next tick, when they have the ``palettes`` (n, 55, 3, 4); 1e9
        where there is nobody, or behind the camera then. Nothing hides them."""
        target, program = self._target(view), self._people.flow_program
        target.token = -1
        target.places_only.use()
        target.places_only.clear(1e9, 1e9, 1e9, 1e9)
        to_camera = np.eye(4)
        forward, right, up = view.axes
        to_camera[:3, :3] = right, up, forward
        to_camera[:3, 3] = -to_camera[:3, :3] @ view.eye
        set_uniform(program, "view_projection", gl_bytes(_upside_down(view)))
        set_uniform(program, "to_camera", gl_bytes(to_camera))
        self._people.use()
        self._people.use_next(palettes)
        for row, level in self.visible_figures(view):
            self._draw_figure(row, level, program)
        return reduce_labels(target.read(target.places_only, 4, "f4"), view)

    def draw_labels(self, view: View) -> np.ndarray:
        """(height, width) uint32: labels of the scenery as if nobody stood there, 0 for the sky."""
        assert self._scenery is not None
        target = self._target(view)
        target.token = -1
        target.labels_only.use()
        target.labels_only.clear(0, 0, 0, 0)
        self._scenery.draw_labels(view, gl_bytes(_upside_down(view)))
        drawn = target.read(target.labels_only, 1, "u4")
        # OpenCV moves floats, which hold these numbers exactly, but no unsigned ones.
        return reduce_labels(drawn.view(np.float32), view).view(np.uint32)

    def _lit_programs(self) -> tuple[moderngl.Program, ...]:
        assert self._scenery is not None
        return (
            self._people.day_program,
            self._people.lamp_program,
            self._scenery.program,
            self._sky.program,
            self._contacts.program,
            *([self._posed_program] if self._posed else []),
        )

    def _target(self, view: View) -> RenderTarget:
        width, height = (
            max(round(side * view.overscan * self.supersampling), 1)
            for side in (view.width, view.height)
        )
        return self._target_of(self._context, width, height)

    def _draw_shadows(self, views: Sequence[View]) -> None:
        """Add the people whose shadows these views may show to the map."""
        assert self._shadows is not None
        seen = [view.sees(self._chests, _SHADOW_REACH + self._reach) for view in views]
        new = np.flatnonzero(np.any(seen, axis=0) & ~self._shadowed)
        if not len(new) or not self.people_cast_shadows:
            return
        self._shadowed[new] = True
        casting = new[self._shadows.claim(self._chests[new], self._reach[new])]
        self._people.use()
        self._shadows.begin_people()
        program = self._people.shadow_program
        set_uniform(program, "view_projection", self._shadows.matrix_bytes)
        for row in casting:
            self._draw_figure(row, CASTER_LEVEL, program, inside=True)

    def _draw_people(self, view: View) -> None:
        lamps = self.light.lamps
        direct = self._people.lamp_program if lamps else self._people.day_program
        self._people.use()
        for row, level in self.visible_figures(view):
            program = self._posed_program if (row, level) in self._posed else direct
            if lamps:
                self._set_lamps(program, self._roots[row])
            self._draw_figure(row, level, program)

    def visible_figures(self, view: View) -> list[tuple[int, int]]:
        """(row, level of detail) of every figure in view, near to far."""
        distances = np.maximum(np.linalg.norm(self._chests - view.eye, axis=1), 1e-3)
        rows = np.flatnonzero(view.sees(self._chests, _VIEW_RADIUS + self._reach))
        rows = rows[np.argsort(distances[rows], kind="stable")]
        heights = _BODY_HEIGHT * view.focal / distances
        return [
            (int(row), sum(bool(heights[row] <= bound) for bound in LEVEL_HEIGHTS)) for row in rows
        ]

    def _set_lamps(self, program: moderngl.Program, root: np.ndarray) -> None:
        near = self.light.lamps_near(tuple(root + _CHEST), LAMPS_PER_PERSON)
        near += (PointLight((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),) * (LAMPS_PER_PERSON - len(near))
        places = np.array([(*lamp.position, lamp.reach**-2) for lamp in near], "f4")
        colours = np.array([(*lamp.colour, 0.0) for lamp in near], "f4")
        set_uniform(program, "lamp_places", places.tobytes())
        set_uniform(program, "lamp_colours", colours.tobytes())

    def _mesh(self, row: int) -> PersonMesh:
        figure = self.figures[row]
        return self._people.mesh(figure.key, figure.person)

    def _actor(self, row: int) -> tuple[float, ...]:
        return (row, row + 1.0, self._mesh(row).first_layer, self._roots[row, 2])

    def _draw_figure(
        self, row: int, level: int, program: moderngl.Program, inside: bool = False
    ) -> None:
        set_uniform(program, "actor", self._actor(row))
        # A mirrored body has its insides out.
        self._mesh(row).draw(level, program, inside=inside or self.figures[row].mirrored)

    # -- silhouettes ---------------------------------------------------------------------

    def draw_alone(
        self, view: View, row: int, level: int, slot: tuple[int, ...], shift: tuple[int, int]
    ) -> None:
        """Draw one figure's id into a slot of the id image that is in use (`silhouettes`).

        ``slot``: x, y, width, height in drawn pixels; ``shift``: how far the whole picture is
        moved (drawn pixels, right and down) before it is cut to the slot.
        """
        target = self._target(view)
        width, height = target.size
        matrix = _upside_down(view)
        matrix[0] += matrix[3] * (2.0 * shift[0] / width)
        matrix[1] += matrix[3] * (2.0 * shift[1] / height)
        target.ids_only.scissor = slot  # type: ignore[assignment]
        program = self._people.id_program
        set_uniform(program, "view_projection", gl_bytes(matrix))
        self._draw_figure(row, level, program)

    def corners_of(self, row: int, level: int) -> np.ndarray:
        """(n, 3): points in whose hull a figure is, engine frame."""
        return self._mesh(row).boxes(level).posed(self.figures[row].palette)

    def begin_alone(self, view: View) -> tuple[int, int]:
        """Clear the id image for ``draw_alone``; returns its width and height."""
        target = self._target(view)
        target.token = -1
        target.ids_only.use()
        target.ids_only.scissor = (0, 0, *target.size)
        target.ids_only.clear(0, 0, 0, 0)
        self._people.use()
        return target.size

    def end_alone(self, view: View) -> np.ndarray:
        """(h, w) uint8: the id image at drawn size."""
        target = self._target(view)
        target.ids_only.scissor = (0, 0, *target.size)
        return target.read(target.ids_only, 1, "u1")


def _upside_down(view: View) -> np.ndarray:
    """The view's matrix for images whose first row is the top one."""
    return view.matrix * [[1], [-1], [1], [1]]


def _set_all(program: moderngl.Program, uniforms: dict[str, object]) -> None:
    for name, value in uniforms.items():
        set_uniform(program, name, value)
