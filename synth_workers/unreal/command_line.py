"""What a packaged game is started with: words, environment and ``unrealcv.ini``. Pure functions.

Sources: UE 4.24 cannot go off-screen with Vulkan and 4.26 has no OpenGL any more, so versions
up to 4.24 get OpenGL through SDL's off-screen driver, later ones, UE 5 too, Vulkan with
``-RenderOffScreen``, for which ``SDL_VIDEODRIVER`` must not be set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LAST_OPENGL = (4, 24)
"""The last version that has to draw with OpenGL when there is no screen."""

_SDL = ("SDL_VIDEODRIVER", "SDL_HINT_CUDA_DEVICE")
_CAMERA_FOV = 90.0


def version_numbers(engine: str) -> tuple[int, int]:
    """``"4.27"`` as (4, 27)."""
    major, _, minor = engine.partition(".")
    return int(major), int(minor)


def launch_words(
    engine: str, map_name: str, size: tuple[int, int], port: int, gpu: int, more: Sequence[str] = ()
) -> tuple[str, ...]:
    """What follows the executable. ``engine``: UE version. ``size``: of pictures, pixels.

    The port stands behind a blank: plugins look for the word alone and read ``=9000`` as 0.
    """
    width, height = size
    if version_numbers(engine) <= LAST_OPENGL:
        drawing = ("-opengl4",)
    else:
        drawing = ("-vulkan", "-RenderOffScreen", f"-graphicsadapter={gpu}")
    usual = (
        f"-windowed -ResX={width} -ResY={height} -ForceRes -nosound -NoSplash -unattended -stdout "
        "-FullStdOutLogOutput"
    )
    return (map_name, *drawing, *usual.split(), "-UnrealCVPort", str(port), *more)


def launch_environment(engine: str, gpu: int, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the game, made of the worker's."""
    environment = {key: value for key, value in inherited.items() if key not in _SDL}
    if version_numbers(engine) <= LAST_OPENGL:
        environment |= {"SDL_VIDEODRIVER": "offscreen", "SDL_HINT_CUDA_DEVICE": str(gpu)}
    return environment


def plugin_settings(port: int, size: tuple[int, int]) -> str:
    """The text of ``unrealcv.ini``, from which every generation of the plugin takes its port."""
    width, height = size
    return (
        f"[UnrealCV.Core]\nPort={port}\nWidth={width}\nHeight={height}\nFOV={_CAMERA_FOV:.6f}\n"
        "EnableInput=True\nEnableRightEye=False\n"
    )
