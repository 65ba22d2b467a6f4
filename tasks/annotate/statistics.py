"""What a set of crops is like, in numbers: per shard and per data set (pandas).

Every function returns plain dictionaries that survive a round trip through JSON and do not
depend on the order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from manifests.schema import BOX
from tasks.annotate.labels import VIEWPOINTS, areas

if TYPE_CHECKING:
    import pandas as pd  # which takes a third of a second to import, and frames come first

DUPLICATE_OVERLAP = 0.8
"""Boxes of one person in one camera that overlap more (IoU) may be near-duplicates."""

DUPLICATE_TURN = 10.0
"""... if the body has also turned by fewer degrees towards the camera."""

_TRACK = ["person_id", "camera", "render_id"]
DEDUPE_COLUMNS = ["crop_key", *_TRACK, "time", "viewpoint", *BOX]
"""Columns that ``dedupe_ids`` reads."""

_COUNTED = ["scene", "light", "visibility", "viewpoint_class", "luminance", "sharpness"]


def shard_statistics(
    crops: pa.Table, refusals: pa.Table, frames_per_camera: Mapping[str, int]
) -> dict[str, Any]:
    """Counts of one annotated shard: frames, refusals by reason and camera, and its crops.

    Reasons of whole frames start with ``frame:``.
    """
    import pandas as pd

    refused = refusals.to_pandas()
    whole = refused["person_index"] < 0
    return {
        "frames": int(sum(frames_per_camera.values())),
        "frames_per_camera": _integers(pd.Series(frames_per_camera, dtype=int)),
        "refused_per_camera": counts(refused["camera"]),
        "refused": {
            **counts(refused.loc[~whole, "reason"]),
            **counts("frame:" + refused.loc[whole, "reason"]),
        },
        **crop_statistics(crops),
    }


def refusals_by_person(refusals: pa.Table) -> dict[int, dict[str, int]]:
    """Person index -> reason -> refusals, of rows of the schema ``REFUSALS``; no whole frames."""
    rows = refusals.select(["person_index", "reason"]).to_pandas()
    rows = rows[rows["person_index"] >= 0]
    return {
        int(person): counts(group["reason"])  # pyright: ignore[reportArgumentType]
        for person, group in rows.groupby("person_index")
    }


def crop_statistics(crops: pa.Table) -> dict[str, Any]:
    """Counts and distributions of any table with the crop schema's label columns."""
    rows = crops.select([*DEDUPE_COLUMNS, *_COUNTED]).to_pandas()
    by_person = rows.groupby("person_id")
    return {
        "crops": len(rows),
        "people": int(rows["person_id"].nunique()),
        "crops_per_camera": counts(rows["camera"]),
        "crops_per_light": counts(rows["light"]),
        "crops_per_scene": counts(rows["scene"]),
        "people_per_camera": _integers(rows.groupby("camera")["person_id"].nunique()),
        "images_per_person": _spread(by_person.size()),
        "cameras_per_person": counts(by_person["camera"].nunique()),
        "scenes_per_person": counts(by_person["scene"].nunique()),
        "people_in_one_camera_only": int((by_person["camera"].nunique() == 1).sum()),
        "box_height": _spread(rows["box_y1"].astype(int) - rows["box_y0"]),
        "box_width": _spread(rows["box_x1"].astype(int) - rows["box_x0"]),
        "visibility": _spread(rows["visibility"]),
        "luminance": _spread(rows["luminance"]),
        "sharpness": _spread(rows["sharpness"]),
        "viewpoints": dict.fromkeys(VIEWPOINTS, 0) | counts(rows["viewpoint_class"]),
        "near_duplicates": int(near_duplicates(rows).sum()),
    }


def near_duplicates(rows: pd.DataFrame) -> pd.Series:
    """Which crops show the same person at the same place, turned the same way, as the one before.

    "Before" is the previous crop in time of the same person, camera and shard. Returns bool,
    aligned with ``rows``.
    """
    import pandas as pd

    ordered = rows.sort_values(by=[*_TRACK, "time"])
    tracks = ordered.groupby(_TRACK)
    here = ordered[list(BOX)].to_numpy(np.float64)
    before = tracks[list(BOX)].shift().to_numpy(np.float64)
    overlap = np.minimum(here[:, 2:], before[:, 2:]) - np.maximum(here[:, :2], before[:, :2])
    shared = np.maximum(overlap, 0).prod(axis=1)
    union = areas(here) + areas(before) - shared
    turn = (ordered["viewpoint"] - tracks["viewpoint"].shift()).to_numpy()
    turn = np.abs((turn + 180.0) % 360.0 - 180.0)
    same = (shared > DUPLICATE_OVERLAP * union) & (turn < DUPLICATE_TURN)
    return pd.Series(same, index=ordered.index).reindex(rows.index)


def dedupe_ids(rows: pd.DataFrame) -> pd.Series:
    """A number for every crop, int64, that near-duplicates share; aligned with ``rows``.

    Crops that are each a near-duplicate of the one before share the number of the first, which
    is a hash of its ``crop_key``.
    """
    import pandas as pd

    ordered = rows.sort_values(by=[*_TRACK, "time"])
    repeated = near_duplicates(ordered).tolist()
    ids: list[int] = []
    for key, repeats in zip(ordered["crop_key"].tolist(), repeated, strict=True):
        ids.append(ids[-1] if repeats else _number(key))
    return pd.Series(ids, index=ordered.index, dtype="int64").reindex(rows.index)


def _number(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def counts(values: pd.Series) -> dict[str, int]:
    """How often each value occurs, in their order; keys are text because JSON keys are."""
    return _integers(values.value_counts())


def _integers(numbers: pd.Series) -> dict[str, int]:
    ordered = numbers.sort_index()
    return dict(zip(map(str, ordered.index), ordered.astype(int).tolist(), strict=True))


def _spread(values: pd.Series) -> dict[str, float]:
    """Mean, least, greatest and quantiles, to three decimals; empty for no values."""
    if values.empty:
        return {}
    points = {"min": 0.0, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
    numbers = np.sort(values.to_numpy(np.float64))
    spread = {name: float(np.quantile(numbers, q)) for name, q in points.items()}
    spread |= {"max": float(numbers[-1]), "mean": float(numbers.mean())}
    return {name: round(value, 3) for name, value in spread.items()}
