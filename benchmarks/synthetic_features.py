"""Features of made-up data sets as large as the real ones, and a way to measure alone.

Heavy cases run in a process of their own, held to one thread, so that libraries that fix their
number of threads on import obey and peak memory is that of one case.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation.protocol import Labelled

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Size:
    """Numbers of a data set's test split."""

    queries: int
    gallery: int
    people: int
    distractors: int
    cameras: int
    dimension: int = 2048


SIZES = {
    "market": Size(3_368, 15_913, 750, 2_798, 6),
    "msmt": Size(11_659, 82_161, 3_060, 0, 15),
    "tiny": Size(60, 240, 20, 10, 3, 64),
}


def made_up(size: Size) -> tuple[Labelled, Labelled]:
    """Query and gallery: a centre per person, a shift per camera and noise, of length 1."""
    rng = np.random.default_rng([20210621, size.queries])
    centres = rng.standard_normal((size.people, size.dimension), dtype=np.float32)
    shifts = 0.5 * rng.standard_normal((size.cameras, size.dimension), dtype=np.float32)

    def images(count: int, nobodies: int) -> Labelled:
        person = rng.integers(0, size.people, count)
        camera = rng.integers(0, size.cameras, count)
        features = rng.standard_normal((count, size.dimension), dtype=np.float32)
        for start in range(0, count, 1000):
            part = slice(start, start + 1000)
            features[part] *= 3
            features[part] += 0.8 * centres[person[part]] + shifts[camera[part]]
            features[part] /= np.linalg.norm(features[part], axis=1, keepdims=True)
        person[count - nobodies :] = size.people + np.arange(nobodies)
        return Labelled(features, person, camera)

    return images(size.queries, 0), images(size.gallery, size.distractors)


def peak_mb() -> float:
    """Largest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``python -m module arguments`` with one thread; its last line is a JSON object."""
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **ONE_THREAD},
    )
    return json.loads(result.stdout.strip().splitlines()[-1])
