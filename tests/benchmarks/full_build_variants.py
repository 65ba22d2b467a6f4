"""The full recipe scaled down, in its variants: built as users do, and what sets them apart.

``python -m tests.benchmarks.full_build --variants --store FOLDER``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from manifests.reader import SnapshotReader
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from synth_workers.scenes.library import load_scene
from tasks.publish.verify import verify
from tests.benchmarks.measured_build import Place

VARIANTS = ("indoor", "night", "black-clothing")
_INDOORS = "supermarket"
_COLUMNS = ("scene", "camera", "luminance", "garment_colours")


def build_variants(folder: Path, name: str, overrides: list[str]) -> dict[str, dict[str, Any]]:
    """Build ``name`` plain and with each variant in ``folder``; figures of each by variant.

    Raises:
        CalledProcessError: a build failed; its output is in ``build.log``.
        FactoryError: ``verify`` found something.
    """
    return {
        variant or "plain": _figures(folder, name, (variant,) if variant else (), overrides)
        for variant in ("", *VARIANTS)
    }


def _figures(
    folder: Path, name: str, variants: tuple[str, ...], overrides: list[str]
) -> dict[str, Any]:
    dataset = load_recipe(name, variants, {}).name
    place = Place(folder, dataset)
    place.prepare()
    options = [part for variant in variants for part in ("--variant", variant)]
    options += [part for assignment in overrides for part in ("--set", assignment)]
    command = [sys.executable, "-m", "flows.cli", "build", "--recipe", name]
    with (folder / "build.log").open("ab") as log:
        subprocess.run(
            [*command, "--store", str(place.store), *options],
            check=True,
            env=place.environment,
            stdout=log,
            stderr=log,
        )
    store = open_store(str(place.store))
    verify(store, dataset).raise_if_broken()
    rows = SnapshotReader(store, dataset).table(_COLUMNS).to_pandas()
    high = load_scene(_INDOORS).camera_sets["high"]
    return {
        "crops": len(rows),
        "cameras": rows["camera"].nunique(),
        "high_cameras": int(rows.loc[rows["camera"].isin(high), "camera"].nunique()),
        "mean_luminance": round(float(rows["luminance"].mean()), 1),
        "median_clothing_value": float(np.median(_values(rows))),
    }


def _values(rows: pd.DataFrame) -> np.ndarray:
    """Value (of hue, saturation, value) of every garment of every crop, 0 to 255."""
    colours = np.concatenate(rows["garment_colours"].to_list()).astype(np.int64)
    return np.max([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=0)
