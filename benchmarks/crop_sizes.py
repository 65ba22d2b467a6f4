"""What shares of sizes (``capture.sizes``) give and cost: ``python -m benchmarks.crop_sizes``.

Plans a shard of the recipe ``unreal`` in each of ``SCENES``, with three cameras that want four
crops of everybody. The last line is one JSON object: for each of ``ASKED``, ``frames``, ``shares``
of small, medium and large people among the crops that are planned, and CPU-s to plan (``plan_s``).
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.crop_sizes import SizeShares, size_class
from manifests.recipes_io import load_recipe
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from synth_workers.planning.coverage import plan_capture
from synth_workers.scenes.library import load_scene

TAKES = "half a minute"
SMOKE = ("--people", "6")

SEED, CAMERAS, EACH = 5, 3, 4
SCENES = ("street",)
ASKED: dict[str, SizeShares] = {
    "as they come": {},
    "alike": {"small": 1, "medium": 1, "large": 1},
    "large": {"small": 0.2, "medium": 0.3, "large": 0.5},
    "small": {"small": 0.8, "medium": 0.2},
}


def main() -> None:
    """Plan with each of the shares and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=24)
    count = parser.parse_args().people
    figures = {name: _planned(sizes, count) for name, sizes in ASKED.items()}
    print(json.dumps({**figures, "calibration_cpu_s": calibration_cpu_s()}))


def _planned(sizes: SizeShares, count: int) -> dict[str, object]:
    recipe, cache = load_recipe("unreal"), PeopleCache()
    specs = sample_people(recipe.people, recipe.seed, range(count))
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    rules = recipe.capture.model_copy(update={"sizes": sizes})
    frames, heights, spent = 0, [], 0.0
    for scene in map(load_scene, SCENES):
        began = time.process_time()
        plan = plan_capture(
            scene, scene.cameras[:CAMERAS], motions, np.full((count, CAMERAS), EACH), rules,
            width=recipe.image.width, height=recipe.image.height, max_frames=300,
            seed=np.random.SeedSequence(SEED),
        )  # fmt: skip
        spent += time.process_time() - began
        frames += plan.frames
        heights += [
            expected.box[3] - expected.box[1]
            for instant in plan.instants
            for frame in instant.frames
            for expected in frame.expected
            if expected is not None and expected.wanted
        ]
    shares = np.bincount(size_class(np.array(heights)), minlength=3) / len(heights)
    return {"frames": frames, "shares": shares.round(2).tolist(), "plan_s": round(spent, 2)}


if __name__ == "__main__":
    main()
