"""Builds a group of people into this host's cache, as a process of its own.

``python -m tasks.render.people --job job.json`` with ``{"people": PeopleRecipe, "dataset_seed":
int, "indices": [int, ...]}``; speaks the same JSON lines as ``tasks.render.process``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from manifests.errors import FactoryError
from manifests.people import PeopleRecipe
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from tasks.accounting import process_cpu_seconds


def build_people(recipe: PeopleRecipe, dataset_seed: int, indices: list[int]) -> int:
    """Make sure the cache holds these people; how many it holds of them afterwards."""
    specs = sample_people(recipe, dataset_seed, indices)

    def progress(done: int, total: int) -> None:
        _say({"event": "progress", "done": done, "total": total})

    PeopleCache().ensure(specs, progress)
    return len(specs)


def main() -> int:
    """Entry point; the exit code is the error's, 0 when all people are built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", type=Path, required=True)
    job: dict[str, Any] = json.loads(parser.parse_args().job.read_text())
    try:
        built = build_people(
            PeopleRecipe.model_validate(job["people"]), job["dataset_seed"], job["indices"]
        )
    except FactoryError as error:
        _say({"event": "error", "error": type(error).__name__, "message": str(error)})
        return error.exit_code
    _say({"event": "result", "people": built, "cpu_seconds": process_cpu_seconds()})
    return 0


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main())
