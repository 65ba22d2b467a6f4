"""Measures what one unit of each kind of work costs: ``python -m benchmarks.unit_costs``.

Builds a slice of the shipped recipe `paper` (all scenes, cameras and lights for every group of
people) and one of `unreal` (a few of them for each) on this machine, with an empty cache of people,
and divides what their claims say by what they delivered. ``--write`` stores the figures where
``unrealperson plan --cost`` reads them. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.calibration import calibration_cpu_s

if TYPE_CHECKING:
    from manifests.recipe import Recipe
    from tasks.plan.cost import RoundSize
    from tasks.render.jobs import JobRunner

TAKES = "ten minutes"
SMOKE = ("--people", "2")

SLICES = {"paper": 1, "unreal": 4}
"""Recipes and how many groups of people of each; `unreal` gives each other cameras and light."""

TARGET = Path("tasks/plan/unit_costs.json")
CHANNELS_ENTRY = "channels"
_RECORDING = "recording"
"""What ``benchmarks.channels`` and ``benchmarks.recording`` printed is kept."""

_ORCHESTRATION = "orchestration_cpu_s_per_shard"


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=60, help="of a group")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET}")
    parser.add_argument(
        "--orchestration",
        type=float,
        help="CPU-seconds a shard, as benchmarks.orchestration printed [default: as stored]",
    )
    options = parser.parse_args()
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory(prefix="unrealperson-units-") as folder:
        figures = _measure(Path(folder), options.people)
    stored = json.loads(TARGET.read_text()) if TARGET.is_file() else {}
    orchestration = options.orchestration or stored.get(_ORCHESTRATION, 0.0)
    costs = {
        "measured_by": f"python -m benchmarks.unit_costs --people {options.people}",
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "calibration_cpu_s": calibration,
        **figures,
        _RECORDING: stored.get(_RECORDING),
        CHANNELS_ENTRY: stored.get(CHANNELS_ENTRY),
        _ORCHESTRATION: orchestration,
    }
    if options.write:
        TARGET.write_text(json.dumps(costs, indent=2) + "\n")
    print(json.dumps(costs))


def _measure(folder: Path, people: int) -> dict[str, Any]:
    from manifests.environment import variable
    from synth_workers.people.body.assets import require_assets

    assets = require_assets()
    (folder / "cache").mkdir()
    shutil.copy(assets, folder / "cache" / assets.name)
    os.environ[variable("cache")] = str(folder / "cache")
    os.environ["UNREALPERSON_OUT"] = str(folder / "out")
    os.environ["UNREALPERSON_STATE"] = str(folder / "state")
    os.environ["UNREALPERSON_PORT"] = "0"
    os.environ.pop("PREFECT_API_URL", None)
    return _figures(folder, people)


@dataclass(frozen=True)
class _Slice:
    """What building a slice of a recipe delivered (counts, bytes) and cost (CPU-seconds)."""

    recipe: Recipe
    size: RoundSize
    frames: int
    accepted: int
    crops: int
    stored: int
    published: int
    plan: float
    people: float
    engine: float
    worker: float
    annotate: float
    publish: float

    @property
    def drawing(self) -> dict[str, Any]:
        """As ``DrawingCosts``."""
        from tasks.plan.unit_costs import drawn_megapixels

        drawn = self.frames * drawn_megapixels(self.recipe.image)
        return {
            "recipe": self.recipe.name,
            "wanted_per_view": round(self.size.wanted / self.size.views, 1),
            "wanted_per_frame": round(self.size.wanted / self.frames, 2),
            "accepted_per_wanted": round(self.accepted / self.size.wanted, 3),
            "engine_cpu_s_per_megapixel": round(self.engine / drawn, 4),
            "worker_cpu_s_per_view": round(self.worker / self.size.views, 3),
        }


def _figures(folder: Path, group: int) -> dict[str, Any]:
    """Measure both slices, of groups of ``group`` people; the fields of ``UnitCosts``."""
    from flows.executors.processes import LocalProcesses

    with LocalProcesses() as processes:
        slices = [
            _build_slice(folder / name, _recipe(name, groups, group), processes)
            for name, groups in SLICES.items()
        ]
        kept = _kept_bytes_per_frame(slices[0].recipe, folder / "kept", processes)
    people = sum(slice_.recipe.people.count for slice_ in slices)

    def per(unit: float, stage: str, digits: int | None = None) -> float:
        return round(sum(getattr(slice_, stage) for slice_ in slices) / unit, digits)

    crops, accepted = (sum(getattr(s, count) for s in slices) for count in ("crops", "accepted"))
    return {
        "drawing": [slice_.drawing for slice_ in slices],
        "plan_cpu_s_per_person": per(people, "plan", 5),
        "people_cpu_s_per_person": per(people, "people", 4),
        "annotate_cpu_s_per_crop": per(accepted, "annotate", 5),
        "publish_cpu_s_per_crop": per(crops, "publish", 5),
        "start_cpu_s_per_shard": round(_starting_cpu(), 2),
        "stored_bytes_per_crop": per(accepted, "stored"),
        "published_bytes_per_crop": per(crops, "published"),
        "bytes_per_frame": round(kept),
    }


def _recipe(name: str, groups: int, group: int) -> Recipe:
    """``groups`` full groups: one filled up with extras would cost more than what is asked for."""
    from manifests.recipes_io import load_recipe

    overrides = {
        "people.count": groups * group,
        "shards.people_per_shard": group,
        "on_shortfall": "drop_person",
    }
    return load_recipe(name, overrides)


def _build_slice(folder: Path, recipe: Recipe, runner: JobRunner) -> _Slice:
    """Build the first round of ``recipe`` and publish it."""
    from manifests.dataset import Dataset
    from manifests.stores import open_store
    from tasks.plan.cost import RoundSize
    from tasks.plan.planner import plan_build
    from tasks.publish.publish import publish_dataset
    from tasks.render.jobs import BuildPlace, run_people, run_shard

    dataset = Dataset(recipe.name, open_store(folder / "store"))
    place = BuildPlace(dataset, folder / "work")
    began = time.process_time()
    plan = plan_build(recipe)
    planned = time.process_time() - began
    people = run_people(list(range(recipe.people.count)), recipe, place, runner, lambda _: None)
    claims = {}
    for shard in plan.shards:
        claim = run_shard(shard, recipe, place, runner, lambda _: None)
        claims[claim.id] = claim
    # One round leaves people short of some crops; of three quarters of them hardly anybody is.
    fewer = recipe.model_copy(update={"images_per_person": recipe.images_per_person * 3 // 4})
    began = time.process_time()
    snapshot = publish_dataset(fewer, dataset, [plan], claims)
    published = time.process_time() - began
    stored = dataset.store.list(dataset.published_prefix(snapshot.publish_id))
    return _Slice(
        recipe=recipe,
        size=RoundSize.of(plan.shards),
        frames=sum(claim.frames for claim in claims.values()),
        accepted=sum(sum(claim.people.values()) for claim in claims.values()),
        crops=snapshot.crops,
        stored=sum(claim.bytes for claim in claims.values()),
        published=sum(info.size for info in stored),
        plan=planned,
        people=people,
        publish=published,
        **{
            stage: sum(claim.cpu_seconds.get(stage, 0.0) for claim in claims.values())
            for stage in ("engine", "worker", "annotate")
        },
    )


def _kept_bytes_per_frame(recipe: Recipe, folder: Path, runner: JobRunner) -> float:
    """Of one shard drawn once more: keeping all frames would be charged to every worker."""
    from manifests.dataset import Dataset
    from manifests.stores import open_store
    from tasks.plan.planner import plan_build
    from tasks.render.jobs import BuildPlace, run_shard

    keeping = recipe.model_copy(update={"keep_frames": True})
    dataset = Dataset(recipe.name, open_store(folder / "store"))
    place = BuildPlace(dataset, folder / "work")
    shard = plan_build(keeping).shards[0]
    claim = run_shard(shard, keeping, place, runner, lambda _: None)
    kept = dataset.store.list(f"{recipe.name}/frames/")
    return sum(info.size for info in kept) / claim.frames


def _starting_cpu() -> float:
    """CPU-seconds of starting a shard's process: what its claim does not count."""
    import resource
    import subprocess
    import sys

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import tasks.render.process"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
