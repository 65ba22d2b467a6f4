"""Measured cells of tables, one small file each, named by what they depend on.

A cell is one model on one target. Its name is the digest of the model's definition (data,
settings, seed) and of the target's content, so results can be made on another machine, copied
together, and are never made twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import CorruptData
from manifests.identity import digest
from tasks.evaluate.measure import Evaluation
from training.artifacts import write_json

RESULTS_VERSION = 1
"""Raise it when a change of code changes what an unchanged cell measures."""


@dataclass(frozen=True)
class Measured:
    """Per query: whom it asks for, the rank of the first match, average precision.

    ``first_rank`` is 0 and ``average_precision`` NaN for queries without a match.
    """

    person: np.ndarray
    first_rank: np.ndarray
    average_precision: np.ndarray
    gallery: int
    about: dict[str, Any]

    def per_query(self, metric: str) -> np.ndarray:
        """Values of one of the paper's metrics, by its key; NaN for queries without a match."""
        if metric == "map":
            return self.average_precision
        return np.where(self.first_rank > 0, (self.first_rank == 1).astype(np.float64), np.nan)

    def mean(self, metric: str) -> float:
        """One of the paper's metrics, by its key."""
        return float(np.nanmean(self.per_query(metric)))


def measured(evaluations: list[Evaluation], about: dict[str, Any]) -> Measured:
    """What is kept of the evaluations of a target's splits."""
    rankings = [evaluation.retrieval.ranking for evaluation in evaluations]
    return Measured(
        person=np.concatenate([e.query_person for e in evaluations]),
        first_rank=np.concatenate([ranking.first_rank for ranking in rankings]),
        average_precision=np.concatenate([ranking.per_query["map"] for ranking in rankings]),
        gallery=sum(e.gallery for e in evaluations),
        about=about,
    )


def cell_id(model: str, target: str, method: str) -> str:
    """Name of a cell: ``model`` and ``target`` are digests."""
    return digest({"version": RESULTS_VERSION, "model": model, "target": target, "how": method})


@dataclass(frozen=True)
class Results:
    """A folder of cells."""

    folder: Path

    def find(self, cell: str) -> Measured | None:
        """The cell, if it has been measured; ``CorruptData`` for a file that is none."""
        path = self.folder / f"{cell}.json"
        if not path.is_file():
            return None
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            precision = [np.nan if v is None else v for v in kept["average_precision"]]
            return Measured(
                np.array(kept["person"], dtype=np.str_),
                np.array(kept["first_rank"], dtype=np.int64),
                np.array(precision, dtype=np.float64),
                kept["gallery"],
                kept["about"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptData(f"{path}: not a measured cell ({error}); delete it") from error

    def keep(self, cell: str, found: Measured) -> None:
        """Store a cell; readers see the whole of it or nothing."""
        kept = asdict(found)
        kept["person"] = found.person.tolist()
        kept["first_rank"] = found.first_rank.tolist()
        kept["average_precision"] = [
            None if np.isnan(v) else round(v, 6) for v in found.average_precision.tolist()
        ]
        write_json(self.folder / f"{cell}.json", kept)
