"""What is asked, what may answer and what counts: labelled images, protocols, answers to queries.

A protocol says which gallery images of a query's own person are junk, which count nowhere.
``answers`` is the only way from similarities to metrics: one pass over the blocks of one
``Scores``, in which every counter (ranks, ROC, camera pairs, ranked lists) sees each query once.
numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from manifests.errors import TrainingFailed
from training.evaluation.similarity import Scores, blocks


class Protocol(StrEnum):
    """Which gallery images of the query's own person are left out.

    ``standard``: those of the query's camera. ``cloth_changing``: also those in the query's
    clothes, so that only a person in other clothes is a match.
    """

    standard = "standard"
    cloth_changing = "cloth_changing"


class StatisticsRule(StrEnum):
    """Where the statistics come from that a camera's images are normalised with.

    ``camera``: from its own test images; ``paper``: from some of these, as the code of the paper
    takes them; ``running``: from training, as plain batch normalisation kept them.
    """

    camera = "camera"
    paper = "paper"
    running = "running"


@dataclass(frozen=True)
class Labelled:
    """Features (N, D) float32 with person and camera codes (N,) and, if known, outfits (N,)."""

    features: np.ndarray
    person: np.ndarray
    camera: np.ndarray
    outfit: np.ndarray | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.features), len(self.person), len(self.camera)}
        if len(lengths) != 1 or self.features.ndim != 2:
            raise ValueError(
                f"features {self.features.shape}, person {self.person.shape} and camera "
                f"{self.camera.shape} must describe the same images"
            )

    def rows(self, chosen: np.ndarray) -> Labelled:
        """A part of the images, by mask or row numbers."""
        outfit = None if self.outfit is None else self.outfit[chosen]
        return Labelled(self.features[chosen], self.person[chosen], self.camera[chosen], outfit)


@dataclass(frozen=True)
class Answer:
    """How similar a gallery of G images is to one query, and what of it counts.

    ``query``: the query's row; ``similarity`` (G,) float32, larger is nearer, overwritten by
    the next answer; ``matches`` and ``junk``: ascending gallery rows of the query's person, those
    that are to be found and those that count nowhere.
    """

    query: int
    similarity: np.ndarray
    matches: np.ndarray
    junk: np.ndarray


def answers(
    query: Labelled,
    gallery: Labelled,
    scores: Scores,
    protocol: Protocol = Protocol.standard,
    memory_mb: float | None = None,
) -> Iterator[Answer]:
    """The answer to every query in order.

    ``memory_mb`` bounds the buffer of similarities (at least one query's worth). Raises
    ``TrainingFailed`` for a protocol that needs outfits where none are known.
    """
    rows_of = _rows_by_person(gallery)
    nobody = np.empty(0, np.int64)
    for start, block in blocks(scores, memory_mb):
        for row, similarity in enumerate(block, start):
            same = rows_of.get(int(query.person[row]), nobody)
            junk = _is_junk(query, row, gallery, same, protocol)
            yield Answer(row, similarity, same[~junk], same[junk])


def _rows_by_person(gallery: Labelled) -> dict[int, np.ndarray]:
    order = np.argsort(gallery.person, kind="stable")
    people, starts = np.unique(gallery.person[order], return_index=True)
    return dict(zip(people.tolist(), np.split(order, starts[1:]), strict=True))


def _is_junk(
    query: Labelled, row: int, gallery: Labelled, same: np.ndarray, protocol: Protocol
) -> np.ndarray:
    """Which of the gallery rows ``same``, all of the query's person, count nowhere."""
    junk = gallery.camera[same] == query.camera[row]
    if protocol is Protocol.cloth_changing:
        if query.outfit is None or gallery.outfit is None:
            raise TrainingFailed("the cloth-changing protocol needs to know everybody's outfit")
        junk |= gallery.outfit[same] == query.outfit[row]
    return junk
