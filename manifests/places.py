"""The scenes and worlds of a recipe, which of them a group of people meets, and which are held out.

Everything here is decided by the recipe alone, and nothing by how many people it has: a recipe that
grows in people keeps what was drawn for the smaller one.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from manifests.identity import child_seed
from manifests.recipe import Recipe
from manifests.scene_requests import SceneRequest, WorldsRequest

_TRIES = 24


@dataclass(frozen=True)
class Place:
    """One scene or world. ``entry``: position of its request in ``Recipe.scenes``."""

    name: str
    entry: int
    request: SceneRequest | WorldsRequest


class Places:
    """All scenes and worlds of a recipe (``all``, in the order in which it asks for them), and the
    names of the worlds that test people alone walk in (``held_out``)."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self.all = tuple(
            Place(name, entry, request)
            for entry, request in enumerate(recipe.scenes)
            for name in (request.names() if isinstance(request, WorldsRequest) else [request.name])
        )
        self.held_out = self._held_out()
        self._open_to = {tested: self._open(tested) for tested in (False, True)}

    def _held_out(self) -> frozenset[str]:
        asked, seed = self._recipe.splits.worlds, self._recipe.seed
        if asked is None:
            return frozenset()
        worlds = [place.name for place in self.all if isinstance(place.request, WorldsRequest)]

        def lot(name: str) -> bytes:
            return hashlib.blake2b(f"{seed}:worlds:{name}".encode(), digest_size=16).digest()

        count = asked if isinstance(asked, int) else round(asked * len(worlds))
        return frozenset(sorted(worlds, key=lot)[:count])

    def _open(self, tested: bool) -> dict[int, tuple[int, ...]]:
        splits, found = self._recipe.splits, defaultdict[int, list[int]](list)
        for number, place in enumerate(self.all):
            if splits.worlds is None or (place.name in self.held_out) == tested:
                found[place.entry].append(number)
        return {entry: tuple(numbers) for entry, numbers in found.items()}

    def open_to(self, tested: bool) -> dict[int, tuple[int, ...]]:
        """For each entry of ``Recipe.scenes`` the numbers of its places that groups of one kind may
        meet; entries that have none for them are left out."""
        return self._open_to[tested]

    def is_tested(self, group: int) -> bool:
        """Whether the people of a group are test people because they walk in held-out worlds."""
        if self._recipe.splits.worlds is None:
            return False
        return self._tested_before(group + 1) > self._tested_before(group)

    def _tested_before(self, group: int) -> int:
        """How many of the first groups are tested: as close to the share as whole groups come."""
        rules = self._recipe.splits
        if rules.among_first is not None:
            group = min(group, rules.among_first // self._recipe.shards.people_per_shard)
        return math.floor(group * self._recipe.splits.test_share + 0.5)

    def of_group(self, group: int) -> tuple[int, ...]:
        """Numbers of the places in which a group of people walks, evenly shared out."""
        recipe, tested = self._recipe, self.is_tested(group)
        turn = group  # or its number among the groups of its kind
        if recipe.splits.worlds is not None:
            before = self._tested_before(group)
            turn = before if tested else group - before
        entries = list(self._open_to[tested].items())
        each = recipe.scenes_per_person
        each = len(entries) if each == "all" else min(each, len(entries))
        met: list[int] = []
        for position in sorted((turn * each + offset) % len(entries) for offset in range(each)):
            entry, numbers = entries[position]
            request = recipe.scenes[entry]
            if isinstance(request, WorldsRequest) and request.worlds_per_group != "all":
                lot = (recipe.seed, entry, int(tested))
                numbers = tuple(
                    numbers[k] for k in _draw(lot, len(numbers), request.worlds_per_group, turn)
                )
            met += numbers
        return tuple(met)

    def used(self) -> tuple[str, ...]:
        """Names of the single scenes of the recipe and of the worlds that its people meet."""
        groups = range(len(self._recipe.groups()))
        met = {number for group in groups for number in self.of_group(group)}
        return tuple(
            place.name
            for number, place in enumerate(self.all)
            if number in met or isinstance(place.request, SceneRequest)
        )


def _draw(lot: tuple[int, ...], count: int, each: int, turn: int) -> tuple[int, ...]:
    """Which ``each`` of ``count`` worlds the ``turn``-th group meets."""
    if each >= count:
        return tuple(range(count))
    return _draws(lot, count, each, 1 << turn.bit_length())[turn]


@lru_cache(maxsize=64)
def _draws(lot: tuple[int, ...], count: int, each: int, groups: int) -> tuple[tuple[int, ...], ...]:
    """Worlds of one group after the other: those that were met least, in an order that is drawn;
    other ones if an earlier group has met exactly these."""
    seed, *path = lot
    uses, taken = np.zeros(count), set[tuple[int, ...]]()
    drawn: list[tuple[int, ...]] = []
    for group in range(groups):
        rng = np.random.default_rng(child_seed(seed, "worlds", *path, group))
        chosen: tuple[int, ...] = ()
        for attempt in range(_TRIES):  # the later, the more freely
            order = np.argsort(uses + rng.random(count) * (1 + attempt / 4))
            chosen = tuple(sorted(order[:each].tolist()))
            if chosen not in taken or len(taken) >= math.comb(count, each):
                break
        taken.add(chosen)
        uses[list(chosen)] += 1
        drawn.append(chosen)
    return tuple(drawn)
