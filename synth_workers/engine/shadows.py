"""The sun's shadow map of a scene: scenery cached, people drawn over it and wiped again."""

from __future__ import annotations

import moderngl
import numpy as np

from synth_workers.engine.graphics import ImageCopier
from synth_workers.engine.view import gl_bytes, look_at, orthographic

SIZE = 2048
CASTER_LEVEL = 3
"""Level of detail of people in the shadow map."""

_SUN_DISTANCE = 60.0
_DEPTH_RANGE = (1.0, 130.0)
_PERSON_RADIUS = 1.35  # metres around the chest that a person's silhouette fits in


class ShadowMap:
    """Depth seen from the sun over a fixed square of ground, so that scenery is drawn once."""

    def __init__(self, context: moderngl.Context, area: tuple[float, float, float]) -> None:
        """``area``: x, y, half side of the square, metres."""
        self._context = context
        self._area = area
        self._copy = ImageCopier()
        self.depth = context.depth_texture((SIZE, SIZE))
        self.depth.compare_func = "<="
        self.depth.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self.depth.repeat_x = self.depth.repeat_y = False
        self._static = context.depth_texture((SIZE, SIZE))
        self._target = context.framebuffer(depth_attachment=self.depth)
        self._static_target = context.framebuffer(depth_attachment=self._static)
        self._dirty: list[tuple[int, int, int, int]] = []
        self.matrix = np.eye(4)

    @property
    def matrix_bytes(self) -> bytes:
        """The map's world-to-clip matrix for shaders."""
        return gl_bytes(self.matrix)

    def set_sun(self, direction: np.ndarray) -> None:
        """Aim the map; scenery has to be drawn again (``begin_static``)."""
        x, y, half = self._area
        centre = np.array([x, y, 0.0])
        view = look_at(centre + np.asarray(direction, float) * _SUN_DISTANCE, centre, (0, 1, 0.01))
        self.matrix = orthographic(-half, half, -half, half, *_DEPTH_RANGE) @ view

    def begin_static(self) -> None:
        """Bind and clear the scenery's copy; draw the casters next."""
        self._static_target.use()
        self._static_target.clear(depth=1.0)

    def end_static(self) -> None:
        """Take the scenery over into the map that surfaces read."""
        self._copy(self._static, self.depth, (0, 0, SIZE, SIZE))
        self._dirty = []

    def wipe_people(self) -> None:
        """Remove the people drawn so far."""
        for rectangle in self._dirty:
            self._copy(self._static, self.depth, rectangle)
        self._dirty = []

    def begin_people(self) -> None:
        """Bind the map for drawing people into it."""
        self._target.use()

    def claim(self, chests: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """Mark where people will be drawn.

        ``chests`` (n, 3), ``reach`` (n,) metres by which each exceeds an ordinary figure.
        Returns (n,) bool: who casts into the map at all.
        """
        homogeneous = np.hstack([chests, np.ones((len(chests), 1))])
        places = ((homogeneous @ self.matrix.T)[:, :2] * 0.5 + 0.5) * SIZE
        half = (_PERSON_RADIUS + reach) / (2 * self._area[2]) * SIZE + 2
        low = np.clip(places - half[:, None], 0, SIZE).astype(int)
        high = np.clip(places + half[:, None] + 1, 0, SIZE).astype(int)
        inside = np.asarray((high > low).all(axis=1))
        for (x0, y0), (x1, y1) in zip(low[inside], high[inside]):
            self._dirty.append((int(x0), int(y0), int(x1 - x0), int(y1 - y0)))
        return inside
