"""``/camera``: cameras and what they capture."""

from __future__ import annotations

from collections.abc import Callable

from synth_workers.engine import encoding
from synth_workers.engine.commands.objects import triple
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.ground_truth import people_in_view
from synth_workers.engine.world import SceneCamera

_MIN_FOV, _MAX_FOV = 1.0, 170.0


def register(engine: Engine) -> None:
    """Add the camera commands."""
    add = engine.dispatcher.register

    def camera(number: str) -> SceneCamera:
        return engine.world.camera(number)

    def names() -> str:
        return "".join(f"{camera.component} " for camera in engine.world.cameras)

    def set_location(number: str, x: str, y: str, z: str) -> None:
        camera(number).actor.location = (float(x), float(y), float(z))

    def set_rotation(number: str, pitch: str, yaw: str, roll: str) -> None:
        camera(number).actor.rotation = (float(pitch), float(yaw), float(roll))

    def get_pose(number: str) -> str:
        actor = camera(number).actor
        return f"{triple(actor.location)} {triple(actor.rotation)}"

    def set_pose(number: str, *values: str) -> None:
        set_location(number, *values[:3])
        set_rotation(number, *values[3:])

    def set_fov(number: str, degrees: str) -> None:
        chosen, fov = camera(number), float(degrees)
        if not _MIN_FOV <= fov <= _MAX_FOV:
            raise CommandError(f"Argument Invalid, fov is not within {_MIN_FOV}..{_MAX_FOV}")
        chosen.fov = fov

    def get_size(number: str) -> str:
        chosen = camera(number)
        return f"{chosen.width} {chosen.height}"

    def set_size(number: str, width: str, height: str) -> None:
        engine.world.resize(camera(number), _whole(width), _whole(height))

    def lit(number: str, form: str = "png") -> bytes:
        chosen = camera(number)
        quality = chosen.sensor.jpeg_quality or engine.settings.jpeg_quality
        encoders: dict[str, Callable[[], bytes]] = {
            "png": lambda: encoding.encode_png(engine.captures.lit(chosen)),
            "jpg": lambda: encoding.encode_jpeg(engine.captures.lit(chosen), quality),
            "bmp": lambda: encoding.encode_bmp(engine.captures.lit(chosen)),
            "npy": lambda: encoding.encode_npy(engine.captures.lit(chosen)),
        }
        return _encoded(encoders, form)

    def object_mask(number: str, form: str = "png") -> bytes:
        chosen = camera(number)
        encoders: dict[str, Callable[[], bytes]] = {
            "png": lambda: engine.captures.mask_palette_png(chosen),
            "bmp": lambda: encoding.encode_bmp(engine.captures.mask(chosen)),
            "npy": lambda: encoding.encode_npy(engine.captures.mask(chosen)),
        }
        return _encoded(encoders, form)

    def depth(number: str, form: str = "npy") -> bytes:
        chosen = camera(number)
        return _encoded({"npy": lambda: encoding.encode_npy(engine.captures.depth(chosen))}, form)

    def people(number: str) -> str:
        return people_in_view(engine.captures, engine.builder, camera(number))

    place = "[float] [float] [float]"
    add("vget /cameras", names, "Get the cameras' names, ids in order")
    add("vset /cameras/spawn", lambda: engine.world.spawn_camera().actor.name, "Spawn a camera")
    add("vget /camera/[uint]/location", lambda i: triple(camera(i).actor.location),
        "Get a camera's location, cm")  # fmt: skip
    add(f"vset /camera/[uint]/location {place}", set_location, "Set a camera's location, cm")
    add("vget /camera/[uint]/rotation", lambda i: triple(camera(i).actor.rotation),
        "Get a camera's pitch yaw roll, degrees")  # fmt: skip
    add(f"vset /camera/[uint]/rotation {place}", set_rotation,
        "Set a camera's pitch yaw roll, degrees")  # fmt: skip
    add("vget /camera/[uint]/pose", get_pose, "Get a camera's location and rotation")
    add(f"vset /camera/[uint]/pose {place} {place}", set_pose,
        "Set a camera's location and rotation")  # fmt: skip
    add("vget /camera/[uint]/fov", lambda i: f"{camera(i).fov:f}", "Get the horizontal fov")
    add("vset /camera/[uint]/fov [float]", set_fov, "Set the horizontal fov, degrees")
    add("vget /camera/[uint]/size", get_size, "Get a camera's width and height, pixels")
    add("vset /camera/[uint]/size [uint] [uint]", set_size, "Set width and height, pixels")
    add("vget /camera/[uint]/lit", lit, "Get the lit picture as PNG")
    add("vget /camera/[uint]/lit [str]", lit, "Get the lit picture: png, jpg, bmp or npy")
    add("vget /camera/[uint]/object_mask", object_mask, "Get the object mask as PNG")
    add("vget /camera/[uint]/object_mask [str]", object_mask,
        "Get the object mask: png, bmp or npy")  # fmt: skip
    add("vget /camera/[uint]/seg [str]", object_mask, "Get the object mask: png, bmp or npy")
    add("vget /camera/[uint]/depth", depth, "Get planar depth, cm, as npy")
    add("vget /camera/[uint]/depth [str]", depth, "Get planar depth, cm: npy")
    add("vget /camera/[uint]/people", people,
        "Get ground truth of the people in view as JSON (this engine only)")  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if text and len(text) < 10 else 0


def _encoded(encoders: dict[str, Callable[[], bytes]], form: str) -> bytes:
    encoder = encoders.get(form)
    if encoder is None:
        raise CommandError(f"Invalid filename type, filename {form}")
    return encoder()
