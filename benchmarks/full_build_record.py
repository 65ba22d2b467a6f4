"""The record of the full build, derived from nothing but what is stored: ``docs/full_build.md``."""

from __future__ import annotations

import json
import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured_build import Measurement, Place, read_measurements, summary
from flows.executors.processes import LocalProcesses
from flows.expenses import ORCHESTRATION
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.reader import SnapshotReader, open_snapshot
from manifests.recipe import Recipe
from manifests.requests import read_recipe
from manifests.shards import ShardSpec
from manifests.snapshots import Snapshot
from manifests.stores import open_store
from tasks.publish.inspection import claimed_shards
from tasks.publish.verify import verify
from tasks.render.jobs import BuildPlace, run_shard, shard_label
from tasks.report.cost import DatasetCost, dataset_cost

TARGET = Path(__file__).parents[1] / "docs" / "full_build.md"
_REBUILT = 3
_PAPER_CPU_HOURS = 48


@dataclass(frozen=True)
class Rebuilt:
    """One shard that was rendered again: its name and whether its file has the same digest."""

    name: str
    sha256: str
    equal: bool


def record(place: Place, small: Path | None, variants: Path | None) -> dict[str, Any]:
    """Verify the data set, render shards again, write the page; the figures in short.

    ``small``, ``variants``: what ``--small`` and ``--variants`` left, if they were run.
    """
    reader, checked = verified_snapshot(place)
    snapshot = reader.snapshot
    recipe = read_recipe(reader.dataset, snapshot.recipe_digest)
    rebuilt = _rebuilt(place, reader, recipe)
    parts = read_measurements(place)
    spent = summary(place, parts)
    page = _page(
        snapshot,
        recipe,
        dataset_cost(reader),
        spent,
        parts,
        rebuilt,
        _read(small),
        checked,
    )
    TARGET.write_text(page + _variants(_read(variants)))
    return {
        "crops": snapshot.crops,
        "people": snapshot.people,
        "cameras": len(snapshot.statistics["crops_by"]["camera"]),
        "cpu_hours": spent["cpu_hours"],
        "peak_gb": spent["peak_gb"],
        "rebuilt_equal": all(shard.equal for shard in rebuilt),
    }


def verified_snapshot(place: Place) -> tuple[SnapshotReader, str]:
    """What was built in ``place``, read to the last byte, and what ``verify`` says of it.

    Raises:
        FactoryError: nothing is published there, or ``verify`` found something.
    """
    reader = open_snapshot(Dataset(place.dataset, open_store(place.store)))
    checked = verify(reader)
    checked.raise_if_broken()
    return reader, str(checked)


def _read(kept: Path | None) -> dict[str, Any] | None:
    return json.loads(kept.read_text()) if kept is not None and kept.is_file() else None


def _rebuilt(place: Place, reader: SnapshotReader, recipe: Recipe) -> list[Rebuilt]:
    """Shards drawn by the content digest, rendered anew into a store that knows nothing."""
    pairs = sorted(claimed_shards(reader), key=lambda pair: pair[1].id)
    drawn = random.Random(reader.snapshot.content_digest).sample(pairs, min(_REBUILT, len(pairs)))
    os.environ.update(place.environment)
    with tempfile.TemporaryDirectory() as folder, LocalProcesses() as processes:
        unknown = Dataset(place.dataset, open_store(Path(folder) / "store"))
        elsewhere = BuildPlace(unknown, Path(folder) / "work")

        def again(shard: ShardSpec, claim: Claim) -> Rebuilt:
            found = run_shard(shard, recipe, elsewhere, processes, lambda _: None)
            return Rebuilt(shard_label(shard), found.sha256, found.sha256 == claim.sha256)

        return [again(*pair) for pair in drawn]


def _page(
    snapshot: Snapshot,
    recipe: Recipe,
    cost: DatasetCost,
    spent: dict[str, Any],
    parts: list[Measurement],
    rebuilt: list[Rebuilt],
    twins: dict[str, Any] | None,
    checked: str,
) -> str:
    counts = snapshot.statistics["crops_by"]
    heights = snapshot.statistics["quantiles"].get("box_height", {})
    stages = {name: seconds for name, seconds in cost.cpu_seconds.items() if name != ORCHESTRATION}
    lines = [
        "# The full data set on one small machine",
        "",
        f"Recipe `{snapshot.dataset}`: {snapshot.people:,} people, {snapshot.crops:,} crops, "
        f"{snapshot.images_per_person} of each, {len(counts['camera'])} cameras in "
        f"{len(counts['scene'])} scenes. Everything on this page is derived from the data set by",
        "",
        "```console",
        "python -m benchmarks.full_build --record --store FOLDER",
        "```",
        "",
        "which reads it to the last byte (`verify`), renders three random shards again and writes "
        "this file. It was built by",
        "",
        "```console",
        f"python -m benchmarks.full_build --build --store FOLDER --interrupt {spent['interrupts']}",
        "```",
        "",
        "## Figures",
        "",
        "| | |",
        "|---|---|",
        f"| CPU-hours, user + system of every process, interrupts included | "
        f"**{spent['cpu_hours']:.2f}** (the paper: {_PAPER_CPU_HOURS}) |",
        f"| per published crop | {3.6e6 * spent['cpu_hours'] / snapshot.crops:.1f} CPU-ms |",
        f"| wall time | {spent['wall_minutes']:.0f} minutes |",
        f"| most memory of all processes together | {spent['peak_gb']:.2f} GB |",
        f"| most disk, caches and scratch included | {spent['disk_gb']:.1f} GB |",
        f"| published | {cost.published_bytes / 1e9:.2f} GB |",
        f"| shards, frames, accepted crops | {len(cost.shard_seconds):,}, {cost.frames:,}, "
        f"{cost.accepted:,} |",
        f"| content digest | `{snapshot.content_digest}` |",
        f"| recipe digest | `{snapshot.recipe_digest}` |",
        f"| versions | {', '.join(f'{k} {v}' for k, v in snapshot.versions.items())} |",
        f"| renderer | {', '.join(snapshot.lineage['renderers'])} |",
        "",
        "## Where the CPU-seconds went",
        "",
        "Claims say what their shards cost; planning, people and publishing are noted by the build "
        "(`unrealperson cost`). The rest was measured of all processes and belongs to no stage "
        "that ended: imports, orchestration, the Prefect server, what was killed.",
        "",
        "| stage | CPU-s | ms per crop |",
        "|---|---:|---:|",
    ]
    lines += [
        f"| {stage} | {seconds:,.0f} | {1000 * seconds / snapshot.crops:.2f} |"
        for stage, seconds in stages.items()
    ]
    rest = 3600 * spent["cpu_hours"] - sum(stages.values())
    lines += [
        f"| {ORCHESTRATION} | {rest:,.0f} | {1000 * rest / snapshot.crops:.2f} |",
        "",
        "## What is in it",
        "",
        *_table("scene", counts["scene"]),
        *_table("light", counts["light"]),
        *_table("camera", counts["camera"]),
        f"People by the scenes they are seen in: {_plain(snapshot, 'people_by_scenes_seen')}; by "
        f"cameras: {_plain(snapshot, 'people_by_cameras_seen')}.",
        "",
    ]
    if heights:
        lines += [
            "Height of crops, pixels, by quantile: "
            + ", ".join(f"{share} {height:.0f}" for share, height in heights.items())
            + ".",
            "",
        ]
    lines += [
        f"Look-alikes {recipe.people.look_alikes:.0%}, dark clothing "
        f"{recipe.people.dark_clothing:.0%} of the people, all accessories at their usual "
        "frequencies.",
        "",
        "## Interrupts",
        "",
        f"`kill -9` of the build, its workers and engines, {spent['interrupts']} times:",
        "",
        "| after shards | processes killed | in flight | CPU-s used by them in vain |",
        "|---:|---:|---:|---:|",
    ]
    for part in parts:
        lines += [
            f"| {i.claimed} | {i.processes} | {len(i.in_flight)} | {i.lost_cpu_seconds:.0f} |"
            for i in part.interrupts
        ]
    lines += [
        "",
        f"Shards begun more than once: {spent['shards_repeated']}, of which not in flight at a "
        f"kill: {spent['repeated_without_having_been_in_flight']}. CPU-seconds lost with them: "
        f"{spent['lost_cpu_seconds']:.0f}, which are part of the CPU-hours above.",
        "",
        "## Equal digests",
        "",
        "| shard rendered again | SHA-256 of its crops | equal |",
        "|---|---|---|",
        *(f"| {s.name} | `{s.sha256[:16]}…` | {'yes' if s.equal else '**no**'} |" for s in rebuilt),
        "",
    ]
    if twins is not None:
        lines += [
            f"The recipe scaled down (`--small`), built undisturbed and with {twins['interrupts']} "
            f"kills: content digests `{twins['digests']['calm'][:16]}…` and "
            f"`{twins['digests']['struck'][:16]}…`, "
            f"{'equal' if twins['equal'] else '**different**'}.",
            "",
        ]
    lines += ["`verify`: " + " ".join(checked.splitlines()), ""]
    return "\n".join(lines)


def _table(heading: str, counts: dict[str, int]) -> list[str]:
    rows = [f"| {name} | {count:,} |" for name, count in counts.items()]
    return [f"| {heading} | crops |", "|---|---:|", *rows, ""]


def _plain(snapshot: Snapshot, name: str) -> str:
    return ", ".join(f"{key}: {count:,}" for key, count in snapshot.statistics[name].items())


def _variants(figures: dict[str, dict[str, Any]] | None) -> str:
    if figures is None:
        return ""
    rows = [
        f"| {name} | {f['crops']} | {f['cameras']} | {f['high_cameras']} | "
        f"{f['mean_luminance']:.0f} | {f['median_clothing_value']:.0f} |"
        for name, f in figures.items()
    ]
    lines = [
        "",
        "## Variants, scaled down",
        "",
        "The recipe with fewer people, built plain and with each variant "
        "(`python -m benchmarks.full_build --variants --store FOLDER/variants`), each "
        "`verify` clean. Groups of people take cameras in turn; `indoor` has more groups, so that "
        "every high camera has its turn. Luminance of crops and value of garments: 0 to 255.",
        "",
        "| variant | crops | cameras | of them high indoors | mean luminance | median value of "
        "clothing |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
    ]
    return "\n".join(lines)
