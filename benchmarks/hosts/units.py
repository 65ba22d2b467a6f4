"""Units of systemd as far as those of ``infra/systemd`` go: what to start, as whom, with what.

The hosts of this benchmark have no systemd; what they start is what the units say.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Unit:
    """One service. ``start`` and ``before``: commands; ``files``: of environment, read when it is
    started; ``restart``: seconds until it is started again, ``None`` for never."""

    name: str
    start: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    user: str = "root"
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    restart: float | None = 1.0

    def whole_environment(self) -> dict[str, str]:
        """Its environment, read from the files that it names."""
        read: dict[str, str] = {}
        for name in self.files:
            if not name.startswith("-") or Path(name[1:]).exists():
                read |= read_environment(Path(name.lstrip("-")))
        # As systemd does it: a file outdoes what the unit itself says.
        return {**self.environment, **read}


def read_environment(path: Path) -> dict[str, str]:
    """Variables of an environment file."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if line and line[0] not in "#;")
    return {name: value.strip('"') for name, value in pairs}


def read_unit(path: Path, instance: str = "") -> Unit:
    """A unit file; ``instance``: what ``%i`` stands for."""
    said: dict[str, list[str]] = {}
    for line in path.read_text().replace("%i", instance).splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            said.setdefault(name, []).append(value)
    (start,) = said["ExecStart"]
    return Unit(
        name=path.name.replace("@", f"@{instance}"),
        start=tuple(shlex.split(start)),
        before=tuple(tuple(shlex.split(command)) for command in said.get("ExecStartPre", [])),
        user=said.get("User", ["root"])[-1],
        folder=said.get("WorkingDirectory", ["/"])[-1],
        environment=dict(pair.split("=", 1) for pair in said.get("Environment", [])),
        files=tuple(said.get("EnvironmentFile", [])),
        restart=float(said["RestartSec"][-1]) if "Restart" in said else None,
    )
