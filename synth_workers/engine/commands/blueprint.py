"""``vbp``: functions of blueprint actors: people of the ``person`` contract and camera looks."""

from __future__ import annotations

import json
from collections.abc import Callable

from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.materials import Material, read_tile, with_material
from synth_workers.engine.sensor import SensorSettings
from synth_workers.engine.world import Actor, Kind
from synth_workers.scenes.description import CameraLook

_STRONGEST_LENS = 10.0
_NO_PICTURE = "none"
_NOTHING = "{\n}"
Function = Callable[[Actor, tuple[str, ...]], dict[str, str]]


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


def _expect(arguments: tuple[str, ...], count: int) -> None:
    if len(arguments) != count:
        raise CommandError(f"Argument Invalid, {count} arguments expected, not {len(arguments)}")


def register(engine: Engine) -> None:
    """Add ``vbp`` with up to nine arguments."""

    def set_app(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        _expect(arguments, 1)
        if not len(engine.crowd):
            raise CommandError("Argument Invalid, this engine was started without a crowd")
        number = _whole(arguments[0], 0, len(engine.crowd) - 1)
        engine.crowd.appearance(number)
        actor.appearance, actor.materials = number, ()
        engine.world.touch()
        return {}

    def set_mat(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        """slot, r g b, metallic, specular, roughness, tiling, picture or ``none``."""
        _expect(arguments, 9)
        plain = engine.builder.appearance(actor)
        slots = len(plain.person.tiles) if plain else 0
        if not slots:
            raise CommandError("Argument Invalid, there is no cloth to change")
        slot = _whole(arguments[0], 0, slots - 1)
        red, green, blue, metal, specular, rough = (
            _number(text, 0.0, 1.0) for text in arguments[1:7]
        )
        tiling, name = _number(arguments[7], 0.01, 100.0), arguments[8]
        image, tile = ("", None)
        if name.lower() != _NO_PICTURE:
            image, tile = read_tile(name, engine.settings.materials)
        gloss = max(specular, metal) * (1.0 - rough)
        material = Material(slot, (red, green, blue), gloss, tiling, image, tile)
        actor.materials = with_material(actor.materials, material)
        engine.world.touch()
        return {}

    def set_anim(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        _expect(arguments, 2)
        appearance = engine.builder.appearance(actor)
        known = appearance.person.clips if appearance else ("idle", "walk")
        if arguments[0] not in known:
            raise CommandError(f"Argument Invalid, no clip '{arguments[0]}'")
        actor.animation = arguments[0]
        actor.phase = _number(arguments[1], 0.0, 1.0)
        engine.world.touch()
        return {}

    def get_state(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        _expect(arguments, 0)
        return {
            "app": str(actor.appearance),
            "anim": actor.animation,
            "phase": f"{actor.phase:.6f}",
        }

    def set_look(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        """exposure, gains of red and blue, vignette, noise, blur, JPEG quality, seed, frame."""
        _expect(arguments, 9)
        look = CameraLook(
            exposure=_number(arguments[0], 0.01, 100.0),
            white_balance=(_number(arguments[1], 0.1, 10.0), _number(arguments[2], 0.1, 10.0)),
            vignette=_number(arguments[3], 0.0, 1.0),
            noise=_number(arguments[4], 0.0, 1.0),
            blur=_number(arguments[5], 0.0, 50.0),
        )
        settings = SensorSettings(
            look,
            jpeg_quality=_whole(arguments[6], 1, 100),
            seed=_whole(arguments[7], 0, 2**53),
            frame=_whole(arguments[8], 0, 2**53),
        )
        for camera in engine.world.cameras:
            if camera.actor is actor:
                camera.sensor = settings
        return {}

    def set_lens(actor: Actor, arguments: tuple[str, ...]) -> dict[str, str]:
        """Radial distortion: OpenCV's k1 and k2."""
        _expect(arguments, 2)
        k1, k2 = (_number(text, -_STRONGEST_LENS, _STRONGEST_LENS) for text in arguments)
        for camera in engine.world.cameras:
            if camera.actor is actor:
                camera.distortion = (k1, k2)
        return {}

    tables: dict[Kind, dict[str, Function]] = {
        Kind.PERSON: {
            "set_app": set_app,
            "set_mat": set_mat,
            "set_anim": set_anim,
            "get_state": get_state,
        },
        Kind.CAMERA: {"set_look": set_look, "set_lens": set_lens},
    }
    if not engine.dialect.superset:
        del tables[Kind.CAMERA]

    def call(name: str, function: str, *arguments: str) -> str:
        actor = engine.world.actor(name, f"Can not find actor with id '{name}'")
        found = tables.get(actor.kind, {}).get(function)
        if found is None:
            raise CommandError("Argument Invalid")
        outputs = found(actor, arguments)
        return json.dumps(outputs, indent="\t") if outputs else _NOTHING

    for count in range(2, 12):
        engine.add(
            "vbp" + " [str]" * count,
            call,
            "Call a function of a blueprint actor",
            Generation.FROM_PAPER,
        )
