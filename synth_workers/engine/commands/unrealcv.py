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
            f"Config file: {engine.folder / 'unrealcv.ini'}\n"
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

    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)
    every("vget /unrealcv/status", status, "Get the status of UnrealCV")
    every("vget /unrealcv/help", help_text, "List all commands with descriptions")
    every("vget /unrealcv/version", lambda: dialect.version, "Get the version")
    every("vget /unrealcv/echo [str]", lambda text: text, "Return the argument")
    every("vget /scene/name", lambda: engine.world.scene, "Get the scene's name")
    newer("vget /level/name", lambda: engine.world.scene, "Get the level's name")
    if dialect.generations is Generation.V110:  # or the 1.3.2 client matches every request
        every("vget /unrealcv/commands", templates, "List all templates")
