"""Statistics of a published data set that travel in its snapshot, card and report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from manifests.schema import BOX
from tasks.annotate.statistics import counts, near_duplicates
from tasks.publish.row_stream import united

_COUNTED = ("scene", "camera", "light", "viewpoint_class", "gender")
_MEASURED = ("width", "height", "visibility", "luminance", "sharpness", "distance")
_SIZES = {"box_width": ("box_x0", "box_x1"), "box_height": ("box_y0", "box_y1")}
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class StatisticsCollector:
    """Collects the few columns that statistics need, part by part."""

    def __init__(self) -> None:
        self._frames: list[pd.DataFrame] = []
        self._near_duplicates = 0

    def update(self, rows: pa.Table) -> None:
        """Add the next manifest rows."""
        columns = ["person_index", *_COUNTED, *_MEASURED]
        frame = rows.select(columns).to_pandas(strings_to_categorical=True)
        sizes = {name: _difference(rows, *ends) for name, ends in _SIZES.items()}
        self._frames.append(frame.astype(dict.fromkeys(_MEASURED, "float32")).assign(**sizes))
        self._near_duplicates += _near_duplicates(rows)

    def result(self) -> dict[str, Any]:
        """Counts by category, quantiles of measures, and how widely each person is seen."""
        if not self._frames:
            return {}
        data: Any = united(self._frames)
        people: Any = data.groupby("person_index", observed=True)
        return {
            "crops_by": {name: _counts(data[name]) for name in _COUNTED},
            "quantiles": {
                name: {f"{q:g}": round(float(data[name].quantile(q)), 3) for q in _QUANTILES}
                for name in (*_MEASURED, *_SIZES)
            },
            "people_by_images": _counts(people.size()),
            "near_duplicates": self._near_duplicates,
            "people_in_one_camera_only": int((people["camera"].nunique() == 1).sum()),
            "people_by_cameras_seen": _counts(people["camera"].nunique()),
            "people_by_scenes_seen": _counts(people["scene"].nunique()),
            "people_by_camera": {
                str(camera): int(seen["person_index"].nunique())
                for camera, seen in data.groupby("camera", observed=True)
            },
        }


def _near_duplicates(rows: pa.Table) -> int:
    names = ("camera", "render_id")
    frame = rows.select(["person_index", "time", "viewpoint", *names, *BOX]).to_pandas(
        strings_to_categorical=True
    )
    # Numbers sort and group much faster than the names they stand for.
    frame = frame.assign(**{name: frame[name].cat.codes for name in names})
    return int(near_duplicates(frame.rename(columns={"person_index": "person_id"})).sum())


def _difference(rows: pa.Table, start: str, end: str) -> np.ndarray:
    return rows[end].to_numpy().astype(np.float32) - rows[start].to_numpy()


def _counts(values: Any) -> dict[str, int]:
    # Categories without a row are counted, too.
    return {name: count for name, count in counts(values).items() if count}
