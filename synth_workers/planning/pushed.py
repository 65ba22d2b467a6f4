"""What people push ahead of them or beside, and how others keep out of it.

A pram, a bicycle or a trolley is a row of discs that turns with whoever pushes it: nobody walks
through them, and who pushes turns only as far as there is room. Pure; world: Unreal's, cm, radians.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.person import PersonMotion

_HORIZON_SECONDS = 3.0
_COMFORT_CM = 25.0
_SLOW = 0.5
"""How fast somebody who pushes turns, as share of what others do."""
_LESS = np.array([1.0, 0.6, 0.3, 0.1, 0.0])
"""Shares of a wanted turn that are tried, until there is room."""
_GIVES_CM = 2.0
_SHOVE_CM = 12.0


@dataclass(frozen=True)
class Pushed:
    """What some of n people push.

    ``room``: (n,) how near others may come to the middle of each body, whichever way it turns.
    Of d discs, those of one person together: ``owner`` (d,), ``offset`` (d, 2) ahead and to the
    right of the body, ``radius`` (d,). ``bodies``: (n,) radii of the people themselves.
    """

    room: np.ndarray
    owner: np.ndarray
    offset: np.ndarray
    radius: np.ndarray
    bodies: np.ndarray

    @classmethod
    def of(
        cls, motions: Sequence[PersonMotion], bodies: np.ndarray, riding: Sequence[bool] = ()
    ) -> Pushed:
        """What ``motions`` say that is pushed; who rides has it underneath."""
        room, rows = bodies.copy(), []
        for person, motion in enumerate(motions):
            if not len(motion.pushed_cm):
                continue
            (low, behind), (high, ahead) = np.asarray(motion.pushed_cm, float)
            half = (high - low) / 2
            right = 0.0 if person < len(riding) and riding[person] else -(low + high) / 2
            count = max(1, int(np.ceil((ahead - behind - 2 * half) / half)) + 1)
            places = np.linspace(behind + half, max(ahead - half, behind + half), count)
            rows += [(person, place, right, half) for place in places]
            far = np.hypot(max(abs(ahead), abs(behind)) - half, right) + half
            room[person] = max(room[person], far)
        owner, ahead, right, radius = np.reshape(np.array(rows, float), (-1, 4)).T
        return cls(room, owner.astype(int), np.stack([ahead, right], 1), radius, bodies)

    @property
    def any(self) -> bool:
        """Whether anybody pushes anything."""
        return len(self.owner) > 0

    def cost(
        self, places: np.ndarray, headings: np.ndarray, speeds: np.ndarray, candidates: np.ndarray
    ) -> np.ndarray:
        """What it costs each of n people to go on at each of k ``candidates`` (n, k, 2), cm/s, so
        that somebody gets into what is pushed, (n, k)."""
        velocity = _along(headings) * speeds[:, None]
        discs = self._discs(places, headings)
        first = self._firsts()
        # Everybody against the discs of others.
        offset = discs[None] - places[:, None]
        relative = velocity[self.owner] - candidates[:, :, None]
        need = self.bodies[:, None] + self.radius
        need = np.where(self.owner == np.arange(len(places))[:, None], 0.0, need)
        cost = np.maximum.reduceat(_met(offset[:, None], relative, need[:, None]), first, axis=2)
        cost = cost.sum(axis=2)
        # Those who push: their own discs, turned the way they would go, against everybody.
        ways = candidates[self.owner] / np.maximum(_length(candidates[self.owner]), 1e-6)[..., None]
        mine = places[self.owner][:, None] + self._turned(ways)
        around, owners, radii = self._everything(places, discs)
        offset = around[None, None] - mine[:, :, None]
        relative = velocity[owners] - candidates[self.owner][:, :, None]
        need = np.where(owners == self.owner[:, None], 0.0, self.radius[:, None] + radii)
        own = np.maximum.reduceat(_met(offset, relative, need[:, None]), first, axis=0)
        cost[self.owner[first]] += own.sum(axis=2)
        return cost

    def turned(self, places: np.ndarray, headings: np.ndarray, turns: np.ndarray) -> np.ndarray:
        """The ``turns`` (n,) that people make who want to: as far as nobody is in the way."""
        turns = turns.copy()
        around, owners, radii = self._everything(places, self._discs(places, headings))
        for first, last in zip(self._firsts(), [*self._firsts()[1:], len(self.owner)]):
            person, mine = self.owner[first], slice(first, last)
            angles = headings[person] + np.array([0.0, *(_SLOW * turns[person] * _LESS)])
            ways = np.broadcast_to(_along(angles), (last - first, len(angles), 2))
            there = places[person] + self._turned(ways, mine)
            gaps = _length(around - there[:, :, None]) - radii - self.radius[mine, None, None]
            gaps = np.where(owners == person, np.inf, gaps).min(axis=(0, 2))
            free = gaps[1:] >= min(gaps[0], -_GIVES_CM)
            turns[person] = _SLOW * turns[person] * _LESS[int(free.argmax())]
        return turns

    def kept_apart(self, places: np.ndarray, headings: np.ndarray) -> np.ndarray:
        """``places`` where nobody stands in what another pushes, or less so."""
        for _ in range(2):
            discs = self._discs(places, headings)
            around, owners, radii = self._everything(places, discs)
            offset = around[None] - discs[:, None]
            gaps = _length(offset)
            short = self.radius[:, None] + radii - gaps
            one, other = np.nonzero((short > 0.0) & (owners != self.owner[:, None]))
            if not len(one):
                return places
            push = np.clip(short[one, other], 0.0, _SHOVE_CM) / 2
            move = offset[one, other] * (push / np.maximum(gaps[one, other], 1e-3))[:, None]
            places = places.copy()
            # Of several discs the one that is deepest decides.
            for sign, who in ((-1.0, self.owner[one]), (1.0, owners[other])):
                for person in np.unique(who):
                    deepest = np.flatnonzero(who == person)[push[who == person].argmax()]
                    places[person] += sign * move[deepest]
        return places

    def _discs(self, places: np.ndarray, headings: np.ndarray) -> np.ndarray:
        """(d, 2) where the discs are."""
        return places[self.owner] + self._turned(_along(headings)[self.owner][:, None])[:, 0]

    def _turned(self, ways: np.ndarray, which: slice = slice(None)) -> np.ndarray:
        """Offsets of discs from their bodies, which face ``ways`` (d, k, 2)."""
        ahead, right = self.offset[which].T[..., None, None]
        return ahead * ways + right * np.stack([-ways[..., 1], ways[..., 0]], axis=-1)

    def _everything(
        self, places: np.ndarray, discs: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places, owners and radii of all bodies and discs."""
        owners = np.concatenate([np.arange(len(places)), self.owner])
        return np.concatenate([places, discs]), owners, np.concatenate([self.bodies, self.radius])

    def _firsts(self) -> np.ndarray:
        """The first disc of each of those who push."""
        return np.flatnonzero(np.diff(self.owner, prepend=-1))


def _met(offset: np.ndarray, relative: np.ndarray, need: np.ndarray) -> np.ndarray:
    """The cost of coming nearer than ``need``; where that is 0 nobody is met."""
    speed2 = np.maximum((relative * relative).sum(axis=-1), 1e-6)
    closest = np.clip(-(offset * relative).sum(axis=-1) / speed2, 0.0, _HORIZON_SECONDS)
    apart = _length(offset + relative * closest[..., None])
    wanted = np.maximum(need + _COMFORT_CM * (need > 0.0), 1e-6)
    short = (need > 0.0) * np.clip((wanted - apart) / wanted, 0.0, 1.0)
    return 4.0 * short / (0.6 + closest)


def _along(headings: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(headings), np.sin(headings)], axis=-1)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.hypot(vectors[..., 0], vectors[..., 1])
