"""Makes the models of a question and measures their cells, none of them twice."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.adapt.fit import adapt
from tasks.adapt.measure import measure_adaptation
from tasks.bench.cells import PLAIN, Cell, Fixed, Measure, Question, Run, Subject
from tasks.bench.results import Results, measured
from tasks.evaluate.measure import Evaluation
from tasks.evaluate.models import saved_model
from tasks.progress import Progress, report_progress
from tasks.train.fit import fit
from training.adaptation.config import AdaptationConfig
from training.precision import best_device
from training.run_files import MODEL_FILE


@dataclass(frozen=True)
class Job:
    """One model and the cells that it is measured for; none if others only start from it."""

    run: Subject
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Places:
    """Where models and results are kept."""

    folder: Path

    @property
    def results(self) -> Results:
        """The measured cells."""
        return Results(self.folder / "results")

    def model(self, run: Run) -> Path:
        """The folder of a run's model."""
        return self.folder / "models" / run.digest[:24]


def waves(question: Question, results: Results) -> list[list[Job]]:
    """The work that is left: jobs of a wave need models of earlier waves only."""
    missing: dict[str, list[Cell]] = {}
    runs: dict[str, Subject] = {}
    for cell in question.cells().values():
        if results.find(cell.id) is None:
            missing.setdefault(cell.run.digest, []).append(cell)
            runs |= {run.digest: run for run in cell.run.chain()}
    depth = max((run.depth for run in runs.values()), default=-1)
    return [
        [Job(run, tuple(missing.get(key, ()))) for key, run in runs.items() if run.depth == level]
        for level in range(depth + 1)
    ]


def work_left(question: Question, places: Places) -> list[Job]:
    """Every job that is left, in an order in which they can be done."""
    return [job for wave in waves(question, places.results) for job in wave]


def make(job: Job, places: Places) -> None:
    """Train or adapt the model unless that was done, then measure its cells."""
    run = job.run
    if isinstance(run, Fixed):
        _measure(job, run.opened(), places)
        return
    initial = None if run.initial is None else places.model(run.initial) / MODEL_FILE
    if isinstance(run.config, AdaptationConfig):
        _adapt(job, run, run.config, initial, places)
        return
    model = fit(run.data, run.config, places.model(run), initial=initial)
    if job.cells:
        _measure(job, saved_model(model.path).measure_splits, places)


def _measure(job: Job, measure: Measure, places: Places) -> None:
    """Measure all cells of a job, those of one target while its crops are in memory."""
    of_target: dict[str, list[Cell]] = {}
    for cell in job.cells:
        of_target.setdefault(cell.tested.content_digest, []).append(cell)
    for cells in of_target.values():
        splits = cells[0].tested.held_sets()
        for cell in cells:
            started = time.perf_counter()
            found = [one.evaluation for one in measure(splits, cell.measuring)]
            _keep(places.results, cell, found, started)


def _adapt(
    job: Job, run: Run, config: AdaptationConfig, initial: Path | None, places: Places
) -> None:
    started = time.perf_counter()
    assert run.adapts_to is not None
    adapted = adapt(run.data, run.adapts_to, config, places.model(run), initial=initial)
    if not job.cells:
        return
    # Cells of one adaptation are the same images, measured by looks and by looks and time.
    (tested,) = job.cells[0].tested.sets()
    unlabelled = run.adapts_to.load()
    found = measure_adaptation(adapted.path, unlabelled, tested, config, measuring=PLAIN)
    by_method = {evaluation.method: evaluation for evaluation in found.evaluations}
    for cell in job.cells:
        if cell.method in by_method:
            _keep(places.results, cell, [by_method[cell.method]], started)


def _keep(results: Results, cell: Cell, evaluations: list[Evaluation], started: float) -> None:
    about: dict[str, Any] = {
        "model": cell.run.title,
        "target": cell.tested.name,
        "method": cell.method,
        "settings": cell.run.settings,
        "seed": cell.run.seed,
        "device": best_device().type,
        "seconds": round(time.perf_counter() - started, 1),
    }
    results.keep(cell.id, measured(evaluations, about))


def make_all(question: Question, places: Places, processes: int = 1, stage: str = "bench") -> int:
    """Make everything that is missing, in several processes; returns how many models were made.

    Progress is reported as that of ``stage``. Processes share one accelerator well: small networks
    leave most of it idle.
    """
    work = waves(question, places.results)
    total, done = sum(map(len, work)), 0
    for jobs in work:
        for title in _made(jobs, question, places, processes):
            done += 1
            report_progress(Progress(stage, done, total, "models", title))
    return done


def _made(jobs: list[Job], question: Question, places: Places, processes: int) -> Iterator[str]:
    if processes <= 1:
        for job in jobs:
            make(job, places)
            yield job.run.title
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _open, (question,)) as pool:
        futures = {
            pool.submit(_make_by_name, job.run.digest, [cell.id for cell in job.cells], places): job
            for job in jobs
        }
        for future in as_completed(futures):
            future.result()
            yield futures[future].run.title


_cells: dict[str, Cell] = {}
"""In a process of a pool: all cells by id. What loads data cannot be sent, so it is looked up."""


def _open(question: Question) -> None:
    _cells.update(question.cells())


def _make_by_name(digest: str, cells: list[str], places: Places) -> None:
    run = next(run for cell in _cells.values() for run in cell.run.chain() if run.digest == digest)
    make(Job(run, tuple(_cells[name] for name in cells)), places)
