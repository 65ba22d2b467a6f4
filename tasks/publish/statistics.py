"""Statistics of a published data set that travel in its snapshot, card and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.schema import BOX, MANIFEST
from manifests.snapshots import PartInfo
from tasks.annotate.statistics import counts, near_duplicates
from tasks.publish.row_stream import RowStream, rows_of, united

_COUNTED = ("scene", "camera", "light", "viewpoint_class", "gender")
_PIXELS = ("width", "height")
_MEASURED = ("visibility", "luminance", "sharpness", "distance")
_SIZES = {"box_width": ("box_x0", "box_x1"), "box_height": ("box_y0", "box_y1")}
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SEEN = ["person_index", "scene", "camera"]


PIECE_ROWS = 1 << 17
"""Rows are fed in pieces of so many: near-duplicates are told within a piece. In schema versions 1
and 2 every part was a piece."""


def rows_counted(manifest: pq.ParquetFile, parts: Sequence[PartInfo]) -> StatisticsCollector:
    """Statistics of stored rows, fed in the pieces in which they were at publication."""
    rows, found = RowStream(rows_of(manifest), MANIFEST), StatisticsCollector()
    whole = range(0, sum(part.rows for part in parts), PIECE_ROWS)
    divided = any(part.role for part in parts)
    for size in (PIECE_ROWS for _ in whole) if divided else (part.rows for part in parts):
        found.update(rows.next(size))
    return found


class StatisticsCollector:
    """Collects what statistics need, piece by piece.

    That is counts, and of every crop the four numbers whose quantiles cannot be told from counts:
    28 bytes at most.
    """

    def __init__(self) -> None:
        self._counts = {name: Counter[str]() for name in _COUNTED}
        self._pixels = {name: Counter[int]() for name in (*_PIXELS, *_SIZES)}
        self._measures: dict[str, list[np.ndarray]] = {name: [] for name in _MEASURED}
        self._seen: list[pd.DataFrame] = []
        self._near_duplicates = 0

    def update(self, rows: pa.Table) -> None:
        """Add the next manifest rows."""
        for name, counted in self._counts.items():
            counted.update(dict(_value_counts(rows[name])))
        pixels = {name: rows[name].to_numpy() for name in _PIXELS}
        pixels |= {name: _difference(rows, *ends) for name, ends in _SIZES.items()}
        for name, values in pixels.items():
            found, often = np.unique(values, return_counts=True)
            self._pixels[name].update(dict(zip(found.tolist(), often.tolist())))
        for name, kept in self._measures.items():
            kept.append(rows[name].to_numpy().astype(np.float32))
        seen: Any = rows.select(_SEEN).to_pandas(strings_to_categorical=True)
        self._seen.append(
            seen.groupby(_SEEN, observed=True).size().astype("int32").reset_index(name="crops")
        )
        self._near_duplicates += _near_duplicates(rows)

    def result(self) -> dict[str, Any]:
        """Counts by category, quantiles of measures, and how widely each person is seen."""
        if not self._seen:
            return {}
        seen: Any = united(self._seen)
        people = seen.groupby("person_index")
        cameras = people["camera"].nunique()
        return {
            "crops_by": {name: dict(sorted(of.items())) for name, of in self._counts.items()},
            "quantiles": {
                **{name: _quantiles(_spread(self._pixels[name])) for name in _PIXELS},
                **{name: _quantiles(np.concatenate(of)) for name, of in self._measures.items()},
                **{name: _quantiles(_spread(self._pixels[name])) for name in _SIZES},
            },
            "people_by_images": _counts(people["crops"].sum()),
            "near_duplicates": self._near_duplicates,
            "people_in_one_camera_only": int((cameras == 1).sum()),
            "people_by_cameras_seen": _counts(cameras),
            "people_by_scenes_seen": _counts(people["scene"].nunique()),
            "people_by_camera": {
                str(camera): int(by["person_index"].nunique())
                for camera, by in seen.groupby("camera", observed=True)
            },
        }


def _value_counts(column: pa.ChunkedArray) -> list[tuple[str, int]]:
    found = column.value_counts().to_pylist()
    return [(str(of["values"]), of["counts"]) for of in found if of["values"] is not None]


def _spread(counted: Counter[int]) -> np.ndarray:
    """Every value as often as it was counted, float32."""
    values = np.array(list(counted), np.float32)
    return np.repeat(values, list(counted.values()))


def _quantiles(values: np.ndarray) -> dict[str, float]:
    of = pd.Series(values)
    return {f"{q:g}": round(float(of.quantile(q)), 3) for q in _QUANTILES}


def _near_duplicates(rows: pa.Table) -> int:
    names = ("camera", "render_id")
    frame = rows.select(["person_index", "time", "viewpoint", *names, *BOX]).to_pandas(
        strings_to_categorical=True
    )
    # Numbers sort and group much faster than the names they stand for.
    frame = frame.assign(**{name: frame[name].cat.codes for name in names})
    return int(near_duplicates(frame.rename(columns={"person_index": "person_id"})).sum())


def _difference(rows: pa.Table, start: str, end: str) -> np.ndarray:
    return rows[end].to_numpy().astype(np.int32) - rows[start].to_numpy()


def _counts(values: Any) -> dict[str, int]:
    # Categories without a row are counted, too.
    return {name: count for name, count in counts(values).items() if count}
