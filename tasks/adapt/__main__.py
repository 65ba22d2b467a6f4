"""Adapt from the command line, also under torchrun:

    python -m tasks.adapt --source demo --target market1501 --target-root ~/data/market \
        --adaptation jvtc --initial out/run --folder out/adapted
    torchrun --standalone --nproc-per-node 2 -m tasks.adapt ...
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from manifests.errors import FactoryError
from tasks.adapt.places import DataPlace
from tasks.adapt.run import adapt_and_measure
from training.adaptation.config import load_adaptation
from training.evaluation.metrics import in_one_line
from training.workers import joined_workers


def main(arguments: list[str] | None = None) -> int:
    """Run one adaptation; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        config = load_adaptation(asked.adaptation)
        source, target = (
            DataPlace(name=name, store=asked.store, root=root, partial=asked.partial)
            for name, root in ((asked.source, asked.source_root), (asked.target, asked.target_root))
        )
        with joined_workers() as workers:
            outcome = adapt_and_measure(
                source, target, config, asked.folder, asked.initial, asked.camstyle, workers
            )
            if workers.leads:
                print(f"{outcome.model.path}: {config.epochs} epochs")
                for found in outcome.measured.evaluations if outcome.measured else ():
                    print(f"{found.method}: {in_one_line(found.means())}")
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.adapt", description=__doc__)
    parser.add_argument("--source", required=True, help="a published data set, or another by name")
    parser.add_argument("--source-root", type=Path, help="folder of a source that is not ours")
    parser.add_argument("--target", required=True, help="a published data set, or another by name")
    parser.add_argument("--target-root", type=Path, help="folder of a target that is not ours")
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--adaptation", default="jvtc", help="a preset or a YAML file")
    parser.add_argument("--folder", type=Path, required=True, help="where the model goes")
    parser.add_argument("--initial", type=Path, help="a model to start from and compare with")
    parser.add_argument("--camstyle", type=Path, help="target images in other cameras' styles")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
