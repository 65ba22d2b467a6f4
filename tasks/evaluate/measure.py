"""One method measured on one set of test crops: every number, list and interval."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from manifests.errors import CorruptData, NotFound
from training.data.crops import CropSet
from training.evaluation.bootstrap import Interval, interval, paired_difference
from training.evaluation.metrics import METRICS, headline_metrics, in_one_line
from training.evaluation.protocol import Labelled, Protocol, StatisticsRule
from training.evaluation.ranked_lists import RankedList
from training.evaluation.reranking import reranked_scores
from training.evaluation.retrieval import Retrieval, measure_retrieval
from training.evaluation.similarity import Scored, Scores, euclidean_scores

_SIDES = {"query": ("query",), "gallery": ("gallery", "distractor")}


@dataclass(frozen=True)
class Measuring:
    """What to measure: the protocol, whether to re-rank, and how much memory rankings may use.

    ``ranked_lists``: how many queries are kept with their first ten gallery images;
    ``statistics``: where normalisation takes its test statistics from; None: as each network was
    trained, from every camera's own images or the running ones of plain batch normalisation.
    """

    protocol: Protocol = Protocol.standard
    rerank: bool = False
    memory_mb: float | None = None
    ranked_lists: int = 12
    statistics: StatisticsRule | None = None


STANDARD = Measuring()


@dataclass(frozen=True)
class NamedRankedList:
    """A ranked list with crop keys in place of row numbers."""

    query: str
    gallery: tuple[str, ...]
    similarity: tuple[float, ...]
    right: tuple[bool, ...]


Difference = Mapping[str, Interval]
"""How much one method's headline metrics, by key, are above another's on the same queries."""


@dataclass(frozen=True)
class Evaluation:
    """How well one method finds the test people of a data set.

    ``retrieval``: everything counted, per query in canonical order; ``query_keys`` and
    ``query_person`` (person ids) are of the same queries; ``intervals``: headline metric -> 95 %
    bootstrap interval over people.
    """

    method: str
    retrieval: Retrieval
    intervals: Mapping[str, Interval]
    query_keys: np.ndarray
    query_person: np.ndarray
    people: int
    gallery: int
    junk: int
    camera_names: tuple[str, ...]
    measuring: Measuring
    ranked_lists: tuple[NamedRankedList, ...]
    lineage: dict[str, Any]
    seconds: float
    cpu_seconds: float

    def __repr__(self) -> str:
        return (
            f"<Evaluation {self.method!r}: {in_one_line(self.means())}; {self.queries} queries of "
            f"{self.people} people, {self.gallery} crops in the gallery>"
        )

    @property
    def cmc(self) -> np.ndarray:
        """(R,): share of queries found within rank 1, 2, ..."""
        return self.retrieval.ranking.cmc

    @property
    def queries(self) -> int:
        """How many queries have a match."""
        return int(self.retrieval.ranking.used.sum())

    @property
    def skipped_queries(self) -> int:
        """How many have none; they count nowhere."""
        return self.retrieval.ranking.skipped

    def mean(self, metric: str) -> float:
        """The value of a metric, by its key; ``NotFound`` names the keys."""
        if metric not in METRICS:
            raise NotFound(f"no metric {metric!r}; there are {', '.join(METRICS)}")
        return self.retrieval.ranking.mean(metric)

    def means(self) -> dict[str, float]:
        """The values of all metrics, by key."""
        return {key: self.mean(key) for key in METRICS}

    def told(self) -> dict[str, float]:
        """What people read first, by name: all metrics, with ranks 5 and 10 after rank-1."""
        ranks = {f"rank-{r}": float(self.cmc[r - 1]) for r in (1, 5, 10)}
        return ranks | {METRICS[key].name: value for key, value in self.means().items()}

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``, tables and artifacts."""
        ranks = [r for r in (1, 5, 10, 20) if r <= len(self.cmc)]
        return {
            "method": self.method,
            **self.means(),
            "cmc": {f"rank{r}": float(self.cmc[r - 1]) for r in ranks},
            **{f"{key}_interval": [of.low, of.high] for key, of in self.intervals.items()},
            "people": self.people,
            "queries": self.queries,
            "skipped_queries": self.skipped_queries,
            "gallery": self.gallery,
            "junk": self.junk,
            "tie_rule": "gallery order",
            "protocol": self.measuring.protocol.value,
            "reranked": self.measuring.rerank,
            "statistics": self.measuring.statistics and self.measuring.statistics.value,
            "roc": asdict(self.retrieval.roc),
            "camera_pairs": self._camera_pairs(),
            "lineage": self.lineage,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
        }

    def _camera_pairs(self) -> list[dict[str, Any]]:
        table = self.retrieval.camera_pairs
        names = [self.camera_names[code] for code in table.cameras]
        return [
            {
                "query_camera": names[row],
                "gallery_camera": names[column],
                "queries": int(table.queries[row, column]),
                **{key: float(means[row, column]) for key, means in table.means.items()},
            }
            for row, column in np.argwhere(table.queries > 0)
        ]


def now() -> tuple[float, float]:
    """(wall, CPU) seconds, of which ``measure`` tells the difference."""
    return time.perf_counter(), time.process_time()


def measure(
    method: str,
    lineage: dict[str, Any],
    crops: CropSet,
    features: np.ndarray,
    measuring: Measuring,
    started: tuple[float, float],
    scored: Scored | None = None,
) -> Evaluation:
    """Rank the queries of ``crops`` by ``features`` (N, D) of length 1.

    ``lineage`` says what was measured on which data; ``started``: ``now()`` when the work on
    this method began. ``scored`` makes other similarities than those of features, from the rows
    of queries and gallery in ``crops``; they are not re-ranked. Everything that is measured is of
    the same similarities.
    """
    asked, searched, query, gallery = sides(crops, features)
    if scored is not None:
        measuring, scores = replace(measuring, rerank=False), scored(asked, searched)
    else:
        scores = similarities(query, gallery, measuring.rerank)
    retrieval = measure_retrieval(
        query, gallery, scores, measuring.protocol, measuring.memory_mb, measuring.ranked_lists
    )
    person = np.array(crops.person_ids)[query.person]
    keys, gallery_keys = crops.keys[asked], crops.keys[searched]
    return Evaluation(
        method=method,
        retrieval=retrieval,
        intervals={
            metric.key: interval(retrieval.ranking.per_query[metric.key], person)
            for metric in headline_metrics()
        },
        query_keys=keys,
        query_person=person,
        people=len(np.unique(person)),
        gallery=len(searched),
        junk=int((crops.role == "junk").sum()),
        camera_names=crops.camera_names,
        measuring=measuring,
        ranked_lists=tuple(_named(one, keys, gallery_keys) for one in retrieval.ranked_lists),
        lineage=lineage,
        seconds=now()[0] - started[0],
        cpu_seconds=now()[1] - started[1],
    )


def sides(
    crops: CropSet, features: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Labelled, Labelled]:
    """Rows of ``crops`` that ask and that answer, and both with their ``features`` (N, D)."""
    asked, searched = (np.flatnonzero(np.isin(crops.role, roles)) for roles in _SIDES.values())
    query, gallery = (
        Labelled(features[rows], crops.person[rows], crops.camera[rows], crops.outfit[rows])
        for rows in (asked, searched)
    )
    return asked, searched, query, gallery


def similarities(query: Labelled, gallery: Labelled, rerank: bool) -> Scores:
    """What is ranked by: features, re-ranked or not."""
    if rerank:
        return reranked_scores(query.features, gallery.features)
    return euclidean_scores(query.features, gallery.features)


def difference(a: Evaluation, b: Evaluation) -> Difference:
    """``a`` minus ``b``; both must come from the same snapshot."""
    if not np.array_equal(a.query_keys, b.query_keys):
        raise CorruptData(
            f"{a.method} and {b.method} were measured on different queries; evaluate both on "
            f"the same snapshot"
        )
    one, other = a.retrieval.ranking.per_query, b.retrieval.ranking.per_query
    return {
        metric.key: paired_difference(one[metric.key], other[metric.key], a.query_person)
        for metric in headline_metrics()
    }


def plain_difference(found: Difference) -> dict[str, dict[str, float]]:
    """For ``metrics.json``."""
    return {key: asdict(of) for key, of in found.items()}


def _named(found: RankedList, query_keys: np.ndarray, gallery_keys: np.ndarray) -> NamedRankedList:
    return NamedRankedList(
        query=str(query_keys[found.query]),
        gallery=tuple(gallery_keys[found.gallery].tolist()),
        similarity=tuple(found.similarity.tolist()),
        right=tuple(found.right.tolist()),
    )
