"""Does adaptation help? From one of our worlds to another that shares nothing with it.

    unrealperson build --recipe benchmarks/adaptation_source.yaml
    unrealperson build --recipe benchmarks/adaptation_target.yaml
    python -m benchmarks.adaptation_gain

trains on the labelled source, adapts to the target's unlabelled training people, and tests on
other people of the target, from several seeds. Two controls tell what adaptation adds from what
more training would have added (``LONGER``) and how far labels would go (``LABELLED``). Models are
kept in ``--folder``, so that a run that was interrupted goes on; ``--at-once`` trains several at
a time, which only a GPU is fast enough for. Prints a Markdown table and, last line, one JSON
object: of each method rank-1 and mAP of every seed and their mean with its 95 % interval over
people, and differences paired by query. Needs neither an engine nor Prefect.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.evidence import Tested, together
from manifests.dataset import Dataset
from manifests.errors import FactoryError
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import open_store
from tasks.adapt.fit import adapt
from tasks.adapt.measure import DIRECT, JOINT, VISUAL, measure_adaptation
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.measure import Evaluation
from tasks.evaluate.models import measure_saved_model
from tasks.report.markdown import plain_table
from tasks.train.fit import TrainingData, fit, snapshot_data
from training.adaptation.adapter import AdaptationProgress
from training.adaptation.config import AdaptationConfig, load_adaptation
from training.adaptation.refresh import Refresh
from training.config import TrainingConfig, load_training
from training.data.crops import picture_cache
from training.evaluation.bootstrap import Interval, interval, paired_difference
from training.precision import arithmetic, best_device
from training.trainer import TrainingProgress

TAKES = "an hour on a GPU with `--preset long --at-once 6`; hours on two cores with `small`"
SMOKE = (
    *("--source", "out/store/tiny", "--target", "out/store/tiny"),
    *("--preset", "tiny", "--seeds", "1", "--device", "cpu"),
)
READS = ("tiny",)
LONGER = "direct transfer, trained as long"
LABELLED = "trained on the target's labels"
METHODS = (DIRECT, LONGER, VISUAL, JOINT, LABELLED)
TELL_EVERY = 100
GAINS = ((VISUAL, DIRECT), (VISUAL, LONGER), (JOINT, DIRECT), (JOINT, VISUAL), (LABELLED, VISUAL))


@dataclass(frozen=True)
class Preset:
    """Shipped settings of training and of adaptation, and what is changed of them."""

    training: str
    adaptation: str
    training_changes: dict[str, Any]
    adaptation_changes: dict[str, Any]


NEAREST_SHARE = 0.004
"""The published share of near pairs is for Market-1501, where 0.13 % of all pairs are of one
person; here it is 0.5 %. A little less keeps the clusters of a weak source model purer."""

# Bins that reach from one end of a recording to the other, smoothed so widely that the factor of
# time varies as much as looks do; people are gathered for takes, so finer times say nothing.
_TARGET = {
    "time": {"width": 20.0, "count": 300, "smoothing": 20.0},
    "precision": "by_capability",
    # Looks alone make impure clusters of so many people; time joins in as soon as it can.
    "refresh": {"joint_from": 6},
}
_SMALL = {"backbone": "resnet8", "height": 64, "width": 32}
PRESETS = {
    "tiny": Preset("tiny", "tiny", {}, {}),
    "small": Preset("demo", "small", {}, _TARGET),
    # Of benchmarks.recorded_times. Where people overlap or pass in seconds, narrow bins tell most.
    "recorded": Preset(
        "demo",
        "small",
        {"model": _SMALL, "iterations": 120, "checkpoint_every": 120},
        {
            "model": {**_SMALL, "embedding": 128},
            "epochs": 8,
            "iterations": 10,
            "memory": {"from_epoch": 2},
            "refresh": {"every": 2, "visual_from": 2, "joint_from": 4},
            "time": {"width": 2.0, "count": 30, "smoothing": 1.0},
            "precision": "fp32",
        },
    ),
    # For a GPU: larger batches, and as many steps as these data bear.
    "long": Preset(
        "demo",
        "small",
        {"iterations": 600, "batch": {"people": 10}, "checkpoint_every": 600},
        {
            **_TARGET,
            "source": {"people": 5},
            "target": {"images": 32},
            "epochs": 24,
            "iterations": 60,
        },
    ),
}


@dataclass(frozen=True)
class Asked:
    """One command line, for every process alike."""

    source: str
    target: str
    preset: str
    folder: Path
    nearest_share: float = NEAREST_SHARE

    def training(self, seed: int, iterations: int | None = None) -> TrainingConfig:
        """How a network is trained on labels, with another budget than the preset's if given."""
        preset = PRESETS[self.preset]
        changes = preset.training_changes | {"seed": seed}
        if iterations is not None:
            changes["iterations"] = iterations
        return load_training(preset.training, changes)

    def adaptation(self, seed: int) -> AdaptationConfig:
        """How the source's network is adapted."""
        preset = PRESETS[self.preset]
        share = {"nearest_share": self.nearest_share}
        refresh = preset.adaptation_changes.get("refresh", {})
        changes = {"seed": seed, "refresh": {**refresh, "visual": share, "joint": share}}
        return load_adaptation(preset.adaptation, preset.adaptation_changes | changes)


@dataclass(frozen=True)
class Found:
    """What one process measured from one seed."""

    evaluations: tuple[Evaluation, ...]
    refreshes: tuple[Refresh, ...] = ()


def opened(place: str) -> SnapshotReader:
    """The newest snapshot of ``<store>/<data set>``."""
    store, _, dataset = place.rstrip("/").rpartition("/")
    return open_snapshot(Dataset(dataset, open_store(store or ".")))


def data_of(reader: SnapshotReader, config: TrainingConfig) -> TrainingData:
    """The training people of a world."""
    return snapshot_data(reader, config, picture_cache())


def trained(asked: Asked, data: TrainingData, config: TrainingConfig, name: str) -> Path:
    """Train on labels, or take up the model of an earlier run."""

    def tell(now: TrainingProgress) -> None:
        if now.iteration % TELL_EVERY == 0:
            print(f"{name}, seed {config.seed}: {now}", flush=True)

    return fit(data, config, asked.folder / f"{name}-{config.seed}", on_progress=tell).path


def adapted(asked: Asked, seed: int) -> Found:
    """Direct transfer, JVTC and JVTC+ of one seed."""
    training, config = asked.training(seed), asked.adaptation(seed)
    source = data_of(opened(asked.source), training)
    target = opened(asked.target)
    direct = trained(asked, source, training, "source")
    unlabelled = data_of(target, training)

    def tell(now: AdaptationProgress) -> None:
        done = f"epoch {now.epoch} of {now.epochs}, {now.images_per_second:.0f} images/s"
        print(f"adaptation, seed {seed}: {done}", flush=True)

    folder = asked.folder / f"adapted-{seed}"
    model = adapt(source, unlabelled, config, folder, on_progress=tell, initial=direct)
    measured = measure_adaptation(
        model.path, unlabelled.load(), snapshot_set(target), config, direct
    )
    return Found(measured.evaluations, model.refreshes)


def controls(asked: Asked, seed: int) -> Found:
    """The source trained for as many iterations as training and adaptation have together, and
    the target's own people trained with their labels."""
    training = asked.training(seed)
    iterations = (training.iterations or 0) + asked.adaptation(seed).budget
    more = asked.training(seed, iterations)
    source, target = data_of(opened(asked.source), more), opened(asked.target)
    labelled = data_of(target, training)
    models = {
        LONGER: trained(asked, source, more, "longer"),
        LABELLED: trained(asked, labelled, training, "labelled"),
    }
    tested = snapshot_set(target)
    return Found(
        tuple(
            measure_saved_model(path, tested, method=method).evaluation
            for method, path in models.items()
        )
    )


def numbers(found: Interval) -> list[float]:
    """Mean, low and high."""
    return [round(value, 4) for value in (found.mean, found.low, found.high)]


def figures(result: Tested) -> dict[str, Any]:
    """What is said of one method."""
    return {
        "rank1": numbers(interval(result.hits, result.person)),
        "map": numbers(interval(result.precision, result.person)),
        "rank1_of_seeds": [round(value, 4) for value in result.rank1],
        "map_of_seeds": [round(value, 4) for value in result.map],
    }


def gain(better: Tested, than: Tested) -> dict[str, Any]:
    """What is said of two methods on the same queries."""
    return {
        "rank1": numbers(paired_difference(better.hits, than.hits, better.person)),
        "map": numbers(paired_difference(better.precision, than.precision, better.person)),
    }


def clusters(refreshes: tuple[Refresh, ...]) -> dict[str, Any]:
    """The last clustering of one adaptation; people and purity were unknown to it."""
    last = refreshes[-1]
    return {
        "similarity": last.similarity.value,
        "clusters": last.clusters,
        "people": last.people,
        "purity": round(last.purity, 3),
        "completeness": round(last.completeness, 3),
    }


def markdown(result: dict[str, Any]) -> str:
    """Both tables of ``docs/evidence.md``."""

    def said(values: list[float], sign: str = "") -> str:
        mean, low, high = (f"{value:{sign}.3f}" for value in values)
        return f"{mean} [{low}, {high}]"

    methods = [
        [
            name,
            said(of["rank1"]),
            ", ".join(f"{v:.3f}" for v in of["rank1_of_seeds"]),
            said(of["map"]),
        ]
        for name, of in result["methods"].items()
    ]
    gains = [
        [name, said(of["rank1"], "+"), said(of["map"], "+")] for name, of in result["gains"].items()
    ]
    first = plain_table(["method", "rank-1", "of each seed", "mAP"], methods)
    return first + "\n\n" + plain_table(["difference", "rank-1", "mAP"], gains)


def described(asked: Asked, seeds: int) -> dict[str, Any]:
    """Which settings, machine and data the figures are about."""
    config = asked.training(0)
    worlds = {}
    for name, place in (("source", asked.source), ("target", asked.target)):
        reader = opened(place)
        rows = reader.table(["person_id", "split", "camera"]).to_pandas()
        train = rows[rows["split"] == "train"]
        worlds[name] = {
            "dataset": reader.snapshot.dataset,
            "content_digest": reader.snapshot.content_digest,
            "cameras": rows["camera"].nunique(),
            "training_people": train["person_id"].nunique(),
            "training_images": len(train),
        }
    how = arithmetic(config.precision, best_device())
    on_gpu = how.device.type == "cuda"
    return {
        "preset": asked.preset,
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "arithmetic": how.describe(),
        "torch": torch.__version__,
        "seeds": seeds,
        "training_iterations": config.iterations,
        "adaptation_iterations": asked.adaptation(0).budget,
        "nearest_share": asked.nearest_share,
        **worlds,
    }


def compared(asked: Asked, seeds: int, at_once: int) -> dict[str, Any]:
    """Train, adapt and measure everything."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=spawn) as pool:
        jobs = [
            pool.submit(job, asked, seed) for job in (adapted, controls) for seed in range(seeds)
        ]
        found = [job.result() for job in jobs]
    evaluations = [one for result in found for one in result.evaluations]
    methods = {name: together([e for e in evaluations if e.method == name]) for name in METHODS}
    any_of_them = evaluations[0]
    return {
        "test": {
            "people": any_of_them.people,
            "queries": any_of_them.queries,
            "skipped_queries": any_of_them.skipped_queries,
            "gallery": any_of_them.gallery,
        },
        "methods": {name: figures(result) for name, result in methods.items()},
        "gains": {
            f"{better} minus {than}": gain(methods[better], methods[than]) for better, than in GAINS
        },
        "clusters": [clusters(result.refreshes) for result in found if result.refreshes],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source", default="out/store/adaptation-source", help="<store>/<data set>"
    )
    parser.add_argument(
        "--target", default="out/store/adaptation-target", help="<store>/<data set>"
    )
    parser.add_argument("--preset", choices=list(PRESETS), default="small")
    share = "of near pairs whose mean distance is the threshold of clusters"
    parser.add_argument("--nearest-share", type=float, default=NEAREST_SHARE, help=share)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=1, help="trainings at a time")
    parser.add_argument("--folder", type=Path, default=Path("out/adaptation-gain"))
    parser.add_argument("--out", type=Path, help="also write the JSON object to this file")
    options = parser.parse_args()
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    elif options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("no GPU that torch can use; --device auto takes what there is")
    asked = Asked(
        options.source, options.target, options.preset, options.folder, options.nearest_share
    )
    started = time.perf_counter()
    try:
        result = described(asked, options.seeds)
        result |= compared(asked, options.seeds, options.at_once)
    except FactoryError as error:
        sys.exit(f"error: {error}")
    result["seconds"] = round(time.perf_counter() - started)
    print(markdown(result))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
