"""Files that an evaluation leaves: numbers, curves, ranked lists and, if asked, all embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evaluate.failures import Failures
from tasks.evaluate.models import Measured
from training.artifacts import write_json
from training.evaluation.exports import write_cmc_plot, write_embeddings, write_ranked_lists


def leave_metrics(folder: Path, metrics: dict[str, Any], curves: Mapping[str, np.ndarray]) -> None:
    """Write ``metrics.json`` and ``cmc.png``, the CMC curve of each method, to ``folder``."""
    write_json(folder / "metrics.json", metrics)
    write_cmc_plot(folder / "cmc.png", curves)


def leave_failures(folder: Path, failures: Failures, measured: Measured) -> None:
    """Write ``failures.json`` to ``folder`` and, if there are any, ``mistakes.png``: a row for each
    of the surest mistakes, with the query, who was found first and the best match."""
    write_json(folder / "failures.json", failures.plain())
    crops = measured.crops
    place = {key: row for row, key in enumerate(crops.keys.tolist())}
    rows = [
        (
            crops.images[place[one.query]],
            [(crops.images[place[one.other]], False), (crops.images[place[one.match]], True)],
        )
        for one in failures.worst()
    ]
    path = folder / "mistakes.png"
    if rows:
        write_ranked_lists(path, rows)
    else:
        path.unlink(missing_ok=True)  # of a worse model


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
    write_ranked_lists(folder / "ranked.png", rows)
    if embeddings:
        person = np.array(crops.person_ids)[crops.person]
        camera = np.array(crops.camera_names)[crops.camera]
        path = folder / "embeddings.parquet"
        write_embeddings(path, crops.keys, person, camera, measured.features)
