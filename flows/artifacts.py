"""What a round of a build shows in Prefect's pages while it runs.

Progress with the time that is left, a table of shards, failures by class, pictures of what has
been made. Watching must never end a build: whatever goes wrong here is logged and forgotten.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import emit_event
from prefect.runtime import flow_run

from flows.patience import insist
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.shards import ShardSpec
from tasks.render.watching import RoundProgress
from tasks.report.round import (
    failures_markdown,
    preview_markdown,
    progress_words,
    shard_rows,
)

_SECONDS_BETWEEN_UPDATES = 5.0
_SECONDS_BETWEEN_LINES = 30.0
_PATIENCE_AT_THE_END = 60.0
"""Seconds for which the state of a finished round, which its page keeps, is tried again."""

PROGRESS_EVENT = "unrealperson.build.progress"
"""The event that more shards of a build are claimed; its resource is the build's flow run."""

_log = logging.getLogger("unrealperson.build")


def _tell_progress() -> None:
    if flow_run.id:
        run = {"prefect.resource.id": f"prefect.flow-run.{flow_run.id}"}
        tags = [
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}
            for tag in flow_run.tags or []
        ]
        emit_event(PROGRESS_EVENT, run, related=tags)  # pyright: ignore[reportArgumentType]


def artifact_key(*words: str) -> str:
    """A key that Prefect accepts: lower case letters, digits and dashes."""
    return "-".join("".join(c if c.isalnum() else "-" for c in word.lower()) for word in words)


class RoundArtifacts:
    """The artifacts of one round.

    ``shards``: all of the round, by crop_id. Tables and pictures are made anew whenever the
    number of finished shards has doubled, and at the end, so that a large round does not fill
    the database.
    """

    def __init__(
        self,
        dataset: Dataset,
        stage: str,
        shards: Mapping[str, ShardSpec],
        progress: RoundProgress,
    ) -> None:
        self._dataset, self._stage = dataset, stage
        self._shards, self._progress = shards, progress
        self._started = time.monotonic()
        self._crops_before = progress.crops
        self._share_before = progress.share
        self._bar: UUID | None = None
        self._updated = self._said = 0.0
        self._words_said = ""
        self._drawn_at = self._claimed = 0
        self._failures_drawn = 0

    def update(self, claims: Mapping[str, Claim], *, last: bool = False) -> None:
        """Show the state of the round; ``claims``: of its finished shards, by crop_id.

        ``last``: draw everything, and if the round is finished wait up to a minute for a server
        that is away.
        """
        now = time.monotonic()
        if len(claims) > self._claimed:
            self._claimed = len(claims)
            self._watch(_tell_progress, 0.0)
        finished = last and len(claims) == len(self._shards)
        patience = _PATIENCE_AT_THE_END if finished else 0.0
        if last or now - self._updated >= _SECONDS_BETWEEN_UPDATES:
            self._updated = now
            words = self._words(claims)
            due = last or now - self._said >= _SECONDS_BETWEEN_LINES
            if due and words != self._words_said:
                self._said, self._words_said = now, words
                _log.info("%s", words)
            self._watch(lambda: self._draw_bar(words), patience)
        if last or len(claims) >= 2 * self._drawn_at or self._news_of_failures():
            self._drawn_at = max(1, len(claims))
            self._watch(lambda: self._draw_table(claims), patience)
            self._watch(lambda: self._draw_preview(claims), patience)
        if self._news_of_failures():
            self._failures_drawn = len(self._progress.failures)
            self._watch(lambda: self._draw_failures(claims), patience)

    def _news_of_failures(self) -> bool:
        seen = len(self._progress.failures)
        return seen > 0 and seen >= 2 * self._failures_drawn

    def _watch(self, draw: Callable[[], None], patience: float) -> None:
        try:
            insist(draw, patience)
        except Exception as error:
            _log.warning("No artifact this time: %s: %s", type(error).__name__, error)

    def _words(self, claims: Mapping[str, Claim]) -> str:
        return progress_words(
            f"{self._dataset.name}, {self._stage}",
            done=len(claims),
            shards=len(self._shards),
            crops=self._progress.crops,
            new_crops=self._progress.crops - self._crops_before,
            share=self._progress.share,
            new_share=self._progress.share - self._share_before,
            seconds=time.monotonic() - self._started,
        )

    def _draw_bar(self, words: str) -> None:
        percent = 100.0 * self._progress.share
        if self._bar is None:
            key = artifact_key("progress", self._stage)
            self._bar = create_progress_artifact(percent, key, words)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            update_progress_artifact(self._bar, percent, words)

    def _draw_table(self, claims: Mapping[str, Claim]) -> None:
        create_table_artifact(
            shard_rows(self._shards, claims, self._progress),
            key=artifact_key("shards", self._stage),
            description=f"Shards of {self._dataset.name}, {self._stage}",
        )

    def _draw_failures(self, claims: Mapping[str, Claim]) -> None:
        create_markdown_artifact(
            failures_markdown(self._dataset, self._shards, claims, self._progress.failures),
            key=artifact_key("failures", self._stage),
            description=f"What went wrong in {self._dataset.name}, {self._stage}",
        )

    def _draw_preview(self, claims: Mapping[str, Claim]) -> None:
        if claims:
            create_markdown_artifact(
                preview_markdown(self._dataset.store, list(claims.values())),
                key=artifact_key("preview", self._stage),
                description=f"Some of the crops of {self._dataset.name} so far",
            )
