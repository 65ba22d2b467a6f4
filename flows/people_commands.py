"""Commands that write people for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from manifests.errors import BadRecipe
from manifests.recipe import Recipe


def run_people_export(
    recipe: Recipe,
    output: Path,
    *,
    form: str,
    count: int | None,
    indices: str | None,
    **options: Any,
) -> None:
    """Write the people of a recipe as files."""
    from flows.console import shown_progress
    from synth_workers.people.export.people import (
        FORMATS,
        ExportOptions,
        export_people,
        parse_indices,
    )
    from tasks.progress import Progress, report_progress

    if form not in FORMATS.names:
        raise BadRecipe(f"--format: must be one of {', '.join(FORMATS.names)}; got {form!r}")
    if count is not None and indices is not None:
        raise BadRecipe("--count and --indices both say which people; give one of them")
    chosen = (
        list(range(count or recipe.people.count)) if indices is None else parse_indices(indices)
    )

    def progress(done: int, total: int) -> None:
        report_progress(Progress("people", done, total, "people"))

    with shown_progress():
        listed = export_people(
            recipe.people,
            recipe.seed,
            chosen,
            output,
            ExportOptions(format=form, **options),
            progress,
        )
    typer.echo(f"{len(chosen)} people as {form} in {output}, listed in {listed.name}")
