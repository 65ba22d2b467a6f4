"""``/camera``: where cameras are and how they see; captures are in `capture`."""

from __future__ import annotations

from collections.abc import Callable

from synth_workers.engine.commands.objects import numbers, triple
from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.ground_truth import people_in_view
from synth_workers.engine.world import SceneCamera

_MIN_FOV, _MAX_FOV = 1.0, 170.0
_MAX_STOPS = 15.0
_PLACE = "[float] [float] [float]"


def register(engine: Engine) -> None:
    """Add the camera commands."""
    _register_places(engine)
    _register_lenses(engine)
    _register_unreal_settings(engine)


def _register_places(engine: Engine) -> None:
    oldest, newer = Generation.V0310, Generation.FROM_PAPER
    add = engine.add

    def camera(number: str) -> SceneCamera:
        if engine.dialect.generations is oldest:  # every id moves the pawn
            return engine.world.cameras[0]
        return engine.world.camera(number)

    def names() -> str:
        end = engine.dialect.list_end
        return " ".join(camera.component for camera in engine.world.cameras) + end

    def get_location(number: str) -> str:
        return triple(engine.world.camera(number).location)

    def set_location(number: str, x: str, y: str, z: str) -> None:
        camera(number).actor.location = numbers(x, y, z)

    def set_rotation(number: str, pitch: str, yaw: str, roll: str) -> None:
        camera(number).actor.rotation = numbers(pitch, yaw, roll)

    def move_to(number: str, x: str, y: str, z: str) -> None:
        if engine.world.camera(number) is not engine.world.cameras[0]:
            raise CommandError("MoveTo only supports the player camera with id 0")
        set_location(number, x, y, z)

    def get_pose(number: str) -> str:
        chosen = engine.world.camera(number)
        return f"{triple(chosen.location)} {triple(chosen.actor.rotation)}"

    def set_pose(number: str, *values: str) -> None:
        set_location(number, *values[:3])
        set_rotation(number, *values[3:])

    everywhere = Generation.ALL
    add("vget /cameras", names, "Get the cameras' names, ids in order", newer)
    add("vset /cameras/spawn", lambda: engine.world.spawn_camera().actor.name,
        "Spawn a camera", newer)  # fmt: skip
    add("vget /camera/[uint]/location", get_location, "Get a camera's location, cm", everywhere)
    add(f"vset /camera/[uint]/location {_PLACE}", set_location,
        "Set a camera's location, cm", everywhere)  # fmt: skip
    add(f"vset /camera/[uint]/moveto {_PLACE}", move_to, "Move the pawn, cm", everywhere)
    add("vget /camera/[uint]/rotation",
        lambda number: triple(engine.world.camera(number).actor.rotation),
        "Get a camera's pitch yaw roll, degrees", everywhere)  # fmt: skip
    add(f"vset /camera/[uint]/rotation {_PLACE}", set_rotation,
        "Set a camera's pitch yaw roll, degrees", everywhere)  # fmt: skip
    add("vget /camera/[uint]/pose", get_pose, "Get a camera's location and rotation", oldest)
    add(f"vset /camera/[uint]/pose {_PLACE} {_PLACE}", set_pose,
        "Set a camera's location and rotation", oldest)  # fmt: skip
    add("vget /actor/location", lambda: triple(engine.world.cameras[0].actor.location),
        "Get the pawn's location, cm", oldest)  # fmt: skip
    add("vget /actor/rotation", lambda: triple(engine.world.cameras[0].actor.rotation),
        "Get the pawn's pitch yaw roll, degrees", oldest)  # fmt: skip
    add("vget /camera/[uint]/people",
        lambda number: people_in_view(
            engine.captures, engine.builder, engine.world.camera(number)
        ),
        "Get ground truth of the people in view as JSON (this engine only)",
        Generation.NONE)  # fmt: skip


def _register_lenses(engine: Engine) -> None:
    def camera(number: str) -> SceneCamera:
        try:
            return engine.world.camera(number)
        except CommandError:
            raise CommandError("Argument Invalid") from None

    def set_fov(number: str, degrees: str) -> None:
        chosen, fov = camera(number), float(degrees)
        if not _MIN_FOV <= fov <= _MAX_FOV:
            raise CommandError(f"Argument Invalid, fov is not within {_MIN_FOV}..{_MAX_FOV}")
        chosen.fov = fov

    def set_old_fov(number: str, degrees: str) -> None:
        if number not in ("", "0"):
            raise CommandError("Setting field of view is only supported for camera 0")
        set_fov(number, degrees)

    def get_size(number: str) -> str:
        chosen = camera(number)
        if engine.dialect.size_unreadable:
            raise CommandError("Argument Invalid")
        return f"{chosen.width} {chosen.height}"

    def set_size(number: str, width: str, height: str) -> None:
        engine.world.resize(camera(number), _whole(width), _whole(height))

    def matrix(number: str) -> str:
        chosen = engine.world.camera(number)
        view = chosen.view()
        horizontal = view.focal / (chosen.width / 2)
        vertical = view.focal / (chosen.height / 2)
        return (
            f"[{horizontal:.6f} 0.000000 0.000000 0.000000] [0.000000 {vertical:.6f} 0.000000 "
            "0.000000] [0.000000 0.000000 0.000000 1.000000] [0.000000 0.000000 10.000000 0.000000]"
        )

    oldest, newer, add = Generation.V0310, Generation.FROM_PAPER, engine.add
    add("vget /camera/[uint]/fov", lambda number: f"{camera(number).fov:f}",
        "Get the horizontal field of view, degrees", newer)  # fmt: skip
    add("vset /camera/[uint]/fov [float]", set_fov,
        "Set the horizontal field of view, degrees", newer)  # fmt: skip
    add("vget /camera/[uint]/horizontal_fieldofview", lambda number: f"{camera(number).fov:.3f}",
        "Get the horizontal field of view, degrees", oldest)  # fmt: skip
    add("vset /camera/[uint]/horizontal_fieldofview [float]", set_old_fov,
        "Set the pawn's horizontal field of view, degrees", oldest)  # fmt: skip
    sized = Generation.FROM_427
    add("vget /camera/[uint]/size", get_size, "Get a camera's width and height, pixels", sized)
    add("vset /camera/[uint]/size [uint] [uint]", set_size, "Set width and height, pixels", sized)
    add("vget /camera/[uint]/proj_matrix", matrix, "Get the projection matrix", oldest)


def _register_unreal_settings(engine: Engine) -> None:
    """Settings of Unreal's cameras: carried out where they mean something here."""

    def check(number: str) -> SceneCamera:
        try:
            return engine.world.camera(number)
        except CommandError:
            raise CommandError("Argument Invalid") from None

    def only(what: str, *allowed: str) -> Callable[[str, str], None]:
        def choose(number: str, value: str) -> None:
            check(number)
            if value.lower() not in allowed:
                raise CommandError(
                    f"Not Implemented: {what} is always {' or '.join(allowed)} in this engine"
                )

        return choose

    def absent(what: str) -> Callable[..., None]:
        def refuse(number: str, *values: str) -> None:
            check(number)
            raise CommandError(f"Not Implemented: this engine has no {what}")

        return refuse

    def set_bias(number: str, stops: str) -> None:
        value = float(stops)
        if abs(value) > _MAX_STOPS:
            raise CommandError(f"Argument Invalid, {stops} is not within +-{_MAX_STOPS:g} stops")
        check(number).exposure_bias = value

    def set_motion_blur(number: str, amount: str, limit: str, per_object: str, fps: str) -> None:
        frames = _whole(fps)
        if float(amount) < 0 or (float(amount) > 0 and frames <= 0):
            raise CommandError("Argument Invalid, motion blur needs amount >= 0 and fps > 0")
        check(number).shutter = min(float(amount), 1.0) / frames if float(amount) > 0 else 0.0

    five, newer, add = Generation.FROM_52, Generation.FROM_PAPER, engine.add
    add("vset /camera/[uint]/projection_type [str]", only("the projection", "perspective"),
        "Set the kind of projection", newer)  # fmt: skip
    add("vset /camera/[uint]/ortho_width [float]", absent("orthographic cameras"),
        "Set the width of an orthographic view", newer)  # fmt: skip
    add("vset /camera/[uint]/exposure_bias [float]", set_bias, "Set exposure in stops", five)
    add("vset /camera/[uint]/exposure_method [str]", only("exposure", "manual"),
        "Set how exposure is found", five)  # fmt: skip
    add("vset /camera/[uint]/physical_exposure [uint]", only("physical exposure", "0"),
        "Set whether exposure is physical", five)  # fmt: skip
    add("vset /camera/[uint]/motion_blur [float] [float] [float] [uint]", set_motion_blur,
        "Set motion blur: share of the frame time the shutter is open, limit, per object, "
        "frames per second", five)  # fmt: skip
    add("vset /camera/[uint]/reflection [str]", only("reflection", "none"),
        "Set the reflection method", five)  # fmt: skip
    add("vset /camera/[uint]/illumination [str]", only("global illumination", "none"),
        "Set the global illumination method", five)  # fmt: skip
    add("vset /camera/[uint]/lit_source [str]", only("the lit source", "ldr"),
        "Set what the lit picture shows", five)  # fmt: skip
    add("vset /camera/[uint]/auto_speed [float] [float]", absent("automatic exposure"),
        "Set speeds of automatic exposure", five)  # fmt: skip
    add("vset /camera/[uint]/auto_brightness [float] [float]", absent("automatic exposure"),
        "Set limits of automatic exposure", five)  # fmt: skip
    add("vset /camera/[uint]/focal [float] [float]", absent("depth of field"),
        "Set focal distance and range", five)  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if text and len(text) < 10 else 0
