"""The models that a question needs, each made and measured by a task of its own."""

from __future__ import annotations

from collections.abc import Sequence

from flows.gpu_slots import gpu_slot
from flows.stages import stage_task
from tasks.bench.making import Job, Places, make
from tasks.progress import Progress, report_progress


def make_models(stage: str, jobs: Sequence[Job], places: Places) -> None:
    """One after the other; ``stage`` is what tasks and progress are called after."""
    task = _make_model.with_options(name=f"{stage}-model")
    for number, job in enumerate(jobs, start=1):
        with gpu_slot():
            task(job, places)
        report_progress(Progress(stage, number, len(jobs), "models", job.run.title))


@stage_task(
    name="model",
    task_run_name="{job.run.title}",
    description="Train or adapt one model, or take one that is there, and measure what is asked.",
)
def _make_model(job: Job, places: Places) -> None:
    """See ``making.make``."""
    make(job, places)
