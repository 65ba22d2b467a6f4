"""The command that makes the paper's tables again."""

from __future__ import annotations

from pathlib import Path

import typer

from flows.commands import local_run
from flows.places import reproduction_folder, store_uri
from manifests.errors import BadRecipe
from manifests.stores import open_store


def run_reproduce(
    tables: list[str],
    budget: str,
    target_folders: list[str],
    store: str | None,
    workers: int | None,
    partial: bool,
    pictures: Path | None,
) -> None:
    """Check everything that can be checked, build and train what is missing, print the tables."""
    from flows.doctor import require_ready
    from tasks.reproduce.__main__ import parse_target_folders
    from tasks.reproduce.bench import Asked
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names

    if budget not in list(BudgetName):
        raise BadRecipe(f"--budget: must be one of {', '.join(BudgetName)}; got {budget!r}")
    store = store_uri(store)
    folders = parse_target_folders(target_folders)
    asked = Asked(table_names(tables), BudgetName(budget), store, folders, partial)
    asked.check()
    open_store(store).probe()
    require_ready()
    with local_run(workers):
        from flows.reproduce import reproduce

        written = reproduce(
            [name.value for name in asked.tables],
            asked.budget,
            store,
            folders,
            partial,
            pictures.resolve() if pictures else None,
        )
    for text in written:
        typer.echo(text)
    typer.echo(f"Tables: {reproduction_folder()}")
