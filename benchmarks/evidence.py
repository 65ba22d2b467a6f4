"""Does it learn? Train in some scenes, test on people never seen, in known and in new scenes.

    unrealperson build --recipe benchmarks/evidence.yaml
    python -m benchmarks.evidence

trains with camera-based and with plain batch normalisation from several seeds and measures them
beside the untrained network and the colour baseline; models are kept in ``--folder``, so that a
run that was interrupted goes on. Two more rows tell training and testing apart: each trained
network with the other one's test statistics. Last line, one JSON object: per test and method
rank-1 and mAP of every seed, their mean with its 95 % interval over people, and the difference
of camera-based normalisation to the method, paired by query.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.calibration import calibration_cpu_s
from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import open_store
from tasks.evaluate.measure import STANDARD, Evaluation, measure, now
from tasks.train.fit import TrainingData, fit
from training.checkpoints import load_network
from training.config import ModelSettings, Normalisation, TrainingConfig, load_training
from training.data.crops import CropSet, load_crops
from training.evaluation.baselines import colour_features
from training.evaluation.bootstrap import Interval, interval, paired_difference
from training.evaluation.features import extract_features
from training.models.person_net import PersonNet, build_network
from training.precision import Arithmetic, arithmetic, best_device

TAKES = "half an hour, without the data set that it reads"
SMOKE = (
    *("--dataset", "tiny", "--training", "tiny", "--seeds", "0"),
    *("--train-scenes", "street", "--test-scenes", "supermarket"),
)
READS = ("tiny",)
CAMERA, PLAIN = "camera-based normalisation", "plain normalisation"

Features = Callable[[CropSet], np.ndarray]


@dataclass(frozen=True)
class Tested:
    """Per-query results of one method on one test, a row per seed; NaN for skipped queries."""

    rank1: tuple[float, ...]
    map: tuple[float, ...]
    hits: np.ndarray
    precision: np.ndarray
    person: np.ndarray


class Bench:
    """Crops of chosen scenes, and the methods measured on them."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.folder: Path = asked.folder
        self.reader = open_snapshot(Dataset(asked.dataset, open_store(asked.store)))
        overrides = {"iterations": asked.iterations} if asked.iterations else {}
        self.config = load_training(asked.training, overrides)
        if self.config.threads is not None:
            torch.set_num_threads(self.config.threads)
        self.train = self._crops("train", asked.train_scenes)
        self.tests = {
            "new people in new scenes": self._crops("test", asked.test_scenes),
            "new people in known scenes": self._crops("test", asked.train_scenes),
        }
        self.scenes = {"train": asked.train_scenes, "test": asked.test_scenes}

    def _crops(self, split: str, scenes: list[str]) -> CropSet:
        model = self.config.model
        crops = load_crops(self.reader, split, model.height, model.width)
        table = self.reader.table(["crop_key", "scene"]).to_pylist()
        scene_of = {row["crop_key"]: row["scene"] for row in table}
        return crops.where(np.array([scene_of[key] in scenes for key in crops.keys.tolist()]))

    def of_seed(self, normalisation: Normalisation, seed: int) -> TrainingConfig:
        """The settings of one training."""
        values = self.config.model.model_dump() | {"normalisation": normalisation}
        model = ModelSettings.model_validate(values)
        return self.config.model_copy(update={"model": model, "seed": seed})

    def trained(self, normalisation: Normalisation, seed: int) -> tuple[PersonNet, Arithmetic]:
        """Train, or take up the model of an earlier run."""
        snapshot = self.reader.snapshot
        lineage = {
            "dataset": snapshot.dataset,
            "content_digest": snapshot.content_digest,
            "scenes": self.scenes["train"],
        }
        data = TrainingData(snapshot.content_digest, lineage, lambda: self.train)
        model = fit(
            data,
            self.of_seed(normalisation, seed),
            self.folder / f"{normalisation}-{seed}",
            on_progress=lambda now: print(f"{normalisation} {seed}: {now}", flush=True),
        )
        network, checkpoint = load_network(model.path)
        return network, arithmetic(checkpoint.precision, best_device())

    def methods(self, seed: int) -> Iterator[tuple[str, Features]]:
        """Everything that is measured for one seed, best first."""
        camera, how = self.trained(Normalisation.camera, seed)
        plain, _ = self.trained(Normalisation.batch, seed)
        people = len(self.train.person_ids)
        untrained = build_network(self.of_seed(Normalisation.camera, seed).model, people, seed)
        adapted = build_network(self.of_seed(Normalisation.camera, seed).model, people, seed)
        adapted.load_state_dict(plain.state_dict(), strict=False)
        yield CAMERA, lambda crops: extract_features(camera, crops, how)
        yield (
            f"{CAMERA}, statistics of all test cameras together",
            lambda crops: extract_features(camera, _one_camera(crops), how),
        )
        yield PLAIN, lambda crops: extract_features(plain, crops, how)
        yield (
            f"{PLAIN}, statistics of each test camera",
            lambda crops: extract_features(adapted, crops, how),
        )
        yield "untrained network", lambda crops: extract_features(untrained, crops, how)
        yield "colours", lambda crops: colour_features(crops.images, crops.camera)


def _one_camera(crops: CropSet) -> CropSet:
    return replace(crops, camera=np.zeros_like(crops.camera))


def together(evaluations: list[Evaluation]) -> Tested:
    """The same queries measured with every seed."""
    found = [evaluation.retrieval.ranking for evaluation in evaluations]
    return Tested(
        tuple(ranking.mean("rank1") for ranking in found),
        tuple(ranking.mean("map") for ranking in found),
        np.mean([ranking.per_query["rank1"] for ranking in found], axis=0),
        np.mean([ranking.per_query["map"] for ranking in found], axis=0),
        evaluations[0].query_person,
    )


def figures(tested: Tested, ours: Tested) -> dict[str, Any]:
    """What is printed of one method."""

    def numbers(found: Interval) -> list[float]:
        return [round(value, 3) for value in (found.mean, found.low, found.high)]

    return {
        "rank1": numbers(interval(tested.hits, tested.person)),
        "map": numbers(interval(tested.precision, tested.person)),
        "rank1_of_seeds": [round(value, 3) for value in tested.rank1],
        "map_of_seeds": [round(value, 3) for value in tested.map],
        "ours_minus_this_rank1": numbers(paired_difference(ours.hits, tested.hits, ours.person)),
        "ours_minus_this_map": numbers(
            paired_difference(ours.precision, tested.precision, ours.person)
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="out/store")
    parser.add_argument("--dataset", default="evidence")
    parser.add_argument("--training", default="demo", help="a preset or a YAML file")
    parser.add_argument("--iterations", type=int, help="another budget than the preset's")
    scenes = ["street", "crossing", "plaza"]
    parser.add_argument("--train-scenes", nargs="+", default=scenes)
    parser.add_argument("--test-scenes", nargs="+", default=["supermarket"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--folder", type=Path, default=Path("out/evidence"))
    asked = parser.parse_args()
    started = time.process_time()
    bench = Bench(asked)
    source = {"content_digest": bench.reader.snapshot.content_digest}
    found: dict[str, dict[str, list[Evaluation]]] = {name: {} for name in bench.tests}
    for seed in asked.seeds:
        for method, features in bench.methods(seed):
            for name, crops in bench.tests.items():
                begun = now()
                evaluation = measure(method, source, crops, features(crops), STANDARD, begun)
                found[name].setdefault(method, []).append(evaluation)
    result: dict[str, Any] = {
        "content_digest": source["content_digest"],
        "train": {"people": len(bench.train.person_ids), "images": len(bench.train)},
        "tests": {},
        "iterations": bench.config.budget(len(bench.train)),
        "cpu_s": round(time.process_time() - started),
        "calibration_cpu_s": calibration_cpu_s(),
    }
    for name, methods in found.items():
        tested = {method: together(evaluations) for method, evaluations in methods.items()}
        any_of_them = methods[CAMERA][0]
        result["tests"][name] = {
            "people": any_of_them.people,
            "queries": any_of_them.queries,
            "skipped_queries": any_of_them.skipped_queries,
            "gallery": any_of_them.gallery,
            "methods": {
                method: figures(values, tested[CAMERA]) for method, values in tested.items()
            },
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
