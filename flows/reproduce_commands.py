"""The command that makes the paper's tables again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flows.commands import local_run
from flows.places import chosen_store, reproduction_folder
from manifests.errors import BadRecipe

if TYPE_CHECKING:
    from tasks.reproduce.bench import Asked


def parse_request(
    tables: list[str],
    budget: str,
    target_folders: list[str],
    store: str | None,
    partial: bool,
    longer: int,
    claims_only: bool,
) -> Asked:
    """From words of the command line; refuses what cannot be."""
    from tasks.reproduce.__main__ import parse_target_folders
    from tasks.reproduce.bench import Asked
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names

    if budget not in list(BudgetName):
        raise BadRecipe(f"--budget: must be one of {', '.join(BudgetName)}; got {budget!r}")
    folders = parse_target_folders(target_folders)
    asked = Asked(
        tables=table_names(tables),
        budget=BudgetName(budget),
        store=chosen_store(store),
        folders=folders,
        partial=partial,
        longer=longer,
        claims_only=claims_only,
    )
    asked.check()
    return asked


def run_reproduce(
    asked: Asked, workers: int | None, pictures: Path | None, worlds_only: bool
) -> None:
    """Build and train what is missing, print the tables."""
    from flows.doctor import require_ready

    asked.store.probe()
    require_ready()
    with local_run(workers):
        from flows.reproduce import reproduce

        written = reproduce(
            [name.value for name in asked.tables],
            asked.budget,
            asked.store.address,
            dict(asked.folders),
            asked.partial,
            pictures.resolve() if pictures else None,
            worlds_only,
            asked.longer,
            asked.claims_only,
        )
    for text in written:
        typer.echo(text)
    typer.echo(f"Tables: {reproduction_folder()}")
