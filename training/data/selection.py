"""Which crops a training learns from: conditions on their scores, as people write them.

``hardness>0.1``: a score above a number; ``hardness>=p75``: the quarter of the crops with the
highest. Scores are ``SCORES``; several conditions must all hold. A crop whose score is not known
meets every condition: nothing says that it is not wanted.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from manifests.errors import BadRecipe

SCORES = {
    "hardness": "how much nearer somebody else's nearest crop is than the nearest of the same "
    "person by another camera, -2 to 2",
    "duplicate": "similarity to the most similar earlier crop of the same person and camera, "
    "-1 to 1; of near-duplicates the first has a low one",
    "rarity": "how seldom its viewpoint, visibility, size, brightness, accessories and clothes "
    "are in the set, bits",
    "lot": "a number from 0 to 1 that is drawn for it: `lot<0.5` is half of all crops",
}
"""Columns of scores, and what they mean."""

_OPERATORS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"\s*([a-z_]+)\s*(>=|<=|>|<)\s*(p?)(-?\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True)
class Condition:
    """``percentile``: whether ``value`` is a percentile of the score over the set, 0 to 100."""

    score: str
    relation: str
    value: float
    percentile: bool

    def __str__(self) -> str:
        """As it is written, in one form: equal conditions are equal texts."""
        return f"{self.score}{self.relation}{'p' if self.percentile else ''}{self.value:g}"

    def holds(self, scores: np.ndarray) -> np.ndarray:
        """For ``scores`` (N,) of a set, NaN where unknown: (N,) bool."""
        unknown, value = np.isnan(scores), self.value
        if self.percentile and not unknown.all():
            value = float(np.nanpercentile(scores, self.value))
        return unknown | _OPERATORS[self.relation](np.nan_to_num(scores), value)


@dataclass(frozen=True)
class Selection:
    """Conditions that must all hold, each once, in the order of their texts."""

    conditions: tuple[Condition, ...]

    @classmethod
    def parse(cls, words: Iterable[str]) -> Selection:
        """``BadRecipe`` for what is no condition, saying how one is written."""
        found = {str(condition): condition for condition in map(_parsed, words)}
        return cls(tuple(found[text] for text in sorted(found)))

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def texts(self) -> list[str]:
        """What identifies it."""
        return [str(condition) for condition in self.conditions]

    def mask(self, scores: Mapping[str, np.ndarray]) -> np.ndarray:
        """(N,) bool: crops with these ``scores`` (N,) that are learnt from."""
        kept = [condition.holds(scores[condition.score]) for condition in self.conditions]
        return np.logical_and.reduce(kept)


def _parsed(words: str) -> Condition:
    found = _CONDITION.fullmatch(words)
    if found is None or found[1] not in SCORES:
        raise BadRecipe(
            f"--select: {words!r} is no condition: a score ({', '.join(SCORES)}), one of "
            "> >= < <=, and a number or a percentile, e.g. hardness>0.1 or 'rarity>=p75'"
        )
    score, relation, percentile, number = found.groups()
    value = float(number)
    if percentile and not 0 <= value <= 100:
        raise BadRecipe(f"--select: {words!r}: percentiles go from p0 to p100")
    return Condition(score, relation, value, bool(percentile))
