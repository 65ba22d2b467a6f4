"""How few crops teach as much? Parts of one set, chosen by scores and at random.

    unrealperson build --recipe demo
    python -m benchmarks.selection --set out/store/demo

trains on all crops of a set, scores them by that model, trains again on the hardest, the easiest,
the rarest, the most different and on any of them, for as many iterations, and tests all on the
set's test people. Models are kept in ``--folder``, so that a run that was interrupted goes on.
Prints a Markdown table and, last line, one JSON object: of each part its crops, rank-1 and mAP of
every seed, their mean with its 95 % interval over people, and the difference from the same share
drawn at random, paired by query. What has no score is in every part, so that parts of one share may
differ in size: the most different are more, for whoever is seen once by a camera repeats nothing.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.adaptation_gain import figures, gain, opened
from benchmarks.evidence import together
from manifests.reader import SnapshotReader
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.measure import Evaluation
from tasks.evaluate.models import measure_saved_model
from tasks.report.markdown import plain_table
from tasks.scores.table import Scores, chosen_crops, score
from tasks.train.fit import Chosen, train_snapshot
from training.config import load_training
from training.data.selection import Selection

TAKES = "ten minutes on two cores"
SMOKE = ("--set", "out/store/tiny", "--training", "tiny", "--seeds", "1", "--shares", "0.5")
READS = ("tiny",)
ALL = "all"
DRAWN = "at random"
WAYS = {
    DRAWN: "lot<{share:g}",
    "hardest": "hardness>=p{most:g}",
    "easiest": "hardness<=p{least:g}",
    "rarest": "rarity>=p{most:g}",
    "most different": "duplicate<=p{least:g}",
}
"""What is learnt from, and the condition that chooses it."""


def parts(scores: Scores, shares: list[float]) -> dict[str, Chosen]:
    """Every way of choosing every share, by name."""
    return {
        f"{way}, {share:.0%}": chosen_crops(
            scores,
            Selection.parse(
                [condition.format(share=share, most=100 * (1 - share), least=100 * share)]
            ),
        )
        for share in shares
        for way, condition in WAYS.items()
    }


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="out/store/demo", help="<store>/<data set>")
    parser.add_argument("--training", default="demo", help="a preset or a YAML file")
    parser.add_argument("--iterations", type=int, help="another budget than the preset's")
    parser.add_argument("--shares", nargs="+", type=float, default=[0.5, 0.25])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("out/selection"))
    options = parser.parse_args()
    started = time.process_time()
    reader, budget = opened(options.set), options.iterations
    changes = {} if budget is None else {"iterations": budget}
    config = load_training(options.training, changes)

    def measured(name: str, chosen: Chosen | None, seed: int) -> Evaluation:
        folder = options.folder / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}"
        settings = config.model_copy(update={"seed": seed})
        model = train_snapshot(reader, settings, folder, None, chosen)
        print(f"{name}, seed {seed}: loss {model.losses[-1]:.2f}", flush=True)
        return measure_saved_model(model.path, snapshot_set(reader), method=name).evaluation

    seeds = range(options.seeds)
    found = {ALL: [measured(ALL, None, seed) for seed in seeds]}
    scores = score(reader, options.folder / f"{ALL}-0" / "model.pt")
    chosen = parts(scores, options.shares)
    for name, part in chosen.items():
        found[name] = [measured(name, part, seed) for seed in seeds]
    result = told(reader, scores, chosen, found)
    result |= {"iterations": config.iterations, "cpu_s": round(time.process_time() - started)}
    print(markdown(result))
    print(json.dumps(result))


def told(
    reader: SnapshotReader,
    scores: Scores,
    chosen: dict[str, Chosen],
    found: dict[str, list[Evaluation]],
) -> dict[str, Any]:
    """Figures of all parts, and their differences from parts drawn at random."""
    tested = {name: together(evaluations) for name, evaluations in found.items()}
    crops = {name: len(part.keys) for name, part in chosen.items()} | {ALL: len(scores.key)}
    return {
        "content_digest": reader.snapshot.content_digest,
        "people": found[ALL][0].people,
        "queries": found[ALL][0].queries,
        "parts": {name: figures(one) | {"crops": crops[name]} for name, one in tested.items()},
        "gains": {
            name: gain(one, tested[f"{DRAWN}, {name.rpartition(' ')[2]}"])
            for name, one in tested.items()
            if name != ALL and not name.startswith(DRAWN)
        },
    }


def markdown(result: dict[str, Any]) -> str:
    """One row for each part."""

    def said(values: list[float], sign: str = "") -> str:
        mean, low, high = (f"{100 * value:{sign}.1f}" for value in values)
        return f"{mean} [{low}, {high}]"

    gains = result["gains"]
    rows = [
        (
            name,
            f"{of['crops']:,}",
            said(of["rank1"]),
            said(of["map"]),
            said(gains[name]["map"], "+") if name in gains else "",
        )
        for name, of in result["parts"].items()
    ]
    head = ["learnt from", "crops", "rank-1, %", "mAP, %", "mAP beyond the same share at random"]
    return plain_table(head, rows, numbers=range(1, 5))


if __name__ == "__main__":
    main()
