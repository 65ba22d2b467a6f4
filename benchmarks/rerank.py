"""CPU time and memory of k-reciprocal re-ranking at Market-1501's size, on one thread.

``python -m benchmarks.rerank`` prints as its last line one JSON object: ``cpu_s``,
``gemm_cpu_s`` (the product of all images with all images alone), ``ratio_to_gemm``,
``peak_mb`` and ``extra_mb`` (whole process and growth), ``map`` and ``map_plain``.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import torch

from benchmarks.calibration import calibration_cpu_s
from benchmarks.ranking import product_seconds
from benchmarks.synthetic_features import SIZES, alone, made_up, peak_mb
from training.evaluation.protocol import Labelled
from training.evaluation.ranking import rank
from training.evaluation.reranking import reranked_scores

TAKES = "two minutes"
SMOKE = ("--size", "tiny")


def measure(size: str) -> dict[str, float]:
    """Figures of one data set size, in this process."""
    torch.set_num_threads(1)
    query, gallery = made_up(SIZES[size])
    before = peak_mb()
    started = time.process_time()
    scores = reranked_scores(query.features, gallery.features)
    ranking = rank(query, gallery, scores=scores)
    seconds = time.process_time() - started
    peak = peak_mb()
    everything = Labelled(
        np.concatenate([query.features, gallery.features]),
        np.concatenate([query.person, gallery.person]),
        np.concatenate([query.camera, gallery.camera]),
    )
    product = product_seconds(everything, everything)
    return {
        "cpu_s": round(seconds, 2),
        "gemm_cpu_s": round(product, 2),
        "ratio_to_gemm": round(seconds / product, 3),
        "peak_mb": round(peak, 1),
        "extra_mb": round(peak - before, 1),
        "map": ranking.mean("map"),
        "map_plain": rank(query, gallery).mean("map"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    parser.add_argument("--size", choices=sorted(SIZES), default="market")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.size)))
        return
    result = alone("benchmarks.rerank", "--here", "--size", options.size)
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
