"""Prefect tasks of the reproduction: a model with its cells, and the tables as artifacts."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from tasks.progress import Progress, report_progress
from tasks.reproduce.bench import Asked
from tasks.reproduce.run import Job, Places, make
from tasks.reproduce.writing import write_tables


@task(
    name="reproduce-model",
    task_run_name="{job.run.title}",
    description="Train or adapt one model and measure it on the targets that tables need.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def make_model(job: Job, places: Places, number: int, total: int) -> None:
    """See ``run.make``; this is model ``number`` of ``total``."""
    make(job, places)
    report_progress(Progress("reproduce", number, total, "models", job.run.title))


@task(
    name="reproduce-tables",
    description="Write every table with the paper's numbers beside ours.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def publish_tables(asked: Asked, places: Places) -> list[str]:
    """See ``writing.write_tables``; each table is an artifact of the run, too."""
    written = write_tables(asked, places)
    for path, text in written.items():
        create_markdown_artifact(text, key=path.stem, description=f"Reproduction: {path.stem}")
    return list(written.values())
