"""Where the seconds and CPU-seconds of a run went, stage by stage."""

from __future__ import annotations

import resource
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


def process_cpu_seconds() -> float:
    """User + system CPU-seconds of this process and of its children that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def own_cpu_seconds() -> float:
    """User + system CPU-seconds of this process alone."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


@dataclass
class StageCost:
    """Cost of one stage: ``seconds`` of wall time and ``cpu_seconds`` (user + system)."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass
class CostSheet:
    """Costs by stage, in the order in which the stages first ran."""

    stages: dict[str, StageCost] = field(default_factory=dict)

    def add(self, stage: str, *, seconds: float = 0.0, cpu_seconds: float = 0.0) -> None:
        """Add to a stage, creating it at first mention."""
        cost = self.stages.setdefault(stage, StageCost())
        cost.seconds += seconds
        cost.cpu_seconds += cpu_seconds

    @contextmanager
    def measure(self, stage: str) -> Generator[None]:
        """Charge a block of this process (and the children it waits for) to a stage."""
        wall, cpu = time.monotonic(), process_cpu_seconds()
        try:
            yield
        finally:
            self.add(
                stage, seconds=time.monotonic() - wall, cpu_seconds=process_cpu_seconds() - cpu
            )

    def total_cpu_seconds(self) -> float:
        """Sum over all stages."""
        return sum(cost.cpu_seconds for cost in self.stages.values())


_current: ContextVar[CostSheet | None] = ContextVar("cost_sheet", default=None)


@contextmanager
def cost_sheet() -> Generator[CostSheet]:
    """The sheet of the run that encloses this block; a new one if nothing encloses it.

    Flows nest, and the sheet must not show up among their parameters, so it travels in the
    context.
    """
    sheet = _current.get()
    if sheet is not None:
        yield sheet
        return
    sheet = CostSheet()
    token = _current.set(sheet)
    try:
        yield sheet
    finally:
        _current.reset(token)
