"""Shards and people as jobs of processes: what these are asked for and what they answer.

What the processes run: ``tasks.render.process`` and ``tasks.render.people``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import Field

from manifests.annotation_rules import AnnotationRules
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.disks import naming_disks
from manifests.identity import render_id
from manifests.people import PeopleRecipe
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from synth_workers.people.cache import PeopleCache
from tasks.jobs import Message, write_job

M = TypeVar("M", bound=Message)
OnEvent = Callable[[dict[str, Any]], None]


class ShardJob(Message):
    """Render, annotate, store and claim one shard.

    ``workdir``: where the process makes a scratch folder of its own; ``attempt``: a part of the
    names that it stores under; ``repair``: do it again where what is claimed is damaged or gone.
    """

    shard: ShardSpec
    rules: AnnotationRules
    people: PeopleRecipe
    dataset_seed: int
    store: str
    dataset: str
    attempt: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    keep_frames: bool
    workdir: Path
    repair: bool = False


class ShardDone(Message):
    """The winning claim of a shard, and whether it is this attempt's."""

    claim: Claim
    won: bool


class PeopleJob(Message):
    """Build people of a recipe into this host's cache."""

    people: PeopleRecipe
    dataset_seed: int
    indices: tuple[int, ...]


class PeopleDone(Message):
    """How many people the cache holds now, and the CPU-seconds that took."""

    people: int
    cpu_seconds: float


class JobRunner(Protocol):
    """Carries out one module with one job file somewhere; see ``flows.executors``."""

    def run(self, module: str, job_file: Path, log_file: Path, on_event: OnEvent) -> dict[str, Any]:
        """The job's result message; raises the ``FactoryError`` that the job ended with."""
        ...


@dataclass(frozen=True)
class BuildPlace:
    """Where one build keeps its data (``dataset``) and its scratch (``workdir``)."""

    dataset: Dataset
    workdir: Path


def shard_label(shard: ShardSpec) -> str:
    """A short name that people recognise: scene, light, people and the start of render_id."""
    first, last = shard.people[0].index, shard.people[-1].index
    return f"{shard.scene}-{shard.light}-{first}-{last}-{render_id(shard)[:6]}"


def run_shard(
    shard: ShardSpec,
    recipe: Recipe,
    place: BuildPlace,
    runner: JobRunner,
    on_event: OnEvent,
    *,
    repair: bool = False,
) -> Claim:
    """Render, annotate, store and claim one shard in a process of its own; the winning claim.

    ``repair``: also if it is claimed, where its claim or a file of it is damaged or gone.
    """
    identity = render_id(shard)
    attempt = uuid.uuid4().hex[:12]
    folder = place.workdir / "shards" / identity[:16]
    job = ShardJob(
        shard=shard,
        rules=recipe.annotation,
        people=recipe.people,
        dataset_seed=recipe.seed,
        store=place.dataset.store.address,
        dataset=place.dataset.name,
        attempt=attempt,
        keep_frames=recipe.keep_frames,
        workdir=place.workdir,
        repair=repair,
    )
    job_file = folder / f"{attempt}.json"
    return _carried_out(runner, "tasks.render.process", job, job_file, ShardDone, on_event).claim


def people_to_build(plan: BuildPlan) -> list[int]:
    """Indices of the plan's people whom this host's cache does not hold in their first outfit."""
    cache = PeopleCache()
    people = (person for shard in plan.shards for person in shard.people if person.outfit == 0)
    digests = {person.index: person.spec_digest for person in people}
    return sorted(index for index, digest in digests.items() if not cache.holds(digest))


def run_people(
    indices: list[int], recipe: Recipe, place: BuildPlace, runner: JobRunner, on_event: OnEvent
) -> float:
    """Build people into this host's cache in a process of its own; its CPU-seconds."""
    folder = place.workdir / "people"
    job = PeopleJob(people=recipe.people, dataset_seed=recipe.seed, indices=tuple(indices))
    job_file = folder / f"{indices[0]:06d}-{indices[-1]:06d}.json"
    done = _carried_out(runner, "tasks.render.people", job, job_file, PeopleDone, on_event)
    return done.cpu_seconds


def _carried_out(
    runner: JobRunner, module: str, job: Message, job_file: Path, kind: type[M], on_event: OnEvent
) -> M:
    """What came of a job; its file stays if it failed, its log in any case."""
    with naming_disks(job_file):
        write_job(job_file, job)
        result = runner.run(module, job_file, job_file.with_suffix(".log"), on_event)
    done = kind.read(result, f"the result of {module}")
    job_file.unlink(missing_ok=True)
    return done
