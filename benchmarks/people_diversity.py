"""How different 3,000 people look: ``python -m benchmarks.people_diversity``.

The last line is one JSON object: percentiles of nearest-neighbour distances of clothing
(CIE units), strangers and look-alikes apart, and the CPU seconds of drawing the specs.
"""

from __future__ import annotations

import argparse
import json
import time

from benchmarks.calibration import calibration_cpu_s
from manifests.people import PeopleRecipe
from synth_workers.people.looks.diversity import measure
from synth_workers.people.looks.sampling import sample_people

TAKES = "a minute"
SMOKE = ("--people", "20")


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3000)
    count = parser.parse_args().people
    start = time.process_time()
    specs = sample_people(PeopleRecipe(count=count), 0, range(count))
    sampled = time.process_time() - start
    start = time.process_time()
    diversity = measure(specs)
    measured = time.process_time() - start
    print(
        json.dumps(
            {
                "people": count,
                "specs_cpu_s": round(sampled, 2),
                "spec_ms": round(1000 * sampled / count, 3),
                "measure_cpu_s": round(measured, 2),
                **diversity.summary(),
                "calibration_cpu_s": round(calibration_cpu_s(), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
