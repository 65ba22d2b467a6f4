"""What true times are worth to JVTC+ on a recording: against itself with shuffled ones.

    unrealperson build --recipe benchmarks/adaptation_source.yaml
    unrealperson build --recipe benchmarks/recorded_target.yaml
    python -m benchmarks.recorded_times

A small network learns on the labelled source; it is adapted twice to the unlabelled people of the
recorded target, with their times, and with the same times dealt out anew among all pictures of a
recording. Each is tested on other people of the target, with times treated likewise. Which people
share a recording stays known to both, so that the difference is what the clock itself tells.
Runs that were interrupted go on. Prints a Markdown table and, last line, one JSON object: rank-1
and mAP of every seed, their mean with its 95 % interval over people, differences paired by query.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.adaptation_gain import (
    Asked,
    clusters,
    data_of,
    described,
    figures,
    gain,
    markdown,
    opened,
    trained,
)
from benchmarks.evidence import together
from tasks.adapt.fit import adapt
from tasks.adapt.measure import DIRECT, JOINT, VISUAL, measure_adaptation
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.measure import Evaluation
from training.adaptation.adapter import AdaptationProgress
from training.adaptation.refresh import Refresh
from training.data.crops import CropSet

TAKES = "twenty minutes on two cores"
SMOKE = (
    *("--source", "out/store/tiny", "--target", "out/store/tiny"),
    *("--preset", "tiny", "--seeds", "1"),
)
READS = ("tiny",)
NEAREST_SHARE = 0.02
"""Of all pairs 2.5 % are of one person here; see ``benchmarks.adaptation_gain``."""

SHUFFLED = "shuffled times"
METHODS = (DIRECT, VISUAL, JOINT, f"{VISUAL}, {SHUFFLED}", f"{JOINT}, {SHUFFLED}")
GAINS = (
    (JOINT, f"{JOINT}, {SHUFFLED}"),
    (JOINT, VISUAL),
    (f"{JOINT}, {SHUFFLED}", f"{VISUAL}, {SHUFFLED}"),
)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    place = "<store>/<data set>"
    parser.add_argument("--source", default="out/store/adaptation-source", help=place)
    parser.add_argument("--target", default="out/store/recorded-target", help=place)
    parser.add_argument("--preset", choices=["recorded", "tiny"], default="recorded")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("out/recorded-times"))
    options = parser.parse_args()
    places = options.source, options.target
    asked = Asked(*places, options.preset, options.folder, NEAREST_SHARE)
    started = time.perf_counter()
    found = [
        one
        for seed in range(options.seeds)
        for shuffled in (False, True)
        for one in adapted(asked, seed, shuffled)
    ]
    evaluations = [evaluation for evaluation, _ in found]
    methods = {name: together([e for e in evaluations if e.method == name]) for name in METHODS}
    result: dict[str, Any] = described(asked, options.seeds) | {
        "test": {"people": evaluations[0].people, "queries": evaluations[0].queries},
        "methods": {name: figures(tested) for name, tested in methods.items()},
        "gains": {
            f"{one} minus {other}": gain(methods[one], methods[other]) for one, other in GAINS
        },
        "clusters": {
            e.method: clusters(refreshes) for e, refreshes in found if e.method.startswith(JOINT)
        },
        "seconds": round(time.perf_counter() - started),
    }
    print(markdown(result))
    print(json.dumps(result))


def adapted(
    asked: Asked, seed: int, shuffled: bool
) -> list[tuple[Evaluation, tuple[Refresh, ...]]]:
    """Adapt with one seed, and measure."""
    training, config = asked.training(seed), asked.adaptation(seed)
    source, target = data_of(opened(asked.source), training), opened(asked.target)
    direct = trained(asked, source, training, "source")
    unlabelled, tested = data_of(target, training), snapshot_set(target)
    name = "true"
    if shuffled:
        name, load, crops = "shuffled", unlabelled.load, tested.crops
        unlabelled = replace(unlabelled, load=lambda: dealt_anew(load(), seed))
        tested = replace(tested, crops=lambda *size: dealt_anew(crops(*size), seed))

    def tell(now: AdaptationProgress) -> None:
        print(f"{name} times, seed {seed}: epoch {now.epoch} of {now.epochs}", flush=True)

    folder = asked.folder / f"{name}-{seed}"
    model = adapt(source, unlabelled, config, folder, on_progress=tell, initial=direct)
    measured = measure_adaptation(
        model.path, unlabelled.load(), tested, config, None if shuffled else direct
    )
    known = f", {SHUFFLED}" if shuffled else ""
    return [
        (replace(one, method=one.method + known), model.refreshes) for one in measured.evaluations
    ]


def dealt_anew(crops: CropSet, seed: int) -> CropSet:
    """The same pictures, with the times of each recording dealt out anew among its pictures."""
    rng, times = np.random.default_rng([seed, len(crops)]), crops.time.copy()
    for session in np.unique(crops.session):
        (there,) = np.nonzero(crops.session == session)
        times[there] = rng.permutation(times[there])
    return replace(crops, time=times)


if __name__ == "__main__":
    main()
