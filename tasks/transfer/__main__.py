"""Compare sources by how well models transfer; needs neither Prefect nor an engine:

    python -m tasks.transfer demo market1501:~/data/market --targets targets.yaml \\
        --training transfer-small --store out/store --folder out/transfer --processes 4

Models and measured cells go to ``--folder``; what is there is not made again, so a machine with an
accelerator can fill ``--folder``'s ``results`` and another one print the table.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.bench.command_line import add_bench_options, answered

if TYPE_CHECKING:
    from tasks.bench.making import Places
    from tasks.transfer.questions import Transfer


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing and print the table; returns the exit code."""
    return answered(_parser().parse_args(arguments), "transfer", _asked, _written)


def _asked(given: argparse.Namespace) -> Transfer:
    from manifests.stores import open_store
    from tasks.transfer.questions import Transfer
    from tasks.transfer.sources import parse_sources
    from tasks.transfer.targets import chosen_targets
    from training.config import load_training

    return Transfer(
        sources=parse_sources(given.sources),
        targets=chosen_targets(given.targets, given.target),
        training=load_training(given.training),
        seeds=given.seeds,
        store=open_store(given.store),
        partial=given.partial,
    ).pinned()


def _written(asked: Transfer, places: Places) -> tuple[str, str]:
    from tasks.transfer.run import write_answer

    answer = write_answer(asked, places)
    return answer.text, f"{answer.table}: "


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.transfer", description=__doc__)
    parser.add_argument(
        "sources", nargs="+", help="demo, demo@3, market1501:FOLDER, a list, a model, name=SOURCE"
    )
    parser.add_argument("--targets", type=Path, help="a YAML file of targets")
    parser.add_argument(
        "--target", type=Path, action="append", default=[], help="a CSV or Parquet list; repeatable"
    )
    parser.add_argument("--training", default="transfer-small", help="a preset or a YAML file")
    parser.add_argument("--seeds", type=int, default=3, help="models of each source")
    add_bench_options(parser, Path("out/transfer"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
