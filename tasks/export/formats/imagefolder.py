"""One folder per split and person: Hugging Face's and torchvision's image folders."""

from __future__ import annotations

import pyarrow as pa

from tasks.export.crop_layout import ExportPlan, crop_layout, occurrence, safe_name

COLUMNS = ("person_id", "camera", "frame", "split")


def plan_imagefolder(table: pa.Table) -> ExportPlan:
    """Paths of all crops; the labels go into each split's ``metadata.parquet``."""
    stems = [
        f"{safe_name(row['split'])}/{safe_name(row['person_id'])}/"
        f"{safe_name(row['camera'])}_{row['frame']:06d}"
        for row in table.to_pylist()
    ]
    return ExportPlan(
        [f"{stem}_{n:02d}.jpg" for stem, n in zip(stems, occurrence(stems), strict=True)]
    )


FORMAT = crop_layout(COLUMNS, plan_imagefolder, labels_by_split=True)
