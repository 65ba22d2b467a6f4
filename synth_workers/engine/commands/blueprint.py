"""``vbp``: functions of blueprint actors: people of the ``person`` contract and camera looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.materials import Material, read_tile, with_material
from synth_workers.engine.sensor_chains import CHAINS
from synth_workers.engine.world import Actor, Kind, Stance
from synth_workers.scenes.description import CameraLook

_STRONGEST_LENS = 10.0
_LONGEST_EXPOSURE = 1.0  # seconds
_NO_PICTURE = "none"
_WORLD_MAX = 2_097_152.0  # cm, and degrees
_NOTHING = "{\n}"
Function = Callable[..., dict[str, str] | None]


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise CommandError(f"Argument Invalid, '{text}' is not a number") from None
    if not low <= value <= high:
        raise CommandError(f"Argument Invalid, {text} is not within {low:g}..{high:g}")
    return value


def _whole(text: str, low: int, high: int) -> int:
    value = _number(text, low, high)
    if value != int(value):
        raise CommandError(f"Argument Invalid, '{text}' is not a whole number")
    return int(value)


def register(engine: Engine) -> None:
    """Add ``vbp`` with up to nine arguments."""

    def set_app(actor: Actor, text: str) -> None:
        if not len(engine.crowd):
            raise CommandError("Argument Invalid, this engine was started without a crowd")
        number = _whole(text, 0, len(engine.crowd) - 1)
        engine.crowd.appearance(number)
        actor.appearance, actor.materials = number, ()
        engine.world.touch()

    def set_mat(actor: Actor, place: str, *values: str) -> None:
        """slot, r g b, metallic, specular, roughness, tiling, picture or ``none``."""
        plain = engine.builder.appearance(actor)
        slots = len(plain.person.tiles) if plain else 0
        if not slots:
            raise CommandError("Argument Invalid, there is no cloth to change")
        slot = _whole(place, 0, slots - 1)
        red, green, blue, metal, specular, rough = (_number(v, 0.0, 1.0) for v in values[:6])
        tiling, name = _number(values[6], 0.01, 100.0), values[7]
        image, tile = ("", None)
        if name.lower() != _NO_PICTURE:
            image, tile = read_tile(name, engine.settings.materials)
        gloss = max(specular, metal) * (1.0 - rough)
        material = Material(slot, (red, green, blue), gloss, tiling, image, tile)
        actor.materials = with_material(actor.materials, material)
        engine.world.touch()

    def set_anim(actor: Actor, clip: str, phase: str) -> None:
        appearance = engine.builder.appearance(actor)
        known = appearance.person.clips if appearance else ("idle", "walk")
        if clip not in known:
            raise CommandError(f"Argument Invalid, no clip '{clip}'")
        actor.animation = clip
        actor.phase = _number(phase, 0.0, 1.0)
        engine.world.touch()

    def set_next(actor: Actor, *values: str) -> None:
        """x y z, yaw, clip and phase of the next tick, for optical flow."""
        appearance = engine.builder.appearance(actor)
        x, y, z, yaw = (_number(value, -_WORLD_MAX, _WORLD_MAX) for value in values[:4])
        clip, phase = values[4], _number(values[5], 0.0, 1.0)
        if clip not in (appearance.person.clips if appearance else ("idle", "walk")):
            raise CommandError(f"Argument Invalid, no clip '{clip}'")
        actor.following = Stance((x, y, z), yaw, clip, phase)

    def set_gone(actor: Actor) -> None:
        """There is nobody at the next tick."""
        actor.following = None

    def get_state(actor: Actor) -> dict[str, str]:
        phase = f"{actor.phase:.6f}"
        return {"app": str(actor.appearance), "anim": actor.animation, "phase": phase}

    def set_look(actor: Actor, *values: str) -> None:
        """exposure, gains of red and blue, vignette, noise, blur, sharpening, JPEG quality, seed,
        frame."""
        look = CameraLook(
            exposure=_number(values[0], 0.01, 100.0),
            white_balance=(_number(values[1], 0.1, 10.0), _number(values[2], 0.1, 10.0)),
            vignette=_number(values[3], 0.0, 1.0),
            noise=_number(values[4], 0.0, 1.0),
            blur=_number(values[5], 0.0, 50.0),
            sharpening=_number(values[6], 0.0, 10.0),
        )
        quality = _whole(values[7], 1, 100)
        seed, frame = (_whole(value, 0, 2**53) for value in values[8:])
        for camera in engine.world.cameras_of(actor):
            sensor = camera.sensor
            camera.sensor = replace(sensor, look=look, jpeg_quality=quality, seed=seed, frame=frame)

    def set_sensor(actor: Actor, name: str, seed: str) -> None:
        """What is behind the lens (`sensor_chains`), and the number that seeds the camera's."""
        if name not in CHAINS.names:
            raise CommandError(f"Argument Invalid, no sensor '{name}'")
        number = _whole(seed, 0, 2**32)
        for camera in engine.world.cameras_of(actor):
            camera.sensor = replace(camera.sensor, chain=name, camera=number)

    def set_exposure(actor: Actor, seconds: str, seed: str) -> None:
        """How long the shutter is open, roughly, and the number that seeds the camera's."""
        exposure, number = _number(seconds, 0.0, _LONGEST_EXPOSURE), _whole(seed, 0, 2**32)
        for camera in engine.world.cameras_of(actor):
            camera.sensor = replace(camera.sensor, exposure=exposure, camera=number)

    def set_lens(actor: Actor, *values: str) -> None:
        """Radial distortion: OpenCV's k1 and k2."""
        k1, k2 = (_number(value, -_STRONGEST_LENS, _STRONGEST_LENS) for value in values)
        for camera in engine.world.cameras_of(actor):
            camera.distortion = (k1, k2)

    # With how many arguments each is called.
    tables: dict[Kind, dict[str, tuple[Function, int]]] = {
        Kind.PERSON: {
            "set_app": (set_app, 1),
            "set_mat": (set_mat, 9),
            "set_anim": (set_anim, 2),
            "get_state": (get_state, 0),
            "set_next": (set_next, 6),
            "set_gone": (set_gone, 0),
        },
        Kind.CAMERA: {
            "set_look": (set_look, 10),
            "set_sensor": (set_sensor, 2),
            "set_exposure": (set_exposure, 2),
            "set_lens": (set_lens, 2),
        },
    }
    if not engine.dialect.superset:
        del tables[Kind.CAMERA], tables[Kind.PERSON]["set_next"], tables[Kind.PERSON]["set_gone"]

    def call(name: str, function: str, *arguments: str) -> str:
        actor = engine.world.actor(name, f"Can not find actor with id '{name}'")
        found = tables.get(actor.kind, {}).get(function)
        if found is None:
            raise CommandError("Argument Invalid")
        carry_out, count = found
        if len(arguments) != count:
            raise CommandError(
                f"Argument Invalid, {count} arguments expected, not {len(arguments)}"
            )
        outputs = carry_out(actor, *arguments)
        return json.dumps(outputs, indent="\t") if outputs else _NOTHING

    add = engine.adder(Generation.FROM_PAPER)
    for count in range(2, 13):
        add("vbp" + " [str]" * count, call, "Call a function of a blueprint actor")
