"""Evaluate a saved model on another data set:

python -m tasks.evaluate --model out/run/model.pt --target market1501 --root ~/data/market \
    --folder out/market
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from manifests.errors import FactoryError
from tasks.evaluate.measure import Measuring
from tasks.evaluate.target import evaluate_target
from training.evaluation.metrics import in_one_line
from training.evaluation.protocol import Protocol, StatisticsRule
from training.targets.registry import TARGETS
from training.targets.training_part import TestOn


def main(arguments: list[str] | None = None) -> int:
    """Run one evaluation; returns the exit code."""
    asked = _parser().parse_args(arguments)
    rule = None if asked.statistics is None else StatisticsRule(asked.statistics)
    measuring = Measuring(Protocol(asked.protocol), asked.rerank, asked.memory_mb, statistics=rule)
    try:
        found = evaluate_target(
            asked.model,
            asked.target,
            asked.root,
            asked.folder,
            measuring,
            asked.partial,
            asked.embeddings,
            TestOn(asked.test_on),
        )
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    skipped = sum(split.skipped_queries for split in found.splits)
    print(f"{found.title}: {in_one_line(found.means())}, skipped {skipped}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a saved model")
    parser.add_argument(
        "--target",
        required=True,
        help=f"a CSV or Parquet file in --root, or {', '.join(sorted(TARGETS.names))}",
    )
    parser.add_argument("--root", type=Path, help="folder of the data set; a list needs none")
    parser.add_argument("--folder", type=Path, required=True, help="where results go")
    parser.add_argument("--protocol", choices=[p.value for p in Protocol], default="standard")
    rules = [rule.value for rule in StatisticsRule]
    parser.add_argument("--statistics", choices=rules, help="as the model was trained by default")
    parser.add_argument("--rerank", action="store_true", help="k-reciprocal re-ranking")
    parser.add_argument("--memory-mb", type=float, help="bound of the ranking's buffer")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    parser.add_argument(
        "--test-on",
        choices=list(TestOn),
        default="test",
        help="train: a test of its training part, one query a person and camera",
    )
    parser.add_argument("--embeddings", action="store_true", help="also write all features")
    return parser


if __name__ == "__main__":
    sys.exit(main())
