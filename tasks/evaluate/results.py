"""Files that an evaluation leaves: ranked lists as a picture and, if asked, all embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tasks.evaluate.models import Measured
from training.evaluation.exports import write_embeddings, write_ranked_lists

METRICS_FILE = "metrics.json"
CMC_FILE = "cmc.png"
RANKED_FILE = "ranked.png"
EMBEDDINGS_FILE = "embeddings.parquet"


def leave_results(folder: Path, measured: Measured, embeddings: bool) -> None:
    """Write ``ranked.png`` and, with ``embeddings``, ``embeddings.parquet`` to ``folder``."""
    crops = measured.crops
    place = {key: row for row, key in enumerate(crops.keys.tolist())}

    def pictures(keys: Sequence[str], right: Sequence[bool]) -> list[tuple[np.ndarray, bool]]:
        return [(crops.images[place[key]], good) for key, good in zip(keys, right, strict=True)]

    rows = [
        (crops.images[place[found.query]], pictures(found.gallery, found.right))
        for found in measured.evaluation.ranked_lists
    ]
    write_ranked_lists(folder / RANKED_FILE, rows)
    if embeddings:
        person = np.array(crops.person_ids)[crops.person]
        camera = np.array(crops.camera_names)[crops.camera]
        path = folder / EMBEDDINGS_FILE
        write_embeddings(path, crops.keys, person, camera, measured.features)
