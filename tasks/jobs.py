"""Jobs that run as processes of their own: fed a JSON file, answering JSON lines on stdout.

Both ends of that talk are here, for every job: ``python -m MODULE --job FILE`` answers lines with
an ``event``: ``progress`` as often as it likes, then ``result`` or ``error``; its exit code is
the error's. Without ``--job`` it reads from stdin which jobs to carry out, one after the other, and
where to log each (``asking``), until that ends or a job fails: what it has imported and opened
serves them all. Who starts such processes and ends them: ``flows.executors.processes``.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from manifests.disks import disk_error
from manifests.errors import CorruptData, FactoryError
from manifests.refusals import explain
from manifests.whole_files import write_whole

_AGAIN_SECONDS = 0.05
_TERMINATED = 143

_log = logging.getLogger(__name__)

M = TypeVar("M", bound="Message")


class Message(BaseModel):
    """What a job is asked for, or what came of it; the base of each job's two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls: type[M], content: Any, source: str) -> M:
        """The message that parsed JSON holds; ``CorruptData`` says what is wrong with it."""
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise CorruptData(
                f"{source} does not parse: {'; '.join(explain(cls, error))}; its two ends must be "
                "of one version of the factory: start the build again"
            ) from None


def write_job(path: Path, job: Message) -> None:
    """Write a job's file."""
    write_whole(path, job.model_dump_json())


def read_job(path: Path, kind: type[M]) -> M:
    """The job in a file; ``CorruptData`` says why it is none of this ``kind``."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CorruptData(f"job file {path} cannot be read: {error}") from None
    return kind.read(content, f"job file {path}")


def asking(job_file: Path, log_file: Path) -> str:
    """The line by which a process that waits for jobs is asked for one."""
    return json.dumps({"job": str(job_file), "log": str(log_file)}) + "\n"


def parse_event(line: str) -> dict[str, Any] | None:
    """One line of a job's answer; None for words that something else printed."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "event" in message else None


@dataclass(frozen=True)
class Events:
    """The lines that a job answers."""

    stream: TextIO

    def say(self, event: str, **values: Any) -> None:
        """Write one event at once."""
        self.stream.write(json.dumps({"event": event, **values}) + "\n")
        self.stream.flush()


def serve(kind: type[M], work: Callable[[M, Events], Message], description: str | None) -> int:
    """Entry point of a job's module: carry out the job of ``--job``, or those that stdin names; the
    exit code.

    Asked to end (SIGTERM), ``work`` is left by ``SystemExit``, so that it can clean up.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--job", type=Path, help="carry out this one [default: those of stdin]")
    path = parser.parse_args().job
    events = Events(_own_stdout())
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGALRM, _terminate)
    sys.unraisablehook = _still_asked_to_end
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    for job in _asked() if path is None else [path]:
        if code := _carry_out(kind, work, job, events):
            return code
    return 0


def _asked() -> Iterator[Path]:
    """Files of the jobs that stdin names; each one's log is written from then on."""
    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        yield Path(asked["job"])


def _carry_out(
    kind: type[M], work: Callable[[M, Events], Message], path: Path, events: Events
) -> int:
    try:
        done = work(read_job(path, kind), events)
    except (FactoryError, OSError) as error:
        named = error if isinstance(error, FactoryError) else disk_error(error)
        if named is None:
            raise
        _log.error("%s", named)
        events.say("error", **named.to_dict())
        return named.exit_code
    events.say("result", **done.model_dump(mode="json"))
    return 0


def _own_stdout() -> TextIO:
    """The real stdout; whatever else prints in this process goes to stderr from now on."""
    real = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return real


def _terminate(signum: int, _: Any) -> None:
    raise SystemExit(_TERMINATED)


def _still_asked_to_end(swallowed: sys.UnraisableHookArgs) -> None:
    """A signal that comes while an object is being finalised raises where nobody can catch it, and
    would be forgotten: it comes again when that is over."""
    if swallowed.exc_type is SystemExit:
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
    else:
        sys.__unraisablehook__(swallowed)
