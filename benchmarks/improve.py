"""Is data where a model is weak worth more than more of the same? Growth by weights, and uniform.

    python -m benchmarks.improve --target viper=/data/viper.csv

builds a recipe with held-out worlds, trains on it, and lets it grow in rounds, in several ways that
differ in nothing but whom and what the added people show: drawn as before (uniform), by all weights
of ``unrealperson improve``, by those of looks alone, and by those of cameras and lights alone.
Every way adds as many people and trains on as long from the same first model, whether a round
gained anything or not. All are tested on the held-out worlds and on ``--target`` lists. Data sets
and models are kept, so that a run that was interrupted goes on. Prints a Markdown table and, last
line, one JSON object: of each way rank-1 and mAP of every seed, their mean with its 95 % interval
over people, and the difference from uniform growth, paired by query.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.adaptation_gain import figures, gain
from benchmarks.evidence import together
from manifests.dataset import Dataset
from manifests.reader import SnapshotReader, open_snapshot
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, load_recipe
from manifests.settings import parse_assignments
from manifests.stores import open_store
from manifests.whole_files import write_whole
from tasks.evaluate.evaluation_sets import EvaluationSet, snapshot_set, target_set
from tasks.evaluate.measure import Evaluation
from tasks.evaluate.models import measure_saved_model
from tasks.improve.increment import UNIFORM, grown
from tasks.improve.measure import look
from tasks.improve.request import Improvement
from tasks.improve.weights import Weights
from tasks.publish.published import find_published
from tasks.report.markdown import plain_table
from tasks.train.fit import train_snapshot
from training.config import TrainingConfig, load_training
from training.targets.registry import open_target, placed

TAKES = "an hour on two cores"
SMOKE = (
    *("--recipe", "tiny", "--training", "tiny", "--rounds", "1", "--people", "2", "--seeds", "1"),
    *("--set", "people.count=4", "shards.people_per_shard=2", "people.look_alikes=0"),
    *("--set", "scenes=[{family: plaza, worlds: 2, cameras_per_world: 2, worlds_per_group: 1}]"),
    *("--set", "splits.worlds=1", "splits.test_share=0.5", "images_per_person=4"),
)
HELD_OUT = "held-out worlds"
UNIFORMLY = "uniform"
WAYS: dict[str, Callable[[Weights], Weights]] = {
    UNIFORMLY: lambda _: UNIFORM,
    "all weights": lambda found: found,
    "looks alone": lambda found: replace(found, cameras={}, lights={}),
    "cameras and lights alone": lambda found: Weights(cameras=found.cameras, lights=found.lights),
}


@dataclass(frozen=True)
class Bench:
    """What all ways have in common."""

    folder: Path
    store: str
    asked: Improvement
    targets: dict[str, EvaluationSet]

    def built(self, recipe: Recipe, name: str) -> SnapshotReader:
        """A recipe's published set, built unless it is there."""
        file = self.folder / f"{name}.yaml"
        write_whole(file, dump_recipe(recipe).encode())
        dataset = Dataset(recipe.name, open_store(self.store))
        if find_published(recipe, dataset) is None:
            words = ("-m", "flows.cli", "build", "--recipe", str(file), "--store", self.store)
            subprocess.run([sys.executable, *words], check=True, stdout=sys.stderr)
        snapshot = find_published(recipe, dataset)
        assert snapshot is not None
        return open_snapshot(dataset, snapshot.number)

    def model(
        self, reader: SnapshotReader, config: TrainingConfig, name: str, initial: Path | None
    ) -> Path:
        """A model trained on a set, or gone on with."""
        return train_snapshot(reader, config, self.folder / name, initial).path

    def tested(self, reader: SnapshotReader, model: Path, way: str) -> dict[str, Evaluation]:
        """On the held-out worlds and every target."""
        sets = {HELD_OUT: snapshot_set(reader), **self.targets}
        return {
            name: measure_saved_model(model, one, method=way).evaluation
            for name, one in sets.items()
        }

    def grown(self, way: str, seed: int) -> tuple[dict[str, Evaluation], int]:
        """The last model of one way and seed, tested, and the crops that it learnt from."""
        asked = self.asked
        recipe, config = asked.recipe, asked.training.model_copy(update={"seed": seed})
        reader = self.built(recipe, "base")
        model = self.model(reader, config, f"base-{seed}", None)
        for number in range(1, asked.rounds + 1):
            weights = UNIFORM
            if way != UNIFORMLY:
                weights = WAYS[way](look(asked, reader, model).weights)
            recipe = grown(recipe, asked.people, weights)
            name = f"{way.replace(' ', '-')}-{seed}-{number}"
            reader = self.built(recipe, name)
            model = self.model(reader, config, name, model)
            print(f"{way}, seed {seed}, round {number}: {weights}", flush=True)
        return self.tested(reader, model, way), reader.snapshot.crops


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="worlds", help="with held-out worlds")
    parser.add_argument("--set", nargs="+", action="extend", default=[], help="of the recipe")
    parser.add_argument("--training", default="demo", help="a preset or a YAML file")
    parser.add_argument("--iterations", type=int, help="another budget than the preset's")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--people", type=int, default=30, help="how many each round adds")
    parser.add_argument("--floor", type=float, default=0.5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--target", nargs="+", default=[], help="NAME=LIST, to test on, too")
    parser.add_argument("--store", default="out/store")
    parser.add_argument("--folder", type=Path, default=Path("out/improve-benchmark"))
    options = parser.parse_args()
    started = time.perf_counter()
    recipe = load_recipe(options.recipe, parse_assignments(options.set, "--set"))
    changes = {} if options.iterations is None else {"iterations": options.iterations}
    training = load_training(options.training, changes)
    limits = (options.rounds, options.people, None, None, options.floor)
    targets = {}
    for word in options.target:
        name, _, place = word.partition("=")
        (target,) = open_target(*placed(place, None))
        targets[name] = target_set(target)
    asked = Improvement(recipe, training, *limits).checked()
    bench = Bench(options.folder, options.store, asked, targets)
    found: dict[str, dict[str, list[Evaluation]]] = {HELD_OUT: {}, **{name: {} for name in targets}}
    crops: dict[str, int] = {}
    for seed in range(options.seeds):
        for way in dict.fromkeys([UNIFORMLY, *options.ways]):
            tested, crops[way] = bench.grown(way, seed)
            for name, evaluation in tested.items():
                found[name].setdefault(way, []).append(evaluation)
    result: dict[str, Any] = {
        "seeds": options.seeds,
        "rounds": options.rounds,
        "iterations_of_a_round": training.iterations,
        "crops": crops,
        "tests": {name: told(ways) for name, ways in found.items()},
        "seconds": round(time.perf_counter() - started),
    }
    print(markdown(result))
    print(json.dumps(result))


def told(ways: dict[str, list[Evaluation]]) -> dict[str, Any]:
    """Figures of one test."""
    tested = {way: together(evaluations) for way, evaluations in ways.items()}
    uniform = tested[UNIFORMLY]
    return {
        "people": ways[UNIFORMLY][0].people,
        "queries": ways[UNIFORMLY][0].queries,
        "ways": {way: figures(one) for way, one in tested.items()},
        "gains": {way: gain(one, uniform) for way, one in tested.items() if one is not uniform},
    }


def markdown(result: dict[str, Any]) -> str:
    """One row for each test and way."""

    def said(values: list[float], sign: str = "") -> str:
        mean, low, high = (f"{100 * value:{sign}.1f}" for value in values)
        return f"{mean} [{low}, {high}]"

    rows = [
        (
            test,
            way,
            said(of["rank1"]),
            said(of["map"]),
            said(found["gains"][way]["map"], "+") if way in found["gains"] else "",
        )
        for test, found in result["tests"].items()
        for way, of in found["ways"].items()
    ]
    head = ["tested on", "grown", "rank-1, %", "mAP, %", "mAP beyond uniform"]
    return plain_table(head, rows, numbers=range(2, 5))


if __name__ == "__main__":
    main()
