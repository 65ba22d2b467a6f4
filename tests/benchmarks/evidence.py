"""Does it learn? Train in some scenes, test on people and scenes never seen.

``python -m tests.benchmarks.evidence --store out/store --dataset demo --train-scenes street
--test-scenes supermarket`` trains with camera-based and with plain batch normalisation and
measures both beside the untrained network and the colour baseline. Last line, one JSON object:
per method rank-1 and mAP with 95 % intervals, and differences to camera-based normalisation.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.measure import Evaluation, difference, measure
from tests.benchmarks.calibration import calibration_cpu_s
from training.config import ModelSettings, Normalisation, TrainingConfig, load_training
from training.data.crops import CropSet, load_crops
from training.evaluation.baselines import colour_features
from training.evaluation.features import extract_features
from training.models.resnet import PersonNet, build_network
from training.precision import arithmetic, best_device
from training.trainer import Trainer


class Bench:
    """Crops of chosen scenes, and the methods measured on them."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.reader = SnapshotReader(open_store(asked.store), asked.dataset)
        self.config = load_training(asked.training)
        self.train = self._crops("train", asked.train_scenes)
        self.test = self._crops("test", asked.test_scenes)

    def _crops(self, split: str, scenes: list[str]) -> CropSet:
        model = self.config.model
        crops = load_crops(self.reader, split, model.height, model.width)
        table = self.reader.table(["crop_key", "scene"]).to_pylist()
        scene_of = {row["crop_key"]: row["scene"] for row in table}
        chosen = np.array([scene_of[key] in scenes for key in crops.keys.tolist()])
        people, person = np.unique(crops.person[chosen], return_inverse=True)
        return replace(
            crops,
            images=crops.images[chosen],
            person=person,
            camera=crops.camera[chosen],
            outfit=crops.outfit[chosen],
            role=crops.role[chosen],
            keys=crops.keys[chosen],
            person_ids=tuple(crops.person_ids[code] for code in people),
        )

    def _measured(self, method: str, features: np.ndarray, started: float) -> Evaluation:
        source = {"content_digest": self.reader.snapshot.content_digest}
        return measure(method, source, self.test, features, None, (0.0, started))

    def _network(self, normalisation: Normalisation) -> tuple[PersonNet, TrainingConfig]:
        values = self.config.model.model_dump() | {"normalisation": normalisation}
        model = ModelSettings.model_validate(values)
        config = self.config.model_copy(update={"model": model})
        people = len(self.train.person_ids)
        return build_network(model, people, config.seed), config

    def trained(self, normalisation: Normalisation) -> Evaluation:
        started = time.process_time()
        network, config = self._network(normalisation)
        trainer = Trainer(network, self.train, config, best_device())
        trainer.run(lambda now: print(f"{normalisation} {now}", flush=True))
        features = extract_features(network, self.test, trainer.arithmetic)
        return self._measured(f"trained, {normalisation} normalisation", features, started)

    def untrained(self) -> Evaluation:
        started = time.process_time()
        network, config = self._network(Normalisation.camera)
        how = arithmetic(config.precision, best_device())
        features = extract_features(network, self.test, how)
        return self._measured("untrained", features, started)

    def colour(self) -> Evaluation:
        started = time.process_time()
        features = colour_features(self.test.images, self.test.camera)
        return self._measured("colour", features, started)


def figures(evaluation: Evaluation, best: Evaluation) -> dict[str, Any]:
    """What is printed of one method; ``best_minus_this`` with its interval."""
    gain = difference(best, evaluation)
    return {
        "rank1": round(evaluation.rank1, 4),
        "map": round(evaluation.map, 4),
        "rank1_interval": [round(v, 3) for v in asdict(evaluation.rank1_interval).values()][1:],
        "map_interval": [round(v, 3) for v in asdict(evaluation.map_interval).values()][1:],
        "best_minus_this_rank1": [round(v, 3) for v in asdict(gain.rank1).values()],
        "best_minus_this_map": [round(v, 3) for v in asdict(gain.map).values()],
        "queries": evaluation.queries,
        "people": evaluation.people,
        "cpu_s": round(evaluation.cpu_seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="out/store")
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--training", default="demo", help="a preset or a YAML file")
    parser.add_argument("--train-scenes", nargs="+", required=True)
    parser.add_argument("--test-scenes", nargs="+", required=True)
    asked = parser.parse_args()
    bench = Bench(asked)
    if bench.config.threads is not None:
        torch.set_num_threads(bench.config.threads)
    best = bench.trained(Normalisation.camera)
    others = [bench.untrained(), bench.colour(), bench.trained(Normalisation.batch)]
    found = {evaluation.method: figures(evaluation, best) for evaluation in (best, *others)}
    train = {"people": len(bench.train.person_ids), "images": len(bench.train)}
    result = {"train": train, "methods": found, "calibration_cpu_s": calibration_cpu_s()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
