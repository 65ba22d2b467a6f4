"""The OpenGL context of this process and the programs compiled in it."""

from __future__ import annotations

import ctypes
import logging
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any

import moderngl

from manifests.errors import MissingRequirement

_log = logging.getLogger(__name__)
_INCLUDE = re.compile(r"^//include (\S+)$", re.MULTILINE)
_SOFTWARE = ("llvmpipe", "softpipe", "swrast")
_MAX_DEVICES = 16
GL_TEXTURE_2D = 0x0DE1


def create_context(device: str = "auto") -> moderngl.Context:
    """A headless OpenGL 3.3 context.

    ``device``: ``auto`` (the first that is not a software renderer, else software), ``cpu``
    (software), or an EGL device number. Raises ``MissingRequirement``.
    """
    # Software rendering in this thread costs less CPU than spread over threads: workers
    # scale by processes.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    if device == "auto":
        return _first_hardware_context() or _open_context()
    if device == "cpu":
        os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"
        return _open_context()
    if not device.isdigit():
        raise MissingRequirement(
            f"--device {device!r} is not known: give auto, cpu or the number of an EGL device"
        )
    return _open_context(device_index=int(device))


def _open_context(**device: int) -> moderngl.Context:
    """A context on ``device_index``, else on whatever EGL offers first."""
    options: dict[str, Any] = {"backend": "egl", **device}
    try:
        context = moderngl.create_context(require=330, standalone=True, **options)
    except Exception as error:
        where = "".join(f" on EGL device {index}" for index in device.values())
        raise MissingRequirement(
            f"no OpenGL 3.3 context{where}: {error}. Install the system packages libegl1, libgl1 "
            "and libgl1-mesa-dri (for an NVIDIA GPU in a container also set "
            "NVIDIA_DRIVER_CAPABILITIES=graphics)"
        ) from error
    context.gc_mode = "auto"
    return context


def _first_hardware_context() -> moderngl.Context | None:
    if not Path("/dev/nvidiactl").exists() and not Path("/dev/dri").is_dir():
        return None
    for index in range(_MAX_DEVICES):
        try:
            context = _open_context(device_index=index)
        except MissingRequirement as error:
            _log.debug("%s", error)
            return None
        if not any(word in context.info["GL_RENDERER"] for word in _SOFTWARE):
            return context
        context.release()
    return None


def load_source(name: str) -> str:
    """A shader file of this package with its ``//include`` lines replaced."""
    text = (resources.files("synth_workers.engine") / "shaders" / name).read_text("ascii")
    return _INCLUDE.sub(lambda found: load_source(found[1]), text)


def compile_program(
    context: moderngl.Context, vertex: str, fragment: str, **defines: int
) -> moderngl.Program:
    """Compile ``<vertex>_vertex.glsl`` and ``<fragment>_fragment.glsl`` with ``defines`` ahead."""
    head = "#version 330\n" + "".join(f"#define {k} {v}\n" for k, v in defines.items())
    return context.program(
        vertex_shader=head + load_source(f"{vertex}_vertex.glsl"),
        fragment_shader=head + load_source(f"{fragment}_fragment.glsl"),
    )


def compile_capture(context: moderngl.Context, vertex: str, *kept: str) -> moderngl.Program:
    """Compile ``<vertex>_vertex.glsl`` alone, whose outputs ``kept`` are written into buffers."""
    source = "#version 330\n" + load_source(f"{vertex}_vertex.glsl")
    return context.program(vertex_shader=source, varyings=kept)


def set_uniform(program: moderngl.Program, name: str, value: object) -> None:
    """Set a uniform unless the compiler found it unused; bytes are written as they are."""
    uniform = program.get(name, None)
    if isinstance(uniform, moderngl.Uniform):
        if isinstance(value, bytes):
            uniform.write(value)
        else:
            uniform.value = value


class ImageCopier:
    """Copies rectangles between 2D textures (moderngl cannot, for depth)."""

    def __init__(self) -> None:
        try:
            self._copy = ctypes.CDLL("libGL.so.1").glCopyImageSubData
        except (OSError, AttributeError) as error:
            raise MissingRequirement(
                f"libGL.so.1 with glCopyImageSubData is missing: {error}. Install libgl1"
            ) from error

    def __call__(
        self, source: moderngl.Texture, target: moderngl.Texture, rectangle: tuple[int, ...]
    ) -> None:
        """Copy ``rectangle`` (x, y, width, height) from ``source`` to the same place."""
        x, y, width, height = rectangle
        self._copy(
            source.glo, GL_TEXTURE_2D, 0, x, y, 0,
            target.glo, GL_TEXTURE_2D, 0, x, y, 0,
            width, height, 1,
        )  # fmt: skip
