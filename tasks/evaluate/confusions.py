"""Who is taken for whom, and what such people have in common more often than others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tasks.evaluate.factors import angle_between
from tasks.evaluate.labels import Labels
from training.evaluation.protocol import Answer

_NEAR_COLOURS = 60.0
"""Largest mean distance in sRGB (of 441) at which clothes are alike in colour."""

_SAME_SIDE = 45.0
_STRANGERS = 64
"""So many of everybody else, evenly spread over the gallery, tell what is shared by chance."""

_AT_LEAST = 0.5
"""Added to both counts of a reason's factor, so that few confusions prove little."""


@dataclass(frozen=True)
class Confusion:
    """Somebody who is found before the person whom a query asks for: keys of the three crops.

    ``person`` is asked for, ``taken_for`` found; ``margin``: how much more similar the ``other`` is
    than the best ``match``, at least 0; ``shared``: what query and ``other`` have in common.
    """

    query: str
    match: str
    other: str
    person: str
    taken_for: str
    margin: float
    shared: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Reason:
    """What people share: the share of confusions in which they do, and of any two crops of
    different people that a query is compared with (``expected``)."""

    name: str
    confusions: int
    share: float
    expected: float

    @property
    def factor(self) -> float:
        """How much more often confused people share it than others, shrunk towards 1."""
        total = self.confusions
        return (self.share * total + _AT_LEAST) / (self.expected * total + _AT_LEAST)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"factor": self.factor}


def shared(labels: Labels, query: int, others: np.ndarray) -> dict[str, np.ndarray]:
    """What the crop in row ``query`` has in common with others (M,): name -> (M,) bool."""
    distance = np.linalg.norm(labels.colours[others] - labels.colours[query], axis=-1).mean(axis=-1)
    own = labels.accessories[query]
    group = labels.look_alike[query]
    return {
        "look-alikes": (labels.look_alike[others] == group) & bool(group),
        "clothes of like colours": np.nan_to_num(distance, nan=np.inf) < _NEAR_COLOURS,
        "all dark clothes": labels.dark[others] & labels.dark[query],
        "an accessory": np.array([bool(own & of) for of in labels.accessories[others]], bool),
        "gender": labels.gender[others] == labels.gender[query],
        "side that is seen": angle_between(labels.viewpoint[others], labels.viewpoint[query])
        < _SAME_SIDE,
        "camera": labels.camera[others] == labels.camera[query],
        "scene and light": (labels.scene[others] == labels.scene[query])
        & (labels.light[others] == labels.light[query]),
    }


class ConfusionCounter:
    """Collects the queries whose nearest gallery crop is somebody else's."""

    def __init__(self, labels: Labels, asked: np.ndarray, searched: np.ndarray) -> None:
        self._labels, self._asked, self._searched = labels, asked, searched
        self._spread = np.unique(np.linspace(0, len(searched) - 1, _STRANGERS).round()).astype(int)
        self._found: list[Confusion] = []
        self._of_confused: list[dict[str, bool]] = []
        self._of_others: list[dict[str, float]] = []

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        if not len(answer.matches):
            return
        labels, query = self._labels, int(self._asked[answer.query])
        others = answer.similarity.copy()
        others[answer.matches] = others[answer.junk] = -np.inf
        other = int(others.argmax())
        best = int(answer.matches[answer.similarity[answer.matches].argmax()])
        margin = float(others[other] - answer.similarity[best])
        # Of equally similar crops the one that comes first in the gallery ranks first.
        if not np.isfinite(margin) or margin < 0 or (margin == 0 and best < other):
            return
        rows = self._searched[self._spread]
        strangers = rows[labels.person[rows] != labels.person[query]]
        if not len(strangers):
            return
        common = shared(labels, query, self._searched[[other]])
        self._of_confused.append({name: bool(mask[0]) for name, mask in common.items()})
        by_chance = shared(labels, query, strangers)
        self._of_others.append({name: float(mask.mean()) for name, mask in by_chance.items()})
        found = int(self._searched[other])
        self._found.append(
            Confusion(
                query=str(labels.key[query]),
                match=str(labels.key[self._searched[best]]),
                other=str(labels.key[found]),
                person=str(labels.person[query]),
                taken_for=str(labels.person[found]),
                margin=margin,
                shared=tuple(name for name, mask in common.items() if mask[0]),
            )
        )

    def result(self) -> tuple[Confusion, ...]:
        """All of them, the surest mistakes first."""
        return tuple(sorted(self._found, key=lambda one: (-one.margin, one.query)))

    def reasons(self) -> tuple[Reason, ...]:
        """What confused people share most beyond chance comes first; what all or none share tells
        nothing and is left out, and so is everything without confusions."""
        total = len(self._of_confused)
        found = [
            Reason(
                name,
                total,
                sum(one[name] for one in self._of_confused) / total,
                sum(one[name] for one in self._of_others) / total,
            )
            for name in (self._of_confused[0] if total else ())
        ]
        telling = [reason for reason in found if reason.share != reason.expected]
        return tuple(sorted(telling, key=lambda reason: -reason.factor))
