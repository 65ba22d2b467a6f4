"""``/unrealcv``: status, help, version, echo."""

from __future__ import annotations

from synth_workers.engine.engine import Engine


def register(engine: Engine) -> None:
    """Add the commands that are about the server itself."""
    add = engine.dispatcher.register

    def status() -> str:
        settings = engine.settings
        client = "Client Connected" if engine.client_connected else "Client Not Connected"
        folder = settings.folder
        config = f"{folder}/unrealcv.ini" if folder else "unrealcv.ini"
        return (
            f"Is Listening\n{client}\n{engine.port}\nConfiguration\nConfig file: {config}\n"
            f"Port: {engine.port}\nWidth: {settings.width}\nHeight: {settings.height}\n"
            f"FOV: {settings.fov:f}\nEnableInput: true\nEnableRightEye: false\n"
        )

    def help_text() -> str:
        return "".join(
            f"{command.template}\n{command.description}\n" for command in engine.dispatcher.commands
        )

    add("vget /unrealcv/status", status, "Get the status of UnrealCV")
    add("vget /unrealcv/help", help_text, "List all commands with their descriptions")
    add("vget /unrealcv/version", lambda: engine.dialect.version, "Get the plugin's version")
    add("vget /unrealcv/echo [str]", lambda text: text, "Return the argument")
    add("vget /scene/name", lambda: engine.world.scene, "Get the scene's name")
    add("vget /level/name", lambda: engine.world.scene, "Get the level's name")
