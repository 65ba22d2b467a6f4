"""Compare sources by how well models transfer; needs neither Prefect nor an engine:

    python -m tasks.transfer demo market1501:~/data/market --targets targets.yaml \\
        --training transfer-small --store out/store --folder out/transfer --processes 4

Models and measured cells go to ``--folder``; what is there is not made again, so a machine with an
accelerator can fill ``--folder``'s ``results`` and another one print the table.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.errors import FactoryError
from tasks.progress import LOGGER_NAME

if TYPE_CHECKING:
    from tasks.transfer.questions import Transfer


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing and print the table; returns the exit code."""
    given = _parser().parse_args(arguments)
    if given.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # before torch looks for one
    from tasks.bench.making import Places, make_all
    from tasks.transfer.run import write_answer

    logging.getLogger(LOGGER_NAME).addHandler(logging.StreamHandler(sys.stdout))
    logging.getLogger(LOGGER_NAME).setLevel(logging.INFO)
    started = time.perf_counter()
    try:
        asked, places = _asked(given), Places(given.folder)
        made = make_all(asked, places, given.processes, "transfer")
        answer = write_answer(asked, places)
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(answer.text)
    print(f"{answer.table}: {made} models in {time.perf_counter() - started:.0f} s")
    return 0


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
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--folder", type=Path, default=Path("out/transfer"))
    parser.add_argument("--device", choices=["auto", "cpu"], default="auto")
    parser.add_argument("--processes", type=int, default=1, help="models made at a time")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
