"""Engines that serve several shards of one scene, one after the other, in one process.

Starting an engine takes seconds: imports, shaders, the scene and its light. One that has done a
shard well waits, for the next one that wants the same scene in the same form: it reads the people
of that shard from its crowd file and opens its level anew, with nothing of the last shard in it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from synth_workers.processes.launch import Engine, EngineCommand, EngineProcess
from synth_workers.processes.scratch import scratch_folder
from synth_workers.worker.endpoint import Endpoint

MOST_FRAMES = 1_000
"""An engine that has drawn so many frames serves no other shard."""


@dataclass
class _Running:
    """An engine with the folder that its crowd file is in; ``spent``: CPU-seconds that are charged
    already."""

    engine: EngineProcess
    endpoint: Endpoint
    crowd: Path
    folder: ExitStack
    frames: int = 0
    spent: float = 0.0

    def end(self) -> None:
        self.engine.end()
        self.folder.close()


class EngineShelf:
    """Keeps one engine that nobody uses; a context manager that ends it."""

    def __init__(self) -> None:
        self._kept: tuple[object, _Running] | None = None

    def __enter__(self) -> EngineShelf:
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()

    def engine(self, command: EngineCommand, scene: str, crowd: Path) -> Engine:
        """An engine for a shard. ``command``: starts the embedded one for a ``crowd`` file."""
        return _ShelvedEngine(self, command, scene, crowd)

    def take(self, form: object) -> _Running | None:
        """The engine that waits, if it is of this form and still there; others are ended."""
        if self._kept is None:
            return None
        (kind, running), self._kept = self._kept, None
        if kind == form and running.engine.alive:
            return running
        running.end()
        return None

    def put(self, form: object, running: _Running) -> None:
        """Let an engine wait."""
        self.clear()
        self._kept = form, running

    def clear(self) -> None:
        """End the engine that waits."""
        if self._kept is not None:
            (_, running), self._kept = self._kept, None
            running.end()


class _ShelvedEngine(Engine):
    """An engine for the time of one shard."""

    def __init__(self, shelf: EngineShelf, command: EngineCommand, scene: str, crowd: Path) -> None:
        self._shelf, self._scene, self._crowd = shelf, scene, crowd
        at = command.arguments.index(str(crowd))
        self._at, self._command = at, command
        rest = (*command.arguments[:at], *command.arguments[at + 1 :])
        self._form = replace(command, arguments=rest)
        self._opening: tuple[str, ...] = ()
        self._running: _Running | None = None
        self._before = 0.0

    @property
    def opening(self) -> Sequence[str]:
        return self._opening

    @property
    def renderer(self) -> str:
        return "" if self._running is None else self._running.engine.renderer

    def start(self) -> Endpoint:
        """One that waits is given the people of this shard; else a new one is started."""
        running = self._shelf.take(self._form)
        waited = running is not None
        # Before anything can fail: whoever has an engine ends it.
        self._running = running = running or self._started()
        self._before = running.spent
        if waited:
            running.engine.forget_peak()
            shutil.copyfile(self._crowd, running.crowd)
            self._opening = (f"vset /action/game/level {self._scene}",)
        return running.endpoint

    def _started(self) -> _Running:
        with ExitStack() as folder:
            crowd = folder.enter_context(scratch_folder("crowd")) / self._crowd.name
            shutil.copyfile(self._crowd, crowd)
            arguments = list(self._command.arguments)
            arguments[self._at] = str(crowd)
            engine = EngineProcess(replace(self._command, arguments=tuple(arguments)))
            endpoint = engine.start()
            return _Running(engine, endpoint, crowd, folder.pop_all())

    def check(self) -> None:
        self._there.engine.check()

    def outgrown(self) -> bool:
        return self._there.engine.outgrown()

    def peak_bytes(self) -> int:
        return 0 if self._running is None else self._running.engine.peak_bytes()

    def cpu_seconds(self) -> float:
        """Since it began to serve this shard."""
        return 0.0 if self._running is None else self._running.engine.cpu_seconds() - self._before

    def log_tail(self, lines: int = 20) -> str:
        return "(it did not start)" if self._running is None else self._there.engine.log_tail(lines)

    def end(self, grace: float = 5.0) -> None:
        if self._running is not None:
            self._running.end()

    def rest(self, frames: int) -> None:
        running = self._there
        running.frames += frames
        running.spent = running.engine.cpu_seconds()
        if running.frames >= MOST_FRAMES or running.engine.outgrown():
            running.end()
        else:
            self._shelf.put(self._form, running)

    @property
    def _there(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the engine has not been started")
        return self._running
