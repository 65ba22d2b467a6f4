"""What people push ahead of them or beside, and how others keep out of it.

A pram, a bicycle or a trolley is a row of discs that turns with whoever pushes it: nobody walks
through them, and who pushes turns only as far as there is room. Pure; world: Unreal's, cm, radians.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.person import PersonMotion
from synth_workers.planning.vectors import along, dot, length

_HORIZON_SECONDS = 3.0
_COMFORT_CM = 25.0
_FAR_CM = 900.0
_SLOW = 0.5
"""How fast somebody who pushes turns, as share of what others do."""
_LESS = np.array([1.0, 0.6, 0.3, 0.1, 0.0])
"""Shares of a wanted turn that are tried, until there is room."""
_NO_TURN = 1e-3
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
        velocity = along(headings) * speeds[:, None]
        discs = self._discs(places, headings)
        around, owners, radii = self._everything(places, discs)
        cost = np.zeros(candidates.shape[:2])
        for person, mine in self._each():
            close = length(places - places[person]) < _FAR_CM
            close[person] = False
            if not close.any():
                continue
            # Others against the discs as they are going.
            relative = velocity[person] - candidates[close][:, :, None]
            offset = discs[None, mine] - places[close][:, None]
            need = self.bodies[close][:, None] + self.radius[mine]
            cost[close] += _met(offset[:, None], relative, need[:, None]).max(axis=2)
            # The discs, turned the way that one would go, against others and what they push.
            ways = candidates[person] / np.maximum(length(candidates[person]), 1e-6)[:, None]
            there = places[person] + self._turned(ways, mine)
            others = close[owners]
            relative = velocity[owners[others]] - candidates[person][:, None]
            offset = around[others] - there[:, :, None]
            need = self.radius[mine][:, None] + radii[others]
            cost[person] += _met(offset, relative, need[:, None]).max(axis=0).sum(axis=1)
        return cost

    def turned(self, places: np.ndarray, headings: np.ndarray, turns: np.ndarray) -> np.ndarray:
        """The ``turns`` (n,) that people make who want to: as far as nobody is in the way."""
        turns = turns.copy()
        around, owners, radii = self._everything(places, self._discs(places, headings))
        for person, mine in self._each():
            if abs(turns[person]) < _NO_TURN:
                continue
            angles = headings[person] + np.array([0.0, *(_SLOW * turns[person] * _LESS)])
            there = places[person] + self._turned(along(angles), mine)
            gaps = length(around - there[:, :, None]) - radii - self.radius[mine, None, None]
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
            gaps = length(offset)
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
        return places[self.owner] + self._turned(along(headings)[self.owner][:, None])[:, 0]

    def _turned(self, ways: np.ndarray, which: slice = slice(None)) -> np.ndarray:
        """Offsets of discs from their bodies, which face ``ways`` (k, 2) or (d, k, 2)."""
        ahead, right = self.offset[which].T[..., None, None]
        return ahead * ways + right * np.stack([-ways[..., 1], ways[..., 0]], axis=-1)

    def _everything(
        self, places: np.ndarray, discs: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places, owners and radii of all bodies and discs."""
        owners = np.concatenate([np.arange(len(places)), self.owner])
        return np.concatenate([places, discs]), owners, np.concatenate([self.bodies, self.radius])

    def _each(self) -> Iterator[tuple[int, slice]]:
        """Everybody who pushes, with the numbers of the discs."""
        firsts = np.flatnonzero(np.diff(self.owner, prepend=-1)).tolist()
        for first, last in zip(firsts, [*firsts[1:], len(self.owner)]):
            yield int(self.owner[first]), slice(first, last)


def _met(offset: np.ndarray, relative: np.ndarray, need: np.ndarray) -> np.ndarray:
    """The cost of coming nearer than ``need``, and than one likes, within some seconds."""
    speed2 = np.maximum(dot(relative, relative), 1e-6)
    closest = np.clip(-dot(offset, relative) / speed2, 0.0, _HORIZON_SECONDS)
    wanted = need + _COMFORT_CM
    short = np.clip(1.0 - length(offset + relative * closest[..., None]) / wanted, 0.0, 1.0)
    return 4.0 * short / (0.6 + closest)
