"""Train from the command line, also under torchrun:

    torchrun --standalone --nproc-per-node 2 -m tasks.train --dataset demo --folder out/run
    python -m tasks.train --target market1501 --root ~/data/market --training paper-real \
        --initial out/run/model.pt --folder out/tuned
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.reader import open_snapshot
from manifests.stores import open_store
from tasks.train.fit import TrainingData, fit, snapshot_data
from tasks.train.target import open_training_target
from training.config import TrainingConfig, load_training
from training.data.crops import picture_cache
from training.trainer import TrainingProgress
from training.workers import joined_workers


def main(arguments: list[str] | None = None) -> int:
    """Run one training; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        config = load_training(asked.training)
        with joined_workers() as workers:
            data = _data(asked, config)
            model = fit(data, config, asked.folder, True, _tell, asked.initial, workers)
            if workers.leads:
                print(f"{model.path}: {len(model.losses)} iterations, last {model.losses[-1]:.3f}")
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _data(asked: argparse.Namespace, config: TrainingConfig) -> TrainingData:
    if asked.target:
        return open_training_target(asked.target, asked.root, asked.partial, config)
    reader = open_snapshot(Dataset(asked.dataset, open_store(asked.store)), asked.snapshot)
    return snapshot_data(reader, config, picture_cache())


def _tell(now: TrainingProgress) -> None:
    print(now, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.train", description=__doc__)
    parser.add_argument("--training", default="demo", help="a preset or a YAML file")
    parser.add_argument("--folder", type=Path, required=True, help="where the model goes")
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--dataset", default="demo", help="a published data set")
    parser.add_argument("--snapshot", type=int, help="its number; the newest by default")
    parser.add_argument("--target", help="another data set by name, with --root, or a CSV")
    parser.add_argument("--root", type=Path, help="folder of the target data set")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    parser.add_argument("--initial", type=Path, help="a model to fine-tune")
    return parser


if __name__ == "__main__":
    sys.exit(main())
