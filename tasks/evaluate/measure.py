"""One method measured on one set of test crops: every number, list and interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from manifests.errors import CorruptData
from training.data.crops import CropSet
from training.evaluation.bootstrap import Interval, interval, paired_difference
from training.evaluation.camera_pairs import CameraPairs, camera_pairs
from training.evaluation.ranked_lists import RankedList, ranked_list, telling_queries
from training.evaluation.ranking import Labelled, Protocol, rank
from training.evaluation.reranking import reranked_scores
from training.evaluation.similarity import Scores, euclidean_scores
from training.evaluation.statistics_rule import StatisticsRule
from training.evaluation.verification import Roc, roc

_SIDES = {"query": ("query",), "gallery": ("gallery", "distractor")}


@dataclass(frozen=True)
class Measuring:
    """What to measure: the protocol, whether to re-rank, and how much memory rankings may use.

    ``ranked_lists``: how many queries are kept with their first ten gallery images;
    ``statistics``: where camera-based normalisation takes its test statistics from.
    """

    protocol: Protocol = Protocol.standard
    rerank: bool = False
    memory_mb: float | None = None
    ranked_lists: int = 12
    statistics: StatisticsRule = StatisticsRule.camera


@dataclass(frozen=True)
class NamedRankedList:
    """A ranked list with crop keys in place of row numbers."""

    query: str
    gallery: tuple[str, ...]
    similarity: tuple[float, ...]
    right: tuple[bool, ...]


@dataclass(frozen=True)
class Evaluation:
    """How well one method finds the test people of a snapshot.

    ``cmc``: share of queries found within rank 1, 2, …; ``query_keys``, ``query_person``
    (person ids) and ``average_precision`` (NaN: skipped) are per query, in canonical order;
    ``rank1_interval`` and ``map_interval`` are 95 % bootstrap intervals over people.
    """

    method: str
    rank1: float
    map: float
    minp: float
    cmc: np.ndarray
    average_precision: np.ndarray
    first_rank: np.ndarray
    query_keys: np.ndarray
    query_person: np.ndarray
    rank1_interval: Interval
    map_interval: Interval
    people: int
    queries: int
    skipped_queries: int
    gallery: int
    junk: int
    roc: Roc
    camera_names: tuple[str, ...]
    camera_pairs: CameraPairs
    measuring: Measuring
    ranked_lists: tuple[NamedRankedList, ...]
    lineage: dict[str, Any]
    seconds: float
    cpu_seconds: float

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``, tables and artifacts."""
        ranks = [r for r in (1, 5, 10, 20) if r <= len(self.cmc)]
        return {
            "method": self.method,
            "rank1": self.rank1,
            "map": self.map,
            "minp": self.minp,
            "cmc": {f"rank{r}": float(self.cmc[r - 1]) for r in ranks},
            "rank1_interval": [self.rank1_interval.low, self.rank1_interval.high],
            "map_interval": [self.map_interval.low, self.map_interval.high],
            "people": self.people,
            "queries": self.queries,
            "skipped_queries": self.skipped_queries,
            "gallery": self.gallery,
            "junk": self.junk,
            "tie_rule": "gallery order",
            "protocol": self.measuring.protocol.value,
            "reranked": self.measuring.rerank,
            "statistics": self.measuring.statistics.value,
            "roc": asdict(self.roc),
            "camera_pairs": self._camera_pairs(),
            "lineage": self.lineage,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
        }

    def _camera_pairs(self) -> list[dict[str, Any]]:
        table = self.camera_pairs
        names = [self.camera_names[code] for code in table.cameras]
        return [
            {
                "query_camera": names[row],
                "gallery_camera": names[column],
                "queries": int(table.queries[row, column]),
                "rank1": float(table.rank1[row, column]),
                "map": float(table.mean_average_precision[row, column]),
            }
            for row, column in np.argwhere(table.queries > 0)
        ]


@dataclass(frozen=True)
class Difference:
    """How much better one method is than another, on the same queries."""

    rank1: Interval
    map: Interval


def measure(
    method: str,
    source: dict[str, Any],
    crops: CropSet,
    features: np.ndarray,
    measuring: Measuring | None,
    started: tuple[float, float],
    scored: Callable[[np.ndarray, np.ndarray], Scores] | None = None,
) -> Evaluation:
    """Rank the queries of ``crops`` by ``features`` (N, D) of length 1.

    ``source`` says what was measured on which data; ``started`` is (wall, CPU) seconds when
    the work on this method began. ``scored`` makes other similarities than those of features,
    from the rows of queries and gallery in ``crops``; they are not re-ranked.
    """
    sides = {side: np.flatnonzero(np.isin(crops.role, roles)) for side, roles in _SIDES.items()}
    query, gallery = (
        Labelled(features[rows], crops.person[rows], crops.camera[rows], crops.outfit[rows])
        for rows in sides.values()
    )
    measuring = measuring or Measuring()
    how = {"protocol": measuring.protocol, "memory_mb": measuring.memory_mb}
    if scored is not None:
        scores = scored(sides["query"], sides["gallery"])
    elif measuring.rerank:
        scores = reranked_scores(query.features, gallery.features)
    else:
        scores = euclidean_scores(query.features, gallery.features)
    ranking = rank(query, gallery, scores=scores, **how)
    person = np.array(crops.person_ids)[query.person]
    keys, gallery_keys = crops.keys[sides["query"]], crops.keys[sides["gallery"]]
    shown = telling_queries(ranking.first_rank, ranking.average_precision, measuring.ranked_lists)
    return Evaluation(
        method=method,
        rank1=ranking.rank1,
        map=ranking.mean_average_precision,
        minp=ranking.mean_inverse_penalty,
        cmc=ranking.cmc,
        average_precision=ranking.average_precision,
        first_rank=ranking.first_rank,
        query_keys=keys,
        query_person=person,
        rank1_interval=interval(_hits(ranking.first_rank), person),
        map_interval=interval(ranking.average_precision, person),
        people=len(np.unique(person)),
        queries=int(ranking.used.sum()),
        skipped_queries=ranking.skipped,
        gallery=len(gallery_keys),
        junk=int((crops.role == "junk").sum()),
        roc=roc(query, gallery, **how),
        camera_names=crops.camera_names,
        camera_pairs=camera_pairs(query, gallery, **how),
        measuring=measuring,
        ranked_lists=tuple(
            _named(
                ranked_list(query, gallery, q, protocol=measuring.protocol, scores=scores),
                keys,
                gallery_keys,
            )
            for q in shown
        ),
        lineage=source,
        seconds=time.perf_counter() - started[0],
        cpu_seconds=time.process_time() - started[1],
    )


def difference(a: Evaluation, b: Evaluation) -> Difference:
    """How much better ``a`` is than ``b``; both must come from the same snapshot."""
    if not np.array_equal(a.query_keys, b.query_keys):
        raise CorruptData(
            f"{a.method} and {b.method} were measured on different queries; evaluate both on "
            f"the same snapshot"
        )
    return Difference(
        paired_difference(_hits(a.first_rank), _hits(b.first_rank), a.query_person),
        paired_difference(a.average_precision, b.average_precision, a.query_person),
    )


def _hits(first_rank: np.ndarray) -> np.ndarray:
    """1 where the nearest image matches, 0 where not, NaN for skipped queries."""
    return np.where(first_rank > 0, (first_rank == 1).astype(np.float64), np.nan)


def _named(found: RankedList, query_keys: np.ndarray, gallery_keys: np.ndarray) -> NamedRankedList:
    return NamedRankedList(
        query=str(query_keys[found.query]),
        gallery=tuple(str(gallery_keys[row]) for row in found.gallery),
        similarity=found.similarity,
        right=found.right,
    )
