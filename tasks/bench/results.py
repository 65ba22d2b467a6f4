"""Measured cells, one small file each, named by what they depend on.

A cell is one model on one target. Its name is the digest of the model's definition (data,
settings, seed) and of the target's content, so results can be made on another machine, copied
together, and are never made twice. A file holds figures alone: no picture, no path, nobody's name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import CorruptData
from manifests.identity import digest
from tasks.evaluate.measure import Evaluation
from training.artifacts import write_json
from training.evaluation.metrics import METRICS

RESULTS_VERSION = 1
"""Raise it when a change of code changes what an unchanged cell measures."""

_SAID_BY_FIELDS = {"rank1", "map"}


@dataclass(frozen=True)
class Measured:
    """Per query: whom it asks for, the rank of the first match, average precision.

    ``first_rank`` is 0 and ``average_precision`` NaN for queries without a match. ``others``: the
    values of further metrics, by key; cells of earlier releases have none.
    """

    person: np.ndarray
    first_rank: np.ndarray
    average_precision: np.ndarray
    gallery: int
    about: dict[str, Any]
    others: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])

    def tells(self, metric: str) -> bool:
        """Whether a metric, by its key, was measured."""
        return metric in _SAID_BY_FIELDS or metric in self.others

    def per_query(self, metric: str) -> np.ndarray:
        """Values of a metric that it ``tells``; NaN for queries without a match."""
        if metric == "map":
            return self.average_precision
        if metric == "rank1":
            found = (self.first_rank == 1).astype(np.float64)
            return np.where(self.first_rank > 0, found, np.nan)
        return self.others[metric]

    def mean(self, metric: str) -> float:
        """The value of a metric that it ``tells``."""
        return float(np.nanmean(self.per_query(metric)))


def measured(evaluations: list[Evaluation], about: dict[str, Any]) -> Measured:
    """What is kept of the evaluations of a target's splits."""
    rankings = [evaluation.retrieval.ranking for evaluation in evaluations]

    def per_query(metric: str) -> np.ndarray:
        return np.concatenate([ranking.per_query[metric] for ranking in rankings])

    return Measured(
        person=_numbered(np.concatenate([e.query_person for e in evaluations])),
        first_rank=np.concatenate([ranking.first_rank for ranking in rankings]),
        average_precision=per_query("map"),
        gallery=sum(e.gallery for e in evaluations),
        about=about,
        others={key: per_query(key) for key in METRICS if key not in _SAID_BY_FIELDS},
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
            return Measured(
                _numbered(np.array(kept["person"], dtype=np.str_)),
                np.array(kept["first_rank"], dtype=np.int64),
                _read_values(kept["average_precision"]),
                kept["gallery"],
                kept["about"],
                {key: _read_values(kept[key]) for key in METRICS if key in kept},
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptData(f"{path}: not a measured cell ({error}); delete it") from error

    def keep(self, cell: str, found: Measured) -> None:
        """Store a cell; readers see the whole of it or nothing."""
        kept = {
            "person": found.person.tolist(),
            "first_rank": found.first_rank.tolist(),
            "average_precision": _plain_values(found.average_precision),
            "gallery": found.gallery,
            "about": found.about,
            **{key: _plain_values(values) for key, values in found.others.items()},
        }
        write_json(self.folder / f"{cell}.json", kept)


def _numbered(person: np.ndarray) -> np.ndarray:
    """People by numbers, as strings: the same of names, and of numbers that stand for them."""
    return np.unique(person, return_inverse=True)[1].astype(np.str_)


def _plain_values(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else round(value, 6) for value in values.tolist()]


def _read_values(kept: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in kept], dtype=np.float64)
