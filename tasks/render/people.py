"""Builds groups of people into this host's cache, as a process of its own.

``python -m tasks.render.people --job FILE`` carries out a ``tasks.render.jobs.PeopleJob``; without
``--job`` those that stdin names.
"""

from __future__ import annotations

import sys

from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from tasks.accounting import process_cpu_seconds
from tasks.jobs import Events, serve
from tasks.render.jobs import PeopleDone, PeopleJob


class PeopleWorker:
    """Builds one group after the other; each is charged with what was spent since the last one."""

    def __init__(self) -> None:
        self._charged = 0.0

    def __call__(self, job: PeopleJob, events: Events) -> PeopleDone:
        """Make sure the cache holds the job's people."""
        specs = sample_people(job.people, job.dataset_seed, job.indices)

        def progress(done: int, total: int) -> None:
            events.say("progress", done=done, total=total)

        PeopleCache().ensure(specs, progress)
        now = process_cpu_seconds()
        spent, self._charged = now - self._charged, now
        return PeopleDone(people=len(specs), cpu_seconds=spent)


if __name__ == "__main__":
    sys.exit(serve(PeopleJob, PeopleWorker(), __doc__))
