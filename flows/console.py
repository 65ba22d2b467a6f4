"""What a person at a terminal sees: one line or bar per stage while flows run, and tables."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBars
from rich.table import Table

from tasks.progress import LOGGER_NAME, Progress

_SECONDS_BETWEEN_LINES = 5.0


class _BarHandler(logging.Handler):
    """Draws one bar per stage on a terminal."""

    def __init__(self, bars: ProgressBars) -> None:
        super().__init__()
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        progress: Progress | None = getattr(record, "progress", None)
        if progress is None:
            return
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._bars.add_task(progress.stage, amount="", note="")
        self._bars.update(
            self._tasks[progress.stage],
            total=progress.total or 1,
            completed=progress.done if progress.total else 1,
            amount=f"{progress.done:g}/{progress.total:g} {progress.unit}",
            note=progress.note,
        )


class _LineHandler(logging.Handler):
    """Writes a line every few seconds and at the end of each stage, for logs and CI."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._last: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        progress: Progress | None = getattr(record, "progress", None)
        if progress is None:
            return
        now = time.monotonic()
        finished = progress.done >= progress.total
        if not finished and now - self._last.get(progress.stage, 0.0) < _SECONDS_BETWEEN_LINES:
            return
        self._last[progress.stage] = now
        self._console.print(f"  {progress}", highlight=False)


@contextmanager
def shown_progress(console: Console | None = None) -> Generator[None]:
    """Show every stage's progress until the block ends: bars on a terminal, else lines."""
    console = console or Console(file=sys.stderr)
    logger = logging.getLogger(LOGGER_NAME)
    previous = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    bars: ProgressBars | None = None
    handler: logging.Handler
    if console.is_terminal:
        bars = ProgressBars(
            TextColumn("{task.description:>9}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TextColumn("[dim]{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        handler = _BarHandler(bars)
        bars.start()
    else:
        handler = _LineHandler(console)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(previous[0])
        logger.propagate = previous[1]
        if bars is not None:
            bars.stop()


def plain_table(headings: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> Table:
    """A table without lines; its first columns, as many as ``words``, are not numbers."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < words else "right")
    for row in rows:
        table.add_row(*row)
    return table
