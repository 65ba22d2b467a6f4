"""``/action`` and ``vrun``: pause, level, light and console words."""

from __future__ import annotations

from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine


def register(engine: Engine) -> None:
    """Add the game commands."""
    add = engine.dispatcher.register

    def set_paused(paused: bool) -> None:
        engine.world.paused = paused

    def console(*words: str) -> str | None:
        """Console commands: ``ce <event> …`` reaches the level, anything else is accepted."""
        if words[0] != "ce":
            return None
        if len(words) < 2:
            raise CommandError("ce needs the name of an event")
        return level_event(words[1], words[2:])

    def level_event(event: str, arguments: tuple[str, ...]) -> str | None:
        if event != "Light":
            raise CommandError(f"The level has no event '{event}'")
        if len(arguments) != 1:
            raise CommandError("Light needs the name of a light")
        engine.set_light(arguments[0])
        return None

    def execute(actor: str, event: str, *arguments: str) -> str | None:
        if actor != engine.world.level_script:
            engine.world.actor(actor, f"Can not find actor with id '{actor}'")
            raise CommandError(
                f"Fail to execute the function '{' '.join((event, *arguments))}' of {actor}"
            )
        return level_event(event, arguments)

    add("vset /action/game/pause", lambda: set_paused(True), "Pause the game")
    add("vset /action/game/resume", lambda: set_paused(False), "Resume the game")
    add("vget /action/game/is_paused", lambda: str(engine.world.paused).lower(),
        "Get whether the game is paused")  # fmt: skip
    add("vget /persistent_level/level_script_actor/id", lambda: engine.world.level_script,
        "Get the id of the level's script")  # fmt: skip
    add("vget /persistent_level/id", lambda: "PersistentLevel", "Get the id of the level")
    for count in range(1, 7):
        add("vrun" + " [str]" * count, console, "Run a console command")
    for count in range(2, 8):
        add("vexec" + " [str]" * count, execute, "Run a function of the level's script")
