"""One counter at a time, over the Euclidean similarities of small made-up data sets."""

from __future__ import annotations

from collections.abc import Sequence

from training.evaluation.camera_pairs import CameraPairCounter, CameraPairs
from training.evaluation.protocol import Labelled, Protocol, answers
from training.evaluation.ranked_lists import ListCounter, RankedList
from training.evaluation.similarity import euclidean_scores
from training.evaluation.verification import Roc, RocCounter


def ranked_lists(
    query: Labelled, gallery: Labelled, length: int = 10, protocol: Protocol = Protocol.standard
) -> tuple[RankedList, ...]:
    """The list of every query."""
    counter = ListCounter(length)
    scores = euclidean_scores(query.features, gallery.features)
    for answer in answers(query, gallery, scores, protocol):
        counter.add(answer)
    return counter.result()


def camera_pairs(query: Labelled, gallery: Labelled) -> CameraPairs:
    """Metrics from camera to camera."""
    counter = CameraPairCounter(query, gallery)
    for answer in answers(query, gallery, euclidean_scores(query.features, gallery.features)):
        counter.add(answer)
    return counter.result()


def roc(
    query: Labelled, gallery: Labelled, rates: Sequence[float], memory_mb: float | None = None
) -> Roc:
    """ROC at some false positive rates."""
    scores = euclidean_scores(query.features, gallery.features)
    counter = RocCounter(query, gallery, scores, rates)
    for answer in answers(query, gallery, scores, memory_mb=memory_mb):
        counter.add(answer)
    return counter.result()
