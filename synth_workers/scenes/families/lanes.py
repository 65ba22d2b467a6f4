"""Straight lanes that people walk along, and the walk graph that they make where they meet."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from synth_workers.scenes.scene_file import Point2, Point3, Walk, WalkPath

SNAP = 0.3
"""Metres within which ends and crossings of lanes are one place."""


class Lane(NamedTuple):
    """From ``a`` to ``b``, ``width`` metres wide in all."""

    a: Point2
    b: Point2
    width: float


def boxes_in_the_way(lanes: list[Lane], boxes: np.ndarray, margin: float) -> bool:
    """Whether any of (n, 4) rectangles lies on a lane or nearer to its edge than ``margin``."""
    if not lanes or not len(boxes):
        return False
    flat = np.array([(*lane.a, *lane.b, lane.width / 2 + margin) for lane in lanes])
    ends, reach = flat[:, :4].reshape(-1, 2, 2), flat[:, 4:]
    low, high = ends.min(axis=1) - reach, ends.max(axis=1) + reach
    near = np.all(
        (boxes[None, :, 2:] > low[:, None]) & (boxes[None, :, :2] < high[:, None]), axis=2
    )
    return any(
        bool(np.any(distance_to_boxes(lanes[k], boxes[near[k]]) < flat[k, 4]))
        for k in np.flatnonzero(near.any(axis=1))
    )


def distance_to_boxes(lane: Lane, boxes: np.ndarray) -> np.ndarray:
    """(n,) metres between a lane's middle line and (n, 4) rectangles x0, y0, x1, y1."""
    a, b = np.asarray(lane.a, float), np.asarray(lane.b, float)
    low, high = boxes[:, :2], boxes[:, 2:]
    ends = [np.linalg.norm(end - np.clip(end, low, high), axis=1) for end in (a, b)]
    corners = boxes[:, [[0, 1], [0, 3], [2, 1], [2, 3]]]
    span = b - a
    share = np.clip((corners - a) @ span / max(float(span @ span), 1e-9), 0, 1)
    near = np.linalg.norm(corners - (a + share[..., None] * span), axis=2).min(axis=1)
    distance = np.minimum(np.minimum(*ends), near)
    # A line that enters a rectangle between its ends is at distance 0.
    with np.errstate(divide="ignore", invalid="ignore"):
        safe = np.where(np.abs(span) < 1e-9, 1e-9, span)
        first, second = (low - a) / safe, (high - a) / safe
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    crossed = (enter <= leave) & (leave >= 0) & (enter <= 1)
    return np.where(crossed, 0.0, distance)


def _cross(a: np.ndarray, b: np.ndarray) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _crossing(one: Lane, other: Lane) -> Point2 | None:
    """Where the middle lines of two lanes cross."""
    a, c = np.asarray(one.a, float), np.asarray(other.a, float)
    u, v = np.asarray(one.b, float) - a, np.asarray(other.b, float) - c
    slope = _cross(u, v)
    if abs(slope) < 1e-6 * float(np.linalg.norm(u) * np.linalg.norm(v)):
        return None
    s, t = _cross(c - a, v) / slope, _cross(c - a, u) / slope
    if not (-1e-6 <= s <= 1 + 1e-6 and -1e-6 <= t <= 1 + 1e-6):
        return None
    x, y = a + s * u
    return (round(float(x), 3), round(float(y), 3))


def _along(lane: Lane, point: Point2) -> tuple[float, float]:
    """Metres along a lane, and aside of it, of a point."""
    a, span = np.asarray(lane.a, float), np.asarray(lane.b, float) - np.asarray(lane.a, float)
    length = max(float(np.linalg.norm(span)), 1e-9)
    offset = np.asarray(point, float) - a
    return float(offset @ span) / length, abs(_cross(span, offset)) / length


def walk_of(lanes: list[Lane], height: float | None = None) -> Walk:
    """The walk graph of lanes: a node at every end and crossing, an edge between neighbours.

    ``height`` of all nodes, metres; that of the floor under each if it is None.
    """
    known: dict[str, Point2] = {}

    def node(point: Point2) -> str:
        for name, place in known.items():
            if np.hypot(place[0] - point[0], place[1] - point[1]) < SNAP:
                return name
        name = f"n{len(known)}"
        known[name] = point
        return name

    for lane in lanes:
        node(lane.a)
        node(lane.b)
    for one, other in itertools.combinations(lanes, 2):
        if (point := _crossing(one, other)) is not None:
            node(point)
    edges: dict[tuple[str, str], float] = {}
    for lane in lanes:
        length, _ = _along(lane, lane.b)
        on: list[tuple[float, str]] = []
        for name, place in known.items():
            along, aside = _along(lane, place)
            if aside < SNAP / 2 and -SNAP < along < length + SNAP:
                on.append((along, name))
        for (_, a), (_, b) in itertools.pairwise(sorted(on)):
            pair = (a, b) if int(a[1:]) < int(b[1:]) else (b, a)
            edges[pair] = max(edges.get(pair, 0.0), lane.width)
    nodes: dict[str, Point2 | Point3] = {
        name: at if height is None else (*at, height) for name, at in known.items()
    }
    return Walk(
        nodes=nodes, paths=tuple(WalkPath(through=pair, width=w) for pair, w in edges.items())
    )


def connected(walk: Walk) -> bool:
    """Whether everybody can go everywhere."""
    legs = walk.legs()
    reached, waiting = {legs[0][0]}, [legs[0][0]]
    while waiting:
        here = waiting.pop()
        for a, b, _ in legs:
            for start, end in ((a, b), (b, a)):
                if start == here and end not in reached:
                    reached.add(end)
                    waiting.append(end)
    return all(name in reached for leg in legs for name in leg[:2])
