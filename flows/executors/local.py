"""Shards as processes of this machine, one Prefect task run each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from prefect.futures import as_completed

from flows.executors.base import ShardPolicy
from flows.executors.lost import LostShards
from flows.executors.processes import LocalProcesses
from flows.places import worker_count
from manifests.claims import Claim
from manifests.errors import FactoryError
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from tasks.progress import Progress, report_progress
from tasks.render.jobs import BuildPlace, shard_label
from tasks.render.task import build_people, render_shard
from tasks.render.watching import RoundProgress


class LocalExecutor:
    """Runs as many shards at a time as the enclosing flow's task runner has threads."""

    def __init__(self, policy: ShardPolicy, processes: LocalProcesses | None = None) -> None:
        self._policy = policy
        self._processes = processes or LocalProcesses(timeout=60.0 * policy.timeout_minutes)

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, *error: object) -> None:
        self._processes.close()

    def prepare(self, recipe: Recipe, place: BuildPlace) -> float:
        """Fill this host's cache with the recipe's people, one process per worker."""
        people = list(range(recipe.groups()[-1].stop))
        chunks = [
            chunk for start in range(worker_count()) if (chunk := people[start :: worker_count()])
        ]
        done = [0] * len(chunks)

        def watch(chunk: int, event: dict[str, Any]) -> None:
            done[chunk] = int(event.get("done", 0))
            report_progress(Progress("people", sum(done), len(people), "people"))

        futures = [
            build_people.submit(
                f"{chunk[0]}-{chunk[-1]}",
                chunk,
                recipe,
                place,
                self._processes,
                lambda event, number=number: watch(number, event),
            )
            for number, chunk in enumerate(chunks)
        ]
        cpu_seconds = sum(future.result() for future in futures)
        report_progress(Progress("people", len(people), len(people), "people"))
        return cpu_seconds

    def run(
        self,
        plan: BuildPlan,
        shards: Sequence[ShardSpec],
        recipe: Recipe,
        place: BuildPlace,
        progress: RoundProgress,
    ) -> Iterator[Claim]:
        """See ``ShardExecutor.run``."""
        attempt = render_shard.with_options(retries=self._policy.attempts - 1)
        futures = [
            attempt.submit(
                shard_label(shard), shard, recipe, place, self._processes, progress.on_event
            )
            for shard in shards
        ]
        lost = LostShards()
        for future in as_completed(futures):
            try:
                yield future.result()
            except FactoryError as error:
                lost.add(error)
        lost.report()
