"""Runs shards as processes: the job files they are fed and what they cost.

Prefect-free; ``task.py`` wraps it, ``tasks.render.process`` is what the processes run.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from manifests.claims import Claim
from manifests.identity import render_id
from manifests.recipe import Recipe
from manifests.shards import ShardSpec

OnEvent = Callable[[dict[str, Any]], None]


class JobRunner(Protocol):
    """Carries out one module with one job file somewhere; see ``flows.executors``."""

    def run(self, module: str, job_file: Path, log_file: Path, on_event: OnEvent) -> dict[str, Any]:
        """The job's result message; raises the ``FactoryError`` that the job ended with."""
        ...


@dataclass(frozen=True)
class BuildPlace:
    """Where one build keeps its data (``store``, ``dataset``) and its scratch (``workdir``)."""

    store: str
    dataset: str
    workdir: Path


def shard_label(shard: ShardSpec) -> str:
    """A short name that people recognise: scene, light, people and the start of render_id."""
    first, last = shard.people[0].index, shard.people[-1].index
    return f"{shard.scene}-{shard.light}-{first}-{last}-{render_id(shard)[:6]}"


def run_shard(
    shard: ShardSpec, recipe: Recipe, place: BuildPlace, runner: JobRunner, on_event: OnEvent
) -> Claim:
    """Render, annotate, store and claim one shard in a process of its own; the winning claim."""
    identity = render_id(shard)
    attempt = uuid.uuid4().hex[:12]
    folder = place.workdir / "shards" / identity[:16]
    folder.mkdir(parents=True, exist_ok=True)
    job_file = folder / f"{attempt}.json"
    job = {
        "shard": shard.model_dump(mode="json"),
        "rules": recipe.annotation.model_dump(mode="json"),
        "people": recipe.people.model_dump(mode="json"),
        "dataset_seed": recipe.seed,
        "store": place.store,
        "dataset": place.dataset,
        "attempt": attempt,
        "keep_frames": recipe.keep_frames,
        "workdir": str(folder / attempt),
    }
    job_file.write_text(json.dumps(job))
    result = runner.run("tasks.render.process", job_file, folder / f"{attempt}.log", on_event)
    job_file.unlink(missing_ok=True)
    return Claim.model_validate(result["claim"])


def run_people(
    indices: list[int],
    recipe: Recipe,
    place: BuildPlace,
    runner: JobRunner,
    on_event: OnEvent,
) -> float:
    """Build people into this host's cache in a process of its own; its CPU-seconds."""
    folder = place.workdir / "people"
    folder.mkdir(parents=True, exist_ok=True)
    job_file = folder / f"{indices[0]:06d}-{indices[-1]:06d}.json"
    job = {
        "people": recipe.people.model_dump(mode="json"),
        "dataset_seed": recipe.seed,
        "indices": indices,
    }
    job_file.write_text(json.dumps(job))
    result = runner.run("tasks.render.people", job_file, job_file.with_suffix(".log"), on_event)
    return float(result["cpu_seconds"])
