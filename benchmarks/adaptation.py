"""CPU time and memory of clustering and of the model of time, at Market-1501's size, one thread.

``python -m benchmarks.adaptation`` prints as its last line one JSON object:
``visual_refresh_cpu_s`` and ``joint_refresh_cpu_s`` (12,936 remembered features of 512 numbers
to pseudo-identities), ``refresh_gb`` (largest resident size of the whole process),
``spatiotemporal_cpu_s`` (times of 12,936 images to transition histograms) and
``joint_ranking_cpu_s`` (joint similarities of 3,368 queries to 15,913 images). Beside them
``visual_clusters``, ``joint_clusters`` and what the same product of features costs alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.calibration import calibration_cpu_s
from benchmarks.synthetic_features import alone, peak_mb
from training.adaptation.config import AdaptationConfig
from training.adaptation.joint_distance import joint_scores
from training.adaptation.refresh import Similarity, pseudo_identities
from training.adaptation.transitions import Sightings, estimate_transitions
from training.evaluation.similarity import blocks

TAKES = "a minute"
SMOKE = ("--share", "0.05")
IMAGES, PEOPLE, CAMERAS, DIMENSION = 12_936, 751, 6, 512
QUERIES, GALLERY = 3_368, 15_913


def world(images: int, seed: int) -> tuple[np.ndarray, Sightings]:
    """People who pass camera after camera, and features that tell them apart with some noise."""
    rng = np.random.default_rng([20210621, seed])
    centres = rng.standard_normal((PEOPLE, DIMENSION), dtype=np.float32)
    person = rng.integers(0, PEOPLE, images)
    camera = rng.integers(0, CAMERAS, images)
    features = 1.2 * rng.standard_normal((images, DIMENSION), dtype=np.float32) + centres[person]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    start = rng.uniform(0, 60_000, PEOPLE)
    frames = np.maximum(start[person] + 1500 * camera + rng.normal(0, 300, images), 0).round()
    return features, Sightings(camera, frames, np.zeros(images, np.int64))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Of one call, in this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(share: float) -> dict[str, float]:
    """Figures of this process, smallest first, so that its peak memory is the refreshes'."""
    images, queries, answers = (round(share * count) for count in (IMAGES, QUERIES, GALLERY))
    torch.set_num_threads(1)
    config = AdaptationConfig()
    features, sightings = world(images, 0)
    tensor = torch.from_numpy(features)
    product = cpu_seconds(lambda: [tensor[i : i + 256] @ tensor.T for i in range(0, images, 256)])
    found = {}

    def refresh(similarity: Similarity) -> None:
        clusters, transitions = pseudo_identities(features, sightings, CAMERAS, similarity, config)
        found[similarity] = clusters, transitions

    visual = cpu_seconds(lambda: refresh(Similarity.visual))
    joint = cpu_seconds(lambda: refresh(Similarity.joint))
    labels = found[Similarity.visual][0].labels
    temporal = cpu_seconds(lambda: estimate_transitions(labels, sightings, CAMERAS, config.time))
    refresh_mb = peak_mb()
    transitions = found[Similarity.joint][1]
    query, asked = world(queries, 1)
    gallery, answered = world(answers, 2)

    def rank() -> None:
        for _ in blocks(joint_scores(query, gallery, asked, answered, transitions)):
            pass

    return {
        "visual_refresh_cpu_s": round(visual, 2),
        "joint_refresh_cpu_s": round(joint, 2),
        "refresh_gb": round(refresh_mb / 1024, 2),
        "spatiotemporal_cpu_s": round(temporal, 3),
        "joint_ranking_cpu_s": round(cpu_seconds(rank), 2),
        "visual_clusters": found[Similarity.visual][0].count,
        "joint_clusters": found[Similarity.joint][0].count,
        "product_cpu_s": round(product, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    parser.add_argument("--share", type=float, default=1.0, help="of Market-1501's size")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.share)))
        return
    result = alone("benchmarks.adaptation", "--here", "--share", str(options.share))
    print(json.dumps({**result, "calibration_cpu_s": calibration_cpu_s()}))


if __name__ == "__main__":
    main()
