"""Engines without a renderer: a scripted server and a toy level behind the engine seam."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.capture_rules import CaptureRules
from manifests.errors import EngineLost
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.capture import CaptureRun
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.processes.launch import Engine
from synth_workers.worker.bundles import BundleWriter
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Deadlines
from tasks.render.driving import Driver, EngineUse
from tests.synth_workers.planning.small_world import CAMERAS, motions, scene
from tests.synth_workers.worker.scripted_server import Answer, Fault, ScriptedServer
from tests.synth_workers.worker.toy_level import ToyLevel

PEOPLE, WIDTH, HEIGHT = 8, 320, 180
QUICK = Deadlines(connect=2.0, status=2.0, setting=2.0, capture=2.0, level=4.0)


@dataclass
class ToyEngine(Engine):
    """An engine of the seam; ``dies``: a broken connection means that its process is gone."""

    level: Answer = field(default_factory=ToyLevel)
    faults: tuple[Fault, ...] = ()
    dies: bool = False
    leaves_tcp: bool = False
    socket_folder: Path = Path("/tmp")
    outgrown_after: int | None = None
    starts: Exception | None = None
    checks: int = 0
    ended: bool = False

    @property
    def renderer(self) -> str:
        return "toy"

    def start(self) -> Endpoint:
        if self.starts is not None:
            raise self.starts
        self.server = ScriptedServer(
            self.level,
            self.faults,
            leaves_tcp=self.leaves_tcp,
            socket_folder=self.socket_folder,
        )
        self.server.__enter__()
        return self.server.endpoint

    def check(self) -> None:
        self.checks += 1
        struck = any(fault.seen >= fault.at for fault in self.faults)
        if self.dies and struck:
            raise EngineLost("the engine ended (signal 9) while it was in use")

    def outgrown(self) -> bool:
        return self.outgrown_after is not None and self.checks > self.outgrown_after

    def cpu_seconds(self) -> float:
        return 0.25

    def log_tail(self, lines: int = 20) -> str:
        return "toy log"

    def end(self, grace: float = 5.0) -> None:
        if not self.ended and self.starts is None:
            self.server.__exit__()
        self.ended = True


def small_plan() -> CapturePlan:
    """A few frames of eight people before three cameras."""
    return plan_capture(
        scene(),
        CAMERAS,
        motions(PEOPLE),
        np.full((PEOPLE, len(CAMERAS)), 2),
        CaptureRules(min_person_height=32),
        width=WIDTH,
        height=HEIGHT,
        max_frames=12,
        seed=np.random.SeedSequence(8),
    )


@dataclass
class Outcome:
    """What came of a shard: its frames, the run, what the engines cost, the engines."""

    frames: pa.Table | None
    run: CaptureRun
    use: EngineUse
    engines: list[ToyEngine]
    error: Exception | None


def _load(level: PersonLevel, leftovers: Sequence[str]) -> None:
    level.load(range(PEOPLE), palette(PEOPLE), CAMERAS, "day", leftovers)
    calibrate(level, WIDTH, HEIGHT)


def drive(
    plan: CapturePlan,
    engines: Sequence[ToyEngine],
    path: Path,
    *,
    after_load: Callable[[], None] = lambda: None,
    **options: Any,
) -> Outcome:
    """Capture ``plan`` with these engines, one after the other as they are lost."""
    supply: Iterator[ToyEngine] = iter(engines)

    def load(level: PersonLevel, leftovers: Sequence[str]) -> None:
        _load(level, leftovers)
        after_load()

    driver = Driver(
        new_engine=lambda: next(supply),
        new_level=lambda session: PersonLevel(session, WIDTH, HEIGHT, 90, seed=5),
        load=load,
        deadlines=QUICK,
        **options,
    )
    use, error, frames = EngineUse(), None, None
    with BundleWriter(path) as writer:
        identities = [(100 + number, f"7-{100 + number:06d}") for number in range(PEOPLE)]
        run = CaptureRun(
            plan=plan, identities=identities, light="day", size=(WIDTH, HEIGHT), writer=writer
        )
        try:
            driver.finish(run, use, lambda _: None)
            writer.finish(run.joint_names, {})
            frames = pq.read_table(path)
        except Exception as raised:
            error = raised
    return Outcome(frames, run, use, list(engines), error)
