"""The full recipe scaled down, in its variants: built as users do, and what sets them apart.

``python -m benchmarks.full_build --variants --store FOLDER``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measured_build import Place
from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import open_store
from synth_workers.scenes.library import load_scene
from tasks.plan.requests import resolve_recipe
from tasks.publish.verify import verify
from tests.garment_colours import brightest_channel

_INDOORS = "supermarket"
_COLUMNS = ("scene", "camera", "luminance", "garment_colours")


def build_variants(
    folder: Path, name: str, overrides: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, Any]]:
    """Build ``name`` in ``folder`` in each variant that ``overrides`` names (`plain` is none of
    them), changed by these; figures of each by variant, luminance and value from 0 to 255.

    Raises:
        CalledProcessError: a build failed; its output is in ``build.log``.
        FactoryError: ``verify`` found something.
    """
    try:
        return {
            variant: _figures(folder, name, () if variant == "plain" else (variant,), assignments)
            for variant, assignments in overrides.items()
        }
    finally:
        # Builds leave their Prefect server running for those who want to look at it.
        _cli(folder, Place(folder, name), "server", "stop")


def _figures(
    folder: Path, name: str, variants: tuple[str, ...], overrides: Sequence[str]
) -> dict[str, Any]:
    dataset = resolve_recipe(name, variants).name
    place = Place(folder, dataset)
    place.prepare()
    options = [part for variant in variants for part in ("--variant", variant)]
    options += [part for assignment in overrides for part in ("--set", assignment)]
    _cli(folder, place, "build", "--recipe", name, "--store", str(place.store), *options)
    reader = open_snapshot(Dataset(dataset, open_store(place.store)))
    verify(reader).raise_if_broken()
    rows = reader.table(_COLUMNS).to_pandas()
    high = load_scene(_INDOORS).camera_sets["high"]
    return {
        "crops": len(rows),
        "cameras": rows["camera"].nunique(),
        "high_cameras": int(rows.loc[rows["camera"].isin(high), "camera"].nunique()),
        "mean_luminance": round(float(rows["luminance"].mean()), 1),
        "median_clothing_value": float(np.median(brightest_channel(rows))),
    }


def _cli(folder: Path, place: Place, *arguments: str) -> None:
    """Run ``unrealperson``; what it says is added to ``build.log``."""
    with (folder / "build.log").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "flows.cli", *arguments],
            check=True,
            env=place.environment,
            stdout=log,
            stderr=log,
        )
