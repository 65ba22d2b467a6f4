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

_FOLDERS = {
    "train": "bounding_box_train",
    "query": "query",
    "gallery": "bounding_box_test",
    "distractor": "bounding_box_test",
    "junk": "bounding_box_test",
}
_MOST_CAMERAS = 9


def plan_market1501(table: pa.Table) -> ExportPlan:
    """Paths of all crops; people are numbered from 1, cameras from 1, in order of their names.

    Raises ``BadRecipe`` for more than nine cameras: names have one digit for the camera and
    readers of this layout would silently take camera 12 for camera 1.
    """
    rows = table.to_pylist()
    cameras = numbered((row["camera"] for row in rows), 1)
    if len(cameras) > _MOST_CAMERAS:
        raise BadRecipe(
            f"Market-1501 names have one digit for the camera and this data set has "
            f"{len(cameras)} cameras; export msmt17 instead, or choose at most "
            f"{_MOST_CAMERAS} cameras"
        )
    people = numbered((row["person_id"] for row in rows), 1)
    sequences = numbered((row["light"] for row in rows), 1)
    stems = []
    for row in rows:
        number = f"{people[row['person_id']]:04d}"
        person = {"junk": "-1", "distractor": "0000"}.get(row["role"], number)
        view = f"c{cameras[row['camera']]}s{sequences[row['light']]}"
        frame = round(row["time"] * FRAMES_PER_SECOND)
        stems.append(f"{_FOLDERS[row['role']]}/{person}_{view}_{frame:06d}")
    paths = [f"{stem}_{n:02d}.jpg" for stem, n in zip(stems, occurrence(stems), strict=True)]
    return ExportPlan(paths)


FORMAT = crop_layout(COLUMNS, plan_market1501)
