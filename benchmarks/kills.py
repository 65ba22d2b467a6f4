"""``kill -9`` of engines, workers and both while small builds run: ``python -m
benchmarks.kills --kills 50``.

One build is left in peace; further ones are struck at random moments until there were enough
kills. ``equal_digests``: builds with the content digest of the undisturbed one; ``lost`` and
``doubled``: crops over all builds; ``survivors``: engines and workers that outlived their build.
The exit code is 1 unless everything is as if nothing had happened.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

from tests.tasks.render.killing import VICTIMS, Killer, build, small_recipe

TAKES = "ten minutes with `--kills 50`"
SMOKE = ("--kills", "1")

MOST_PER_BUILD = 10


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20210621)
    options = parser.parse_args()
    recipe, rng = small_recipe(), random.Random(options.seed)
    victims = list(islice(cycle(VICTIMS), options.kills))
    rng.shuffle(victims)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        calm = build(recipe, Path(folder) / "calm", Killer(lambda: 0.0))
        wanted = Counter(calm.crop_keys)
        # Shorter than a shard takes, so that every build is struck several times.
        mean = max(calm.seconds / 6, 0.5)
        while victims:
            killer = Killer(lambda: rng.uniform(0.05, 2 * mean), victims[:MOST_PER_BUILD])
            number = counts["builds"]
            built = build(recipe, Path(folder) / f"struck{number}", killer)
            del victims[: built.kills]
            keys = Counter(built.crop_keys)
            counts += Counter(
                builds=1,
                kills=built.kills,
                equal_digests=built.content_digest == calm.content_digest,
                lost=(wanted - keys).total(),
                doubled=(keys - wanted).total() + built.claims - calm.claims,
                survivors=len(built.survivors),
                **{f"kills_of_{name}": killer.struck.count(name) for name in VICTIMS},
            )
            print(f"{counts['kills']} kills in {counts['builds']} builds", file=sys.stderr)
    names = ("kills", *(f"kills_of_{name}" for name in VICTIMS), "builds", "equal_digests")
    result = {name: counts[name] for name in (*names, "lost", "doubled", "survivors")}
    print(json.dumps({"crops": len(calm.crop_keys), **result}))
    sound = counts["equal_digests"] == counts["builds"] and not any(
        counts[name] for name in ("lost", "doubled", "survivors")
    )
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
