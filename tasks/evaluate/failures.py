"""Where a model fails: its metrics broken down by what labels say of queries and their matches.

A cell asks every query for those of its matches that belong to the cell; its other matches count
nowhere, and everybody else's crops are searched in every cell. So cells differ by what is asked for
alone. From camera to camera, what one camera took is all that is searched, as in the table of
camera pairs everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.evaluate.confusions import Confusion, ConfusionCounter, Reason
from tasks.evaluate.factors import CAMERA_PAIR, FACTORS, Factor
from tasks.evaluate.labels import Labels
from tasks.evaluate.measure import sides, similarities
from tasks.evaluate.models import Measured
from training.evaluation.bootstrap import Interval, interval
from training.evaluation.camera_pairs import CameraPairs
from training.evaluation.metrics import METRICS, headline_metrics
from training.evaluation.protocol import Answer, answers
from training.evaluation.ranking import ranks_of

FEWEST_QUERIES = 10
FEWEST_PEOPLE = 5
"""A cell with less tells nothing: it is said to be too small."""

_SHOWN = 8


@dataclass(frozen=True)
class Cell:
    """``values``: headline metric -> (Q,) float64 of the queries that have a match in the cell;
    ``person`` (Q,): whom they ask for."""

    factor: Factor
    name: str
    values: Mapping[str, np.ndarray]
    person: np.ndarray

    @property
    def queries(self) -> int:
        """How many queries have a match in it."""
        return len(self.person)

    @property
    def people(self) -> int:
        """How many people these ask for."""
        return len(np.unique(self.person))

    @property
    def too_small(self) -> bool:
        """Whether it has too few queries or people to tell anything."""
        return self.queries < FEWEST_QUERIES or self.people < FEWEST_PEOPLE

    def mean(self, metric: str) -> float:
        """The value of a headline metric, by its key."""
        return float(self.values[metric].mean())

    def interval(self, metric: str) -> Interval:
        """Its 95 % bootstrap interval over people."""
        return interval(self.values[metric], self.person)

    def plain(self) -> dict[str, Any]:
        """For JSON; cells that are too small have no figures."""
        found: dict[str, Any] = {
            "factor": self.factor.key,
            "cell": self.name,
            "queries": self.queries,
            "people": self.people,
            "too_small": self.too_small,
        }
        if not self.too_small:
            for key in self.values:
                of = self.interval(key)
                found |= {key: of.mean, f"{key}_interval": [of.low, of.high]}
        return found


@dataclass(frozen=True)
class Failures:
    """``cells``: of one factor after the other, in its own order; ``confusions``: whose first
    answer is somebody else, the surest mistakes first; ``reasons``: what such people share;
    ``means``: headline metric -> its value over all ``queries``."""

    cells: tuple[Cell, ...]
    confusions: tuple[Confusion, ...]
    reasons: tuple[Reason, ...]
    queries: int
    means: Mapping[str, float]

    def mean(self, metric: str) -> float:
        """The value of a headline metric over all queries, by its key."""
        return self.means[metric]

    def of(self, factor: str) -> list[Cell]:
        """The cells of a factor, by its key."""
        return [cell for cell in self.cells if cell.factor.key == factor]

    def worst(self) -> list[Confusion]:
        """The surest mistakes, one for each two people: their other crops look like these."""
        chosen: dict[tuple[str, ...], Confusion] = {}
        for one in self.confusions:
            chosen.setdefault(tuple(sorted((one.person, one.taken_for))), one)
        return list(chosen.values())[:_SHOWN]

    def plain(self) -> dict[str, Any]:
        """For ``failures.json``."""
        return {
            "queries": self.queries,
            "fewest_queries_of_a_cell": FEWEST_QUERIES,
            "fewest_people_of_a_cell": FEWEST_PEOPLE,
            "cells": [cell.plain() for cell in self.cells],
            "reasons": [reason.plain() for reason in self.reasons],
            "confusions": [confusion.plain() for confusion in self.confusions],
        }


def find_failures(measured: Measured, labels: Labels) -> Failures:
    """Break a measurement down by ``labels``, which must have those of all its crops.

    Goes through the same similarities once more.
    """
    crops, measuring = measured.crops, measured.evaluation.measuring
    asked, searched, query, gallery = sides(crops, measured.features)
    if measured.scored is None:
        scores = similarities(query, gallery, measuring.rerank)
    else:
        scores = measured.scored(asked, searched)
    labels = labels.of(crops.keys.tolist())
    counter = _CellCounter(labels, asked, searched)
    confused = ConfusionCounter(labels, asked, searched)
    for answer in answers(query, gallery, scores, measuring.protocol, measuring.memory_mb):
        counter.add(answer)
        confused.add(answer)
    pairs = _camera_cells(
        measured.evaluation.retrieval.camera_pairs, crops.camera_names, labels.person[asked]
    )
    return Failures(
        (*counter.result(), *pairs),
        confused.result(),
        confused.reasons(),
        measured.evaluation.queries,
        {metric.key: measured.evaluation.mean(metric.key) for metric in headline_metrics()},
    )


class _CellCounter:
    """Collects, cell by cell, the metrics of every query that has a match in it."""

    def __init__(self, labels: Labels, asked: np.ndarray, searched: np.ndarray) -> None:
        self._labels, self._asked, self._searched = labels, asked, searched
        self._found: defaultdict[tuple[int, str], list[tuple[int, np.ndarray]]] = defaultdict(list)

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        if not len(answer.matches):
            return
        own = np.union1d(answer.matches, answer.junk)
        # Ranks among everybody else; each match stands behind the better ones of its cell, too.
        behind = np.array(
            [
                ranks_of(answer.similarity, own[at : at + 1], np.delete(own, at))[0]
                for at in np.searchsorted(own, answer.matches)
            ]
        )
        query, matches = int(self._asked[answer.query]), self._searched[answer.matches]
        for number, factor in enumerate(FACTORS):
            for name, mask in factor.of(self._labels, query, matches):
                ranks = np.sort(behind[mask]) + np.arange(mask.sum())
                self._found[number, name].append((query, ranks))

    def result(self) -> list[Cell]:
        """All cells that have a query."""
        cells: list[Cell] = []
        for (number, name), found in sorted(self._found.items(), key=_in_order):
            rows = np.array([query for query, _ in found])
            values = {
                metric.key: np.array([metric.of(ranks) for _, ranks in found])
                for metric in headline_metrics()
            }
            cells.append(Cell(FACTORS[number], name, values, self._labels.person[rows]))
        return cells


def _in_order(item: tuple[tuple[int, str], object]) -> tuple[int, bool, float, str]:
    """Factors as they are listed; bins by their edges, other cells by name."""
    (number, name), _ = item
    first = name.removeprefix("below ").partition(" ")[0]
    edge = float(first) if first.replace(".", "", 1).isdigit() else 0.0
    return number, not name.startswith("below"), edge, name


def _camera_cells(pairs: CameraPairs, names: tuple[str, ...], person: np.ndarray) -> list[Cell]:
    cells: list[Cell] = []
    for (here, there), answered in sorted(pairs.answered.items()):
        values = {
            key: np.array([METRICS[key].of(ranks) for _, ranks in answered]) for key in pairs.means
        }
        rows = np.array([query for query, _ in answered])
        name = f"{names[pairs.cameras[here]]} to {names[pairs.cameras[there]]}"
        cells.append(Cell(CAMERA_PAIR, name, values, person[rows]))
    return cells
