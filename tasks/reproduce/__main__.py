"""Reproduce tables from worlds that are published already; needs neither Prefect nor an engine:

    python -m tasks.reproduce table2 fig5 --budget small --store out/store \\
        --folder out/reproduce --processes 12

Models, results and tables go to ``--folder``; results that are there are not made again, so a
machine with an accelerator can fill the folder and another one print the tables.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.addresses import local_path
from manifests.errors import BadRecipe
from tasks.bench.command_line import add_bench_options, answered

if TYPE_CHECKING:
    from tasks.bench.making import Places
    from tasks.reproduce.questions import Asked


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing and print the tables; returns the exit code."""
    return answered(_parser().parse_args(arguments), "reproduce", _request, _written)


def parse_target_folders(given: list[str]) -> dict[str, Path]:
    """``["market=/data/market"]`` by name; ``BadRecipe`` for anything else."""
    folders: dict[str, Path] = {}
    for text in given:
        name, equals, folder = text.partition("=")
        if not equals or not folder:
            raise BadRecipe(f"--target-folder takes name=folder, e.g. market=~/data; got {text!r}")
        folders[name] = local_path(folder)
    return folders


def _request(given: argparse.Namespace) -> Asked:
    from manifests.stores import open_store
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names
    from tasks.reproduce.questions import Asked
    from tasks.transfer.targets import target_file

    return Asked(
        tables=table_names(given.tables),
        budget=BudgetName(given.budget),
        store=open_store(given.store),
        folders=parse_target_folders(given.target_folder),
        partial=given.partial,
        longer=given.longer,
        claims_only=given.claims_only,
        photographs=target_file(given.targets),
    )


def _written(asked: Asked, places: Places) -> tuple[str, str]:
    from tasks.reproduce.tables import write_tables

    return "\n".join(write_tables(asked, places).values()), ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.reproduce", description=__doc__)
    parser.add_argument("tables", nargs="+", help="table2 to table5, fig4, fig5 or all")
    parser.add_argument("--budget", choices=["smoke", "small", "paper"], default="smoke")
    parser.add_argument("--target-folder", action="append", default=[], help="e.g. market=FOLDER")
    parser.add_argument("--targets", type=Path, help="a YAML file of further targets")
    add_bench_options(parser, Path("out/reproduce"))
    parser.add_argument("--longer", type=int, default=1, help="learn so many times as long")
    parser.add_argument(
        "--claims-only", action="store_true", help="measure only the rows that claims compare"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
