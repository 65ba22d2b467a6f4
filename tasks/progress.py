"""How long-running stages tell whoever watches how far they are.

A stage logs a ``Progress`` on one logger; the command line draws it, Prefect keeps it with the
run's logs and artifacts. Stages know neither.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

LOGGER_NAME = "unrealperson.progress"
_logger = logging.getLogger(LOGGER_NAME)


@dataclass(frozen=True)
class Progress:
    """How far one stage is: ``done`` of ``total`` in ``unit``, with a short free ``note``."""

    stage: str
    done: float
    total: float
    unit: str
    note: str = ""

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0

    def __str__(self) -> str:
        text = f"{self.stage}: {self.done:g} of {self.total:g} {self.unit}"
        return f"{text}, {self.note}" if self.note else text


def report_progress(progress: Progress) -> None:
    """Tell every listener of the progress logger."""
    _logger.info("%s", progress, extra={"progress": progress})
