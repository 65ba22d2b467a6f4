"""The full data set on this machine: built, measured, interrupted, recorded.

``python -m benchmarks.full_build --build --store FOLDER --interrupt 3`` builds the recipe
`unreal` through Prefect and adds up the CPU-seconds of every process; stopped, it goes on when it
is started again. ``--small --store FOLDER`` builds the recipe scaled down twice, once undisturbed;
``--variants --store FOLDER`` builds it scaled down with each variant.
``--record --store FOLDER`` derives ``docs/full_build.md`` from what is stored, verifies it, renders
three random shards again and prints one JSON line; ``--compare --store FOLDER`` compares another
build with that record.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.measured_build import MeasuredBuild, Place, read_measurements, summary
from manifests.dataset import Dataset
from manifests.recipes_io import load_recipe
from manifests.settings import parse_assignments
from manifests.snapshots import latest_snapshot
from manifests.stores import open_store
from tasks.plan.cost import first_round

RECIPE = "unreal"
TAKES = "an hour for `--build`, ten minutes for `--small`"
SMOKE = ("--small", "--store", "small", "--interrupt", "1")
SMALL = (
    "people.count=16",
    "shards.people_per_shard=8",
    "shards.frames_per_shard=40",
    "images_per_person=12",
)
"""The recipe scaled down: 8 shards of 8 people in all scenes, through sixteen cameras."""

GROUPS = ("people.count=24", "shards.people_per_shard=2", *SMALL[2:])
"""As many groups of people as the supermarket has cameras with its high ones: groups take cameras
in turn."""


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--build", action="store_true", help="build and measure")
    what.add_argument("--small", action="store_true", help="the small recipe, calm and struck")
    what.add_argument("--variants", action="store_true", help="the small recipe in variants")
    what.add_argument("--record", action="store_true", help="write docs/full_build.md")
    what.add_argument("--compare", action="store_true", help="is it what the record is of?")
    parser.add_argument("--store", type=Path, required=True, help="folder of everything built")
    parser.add_argument("--name", default=RECIPE, help="recipe and data set")
    parser.add_argument("--interrupt", type=int, default=0, help="kill -9 everything so often")
    parser.add_argument("--small-record", type=Path, help="with --record: small.json of --small")
    parser.add_argument(
        "--variants-record", type=Path, help="with --record: variants.json of --variants"
    )
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="F=V")
    options = parser.parse_args()
    folder = options.store.resolve()
    if options.build:
        return 0 if build(folder, options.name, options.overrides, options.interrupt) else 1
    if options.small:
        return small(folder, options.name, options.interrupt or 3)
    if options.variants:
        return variants(folder, options.name)
    from benchmarks.full_build_record import TARGET, record

    place = Place(folder, options.name)
    if options.compare:
        from benchmarks.full_build_comparison import compare

        found = compare(place, TARGET)
        print(json.dumps(found))
        return 0 if found["equal"] else 1
    print(json.dumps(record(place, options.small_record, options.variants_record)))
    return 0


def build(folder: Path, name: str, overrides: list[str], interrupts: int) -> bool:
    """Build ``name`` in ``folder`` and measure; whether it is finished."""
    place = Place(folder, name)
    recipe = load_recipe(name, parse_assignments(overrides, "--set"))
    arguments = ["--recipe", name, "--store", str(place.store)]
    for assignment in overrides:
        arguments += ["--set", assignment]
    finished = MeasuredBuild(place, arguments, first_round(recipe).shards).run(interrupts)
    parts = read_measurements(place)
    print(json.dumps({"finished": finished, **summary(place, parts)}), flush=True)
    if not finished:
        print(f"The build is not finished; its output is in {folder}/build.log", file=sys.stderr)
    return finished


def small(folder: Path, name: str, interrupts: int) -> int:
    """Build the small recipe in peace and under fire; 0 if both have one content digest."""
    digests: dict[str, str] = {}
    for which, kills in (("calm", 0), ("struck", interrupts)):
        if not build(folder / which, name, list(SMALL), kills):
            return 1
        snapshot = latest_snapshot(Dataset(name, open_store(str(folder / which / "store"))))
        assert snapshot is not None, "a finished build has published"
        digests[which] = snapshot.content_digest
    equal = len(set(digests.values())) == 1
    result = {"digests": digests, "equal": equal, "interrupts": interrupts}
    (folder / "small.json").write_text(json.dumps(result) + "\n")
    print(json.dumps(result))
    return 0 if equal else 1


def variants(folder: Path, name: str) -> int:
    """Build the small recipe with each variant; what sets them apart goes into a file."""
    from benchmarks.full_build_variants import build_variants

    folder.mkdir(parents=True, exist_ok=True)
    figures = build_variants(
        folder,
        name,
        {"plain": SMALL, "indoor": GROUPS, "night": SMALL, "black-clothing": SMALL},
    )
    (folder / "variants.json").write_text(json.dumps(figures) + "\n")
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
