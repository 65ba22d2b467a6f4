"""The drawing board of a family: what stands where, kept free of the walk and of one another.

Metres, x east, y north, z up, headings counter-clockwise from +x, as in scene files. Everything
that is written into a scene is rounded to millimetres, so that its file says exactly the same.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.checks import HEAD_HEIGHT, STEP_HEIGHT
from synth_workers.scenes.families.lanes import Lane, boxes_in_the_way, connected, walk_of
from synth_workers.scenes.kit import PIECES, Box
from synth_workers.scenes.placing import Instance
from synth_workers.scenes.scene_file import Placement, Point2, Point3, Walk

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1, metres."""

Item = TypeVar("Item")

WALK_MARGIN = 0.06
"""Metres that things keep from the edge of a lane."""

_TOUCH = 0.01
_STAND = 0.07
"""Metres by which boxes may overlap sideways, and in height: a tree stands a little in its lawn."""

_LEAST_STEP = 0.02
"""Metres by which two floors one above the other differ, or they flicker."""

_SHADOW_MARGIN = 5.0
_MOST_SHADOW = 40.0


@dataclass(frozen=True)
class Mount:
    """Where a camera may hang: at ``x``, ``y``, from ``low`` to ``high`` metres.

    ``facing``: degrees away from the wall that it hangs on, None for a pole.
    """

    x: float
    y: float
    low: float
    high: float
    facing: float | None = None


def _mm(value: Any) -> Any:
    """Numbers of any nesting rounded to millimetres, as plain Python ones."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 3) + 0.0
    return [_mm(each) for each in value]


class Site:
    """One world while it is drawn. ``rng`` is what a family draws from; ``lanes`` are laid first,
    then ground, then things, which find their places free or not. ``datum``: height at which things
    stand if nothing else is said; people walk at 0 where it is not 0, else on the floor."""

    def __init__(self, name: str, *, indoor: bool) -> None:
        self.name, self.indoor = name, indoor
        digest = hashlib.blake2b(name.encode(), digest_size=4).digest()
        self.seed = int.from_bytes(digest, "big") >> 1
        self.rng = self.stream("layout")
        self.pieces: list[Placement] = []
        self.lanes: list[Lane] = []
        self.mounts: list[Mount] = []
        self.datum = 0.0
        self._quarters = 0
        self._floors: list[tuple[Rect, float]] = []
        self._solid: list[Box] = []
        self._kept: list[Box] = []

    def stream(self, purpose: str) -> np.random.Generator:
        """Random numbers of this world for one purpose, whatever else is drawn."""
        return np.random.default_rng([*self.name.encode(), *purpose.encode()])

    @contextmanager
    def turned(self, quarters: int) -> Generator[None]:
        """Within it everything is laid and placed turned by so many quarters, counter-clockwise
        about the middle of the site."""
        before = self._quarters
        self._quarters = (before + quarters) % 4
        yield
        self._quarters = before

    def _spot(self, x: float, y: float) -> Point2:
        for _ in range(self._quarters):
            x, y = -y, x
        return (_mm(x), _mm(y))

    def _area(self, rect: Rect) -> Rect:
        (x0, y0), (x1, y1) = self._spot(*rect[:2]), self._spot(*rect[2:])
        return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    # Draws.

    def between(self, low: float, high: float) -> float:
        """A number between two, in millimetres."""
        return _mm(self.rng.uniform(min(low, high), max(low, high)))

    def count(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, options: Sequence[Item]) -> Item:
        """One of several."""
        return options[int(self.rng.integers(len(options)))]

    def some(self, options: Sequence[Item], count: int) -> list[Item]:
        """Several different ones of several, in random order."""
        return [options[int(k)] for k in self.rng.permutation(len(options))[:count]]

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return bool(self.rng.random() < share)

    def tint(self, colour: Sequence[float], spread: float = 0.06, hue: float = 0.015) -> list[int]:
        """A colour a little brighter or darker and a little warmer or colder; whole numbers."""
        warm, green = self.rng.uniform(-hue, hue), self.rng.uniform(-hue, hue) / 3
        tone = self.rng.uniform(1 - spread, 1 + spread) * np.array([1 + warm, 1 + green, 1 - warm])
        return [int(v) for v in np.clip(np.round(np.asarray(colour) * tone), 0, 255)]

    # The walk.

    def lane(self, *points: Point2, width: float) -> None:
        """People walk along straight lines through ``points``; where lanes cross they may turn."""
        for a, b in itertools.pairwise(self._spot(*point) for point in points):
            self.lanes.append(Lane(a, b, _mm(width)))

    def walk(self) -> Walk:
        """The walk graph of all lanes; `BadScene` if parts of it cannot be reached."""
        walk = walk_of(self.lanes, None if self.datum == 0 else 0.0)
        if not connected(walk):
            raise BadScene(f"scene {self.name}: the walk is in several parts")
        return walk

    def walk_extent(self) -> Rect:
        """The rectangle around all lanes, their widths included."""
        ends = np.array([end for lane in self.lanes for end in (lane.a, lane.b)])
        half = max(lane.width for lane in self.lanes) / 2
        (x0, y0), (x1, y1) = ends.min(axis=0) - half, ends.max(axis=0) + half
        return float(x0), float(y0), float(x1), float(y1)

    def shadow_area(self) -> Point3:
        """Middle and half side of the ground that needs sun shadows."""
        x0, y0, x1, y1 = self.walk_extent()
        half = min(max(x1 - x0, y1 - y0) / 2 + _SHADOW_MARGIN, _MOST_SHADOW)
        x, y, side = _mm([(x0 + x1) / 2, (y0 + y1) / 2, half])
        return (x, y, side)

    # The ground.

    def ground(self, rect: Rect, material: str, *, z: float = 0.0, **parameters: Any) -> None:
        """A level floor; one that lies in the plane of another would flicker and is refused."""
        x0, y0, x1, y1 = rect = self._area(rect)
        if x1 - x0 < 0.05 or y1 - y0 < 0.05:
            return
        for (a0, b0, a1, b1), height in self._floors:
            apart = x1 <= a0 + 1e-6 or a1 <= x0 + 1e-6 or y1 <= b0 + 1e-6 or b1 <= y0 + 1e-6
            if not apart and abs(height - z) < _LEAST_STEP - 1e-9:
                raise BadScene(
                    f"scene {self.name}: floor {rect} lies in that of {(a0, b0, a1, b1)}"
                )
        self._floors.append((rect, z))
        told = {"rect": list(rect), "material": material, "z": _mm(z), **_mm_values(parameters)}
        self.pieces.append(Placement.model_validate({"piece": "floor", "with": told}))

    def ground_around(
        self, rect: Rect, holes: Sequence[Rect], material: str, **parameters: Any
    ) -> None:
        """A floor over ``rect`` but for ``holes``, in strips."""
        for strip in without(rect, holes):
            self.ground(strip, material, **parameters)

    # Things.

    def put(
        self, piece: str, at: Sequence[float], heading: float = 0.0, *, fixed: bool = True,
        **parameters: Any,
    ) -> bool:  # fmt: skip
        """Place a piece if it is free there; whether it was.

        ``fixed``: it belongs to the building or the ground, and stands whatever is there.
        """
        place: Point3 = (*self._spot(at[0], at[1]), _mm(at[2] if len(at) > 2 else self.datum))
        told, turn = _mm_values(parameters), _mm((heading + 90 * self._quarters) % 360.0)
        kind = PIECES.find(piece)
        kind.check(told)
        instance = Instance(kind, place, float(np.radians(turn)), told, (0,))
        solid, overhead = instance.boxes(), instance.overhead()
        if not fixed and not self.free([*solid, *overhead]):
            return False
        self._solid += solid
        self._kept += overhead
        given = list(place if place[2] else place[:2])
        self.pieces.append(
            Placement.model_validate({"piece": piece, "at": [given], "heading": turn, "with": told})
        )
        return True

    def keep_free(self, rect: Rect, low: float = 0.0, high: float = 3.0) -> None:
        """Nothing that looks for a free place will stand here."""
        x0, y0, x1, y1 = self._area(rect)
        self._kept.append((x0, y0, low, x1, y1, high))

    def free_area(self, rect: Rect, height: float) -> bool:
        """Whether nothing stands in a rectangle up to ``height`` and nobody walks there."""
        x0, y0, x1, y1 = self._area(rect)
        return self.free([(x0, y0, 0.0, x1, y1, height)])

    def free(self, boxes: Sequence[Box]) -> bool:
        """Whether boxes overlap nothing that stands, and leave the walk open."""
        if not boxes:
            return True
        new = np.asarray(boxes, float)
        other = np.asarray([*self._solid, *self._kept], float).reshape(-1, 6)
        slack = np.array([_TOUCH, _TOUCH, _STAND])
        low = np.maximum(new[:, None, :3], other[None, :, :3])
        high = np.minimum(new[:, None, 3:], other[None, :, 3:])
        if np.all(high - low > slack, axis=2).any():
            return False
        in_the_way = new[(new[:, 5] > STEP_HEIGHT / 100) & (new[:, 2] < HEAD_HEIGHT / 100 + 0.1)]
        flat = in_the_way[:, [0, 1, 3, 4]]
        return not boxes_in_the_way(self.lanes, flat, WALK_MARGIN)

    def hides(self) -> np.ndarray:
        """(n, 6) boxes of everything that stands or hangs, the crowns of trees too."""
        return np.asarray([*self._solid, *self._kept], float).reshape(-1, 6)

    def mount(
        self, x: float, y: float, low: float, high: float, facing: float | None = None
    ) -> None:
        """A camera may hang here."""
        turned = None if facing is None else facing + 90 * self._quarters
        self.mounts.append(Mount(*self._spot(x, y), low, high, turned))


def _mm_values(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: _mm(value) for name, value in parameters.items()}


def without(rect: Rect, holes: Sequence[Rect]) -> list[Rect]:
    """``rect`` less ``holes`` as rectangles that do not overlap."""
    x0, y0, x1, y1 = rect
    inside = [
        (max(a0, x0), max(b0, y0), min(a1, x1), min(b1, y1))
        for a0, b0, a1, b1 in holes
        if a0 < x1 and a1 > x0 and b0 < y1 and b1 > y0
    ]
    if not inside:
        return [rect]
    xs = sorted({x0, x1, *(x for hole in inside for x in (hole[0], hole[2]))})
    strips: list[Rect] = []
    for left, right in itertools.pairwise(xs):
        across = sorted((b0, b1) for a0, b0, a1, b1 in inside if a0 < right and a1 > left)
        low = y0
        for bottom, top in [*across, (y1, y1)]:
            if bottom > low:
                strips.append((left, low, right, bottom))
            low = max(low, top)
    return strips
