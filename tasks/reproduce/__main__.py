"""Reproduce tables from worlds that are published already; needs neither Prefect nor an engine:

    python -m tasks.reproduce table2 fig5 --budget small --store out/store \\
        --folder out/reproduce --processes 12

Models, results and tables go to ``--folder``; results that are there are not made again, so a
machine with an accelerator can fill the folder and another one print the tables.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.errors import BadRecipe, FactoryError
from tasks.progress import LOGGER_NAME

if TYPE_CHECKING:
    from tasks.reproduce.questions import Asked


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing and print the tables; returns the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # before torch looks for one
    from tasks.bench.making import Places, make_all
    from tasks.reproduce.tables import write_tables

    logging.getLogger(LOGGER_NAME).addHandler(logging.StreamHandler(sys.stdout))
    logging.getLogger(LOGGER_NAME).setLevel(logging.INFO)
    started = time.perf_counter()
    try:
        request, places = _request(asked), Places(asked.folder)
        made = make_all(request, places, asked.processes, "reproduce")
        for text in write_tables(request, places).values():
            print(text)
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{made} models in {time.perf_counter() - started:.0f} s")
    return 0


def parse_target_folders(given: list[str]) -> dict[str, Path]:
    """``["market=/data/market"]`` by name; ``BadRecipe`` for anything else."""
    folders: dict[str, Path] = {}
    for text in given:
        name, equals, folder = text.partition("=")
        if not equals or not folder:
            raise BadRecipe(f"--target-folder takes name=folder, e.g. market=~/data; got {text!r}")
        folders[name] = Path(folder).expanduser()
    return folders


def _request(given: argparse.Namespace) -> Asked:
    from manifests.stores import open_store
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names
    from tasks.reproduce.questions import Asked

    return Asked(
        tables=table_names(given.tables),
        budget=BudgetName(given.budget),
        store=open_store(given.store),
        folders=parse_target_folders(given.target_folder),
        partial=given.partial,
        longer=given.longer,
        claims_only=given.claims_only,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.reproduce", description=__doc__)
    parser.add_argument("tables", nargs="+", help="table2 to table5, fig4, fig5 or all")
    parser.add_argument("--budget", choices=["smoke", "small", "paper"], default="smoke")
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--folder", type=Path, default=Path("out/reproduce"))
    parser.add_argument("--device", choices=["auto", "cpu"], default="auto")
    parser.add_argument("--processes", type=int, default=1, help="models made at a time")
    parser.add_argument("--target-folder", action="append", default=[], help="e.g. market=FOLDER")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    parser.add_argument("--longer", type=int, default=1, help="learn so many times as long")
    parser.add_argument(
        "--claims-only", action="store_true", help="measure only the rows that claims compare"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
