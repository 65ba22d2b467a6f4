"""One folder per tracklet, for video person re-identification."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.annotate.tracklets import MAX_GAP, TRACKLET_COLUMNS, find_tracklets
from tasks.export.crop_layout import ExportPlan, crop_layout, safe_name

COLUMNS = (*TRACKLET_COLUMNS, "split")


def plan_tracklets(table: pa.Table) -> ExportPlan:
    """Paths like ``train/0-000012/street_c01_003/004.jpg``, and ``tracklets.parquet``.

    Crops that belong to no tracklet (no other of the same person and camera within ``MAX_GAP``
    seconds) are left out.
    """
    found = find_tracklets(table, MAX_GAP)
    place: dict[str, str] = {}
    number: dict[tuple[str, str], int] = {}
    for line in found.to_pylist():
        person, camera = line["person_id"], line["camera"]
        ordinal = number[person, camera] = number.get((person, camera), -1) + 1
        split = safe_name(line["split"])
        folder = f"{split}/{safe_name(person)}/{safe_name(camera)}_{ordinal:03d}"
        for position, key in enumerate(line["crop_keys"]):
            place[key] = f"{folder}/{position:03d}.jpg"
    stream = io.BytesIO()
    pq.write_table(found, stream)
    files: dict[str, str | bytes] = {"tracklets.parquet": stream.getvalue()}
    return ExportPlan([place.get(key) for key in table["crop_key"].to_pylist()], files)


FORMAT = crop_layout(COLUMNS, plan_tracklets)
