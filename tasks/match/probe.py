"""Small sets of a recipe, rendered here and now: what its crops look like before it is built.

Every shard that is finished stays in the folder, so that a probe that was killed goes on, and one
that is there costs nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from manifests.annotation_rules import AnnotationRules
from manifests.errors import BadRecipe
from manifests.identity import render_id
from manifests.recipe import Recipe
from manifests.shards import ShardSpec
from manifests.whole_files import write_whole
from synth_workers.images import read_lit
from synth_workers.people.spec import PersonSpec
from synth_workers.processes.scratch import scratch_folder
from tasks.annotate.bundle import read_frames
from tasks.annotate.crop_looks import brightness_of
from tasks.annotate.shard import annotate_bundle
from tasks.compare.labels import LABEL_COLUMNS, labels_of
from tasks.plan.planner import plan_build
from tasks.progress import Progress, report_progress
from tasks.render.shard import render_shard, shard_specs
from training.data.decoding import decode_crop
from training.looks.crops import Crops


@dataclass(frozen=True)
class Probe:
    """A rendered probe. ``bundles``: the frames of each shard; ``cpu_seconds``: what it cost,
    whenever that was."""

    recipe: Recipe
    shards: tuple[ShardSpec, ...]
    bundles: tuple[Path, ...]
    cpu_seconds: float

    @cached_property
    def brightness(self) -> dict[tuple[str, int], float]:
        """Mean grey level of every frame, by the render_id of its shard and its number."""
        found: dict[tuple[str, int], float] = {}
        for shard, bundle in zip(self.shards, self.bundles, strict=True):
            for frame in read_frames(bundle):
                lit = read_lit(frame.lit, frame.lit_format, frame.size)
                found[render_id(shard), frame.frame] = brightness_of(lit)
        return found

    def people(self, shard: ShardSpec) -> list[PersonSpec]:
        """Who walks in a shard."""
        return shard_specs(shard, self.recipe.people)


@dataclass(frozen=True)
class ProbeCrops:
    """The N crops of a probe under some rules, as they are stored.

    ``camera``, ``scene``, ``light`` (N,) names; ``person`` (N,) int64; ``brightness`` (N,) float64:
    mean grey level of the frame that each was cut from.
    """

    crops: Crops
    camera: np.ndarray
    scene: np.ndarray
    light: np.ndarray
    person: np.ndarray
    brightness: np.ndarray

    def __len__(self) -> int:
        return len(self.camera)

    def take(self, rows: np.ndarray) -> ProbeCrops:
        """Some of them."""
        stored = [self.crops.stored[row] for row in rows.tolist()]
        more = {
            name: getattr(self, name)[rows]
            for name in ("camera", "scene", "light", "person", "brightness")
        }
        return ProbeCrops(Crops(stored, self.crops.labels.take(rows)), **more)


def render_probe(recipe: Recipe, folder: Path) -> Probe:
    """Render what ``recipe`` (of ``bases.probe_of``) plans, one shard after the other, into
    ``folder``."""
    shards = plan_build(recipe).shards
    bundles: list[Path] = []
    cost = 0.0
    for number, shard in enumerate(shards):
        note = f"{shard.scene}, {shard.light}"
        report_progress(Progress(f"probe {recipe.name}", number, len(shards), "shards", note))
        path = folder / f"{render_id(shard)[:24]}.parquet"
        spent = path.with_suffix(".json")
        if not (path.is_file() and spent.is_file()):
            with scratch_folder("probe", folder) as scratch:
                bundle = render_shard(shard, recipe.people, scratch)
                bundle.path.replace(path)
                write_whole(spent, json.dumps(bundle.cpu_seconds))
        cost += sum(json.loads(spent.read_text()).values())
        bundles.append(path)
    report_progress(Progress(f"probe {recipe.name}", len(shards), len(shards), "shards"))
    return Probe(recipe, shards, tuple(bundles), cost)


def cut_probe(probe: Probe, rules: AnnotationRules) -> ProbeCrops:
    """What ``rules`` accept of a probe, and how they cut it; ``BadRecipe`` if that is nothing."""
    tables = [
        annotate_bundle(bundle, rules, shard, probe.people(shard)).crops
        for shard, bundle in zip(probe.shards, probe.bundles, strict=True)
    ]
    columns = ["jpeg", "camera", "scene", "light", "person_index", *LABEL_COLUMNS]
    rows = pa.concat_tables(tables).select(columns)
    if not rows.num_rows:
        raise BadRecipe(
            f"recipe {probe.recipe.name}: none of the crops of a probe is accepted by its rules of "
            "annotation; see `annotation` and `capture`"
        )
    stored = [decode_crop(jpeg, "crop") for jpeg in rows["jpeg"].to_pylist()]
    camera, scene, light = (
        np.asarray(rows[name].to_pylist(), np.str_) for name in ("camera", "scene", "light")
    )
    frames = zip(rows["render_id"].to_pylist(), rows["frame"].to_pylist())
    return ProbeCrops(
        Crops(stored, labels_of(rows, np.arange(rows.num_rows))),
        camera,
        scene,
        light,
        rows["person_index"].to_numpy().astype(np.int64),
        np.array([probe.brightness[frame] for frame in frames]),
    )
