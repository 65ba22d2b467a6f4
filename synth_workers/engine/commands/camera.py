"""``/camera``: where cameras are and how they see; captures are in `capture`."""

from __future__ import annotations

from collections.abc import Callable

from synth_workers.engine.commands.objects import PLACE, numbers, triple
from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.ground_truth import people_in_view
from synth_workers.engine.world import SceneCamera

_MIN_FOV, _MAX_FOV = 1.0, 170.0
_MAX_STOPS = 15.0


def register(engine: Engine) -> None:
    """Add the camera commands."""
    _register_places(engine)
    _register_lenses(engine)
    _register_unreal_settings(engine)


def _register_places(engine: Engine) -> None:
    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)
    oldest, own = engine.adder(Generation.V0310), engine.adder(Generation.NONE)

    def camera(number: str) -> SceneCamera:
        return engine.world.camera(number)

    def moved(number: str) -> SceneCamera:
        if engine.dialect.generations is Generation.V0310:  # every id moves the pawn
            return engine.world.cameras[0]
        return camera(number)

    def names() -> str:
        end = engine.dialect.list_end
        return " ".join(camera.component for camera in engine.world.cameras) + end

    def set_location(number: str, x: str, y: str, z: str) -> None:
        moved(number).actor.location = numbers(x, y, z)

    def set_rotation(number: str, pitch: str, yaw: str, roll: str) -> None:
        moved(number).actor.rotation = numbers(pitch, yaw, roll)

    def move_to(number: str, x: str, y: str, z: str) -> None:
        if camera(number) is not engine.world.cameras[0]:
            raise CommandError("MoveTo only supports the player camera with id 0")
        set_location(number, x, y, z)

    def get_location(number: str) -> str:
        return triple(camera(number).location)

    def get_rotation(number: str) -> str:
        return triple(camera(number).actor.rotation)

    def get_pose(number: str) -> str:
        return f"{get_location(number)} {get_rotation(number)}"

    def set_pose(number: str, *values: str) -> None:
        set_location(number, *values[:3])
        set_rotation(number, *values[3:])

    def people(number: str) -> str:
        return people_in_view(engine.captures, engine.builder, camera(number))

    def pawn_location() -> str:
        return triple(engine.world.cameras[0].actor.location)

    turned = "pitch yaw roll, degrees"
    newer("vget /cameras", names, "Get the cameras' names, ids in order")
    newer("vset /cameras/spawn", lambda: engine.world.spawn_camera().actor.name, "Spawn a camera")
    every("vget /camera/[uint]/location", get_location, "Get a camera's location, cm")
    every(f"vset /camera/[uint]/location {PLACE}", set_location, "Set a camera's location, cm")
    every(f"vset /camera/[uint]/moveto {PLACE}", move_to, "Move the pawn, cm")
    every("vget /camera/[uint]/rotation", get_rotation, f"Get a camera's {turned}")
    every(f"vset /camera/[uint]/rotation {PLACE}", set_rotation, f"Set a camera's {turned}")
    oldest("vget /camera/[uint]/pose", get_pose, "Get a camera's location and rotation")
    oldest(f"vset /camera/[uint]/pose {PLACE} {PLACE}", set_pose,
           "Set a camera's location and rotation")  # fmt: skip
    oldest("vget /actor/location", pawn_location, "Get the pawn's location, cm")
    oldest("vget /actor/rotation", lambda: get_rotation("0"), f"Get the pawn's {turned}")
    own("vget /camera/[uint]/people", people,
        "Get ground truth of the people in view as JSON (this engine only)")  # fmt: skip


def _chosen(engine: Engine, number: str) -> SceneCamera:
    try:
        return engine.world.camera(number)
    except CommandError:
        raise CommandError("Argument Invalid") from None


def _register_lenses(engine: Engine) -> None:
    oldest, newer = engine.adder(Generation.V0310), engine.adder(Generation.FROM_PAPER)
    sized = engine.adder(Generation.FROM_427)

    def set_fov(number: str, degrees: str) -> None:
        chosen, fov = _chosen(engine, number), float(degrees)
        if not _MIN_FOV <= fov <= _MAX_FOV:
            raise CommandError(f"Argument Invalid, fov is not within {_MIN_FOV}..{_MAX_FOV}")
        chosen.fov = fov

    def set_old_fov(number: str, degrees: str) -> None:
        if number not in ("", "0"):
            raise CommandError("Setting field of view is only supported for camera 0")
        set_fov(number, degrees)

    def get_size(number: str) -> str:
        chosen = _chosen(engine, number)
        if engine.dialect.size_unreadable:
            raise CommandError("Argument Invalid")
        return f"{chosen.width} {chosen.height}"

    def set_size(number: str, width: str, height: str) -> None:
        engine.world.resize(_chosen(engine, number), _whole(width), _whole(height))

    def matrix(number: str) -> str:
        view = engine.world.camera(number).view()
        horizontal, vertical = view.focal / (view.width / 2), view.focal / (view.height / 2)
        return (
            f"[{horizontal:.6f} 0.000000 0.000000 0.000000] [0.000000 {vertical:.6f} 0.000000 "
            "0.000000] [0.000000 0.000000 0.000000 1.000000] [0.000000 0.000000 10.000000 0.000000]"
        )

    fov, old_fov = "/camera/[uint]/fov", "/camera/[uint]/horizontal_fieldofview"
    angle = "horizontal field of view, degrees"
    newer(f"vget {fov}", lambda number: f"{_chosen(engine, number).fov:f}", f"Get the {angle}")
    newer(f"vset {fov} [float]", set_fov, f"Set the {angle}")
    oldest(f"vget {old_fov}", lambda n: f"{_chosen(engine, n).fov:.3f}", f"Get the {angle}")
    oldest(f"vset {old_fov} [float]", set_old_fov, f"Set the pawn's {angle}")
    sized("vget /camera/[uint]/size", get_size, "Get a camera's width and height, pixels")
    sized("vset /camera/[uint]/size [uint] [uint]", set_size, "Set width and height, pixels")
    oldest("vget /camera/[uint]/proj_matrix", matrix, "Get the projection matrix")


def _register_unreal_settings(engine: Engine) -> None:
    """Settings of Unreal's cameras: carried out where they mean something here."""
    newer, five = engine.adder(Generation.FROM_PAPER), engine.adder(Generation.FROM_52)

    def only(what: str, *allowed: str) -> Callable[[str, str], None]:
        def choose(number: str, value: str) -> None:
            _chosen(engine, number)
            if value.lower() not in allowed:
                raise CommandError(
                    f"Not Implemented: {what} is always {' or '.join(allowed)} in this engine"
                )

        return choose

    def absent(what: str) -> Callable[..., None]:
        def refuse(number: str, *values: str) -> None:
            _chosen(engine, number)
            raise CommandError(f"Not Implemented: this engine has no {what}")

        return refuse

    def set_bias(number: str, stops: str) -> None:
        value = float(stops)
        if abs(value) > _MAX_STOPS:
            raise CommandError(f"Argument Invalid, {stops} is not within +-{_MAX_STOPS:g} stops")
        _chosen(engine, number).exposure_bias = value

    def set_motion_blur(number: str, amount: str, limit: str, per_object: str, fps: str) -> None:
        share, frames = float(amount), _whole(fps)
        if share < 0 or (share > 0 and frames <= 0):
            raise CommandError("Argument Invalid, motion blur needs amount >= 0 and fps > 0")
        _chosen(engine, number).shutter = min(share, 1.0) / frames if share > 0 else 0.0

    no_automatic_exposure = absent("automatic exposure")
    for add, setting, handler, description in (
        (newer, "projection_type [str]", only("the projection", "perspective"),
         "Set the kind of projection"),
        (newer, "ortho_width [float]", absent("orthographic cameras"),
         "Set the width of an orthographic view"),
        (five, "exposure_bias [float]", set_bias, "Set exposure in stops"),
        (five, "exposure_method [str]", only("exposure", "manual"), "Set how exposure is found"),
        (five, "physical_exposure [uint]", only("physical exposure", "0"),
         "Set whether exposure is physical"),
        (five, "motion_blur [float] [float] [float] [uint]", set_motion_blur,
         "Set motion blur: share of the frame time the shutter is open, limit, per object, "
         "frames per second"),
        (five, "reflection [str]", only("reflection", "none"), "Set the reflection method"),
        (five, "illumination [str]", only("global illumination", "none"),
         "Set the global illumination method"),
        (five, "lit_source [str]", only("the lit source", "ldr"), "Set what the lit picture shows"),
        (five, "auto_speed [float] [float]", no_automatic_exposure,
         "Set speeds of automatic exposure"),
        (five, "auto_brightness [float] [float]", no_automatic_exposure,
         "Set limits of automatic exposure"),
        (five, "focal [float] [float]", absent("depth of field"), "Set focal distance and range"),
    ):  # fmt: skip
        add(f"vset /camera/[uint]/{setting}", handler, description)


def _whole(text: str) -> int:
    return int(text) if text and len(text) < 10 else 0
