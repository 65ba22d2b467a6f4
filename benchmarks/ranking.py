"""CPU time and memory of exact CMC/mAP beside the bare matrix product, on one thread.

``python -m benchmarks.ranking`` prints as its last line one JSON object:
``market_ratio_to_gemm`` and ``msmt_ratio_to_gemm`` (CPU-seconds of the whole evaluation over
those of the product alone, best of some runs each), ``market_extra_mb`` and ``msmt_extra_mb``
(growth of the process' peak memory), ``market_map`` and the seconds themselves.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from benchmarks.synthetic_features import SIZES, alone, made_up, peak_mb
from training.evaluation.protocol import Labelled
from training.evaluation.ranking import Ranking, rank

TAKES = "five minutes"
SMOKE = ("--case", "tiny")
_RUNS = {"market": 3, "msmt": 1, "tiny": 1}
_PRODUCT_ROWS = 512


def product_seconds(query: Labelled, gallery: Labelled) -> float:
    """CPU-seconds of query times gallery, chunk by chunk into one buffer."""
    buffer = np.empty((_PRODUCT_ROWS, len(gallery.features)), np.float32)
    started = time.process_time()
    for start in range(0, len(query.features), _PRODUCT_ROWS):
        chunk = query.features[start : start + _PRODUCT_ROWS]
        np.matmul(chunk, gallery.features.T, out=buffer[: len(chunk)])
    return time.process_time() - started


def ranking_seconds(query: Labelled, gallery: Labelled) -> tuple[float, Ranking]:
    """CPU-seconds of the whole evaluation."""
    started = time.process_time()
    ranking = rank(query, gallery)
    return time.process_time() - started, ranking


def measure(case: str) -> dict[str, float]:
    """Figures of one data set size, in this process."""
    query, gallery = made_up(SIZES[case])
    before = peak_mb()
    seconds, ranking = ranking_seconds(query, gallery)
    extra = peak_mb() - before
    products = [product_seconds(query, gallery)]
    for _ in range(_RUNS[case] - 1):
        seconds = min(seconds, ranking_seconds(query, gallery)[0])
        products.append(product_seconds(query, gallery))
    return {
        f"{case}_ratio_to_gemm": round(seconds / min(products), 3),
        f"{case}_extra_mb": round(extra, 1),
        f"{case}_cpu_s": round(seconds, 2),
        f"{case}_gemm_cpu_s": round(min(products), 2),
        f"{case}_map": ranking.mean("map"),
        f"{case}_rank1": ranking.mean("rank1"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=sorted(SIZES), help="measure one size in this process")
    parser.add_argument("--quick", action="store_true", help="leave MSMT17's size out")
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(measure(asked.case)))
        return
    result: dict[str, float] = {}
    for case in ("market",) if asked.quick else ("market", "msmt"):
        result |= alone("benchmarks.ranking", "--case", case)
        print(json.dumps(result), flush=True)
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
