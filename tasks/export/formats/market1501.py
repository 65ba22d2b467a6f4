"""The folder layout of Market-1501 (Zheng et al., ICCV 2015).

``bounding_box_train``, ``query`` and ``bounding_box_test`` with names like
``0002_c1s1_000451_03.jpg``: person, camera, sequence, frame, running number. In the test folder
0000 marks distractors and -1 junk, as in the original.
"""

from __future__ import annotations

import pyarrow as pa

from manifests.errors import BadRecipe
from tasks.export.crop_layout import ExportPlan, crop_layout, numbered, occurrence

COLUMNS = ("person_id", "camera", "light", "time", "role")
FRAMES_PER_SECOND = 25
"""Scene time becomes a frame number at Market-1501's own rate."""

_NOBODY = {"junk": "-1", "distractor": "0000"}
_FOLDERS = {
    "train": "bounding_box_train",
    "query": "query",
    "gallery": "bounding_box_test",
    "distractor": "bounding_box_test",
    "junk": "bounding_box_test",
}
MOST_CAMERAS, MOST_PEOPLE = 6, 1_501
"""Of Market-1501 itself. Its readers (torchreid, fast-reid, TransReID, ours) refuse higher numbers,
and as names have one digit for the camera, some would take camera 12 for camera 1."""


def plan_market1501(table: pa.Table) -> ExportPlan:
    """Paths of all crops; cameras, and people who are trained on, asked for or found, are numbered
    from 1 in order of their names: ``metadata.parquet`` says which and who that was.

    Raises ``BadRecipe`` for more than 6 cameras or 1,501 people.
    """
    rows = table.to_pylist()
    cameras = numbered((row["camera"] for row in rows), 1)
    people = numbered((row["person_id"] for row in rows if row["role"] not in _NOBODY), 1)
    for kind, found, most in (
        ("cameras", cameras, MOST_CAMERAS),
        ("people", people, MOST_PEOPLE),
    ):
        if len(found) > most:
            fewer = f", or choose at most {most} with --camera" if kind == "cameras" else ""
            raise BadRecipe(
                f"readers of Market-1501's layout accept {most:,} {kind} and these are "
                f"{len(found):,} {kind}; export msmt17 instead{fewer}"
            )
    sequences = numbered((row["light"] for row in rows), 1)
    stems = []
    for row in rows:
        person = _NOBODY.get(row["role"]) or f"{people[row['person_id']]:04d}"
        view = f"c{cameras[row['camera']]}s{sequences[row['light']]}"
        frame = round(row["time"] * FRAMES_PER_SECOND)
        stems.append(f"{_FOLDERS[row['role']]}/{person}_{view}_{frame:06d}")
    paths = [f"{stem}_{n:02d}.jpg" for stem, n in zip(stems, occurrence(stems), strict=True)]
    return ExportPlan(paths, folders=sorted(set(_FOLDERS.values())))


FORMAT = crop_layout(COLUMNS, plan_market1501)
