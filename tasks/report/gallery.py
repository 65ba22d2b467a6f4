"""Which people and cameras a gallery shows, and which crop stands for each pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_WELL_VISIBLE = 0.85


@dataclass(frozen=True)
class GalleryPlan:
    """``cells[i][j]``: keys of the crops that show person i in camera j, if there are any."""

    people: tuple[str, ...]
    cameras: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], ...], ...]


def plan_gallery(rows: pd.DataFrame, people: int, cameras: int, per_cell: int) -> GalleryPlan:
    """Choose at most so many people and cameras, the ones with the fewest gaps between them.

    ``rows``: manifest columns person_id, scene, camera, crop_key, visibility, viewpoint_class
    and height. People are spread over the whole data set. Of several crops the best visible
    ones are taken, of equally visible ones the largest, and first those from different sides
    unless they are hidden.
    Depends on the rows alone, not on their order.
    """
    shown = _choose_cameras(rows, cameras)
    inside = rows.loc[rows["camera"].isin(shown)].copy()
    inside = inside.sort_values(
        ["visibility", "height", "crop_key"], ascending=[False, False, True]
    )
    inside["again"] = inside.groupby(["person_id", "camera", "viewpoint_class"]).cumcount()
    inside["hidden"] = inside["visibility"] < _WELL_VISIBLE
    inside = inside.sort_values(["hidden", "again"], kind="stable")
    cells = inside.groupby(["person_id", "camera"])["crop_key"].apply(
        lambda keys: tuple(keys.iloc[:per_cell])
    )
    everybody = sorted(rows["person_id"].unique())
    filled = [sum((person, camera) in cells.index for camera in shown) for person in everybody]
    chosen = [everybody[i] for i in _choose_people(np.array(filled), people)]
    table = tuple(tuple(cells.get((person, camera), ()) for camera in shown) for person in chosen)
    return GalleryPlan(tuple(chosen), tuple(shown), table)


def _choose_cameras(rows: pd.DataFrame, limit: int) -> list[str]:
    """Up to ``limit`` cameras, taken from the scenes in turn, the busiest first."""
    busy = rows.groupby(["scene", "camera"], as_index=False).agg(crops=("crop_key", "size"))
    busy = busy.sort_values(by=["crops", "camera"], ascending=[False, True])
    busy["turn"] = busy.groupby("scene").cumcount()
    first = busy.sort_values(by=["turn", "scene"]).head(limit)
    return first.sort_values(by=["scene", "camera"])["camera"].tolist()


def _choose_people(filled: np.ndarray, limit: int) -> list[int]:
    """Positions of up to ``limit`` people: the fullest rows, spread evenly over the ties."""
    threshold = np.sort(filled)[::-1][min(limit, len(filled)) - 1] if len(filled) else 0
    full = np.flatnonzero(filled > threshold)
    ties = np.flatnonzero(filled == threshold)
    wanted = min(limit, len(filled)) - len(full)
    spread = ties[np.linspace(0, len(ties) - 1, wanted).round().astype(int)] if wanted else []
    return sorted({*full.tolist(), *np.asarray(spread, int).tolist()})
