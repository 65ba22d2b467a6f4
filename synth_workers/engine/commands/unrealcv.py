"""``/unrealcv``: status, help, version, echo."""

from __future__ import annotations

from synth_workers.engine.dialects import Generation
from synth_workers.engine.engine import Engine


def register(engine: Engine) -> None:
    """Add the commands that are about the server itself."""
    dialect = engine.dialect

    def status() -> str:
        settings = engine.settings
        client = "Client Connected" if engine.client_connected else "No Client Connected"
        return (
            f"Is Listening\n{client}\n{engine.port}\nConfiguration\n"
            f"Config file: {engine.config_file}\n"
            f"Port: {engine.port}\nWidth: {settings.width}\nHeight: {settings.height}\n"
            f"FOV: {settings.fov:.{dialect.status_digits}f}\n"
            f"EnableInput: true\nEnableRightEye: false{dialect.status_end}"
        )

    def help_text() -> str:
        return "".join(
            f"{command.template}\n{command.description}\n" for command in engine.dispatcher.commands
        )

    def templates() -> str:
        return "\n".join(command.template for command in engine.dispatcher.commands)

    everywhere, add = Generation.ALL, engine.add
    add("vget /unrealcv/status", status, "Get the status of UnrealCV", everywhere)
    add("vget /unrealcv/help", help_text, "List all commands with descriptions", everywhere)
    add("vget /unrealcv/version", lambda: dialect.version, "Get the version", everywhere)
    add("vget /unrealcv/echo [str]", lambda text: text, "Return the argument", everywhere)
    add("vget /scene/name", lambda: engine.world.scene, "Get the scene's name", everywhere)
    add("vget /level/name", lambda: engine.world.scene, "Get the level's name",
        Generation.FROM_PAPER)  # fmt: skip
    if dialect.generations is Generation.V110:  # or the 1.3.2 client matches every request
        add("vget /unrealcv/commands", templates, "List all templates", Generation.V110)
