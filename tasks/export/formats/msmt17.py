"""The folder layout and lists of MSMT17 (Wei et al., CVPR 2018), version 1.

``train`` and ``test`` with one folder per person and ``list_{train,val,query,gallery}.txt`` of
``path person`` lines; the third field of a file name is the camera, counted from 1. People are
numbered from 0 in train and in test separately.
"""

from __future__ import annotations

import pyarrow as pa

from tasks.export.crop_layout import ExportPlan, crop_layout, numbered, occurrence, safe_name

COLUMNS = ("person_id", "camera", "scene", "light", "time", "split", "role")
ROOT = "MSMT17_V1"
_LISTS = {"train": "train", "query": "query", "gallery": "gallery", "distractor": "gallery"}


def plan_msmt17(table: pa.Table) -> ExportPlan:
    """Paths and lists; junk is left out, distractors are people who are in no query.

    ``list_val.txt`` is empty: nothing is held back from training.
    """
    rows = table.to_pylist()
    cameras = numbered((row["camera"] for row in rows), 1)
    people = {
        split: numbered((row["person_id"] for row in rows if row["split"] == split), 0)
        for split in ("train", "test")
    }
    nth = occurrence("" if row["role"] == "junk" else row["person_id"] for row in rows)
    paths: list[str | None] = []
    lists: dict[str, list[str]] = {name: [] for name in ("train", "val", "query", "gallery")}
    for row, ordinal in zip(rows, nth, strict=True):
        if row["role"] == "junk":
            paths.append(None)
            continue
        person = people[row["split"]][row["person_id"]]
        moment = f"{row['scene']}{row['light']}_{round(row['time'] * 25):06d}"
        path = (
            f"{person:04d}/{person:04d}_{ordinal:03d}_{cameras[row['camera']]:02d}_"
            f"{safe_name(moment.replace('_', '-'))}.jpg"
        )
        paths.append(f"{ROOT}/{row['split']}/{path}")
        lists[_LISTS[row["role"]]].append(f"{path} {person}\n")
    return ExportPlan(
        paths,
        {f"{ROOT}/list_{name}.txt": "".join(lines) for name, lines in lists.items()},
        [f"{ROOT}/{split}" for split in people],
    )


FORMAT = crop_layout(COLUMNS, plan_msmt17)
