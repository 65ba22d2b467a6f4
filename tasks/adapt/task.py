"""Prefect task of the adaptation stage: clusterings, walking times and metrics as artifacts."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from tasks.adapt.places import DataPlace
from tasks.adapt.run import AdaptationOutcome, adapt_and_measure
from tasks.adapt.tables import metric_table, refresh_table, transition_table
from training.adaptation.config import AdaptationConfig


@task(
    name="adapt",
    description="Adapt a model to an unlabelled target and measure what that gained.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def adapt_to_target(
    source: DataPlace,
    target: DataPlace,
    config: AdaptationConfig,
    folder: Path,
    initial: Path | None,
    camstyle: Path | None,
) -> AdaptationOutcome:
    """See ``run.adapt_and_measure``; leaves what was clustered and measured as artifacts."""
    outcome = adapt_and_measure(source, target, config, folder, initial, camstyle)
    what = f"{source.name} to {target.name}"
    refreshes = outcome.model.refreshes
    text = "\n\n".join(
        part for part in (refresh_table(refreshes), transition_table(refreshes)) if part
    )
    create_markdown_artifact(
        f"Camera styles: {outcome.model.views}.\n\n{text}", key="clusters", description=what
    )
    if outcome.measured is not None:
        create_markdown_artifact(metric_table(outcome.measured), key="metrics", description=what)
    return outcome
