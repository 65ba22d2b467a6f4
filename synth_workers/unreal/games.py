"""``games.yaml``: how this host gets the games that recipes name.

    games:
      town:
        build: "2026-05-01"
        engine: "4.27"
        program: {executable: /srv/Town/LinuxNoEditor/Town/Binaries/Linux/Town}
        gpus: [0, 1]
        per_gpu: 2

Paths, users and graphics cards belong here and nowhere else, so that the same recipe is the
same data set on every host.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from manifests.engine_request import BuildName
from manifests.environment import environment, variable
from manifests.errors import BadRecipe, MissingRequirement
from manifests.model import Model
from manifests.scene_requests import Name
from manifests.settings import Form
from synth_workers.worker.endpoint import Endpoint

GAMES_VARIABLE = variable("games")

EngineVersion = Annotated[str, StringConstraints(pattern=r"^[45]\.\d{1,2}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}:\d{1,5}$")]
_ADDRESS = re.compile(r"(.+):(\d{1,5})")
_HIGHEST_PORT = 65535


class Program(Model):
    """A packaged game on this host's disk. ``executable``: the ELF itself, not the script."""

    executable: Path
    user: str | None = Field(
        default=None, description="Whom it runs as; needed where workers run as root."
    )

    @model_validator(mode="after")
    def _lies_where_packaged_games_have_it(self) -> Program:
        parts = self.executable.parts
        if not self.executable.is_absolute() or self.executable.suffix == ".sh":
            raise ValueError(
                f"executable: give the absolute path of the ELF, got {self.executable}"
            )
        if len(parts) < 5 or parts[-3] != "Binaries":
            raise ValueError(
                "executable: a packaged game has it at <Game>/Binaries/Linux/<Game>, "
                f"got {self.executable}"
            )
        return self


class Container(Model):
    """A packaged game in a Docker image. ``executable``: the ELF's path inside the image."""

    image: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,255}$")]
    executable: PurePosixPath
    user: str = Field(default="1000:1000", pattern=r"^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?$")

    @model_validator(mode="after")
    def _is_absolute(self) -> Container:
        if not self.executable.is_absolute() or self.executable.suffix == ".sh":
            raise ValueError(
                f"executable: give the ELF's absolute path inside the image, got {self.executable}"
            )
        return self


class Game(Model):
    """One game. Exactly one of ``program``, ``container`` and ``attach`` says how it is had.

    ``engine``: its UE version, which decides flags. ``gpus``: cards it may use, ``per_gpu``:
    processes on each at a time. ``attach``: engines that somebody else started, one worker each.
    """

    build: BuildName
    engine: EngineVersion = "4.27"
    program: Program | None = None
    container: Container | None = None
    attach: tuple[Address, ...] = ()
    gpus: tuple[Annotated[int, Field(ge=0, le=63)], ...] = Field(default=(0,), min_length=1)
    per_gpu: int = Field(default=1, ge=1, le=64)
    arguments: tuple[str, ...] = Field(default=(), description="Further words of its command line.")
    ready_seconds: float = Field(default=180.0, gt=0, le=3600)
    memory_mb: int = Field(default=16384, ge=256)

    @model_validator(mode="after")
    def _there_is_one_way(self) -> Game:
        ways = [bool(self.program), bool(self.container), bool(self.attach)]
        if sum(ways) != 1:
            raise ValueError("give exactly one of program, container and attach")
        for address in self.attach:
            try:
                parse_endpoint(address)
            except BadRecipe as error:
                raise ValueError(str(error)) from error
        return self


class Games(Model):
    """The whole file."""

    games: dict[Name, Game]


GAMES = Form(Games, "games file", missing=MissingRequirement)


def read_games(path: Path | None = None) -> dict[str, Game]:
    """This host's games; ``MissingRequirement`` without a file, ``BadRecipe`` if it is wrong."""
    path = path or environment().games
    if not path.exists():
        raise MissingRequirement(
            f"this host has no games file at {path}; write one as docs/ue4.md says, or name it in "
            f"{GAMES_VARIABLE}"
        )
    return GAMES.read(path).games


def find_game(name: str, build: str, path: Path | None = None) -> Game:
    """The game that a recipe names, in exactly that build; ``MissingRequirement`` without it."""
    path = path or environment().games
    games = read_games(path)
    if name not in games:
        raise MissingRequirement(
            f"this host has no game {name!r}; {path} names {', '.join(games) or 'none'}"
        )
    game = games[name]
    if game.build != build:
        raise MissingRequirement(
            f"this host has build {game.build} of {name}, the recipe wants {build}: other builds "
            f"may look otherwise. Install that one and set its `build` in {path}, or change "
            "engine.build in the recipe"
        )
    return game


def parse_endpoint(text: str) -> Endpoint:
    """``host:port``, or the path of a plugin's Unix socket; ``BadRecipe`` for anything else."""
    if text.startswith("/"):
        return _socket_endpoint(Path(text))
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match.group(2)) <= _HIGHEST_PORT:
        raise BadRecipe(
            f"an engine is named by host:port (1 to {_HIGHEST_PORT}) or by the path of its Unix "
            f"socket (/tmp/unrealcv_<port>.socket), got {text!r}"
        )
    return Endpoint(int(match.group(2)), match.group(1))


def _socket_endpoint(path: Path) -> Endpoint:
    match = re.fullmatch(r"unrealcv_(\d{1,5})\.socket", path.name)
    if match is None:
        raise BadRecipe(f"{path} is not named like a plugin's Unix socket, unrealcv_<port>.socket")
    return Endpoint(int(match.group(1)), socket_folder=path.parent)
