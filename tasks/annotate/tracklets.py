"""Tracklets: consecutive crops of one person in one camera, as rows of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from manifests.errors import BadRecipe
from manifests.schema import TRACKLETS

TRACKLET_COLUMNS = (
    "crop_key",
    "person_id",
    "person_index",
    "scene",
    "camera",
    "light",
    "render_id",
    "frame",
    "time",
)
"""Columns of a crop or manifest table that tracklets are made from."""

_TRACK = ["camera", "person_index", "render_id"]


def find_tracklets(crops: pa.Table, max_gap: float, min_length: int = 2) -> pa.Table:
    """Group crops into tracklets (schema ``TRACKLETS``), ordered by camera, person and time.

    Crops of one person in one camera and shard belong to one tracklet as long as the time
    from each to the next is at most ``max_gap`` seconds; frames are ordered by time, never by
    the text of a name. Tracklets of fewer than ``min_length`` crops are left out.
    """
    if not max_gap > 0 or min_length < 1:
        raise BadRecipe(
            "tracklets need max_gap > 0 seconds and min_length >= 1, "
            f"got {max_gap} and {min_length}"
        )
    rows = crops.select(list(TRACKLET_COLUMNS)).to_pandas()
    rows = rows.sort_values(by=[*_TRACK, "time", "frame"]).reset_index(drop=True)
    gap = rows.groupby(_TRACK)["time"].diff().to_numpy(np.float64)
    starts = np.isnan(gap) | (gap > max_gap)
    rows["number"] = np.cumsum(starts)
    rows["gap"] = np.where(starts, 0.0, gap)
    rows["first"] = starts
    rows["ordinal"] = rows.groupby(_TRACK)["first"].cumsum() - 1
    lines = [
        _line(group) for _, group in rows.groupby("number", sort=True) if len(group) >= min_length
    ]
    return pa.Table.from_pylist(lines, schema=TRACKLETS)


def _line(group: pd.DataFrame) -> dict[str, object]:
    first = group.iloc[0]
    return {
        "tracklet": f"{first['render_id']}/{first['camera']}/{first['person_index']:06d}/"
        f"{first['ordinal']:03d}",
        **{name: first[name] for name in ("person_id", "scene", "camera", "light")},
        "person_index": int(first["person_index"]),
        "start": float(first["time"]),
        "end": float(group["time"].iloc[-1]),
        "frames": group["frame"].tolist(),
        "times": group["time"].tolist(),
        "crop_keys": group["crop_key"].tolist(),
        "longest_gap": float(group["gap"].max()),
    }
