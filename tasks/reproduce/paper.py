"""The paper's own numbers: ``paper_tables.json`` row by row."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from manifests.errors import CorruptData
from training.evaluation.metrics import METRICS

PAPER_METRICS = (METRICS["rank1"], METRICS["map"])
"""What the paper tells, in its order; cells of tables keep what these need of every query."""

Score = tuple[float | None, float | None]
"""The paper's metrics in per cent; None where it has none."""

_COLUMNS = {"market": "market", "duke": "duke", "msmt17": "msmt"}


@lru_cache(maxsize=1)
def paper() -> dict[str, Any]:
    """The whole file."""
    file = resources.files("tasks.reproduce") / "paper_tables.json"
    return json.loads(file.read_text(encoding="utf-8"))


def paper_scores(table: str, *labels: Any) -> dict[str, Score]:
    """Target -> numbers of the row of a table that begins with ``labels``."""
    found = paper()[table]
    names = found["cols"]
    for row in found["rows"]:
        if tuple(row[: len(labels)]) == labels:
            values = dict(zip(names, row, strict=True))
            return {
                target: (values[f"{column}_r1"], values[f"{column}_map"])
                for target, column in _COLUMNS.items()
            }
    raise CorruptData(f"paper_tables.json: {table} has no row {labels}")
