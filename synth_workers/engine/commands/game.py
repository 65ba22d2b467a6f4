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
Event = Callable[[tuple[str, ...]], None]


def register(engine: Engine) -> None:
    """Add the game commands."""
    _register_actions(engine)
    _register_events(engine)


def _register_actions(engine: Engine) -> None:
    everywhere, newer, add = Generation.ALL, Generation.FROM_PAPER, engine.add

    def pause() -> None:
        engine.walkers.advance()
        engine.world.paused = not (engine.dialect.pause_toggles and engine.world.paused)

    def resume() -> None:
        engine.walkers.advance()
        engine.world.paused = False

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

    add("vset /action/game/pause", pause, "Pause the game", everywhere)
    add("vset /action/game/resume", resume, "Resume the game", newer)
    add("vget /action/game/is_paused", lambda: str(engine.world.paused).lower(),
        "Get whether the game is paused", newer)  # fmt: skip
    add("vset /action/game/level [str]", open_level, "Open another level", everywhere)
    add("vset /action/input/enable", lambda: None, "Enable the pawn's input", everywhere)
    add("vset /action/input/disable", lambda: None, "Disable the pawn's input", everywhere)
    add("vset /action/eyes_distance [float]", set_eyes_distance,
        "Set the distance of the pawn's eyes, cm", everywhere)  # fmt: skip
    add("vset /action/keyboard [str] [float]", press_key, "Press a key", everywhere)
    add("vset /viewmode [str]", set_viewmode, "Set the viewport's mode", everywhere)
    add("vget /viewmode", lambda: engine.viewmode, "Get the viewport's mode", everywhere)


def _register_events(engine: Engine) -> None:
    def light(arguments: tuple[str, ...]) -> None:
        if len(arguments) != 1:
            raise CommandError("Light needs the name of a light")
        engine.set_light(arguments[0])

    def next_light(arguments: tuple[str, ...]) -> None:
        lights = engine.lights
        engine.set_light(lights[(lights.index(engine.light) + 1) % len(lights)])

    def set_paused(paused: bool) -> None:
        engine.walkers.advance()
        engine.world.paused = paused

    def add_people() -> None:
        engine.walkers.add()

    # The events of the two contracts a level may answer: `person` and `unrealperson`.
    events: dict[str, Event] = {
        "Light": light,
        "AnnotateWorld": lambda arguments: engine.world.paint_everybody(),
        "AddActor": lambda arguments: add_people(),
        "DelActor": lambda arguments: engine.walkers.remove_all(),
        "Pause": lambda arguments: set_paused(True),
        "Resume": lambda arguments: set_paused(False),
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

    newer, everywhere, add = Generation.FROM_PAPER, Generation.ALL, engine.add
    add("vget /persistent_level/level_script_actor/id", lambda: engine.world.level_script,
        "Get the id of the level's script", newer)  # fmt: skip
    add("vget /persistent_level/id", lambda: "PersistentLevel", "Get the id of the level", newer)
    for count in range(1, 7):
        add("vrun" + " [str]" * count, console, "Run a console command",
            everywhere if count <= 3 else newer)  # fmt: skip
    add("vcmd [str]", lambda word: None, "Run a one-word console command",
        Generation.FROM_52)  # fmt: skip
    for count in range(2, 8):
        add("vexec" + " [str]" * count, execute, "Run a function of the level's script",
            everywhere if count <= 5 else newer)  # fmt: skip
