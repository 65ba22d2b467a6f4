"""``/action``, ``vrun`` and ``vexec``: pause, level, light and the level's events."""

from __future__ import annotations

from collections.abc import Callable

from manifests.errors import BadScene
from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine

_VIEW_MODES = ("lit", "unlit", "wireframe", "depth", "object_mask", "normal", "base_color")
_SHADOW_SETTINGS = ("r.ShadowQuality", "r.Shadow.Enable")
_MAX_EYES = 10_000.0  # cm
Event = Callable[[tuple[str, ...]], object]


def register(engine: Engine) -> None:
    """Add the game commands."""
    _register_actions(engine)
    _register_events(engine)


def _register_actions(engine: Engine) -> None:
    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)

    def pause() -> None:
        _set_paused(engine, not (engine.dialect.pause_toggles and engine.world.paused))

    def is_paused() -> str:
        return str(engine.world.paused).lower()

    def open_level(name: str) -> None:
        try:
            engine.enter(name)
        except BadScene as error:
            raise CommandError(str(error)) from None

    def set_viewmode(mode: str) -> None:
        if mode not in _VIEW_MODES:
            raise CommandError(f"Can not set ViewMode to {mode}")
        engine.viewmode = mode

    def press_key(key: str, seconds: str) -> None:
        raise CommandError("Not Implemented: this engine has no keyboard")

    def set_eyes_distance(distance: str) -> None:
        engine.world.set_eyes_distance(min(max(float(distance), -_MAX_EYES), _MAX_EYES))

    every("vset /action/game/pause", pause, "Pause the game")
    newer("vset /action/game/resume", lambda: _set_paused(engine, False), "Resume the game")
    newer("vget /action/game/is_paused", is_paused, "Get whether the game is paused")
    every("vset /action/game/level [str]", open_level, "Open another level")
    every("vset /action/input/enable", lambda: None, "Enable the pawn's input")
    every("vset /action/input/disable", lambda: None, "Disable the pawn's input")
    every("vset /action/eyes_distance [float]", set_eyes_distance,
          "Set the distance of the pawn's eyes, cm")  # fmt: skip
    every("vset /action/keyboard [str] [float]", press_key, "Press a key")
    every("vset /viewmode [str]", set_viewmode, "Set the viewport's mode")
    every("vget /viewmode", lambda: engine.viewmode, "Get the viewport's mode")


def _set_paused(engine: Engine, paused: bool) -> None:
    engine.walkers.advance()
    engine.world.paused = paused


def _register_events(engine: Engine) -> None:
    def light(arguments: tuple[str, ...]) -> None:
        if len(arguments) != 1:
            raise CommandError("Light needs the name of a light")
        engine.set_light(arguments[0])

    def next_light(arguments: tuple[str, ...]) -> None:
        lights = engine.lights
        engine.set_light(lights[(lights.index(engine.light) + 1) % len(lights)])

    # The events of the two contracts a level may answer: `person` and `unrealperson`.
    events: dict[str, Event] = {
        "Light": light,
        "AnnotateWorld": lambda arguments: engine.world.paint_everybody(),
        "AddActor": lambda arguments: engine.walkers.add(),
        "DelActor": lambda arguments: engine.walkers.remove_all(),
        "Pause": lambda arguments: _set_paused(engine, True),
        "Resume": lambda arguments: _set_paused(engine, False),
        "LC": next_light,
        "LCreset": lambda arguments: engine.set_light(engine.lights[0]),
    }

    def raise_event(name: str, arguments: tuple[str, ...], failure: str) -> None:
        event = events.get(name)
        if event is None:
            raise CommandError(failure)
        event(arguments)

    def console(word: str, *arguments: str) -> None:
        """``ce <event> …`` reaches the level; ``r.ShadowQuality 0`` stops people
        from casting shadows; other console words change nothing here."""
        if not arguments and engine.dialect.alias_words:
            raise CommandError("Unrecognised alias")
        if word in _SHADOW_SETTINGS and arguments:
            engine.renderer.people_cast_shadows = arguments[0] != "0"
            engine.world.touch()
        if word == "ce":
            if not arguments:
                raise CommandError("ce needs the name of an event")
            event, *values = arguments
            raise_event(event, tuple(values), f"The level has no event '{event}'")

    def execute(actor: str, event: str, *arguments: str) -> None:
        if actor != engine.world.level_script and actor not in engine.world.actors:
            raise CommandError(f"Can not find actor with id '{actor}'")
        call = " ".join((event, *arguments))
        failure = f"Fail to execute the function '{call}' of {actor}"
        if actor != engine.world.level_script:
            raise CommandError(failure)
        raise_event(event, arguments, failure)

    newer, every = engine.adder(Generation.FROM_PAPER), engine.adder(Generation.ALL)
    script = "/persistent_level/level_script_actor/id"
    newer(f"vget {script}", lambda: engine.world.level_script, "Get the id of the level's script")
    newer("vget /persistent_level/id", lambda: "PersistentLevel", "Get the id of the level")
    for count in range(1, 7):
        add = every if count <= 3 else newer
        add("vrun" + " [str]" * count, console, "Run a console command")
    five = engine.adder(Generation.FROM_52)
    five("vcmd [str]", lambda word: None, "Run a one-word console command")
    for count in range(2, 8):
        add = every if count <= 5 else newer
        add("vexec" + " [str]" * count, execute, "Run a function of the level's script")
