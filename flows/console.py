"""What a person at a terminal sees: one line or bar per stage while flows run, and tables."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBars
from rich.table import Table

from tasks.progress import LOGGER_NAME, Progress

_SECONDS_BETWEEN_LINES = 5.0


class _Handler(logging.Handler):
    """Hands progress to whoever shows it."""

    def __init__(self, show: Callable[[Progress], None]) -> None:
        super().__init__()
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        progress: Progress | None = getattr(record, "progress", None)
        if progress is not None:
            self._show(progress)


def _bar_of(bars: ProgressBars, tasks: dict[str, TaskID], progress: Progress) -> None:
    """Draw one bar per stage on a terminal."""
    if progress.stage not in tasks:
        tasks[progress.stage] = bars.add_task(progress.stage, amount="", note="")
    bars.update(
        tasks[progress.stage],
        total=progress.total or 1,
        completed=progress.done if progress.total else 1,
        amount=f"{progress.done:g}/{progress.total:g} {progress.unit}",
        note=progress.note,
    )


class _Lines:
    """Writes a line at the start of each stage, every few seconds and at its end, with the time
    that is left: for logs and CI."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, tuple[float, float]] = {}
        self._last: dict[str, float] = {}

    def show(self, progress: Progress) -> None:
        """Write a line if it is time for one."""
        now, finished = monotonic(), progress.done >= progress.total
        begun, before = self._begun.setdefault(progress.stage, (now, progress.done))
        if finished or now - self._last.get(progress.stage, 0.0) >= _SECONDS_BETWEEN_LINES:
            self._last[progress.stage] = now
            done, seconds = progress.done - before, now - begun
            left = ""
            if done > 0 and not finished:
                left = f", {_duration(seconds * (progress.total - progress.done) / done)} left"
            self._console.print(f"  {progress}{left}", highlight=False, soft_wrap=True)
        if finished:  # what comes next under this name is another one: the next model's training
            del self._begun[progress.stage]
            self._last.pop(progress.stage)


def _duration(seconds: float) -> str:
    """Roughly, as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def say(text: str) -> None:
    """A line of what is being done, at once, before what takes seconds is even imported."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def shown_progress(console: Console | None = None) -> Generator[None]:
    """Show every stage's progress until the block ends: bars on a terminal, else lines."""
    console = console or Console(file=sys.stderr)
    logger = logging.getLogger(LOGGER_NAME)
    previous = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False  # a run's Logs tab tells its own story: flows/run_logs.py
    bars = ProgressBars(
        TextColumn("{task.description:>9}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TextColumn("[dim]{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    shown = partial(_bar_of, bars, {}) if console.is_terminal else _Lines(console).show
    handler = _Handler(shown)
    logger.addHandler(handler)
    try:
        with bars if console.is_terminal else nullcontext():
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(previous[0])
        logger.propagate = previous[1]


def plain_table(headings: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> Table:
    """A table without lines; its first columns, as many as ``words``, are not numbers."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < words else "right")
    for row in rows:
        table.add_row(*row)
    return table
