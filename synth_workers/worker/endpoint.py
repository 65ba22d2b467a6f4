"""Where an engine listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Endpoint:
    """Where an engine listens.

    ``engine_port``: the port the engine itself knows, if it is reached through another one.
    ``size``: width and height of pictures that its settings must say, if they matter.
    Plugins of UE 4.27 and later leave TCP for a Unix socket after the first connection on
    Linux; ``socket_folder`` is where they put it.
    """

    port: int
    host: str = "127.0.0.1"
    engine_port: int | None = None
    socket_folder: Path = Path("/tmp")
    size: tuple[int, int] | None = None

    @property
    def unix_socket(self) -> Path:
        """The Unix socket that such a plugin creates once it has left TCP."""
        return self.socket_folder / f"unrealcv_{self.engine_port or self.port}.socket"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
