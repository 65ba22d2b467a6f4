"""Keeps one capture run going over engines that come and go.

A lost connection is made anew once; a lost engine is replaced, and the run goes on with the
next instant. After several losses the shard gives up with ``EngineLost``. An engine that has
served its time or has grown too large is replaced without being counted as lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from manifests.errors import EngineLost, ProtocolError
from synth_workers.contracts.base import Level
from synth_workers.processes.launch import Engine
from synth_workers.worker.runs import Run
from synth_workers.worker.session import CommandKind, Deadlines, Session

MAX_ENGINE_LOSSES = 3
FRAMES_PER_ENGINE = 2000
_CONNECTIONS_PER_ENGINE = 2


OnProgress = Callable[[Run], None]
"""Called after every captured instant."""


class _TooLarge(EngineLost):
    """An engine that has no memory left for even one frame."""


@dataclass
class EngineUse:
    """What the engines of one shard have cost so far."""

    cpu_seconds: float = 0.0
    losses: list[str] = field(default_factory=list)
    engines: int = 0
    peak_bytes: int = 0
    renderer: str = ""
    dialect: str = ""


@dataclass(frozen=True)
class Driver:
    """How to get engines and levels for one shard; see ``Preparation`` for the latter."""

    new_engine: Callable[[], Engine]
    new_level: Callable[[Session], Level]
    load: Callable[[Any, Sequence[str]], None]
    deadlines: Deadlines | None = None
    frames_per_engine: int = FRAMES_PER_ENGINE

    def finish(self, run: Run, use: EngineUse, on_progress: OnProgress) -> None:
        """Capture the rest of ``run``; ``EngineLost`` after ``MAX_ENGINE_LOSSES`` losses."""
        while not run.finished:
            engine, began, well = self.new_engine(), run.next_frame, False
            use.engines += 1
            try:
                self._use(engine, run, use, on_progress)
                well = True
            except EngineLost as error:
                # Reports of failures take the number from the words: watching.ShardFailure.
                use.losses.append(f"at frame {run.next_frame}: {str(error).splitlines()[0]}")
                if len(use.losses) >= MAX_ENGINE_LOSSES:
                    raise EngineLost(
                        f"the engine was lost {len(use.losses)} times in one shard "
                        f"({'; '.join(use.losses)}); last lines of its log:\n{engine.log_tail()}"
                    ) from error
            except ProtocolError as error:
                raise ProtocolError(f"at frame {run.next_frame}: {error}") from error
            finally:
                use.peak_bytes = max(use.peak_bytes, engine.peak_bytes())
                use.cpu_seconds += engine.cpu_seconds()
                if well:
                    engine.rest(run.next_frame - began)
                else:
                    engine.end()

    def _use(self, engine: Engine, run: Run, use: EngineUse, on_progress: OnProgress) -> None:
        until = run.next_frame + self.frames_per_engine
        began = run.next_frame

        def go_on() -> bool:
            engine.check()
            if engine.outgrown():
                if run.next_frame > began:
                    return False
                raise _TooLarge(
                    "the engine holds more memory than it may before it has drawn one frame; "
                    "raise its limit or ask for fewer people per shard"
                )
            return run.next_frame < until

        endpoint = engine.start()
        use.renderer = engine.renderer or use.renderer
        leftovers: tuple[str, ...] = ()
        for connection in range(1, _CONNECTIONS_PER_ENGINE + 1):
            level: Level | None = None
            try:
                with Session.connect(endpoint, self.deadlines) as session:
                    session.must(engine.opening, CommandKind.level)
                    level = self.new_level(session)
                    self.load(level, leftovers)
                    use.dialect = level.dialect
                    run.go_on(level, go_on, on_progress)
                return
            except _TooLarge:
                raise
            except EngineLost:
                if connection == _CONNECTIONS_PER_ENGINE:
                    raise
                engine.check()  # a dead engine is not worth another connection
                leftovers += level.spawned if level is not None else ()
