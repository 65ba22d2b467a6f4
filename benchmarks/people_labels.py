"""Draws which part of a person each pixel shows: flat labels, no light, no texture.

Used by ``benchmarks.people`` to count garments that look different and layers that poke
through. Labels are exact (no anti-aliasing). Never import torch here.
"""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from synth_workers.engine.graphics import create_context
from synth_workers.people.mesh.pieces import Piece
from synth_workers.people.person import Clip

_VERTEX_SHADER = """
#version 330
in vec3 place; in vec2 mark; uniform mat4 view; flat out float label; out float under;
void main() { gl_Position = view * vec4(place, 1.0); label = mark.x; under = mark.y; }
"""
_FRAGMENT_SHADER = """
#version 330
flat in float label; in float under; out vec4 colour;
void main() { colour = vec4(label / 255.0, under > 0.5 ? 1.0 : 0.0, 0.0, 1.0); }
"""


class LabelCamera:
    """Orthographic pictures of one person: ``width`` x ``height`` pixels, 2.2 m high."""

    def __init__(self, width: int = 160, height: int = 256) -> None:
        self._size = (width, height)
        self._context = create_context()
        self._program = self._context.program(_VERTEX_SHADER, _FRAGMENT_SHADER)
        colour = self._context.texture(self._size, 4)
        self._target = self._context.framebuffer(
            [colour], self._context.depth_renderbuffer(self._size)
        )

    def draw(
        self,
        pieces: Sequence[Piece],
        labels: Sequence[int],
        *,
        heading: float,
        pitch: float = 0.0,
        clip: Clip | None = None,
        frame: int = 0,
        deep: float = np.inf,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return labels (h, w) uint8 (0 background) and where what is seen lies deeper than
        ``deep`` dm under other clothes (h, w) bool. ``heading``, ``pitch`` in degrees."""
        places, marks, faces, total = [], [], [], 0
        for piece, label in zip(pieces, labels):
            level = piece.levels[0]
            if not len(level.faces):
                continue
            vertices = piece.vertices[level.vertices]
            places.append(_posed(vertices, clip, frame))
            mark = np.zeros((len(vertices), 2), np.float32)
            mark[:, 0] = label
            if piece.under is not None:
                mark[:, 1] = piece.under[level.vertices] > deep
            marks.append(mark)
            faces.append(level.faces + total)
            total += len(vertices)
        data = np.concatenate([np.concatenate(places), np.concatenate(marks)], 1)
        vertex_buffer = self._context.buffer(data.astype("f4").tobytes())
        index_buffer = self._context.buffer(np.concatenate(faces).astype("i4").tobytes())
        array = self._context.vertex_array(
            self._program, [(vertex_buffer, "3f 2f", "place", "mark")], index_buffer
        )
        self._program["view"].write(self._view(heading, pitch).T.astype("f4").tobytes())  # type: ignore[union-attr]
        self._target.use()
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._target.clear()
        array.render()
        width, height = self._size
        image = np.frombuffer(self._target.read(components=2), np.uint8)
        image = image.reshape(height, width, 2)[::-1]
        for item in (array, index_buffer, vertex_buffer):
            item.release()
        return image[..., 0].copy(), image[..., 1] > 127

    def _view(self, heading: float, pitch: float) -> np.ndarray:
        width, height = self._size
        turn, tilt = np.radians(heading), np.radians(pitch)
        cos, sin = float(np.cos(turn)), float(np.sin(turn))
        about_y = np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]])
        cos, sin = float(np.cos(tilt)), float(np.sin(tilt))
        about_x = np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1]])
        centre = np.eye(4)
        centre[1, 3] = -1.0
        scale = np.diag([height / width / 1.1, 1 / 1.1, -0.2, 1.0])
        return scale @ about_x @ about_y @ centre


def _posed(vertices: np.ndarray, clip: Clip | None, frame: int) -> np.ndarray:
    if clip is None:
        return vertices["position"]
    rest = np.ones((len(vertices), 4), np.float32)
    rest[:, :3] = vertices["position"]
    weights = vertices["weights"].astype(np.float32) / 255.0
    blended = np.einsum("nk,nkij->nij", weights, clip.bones[frame][vertices["bones"]])
    return np.einsum("nij,nj->ni", blended, rest)
