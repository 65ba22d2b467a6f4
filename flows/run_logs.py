"""What the Logs tab of a run tells: its story, and an error that was raised on purpose in one line.

Prefect writes an error three times, with two tracebacks. What the factory refuses says itself what
was wrong, where and what to do: whoever reads the tab needs that line and no other. Any other error
keeps its traceback. Imported with ``flows.stages``, and so wherever a flow is.
"""

from __future__ import annotations

import logging
from weakref import WeakKeyDictionary

from prefect.client.schemas.objects import FlowRun

from manifests.errors import FactoryError

STORY = logging.getLogger("unrealperson.build")
"""A build's story; what loggers of `unrealperson` say in a run stands in its Logs tab."""
STORY.setLevel(logging.INFO)


_STATE = "Finished in state Failed"


def say_in_run(run: FlowRun, words: str) -> None:
    """Leave a warning in the Logs tab of another run than this one."""
    more = {"flow_run_id": str(run.id), "flow_run_name": run.name}
    logging.getLogger("prefect.flow_runs").warning("%s", words, extra=more)


class OneLine(logging.Filter):
    """Says an error of the factory once in each run, without its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._told: WeakKeyDictionary[FactoryError, set[object]] = WeakKeyDictionary()
        self._failed: set[object] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is worth a line; rewrites one that brings such an error."""
        error = record.exc_info[1] if record.exc_info else None
        run = getattr(record, "flow_run_id", None)
        if not isinstance(error, FactoryError):
            # The state of a run stands above its tabs, with the same words.
            return run not in self._failed or not record.getMessage().startswith(_STATE)
        runs = self._told.setdefault(error, set())
        if run in runs:
            return False
        runs.add(run)
        self._failed.add(run)
        _, dash, retry = record.getMessage().rpartition(" - Retry ")
        record.msg, record.args = (
            f"{type(error).__name__}: {error}{dash}{retry if dash else ''}",
            (),
        )
        record.exc_info = record.exc_text = None
        return True


_FILTER = OneLine()
for _name in ("prefect.flow_runs", "prefect.task_runs"):
    logging.getLogger(_name).addFilter(_FILTER)
