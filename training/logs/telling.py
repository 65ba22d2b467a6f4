"""Telling the logs of a run what happens in it, at its beginning, on the way and at its end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Generic

import numpy as np

from training.evaluation.features import extract_features
from training.logs.chosen import Logs, Opening
from training.logs.run_log import LoggedRun, Seen
from training.loop import Loop, ProgressT

_MOST_PICTURES = 32
_MOST_EMBEDDED = 500


class Telling(Generic[ProgressT]):
    """What a run calls; it computes nothing for logs that are not there."""

    def __init__(
        self,
        logs: Logs,
        loop: Loop[ProgressT],
        on_progress: Callable[[ProgressT], None] | None,
    ) -> None:
        self._logs, self._loop, self._on_progress = logs, loop, on_progress

    def began(self) -> None:
        """The run begins, or goes on."""
        if self._logs and not self._loop.iteration:
            batch = self._loop.first_batch()[:_MOST_PICTURES].cpu().numpy()
            self._logs.tell("pictures", 0, batch)

    def progress(self, now: ProgressT) -> None:
        """A report, which goes on to whoever else wants it."""
        rate = float(self._loop.optimiser.param_groups[0]["lr"])
        values = {**now.scalars(), "learning_rate": rate}
        self._logs.tell("scalars", self._loop.iteration, values)
        if self._on_progress is not None:
            self._on_progress(now)

    def ended(self) -> None:
        """The model is saved: the network may be used for what is no longer part of the run."""
        if self._logs:
            self._logs.tell("embeddings", self._loop.iteration, _seen(self._loop))


@contextmanager
def telling(
    openings: Sequence[Opening],
    run: LoggedRun,
    loop: Loop[ProgressT],
    on_progress: Callable[[ProgressT], None] | None,
) -> Generator[Telling[ProgressT]]:
    """Open logs for as long as a block lasts; they hear whether it ended well."""
    logs = Logs(openings, run)
    finished = False
    try:
        told = Telling(logs, loop, on_progress)
        told.began()
        yield told
        finished = True
    finally:
        logs.tell("close", finished)


def _seen(loop: Loop[ProgressT]) -> Seen:
    """The first people, whole, as many as there is room for, or a part of the first."""
    shown = loop.shown()
    counts = np.cumsum(np.bincount(shown.crops.person))
    people = max(1, int(np.searchsorted(counts, _MOST_EMBEDDED, side="right")))
    chosen = np.flatnonzero(shown.crops.person < people)[:_MOST_EMBEDDED]
    mask = np.zeros(len(shown.crops), bool)
    mask[chosen] = True
    crops = shown.crops.where(mask)
    return Seen(
        extract_features(loop.network, crops, loop.arithmetic),
        crops.images,
        [crops.person_ids[code] for code in crops.person],
        [crops.camera_names[code] for code in crops.camera],
        shown.what,
    )
