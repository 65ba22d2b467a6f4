"""What all games that a worker starts itself have in common: a card and a port of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Generic, TypeVar

from manifests.errors import EngineLost
from synth_workers.processes.host import host_folder
from synth_workers.processes.launch import Engine, EngineCommand, EngineProcess
from synth_workers.processes.ports import PortAllocator
from synth_workers.unreal.games import Game
from synth_workers.unreal.places import TakenPlace, gpu_places, take_place
from synth_workers.worker.endpoint import Endpoint

Way = TypeVar("Way")


class HostedGame(Engine, ABC, Generic[Way]):
    """One game behind the engine seam. ``way``: how it is had. ``size``: of pictures, pixels.

    ``notes``: folder of what workers of this host share; ``ports``: who lends ports.
    """

    def __init__(
        self,
        name: str,
        game: Game,
        way: Way,
        map_name: str,
        size: tuple[int, int],
        *,
        notes: Path | None = None,
        ports: PortAllocator | None = None,
    ) -> None:
        self._name, self._game, self._way = name, game, way
        self._map, self._size, self._notes = map_name, size, notes
        self._ports = ports or PortAllocator.of_this_host()
        self._place: TakenPlace | None = None
        self._process: EngineProcess | None = None

    @abstractmethod
    def _make_ready(self) -> None:
        """Tidy up after workers that were killed; raise what makes a start impossible."""

    @abstractmethod
    def _start(self, gpu: int) -> Endpoint:
        """Start the game on a card."""

    @abstractmethod
    def _let_go(self, grace: float = 5.0) -> None:
        """End the game and give back all but its card."""

    def _launch(self, arguments: tuple[str, ...], **more: Any) -> Endpoint:
        """Start the process that the game is, or that leads to it, and wait until it listens.

        ``more``: of ``EngineCommand``.
        """
        game = self._game
        command = EngineCommand(arguments, game.ready_seconds, game.memory_mb, **more)
        self._process = EngineProcess(command, pid_folder=self._folder("engines"))
        return self._process.start()

    def _folder(self, name: str) -> Path:
        """Where workers of this host keep their notes about ``name``."""
        return self._notes / name if self._notes else host_folder(name)

    @property
    def renderer(self) -> str:
        """The graphics card as the game's log names it."""
        return self._process.renderer if self._process is not None else ""

    def start(self) -> Endpoint:
        """Start the game on a card and a port of its own and wait until it listens."""
        self._make_ready()
        places = gpu_places(self._game.gpus, self._game.per_gpu)
        self._place = take_place(self._name, list(places), folder=self._folder("places"))
        try:
            return self._start(places[self._place.name])
        except BaseException:
            self.end()
            raise

    def check(self) -> None:
        """Raise ``EngineLost`` if the game is gone or says that it is broken."""
        if self._process is None:
            raise EngineLost("the game has not been started")
        self._process.check()

    def outgrown(self) -> bool:
        """Whether it holds more memory than ``memory_mb`` of its entry allows."""
        return self._process is not None and self._process.outgrown()

    def cpu_seconds(self) -> float:
        """User and system seconds of the process that was started."""
        return self._process.cpu_seconds() if self._process is not None else 0.0

    def peak_bytes(self) -> int:
        """Most memory of the process that was started."""
        return self._process.peak_bytes() if self._process is not None else 0

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the game's log."""
        return self._process.log_tail(lines) if self._process is not None else "(never started)"

    def end(self, grace: float = 5.0) -> None:
        """End the game, give its port and its card back."""
        self._let_go(grace)
        if self._place is not None:
            self._place.give_back()
            self._place = None
