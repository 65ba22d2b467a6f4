"""A packaged game as a process of this host: private copy, own port, own settings, one card."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from manifests.errors import EngineLost, MissingRequirement
from synth_workers.processes.host import host_folder
from synth_workers.processes.launch import EngineCommand, EngineProcess, PortTaken, end_orphans
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.command_line import launch_environment, launch_words, plugin_settings
from synth_workers.unreal.games import Game, Program
from synth_workers.unreal.places import TakenPlace, gpu_places, take_place
from synth_workers.unreal.private_copy import PrivateCopy, make_private_copy, remove_abandoned
from synth_workers.worker.session import Endpoint

_ATTEMPTS = 3  # with another port each


class GameProgram:
    """One running game behind the engine seam. ``size``: of pictures, pixels.

    ``notes``: folder of what workers of this host share; ``ports``: who lends ports.
    """

    def __init__(
        self,
        name: str,
        game: Game,
        program: Program,
        map_name: str,
        size: tuple[int, int],
        *,
        notes: Path | None = None,
        ports: PortAllocator | None = None,
    ) -> None:
        self._name, self._game, self._program = name, game, program
        self._map, self._size = map_name, size
        self._pids = notes / "engines" if notes else host_folder("engines")
        self._copies = notes / "copies" if notes else host_folder("copies")
        self._places = notes / "places" if notes else None
        self._ports = ports or PortAllocator.of_this_host()
        self._place: TakenPlace | None = None
        self._copy: PrivateCopy | None = None
        self._port: int | None = None
        self._process: EngineProcess | None = None

    @property
    def renderer(self) -> str:
        """The graphics card as the game's log names it."""
        return self._process.renderer if self._process is not None else ""

    @property
    def pid(self) -> int:
        """Process id of the game."""
        if self._process is None:
            raise RuntimeError("the game has not been started")
        return self._process.pid

    def start(self) -> Endpoint:
        """Start the game on a card and a port of its own and wait until it listens."""
        end_orphans(self._pids)
        remove_abandoned(self._copies)
        places = gpu_places(self._game.gpus, self._game.per_gpu)
        self._place = take_place(self._name, list(places), folder=self._places)
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return self._start(places[self._place.name])
                except PortTaken:
                    self._let_go()
                    if attempt == _ATTEMPTS:
                        raise
        except BaseException:
            self.end()
            raise
        raise AssertionError("every attempt returns or raises")

    def _start(self, gpu: int) -> Endpoint:
        port = self._port = self._ports.take()
        settings = plugin_settings(port, self._size)
        copy = self._copy = make_private_copy(
            self._program.executable, settings, self._copies, self._program.user
        )
        game = self._game
        words = launch_words(game.engine, self._map, self._size, port, gpu, game.arguments)
        self._process = EngineProcess(
            EngineCommand(
                arguments=(str(copy.executable), *words),
                ready_seconds=game.ready_seconds,
                memory_mb=game.memory_mb,
                folder=copy.executable.parent,
                environment=launch_environment(game.engine, gpu, os.environ),
                user=self._program.user,
                port=port,
            ),
            pid_folder=self._pids,
        )
        try:
            endpoint = self._process.start()
        except MissingRequirement as error:
            raise MissingRequirement(
                f"{error}\nName one as `user` of games.{self._name}.program in games.yaml"
                if "root" in str(error)
                else str(error)
            ) from error
        except OSError as error:
            raise MissingRequirement(f"{copy.executable} cannot be started: {error}") from error
        return replace(endpoint, size=self._size)

    def check(self) -> None:
        """Raise ``EngineLost`` if the game is gone or says that it is broken."""
        if self._process is None:
            raise EngineLost("the game has not been started")
        self._process.check()

    def outgrown(self) -> bool:
        """Whether it holds more memory than ``memory_mb`` of its entry allows."""
        return self._process is not None and self._process.outgrown()

    def cpu_seconds(self) -> float:
        """User and system seconds of the game's process."""
        return self._process.cpu_seconds() if self._process is not None else 0.0

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the game's log."""
        return self._process.log_tail(lines) if self._process is not None else "(never started)"

    def end(self, grace: float = 5.0) -> None:
        """End the game, delete its copy, give its port and its card back."""
        self._let_go(grace)
        if self._place is not None:
            self._place.give_back()
            self._place = None

    def _let_go(self, grace: float = 5.0) -> None:
        if self._process is not None:
            self._process.end(grace)
        if self._copy is not None:
            self._copy.remove()
            self._copy = None
        if self._port is not None:
            with contextlib.suppress(OSError):
                self._ports.give_back(self._port)
            self._port = None
