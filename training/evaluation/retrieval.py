"""Everything that is measured of one retrieval, counted in one pass over its similarities."""

from __future__ import annotations

from dataclasses import dataclass

from training.evaluation.camera_pairs import CameraPairCounter, CameraPairs
from training.evaluation.protocol import Labelled, Protocol, answers
from training.evaluation.ranked_lists import ListCounter, RankedList, telling_queries
from training.evaluation.ranking import RankCounter, Ranking
from training.evaluation.similarity import Scores
from training.evaluation.verification import Roc, RocCounter


@dataclass(frozen=True)
class Retrieval:
    """Of the same similarities: metrics, ROC, metrics from camera to camera, some ranked lists."""

    ranking: Ranking
    roc: Roc
    camera_pairs: CameraPairs
    ranked_lists: tuple[RankedList, ...]


def measure_retrieval(
    query: Labelled,
    gallery: Labelled,
    scores: Scores,
    protocol: Protocol = Protocol.standard,
    memory_mb: float | None = None,
    ranked_lists: int = 0,
) -> Retrieval:
    """Measure ``scores`` of Q queries and a gallery, computing each block of them once.

    ``memory_mb`` bounds the buffer of similarities (at least one query's worth);
    ``ranked_lists``: how many telling queries are kept with their first gallery images. Raises
    ``TrainingFailed`` if no query has a match, nobody differs, or scores do not compare across
    queries.
    """
    ranks, roc = RankCounter(len(query.person)), RocCounter(query, gallery, scores)
    cameras, lists = CameraPairCounter(query, gallery), ListCounter()
    counters = [ranks, roc, cameras, *([lists] if ranked_lists else [])]
    for answer in answers(query, gallery, scores, protocol, memory_mb):
        for counter in counters:
            counter.add(answer)
    ranking, every_list = ranks.result(), lists.result()
    told = telling_queries(ranking.first_rank, ranking.per_query["map"], ranked_lists)
    shown = tuple(every_list[row] for row in told)
    return Retrieval(ranking, roc.result(), cameras.result(), shown)
