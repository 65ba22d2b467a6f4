"""A scene's walk graph cut into short segments, how well each camera sees each of them, and how
much places draw people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synth_workers.planning.visibility import Bodies, Scenery, Views, observe
from synth_workers.scenes.description import Camera, Seat, WalkGraph

SEGMENT_CM = 250.0
WIDE_CM = 220.0
"""Ways outdoors on which bicycles are ridden: one and somebody on foot can pass each other."""
_TURN_BACK = 0.15  # how much less people like turning back than walking on to the side
_APPEAL_CM = 1500.0  # distance at which the pull of a liked place has faded to 1/e
AVERAGE = Bodies(np.array([172.0]), np.array([58.0]), np.array([176.0]))
"""One person of common size, to look at places with."""
_EDGE_OFFSETS = (-0.6, 0.0, 0.6)  # shares of half the width at which a segment is looked at


@dataclass(frozen=True)
class Onward:
    """What follows a segment that is walked in one direction.

    ``options``: (o,) segments at its end; ``forward``: (o,) whether each is walked forward then;
    ``far``: (o,) the nodes where they lead; ``ease``: (o,) straight on is easier than back.
    """

    options: np.ndarray
    forward: np.ndarray
    far: np.ndarray
    ease: np.ndarray


@dataclass(frozen=True)
class WalkNet:
    """Short straight segments that people walk along.

    ``nodes``: (k, 3) cm. ``segments``: (m, 2) node numbers. ``widths`` and ``lengths``: (m,)
    cm. ``at_node``: for each node the segments that meet there. ``wide``: (m,) bool, where
    bicycles may be ridden.
    """

    nodes: np.ndarray
    segments: np.ndarray
    widths: np.ndarray
    lengths: np.ndarray
    at_node: tuple[tuple[int, ...], ...]
    wide: np.ndarray

    def centres(self) -> np.ndarray:
        """Middle points of the segments, (m, 3) cm."""
        return self.nodes[self.segments].mean(axis=1)

    def rights(self) -> np.ndarray:
        """Unit vectors to the right of each segment's direction in the plane, (m, 2)."""
        along = (self.nodes[self.segments[:, 1]] - self.nodes[self.segments[:, 0]])[:, :2]
        along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        return np.stack([-along[:, 1], along[:, 0]], axis=1)

    def beside(self, place: Sequence[float]) -> int:
        """The segment that is nearest to a place, cm."""
        return int(np.linalg.norm(place - self.nearest(place), axis=1).argmin())

    def nearest(self, place: Sequence[float]) -> np.ndarray:
        """(m, 3) of each segment the place on its middle line that is nearest to another, cm."""
        starts, ends = self.nodes[self.segments].transpose(1, 0, 2)
        along = ends - starts
        squares = np.maximum((along * along).sum(axis=1), 1e-9)
        share = ((place - starts) * along).sum(axis=1) / squares
        return starts + along * np.clip(share, 0.0, 1.0)[:, None]

    def onward(self, segment: int, forward: bool) -> Onward:
        """What follows ``segment``, kept once it has been asked for."""
        if (segment, forward) not in self._onward:
            self._onward[segment, forward] = self._after(segment, forward)
        return self._onward[segment, forward]

    @cached_property
    def _onward(self) -> dict[tuple[int, bool], Onward]:
        return {}

    def _after(self, segment: int, forward: bool) -> Onward:
        start, node = self.segments[segment][:: 1 if forward else -1]
        direction = self.nodes[node, :2] - self.nodes[start, :2]
        options = np.array(self.at_node[node], int)
        forwards = self.segments[options, 0] == node
        far = np.where(forwards, self.segments[options, 1], self.segments[options, 0])
        ease = np.full(len(options), _TURN_BACK)
        for position in np.nonzero(options != segment)[0]:
            way = self.nodes[far[position], :2] - self.nodes[node, :2]
            scale = max(float(np.linalg.norm(direction) * np.linalg.norm(way)), 1e-9)
            ease[position] = 1.2 + float(direction @ way) / scale
        return Onward(options, forwards, far, ease)


def walk_net(graph: WalkGraph, spacing: float = SEGMENT_CM, *, indoor: bool = False) -> WalkNet:
    """Cut every edge of ``graph`` into equal segments no longer than ``spacing`` cm."""
    nodes = [np.asarray(node, float) for node in graph.nodes]
    segments: list[tuple[int, int]] = []
    widths: list[float] = []
    for (a, b), width in zip(np.asarray(graph.edges), graph.widths):
        start, end = nodes[int(a)], nodes[int(b)]
        pieces = max(1, int(np.ceil(np.linalg.norm(end - start) / spacing)))
        previous = int(a)
        for piece in range(1, pieces + 1):
            current = int(b) if piece == pieces else len(nodes)
            if piece < pieces:
                nodes.append(start + (end - start) * (piece / pieces))
            segments.append((previous, current))
            widths.append(float(width))
            previous = current
    points, pairs = np.array(nodes).reshape(-1, 3), np.array(segments, int).reshape(-1, 2)
    meeting: list[list[int]] = [[] for _ in nodes]
    for number, (a, b) in enumerate(segments):
        meeting[a].append(number)
        meeting[b].append(number)
    return WalkNet(
        nodes=points,
        segments=pairs,
        widths=np.array(widths, float),
        lengths=np.linalg.norm(points[pairs[:, 1]] - points[pairs[:, 0]], axis=1),
        at_node=tuple(tuple(numbers) for numbers in meeting),
        wide=np.array([width >= WIDE_CM and not indoor for width in widths], bool),
    )


def segment_values(
    net: WalkNet, camera: Camera, width: int, height: int, scenery: Scenery, min_height: float,
    max_height: float = np.inf,
) -> np.ndarray:  # fmt: skip
    """How good each segment is to be seen by ``camera``, (m,) in 0..1.

    0 where an average person would be off the image, hidden, smaller than ``min_height`` pixels or
    taller than ``max_height``; growing with its height up to 1 at 1.6 times the least.
    """
    centres, rights = net.centres(), net.rights()
    values = np.zeros(len(centres))
    for share in _EDGE_OFFSETS:
        places = centres.copy()
        places[:, :2] += rights * (share * net.widths / 2)[:, None]
        there = (places[:, None, :], np.zeros((len(places), 1)), AVERAGE, scenery)
        views = observe(camera, width, height, *there, min_height=min_height)
        values += _value(views, min_height, max_height)[:, 0]
    return values / len(_EDGE_OFFSETS)


def _value(views: Views, min_height: float, max_height: float) -> np.ndarray:
    """(t, n) how good it is to be seen so."""
    size = np.clip((views.height / min_height - 0.95) / 0.65, 0.0, 1.0)
    whole = (views.truncation < 0.03) & (views.height <= max_height)
    return size * whole * (views.visible**2)


def seat_values(
    seats: Sequence[Seat], camera: Camera, width: int, height: int, scenery: Scenery,
    min_height: float, max_height: float = np.inf,
) -> np.ndarray:  # fmt: skip
    """How good each seat is to be seen by ``camera`` when somebody sits there, (s,) in 0..1; as
    ``segment_values``."""
    values = np.zeros(len(seats))
    for number, seat in enumerate(seats):
        place, yaw = np.array([[seat.place]], float), np.array([[seat.yaw]], float)
        there = (place, yaw, AVERAGE, scenery)
        views = observe(camera, width, height, *there, seats=(seat,), min_height=min_height)
        values[number] = _value(views, min_height, max_height)[0, 0]
    return values


def net_appeal(net: WalkNet, preference: np.ndarray) -> np.ndarray:
    """How much each node draws each person, (n, nodes): what it likes, fading with distance.

    ``preference``: (n, m), how much each person likes to be on each segment.
    """
    rows, which = np.unique(preference, axis=0, return_inverse=True)
    a, b = net.segments[:, 0], net.segments[:, 1]
    fading = np.exp(-net.lengths / _APPEAL_CM)
    appeal = np.zeros((len(rows), len(net.nodes)))
    for row, liked in zip(appeal, rows):
        np.maximum.at(row, a, liked)
        np.maximum.at(row, b, liked)
        for _ in range(len(net.nodes)):
            before = row.copy()
            np.maximum.at(row, a, row[b] * fading)
            np.maximum.at(row, b, row[a] * fading)
            if np.array_equal(row, before):
                break
    return appeal[which.reshape(-1)]
