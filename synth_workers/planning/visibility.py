"""What each camera will see of each person, estimated from geometry before anything is drawn.

A person is an upright frustum: as long as its stride, narrower across and at the head. The
estimates choose frames (``synth_workers.planning.coverage``) and stand in for ground truth where an
engine measures none. World: Unreal's, cm and degrees; boxes in pixels, half-open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.coordinates import project, rotation_axes
from synth_workers.people.person import PersonMotion
from synth_workers.scenes.depth_maps import DepthMap
from synth_workers.scenes.description import Camera, Obstacle, Seat
from synth_workers.seating import SEAT_HEIGHT, SITTING

_NEAREST_DEPTH_CM = 30.0
_TORSO_WIDTH = 0.75  # share of a body's width in the image that hides what is behind it
# ``radius`` spans the longest stride and what is carried; these are shares of it (fitted to
# measured boxes): along the body while walking and standing, across it, and at the head.
_STRIDE, _STANCE, _ACROSS, _HEAD = 0.7, 0.46, 0.5, 0.2
# Somebody who sits: feet, seat and knees, head; cm ahead, shares of half the width aside and of the
# height (fitted to measured boxes).
_SITTING = np.array(
    [(28.0, -0.6, 0.0), (28.0, 0.6, 0.0), (-42.0, -1.0, 0.38), (-42.0, 1.0, 0.38),
     (18.0, -1.0, 0.42), (18.0, 1.0, 0.42), (-32.0, -0.3, 1.0), (-22.0, 0.3, 1.0)]
)  # fmt: skip
_BENT = np.array([(0.0, 15.0), (0.3, 12.0), (0.42, -10.0), (0.55, -30.0), (1.0, -28.0)])
_SITTING_HEIGHT = 0.505  # of the stature, from the seat up
# How much of another's narrowed box shows in front of somebody and behind (fitted to masks).
_SEEN_BEFORE, _SEEN_BEHIND = 0.72, 0.25
# Points of a body, as (height / reach, sideways / half its width), whose sight lines are tested.
_SAMPLES = np.array([(0.06, 0.4), (0.24, -0.5), (0.42, 0.7), (0.6, -0.8), (0.78, 0.7), (0.95, 0.0)])
# The same where looking is cheap: what stands in a real scene may be as thin as a post.
_FINE_SAMPLES = np.array(
    [(height, side) for height in np.linspace(0.06, 0.82, 7) for side in (-0.7, -0.2, 0.3, 0.75)]
    + [(0.95, -0.2), (0.95, 0.2)]
)
_BEFORE_CM = 12.0  # what is no farther before a body than this is the ground it stands on

Scenery = Sequence[Obstacle] | DepthMap
"""What hides people from one camera: boxes around things, or what it sees when nobody is there."""


@dataclass(frozen=True)
class Bodies:
    """Sizes of n people in cm: ``stature``, ``radius`` and ``reach``, each (n,) float64."""

    stature: np.ndarray
    radius: np.ndarray
    reach: np.ndarray

    @classmethod
    def of(cls, motions: Sequence[PersonMotion]) -> Bodies:
        """The sizes of people given by their motions."""
        sizes = [(each.stature_cm, each.radius_cm, each.reach_cm) for each in motions]
        return cls(*np.reshape(np.array(sizes, float), (-1, 3)).T)


@dataclass(frozen=True)
class Views:
    """One camera's view of n people at t instants; every array starts with (t, n).

    ``box``: (t, n, 4) full boxes, which may leave the image; NaN behind the camera.
    ``height``: of the full box, pixels. ``truncation``: share of the full box off the image.
    ``visible``: share of the part inside the image that neither people nor scenery hide.
    ``others``: share of the box in which other people are to be seen; 0 where nobody asked.
    ``distance``: camera to root, cm. ``viewpoint``: azimuth of the camera seen from the body,
    degrees in [0, 360), 0 front, 90 its right side.
    """

    box: np.ndarray
    height: np.ndarray
    truncation: np.ndarray
    visible: np.ndarray
    others: np.ndarray
    distance: np.ndarray
    viewpoint: np.ndarray


def observe(
    camera: Camera,
    width: int,
    height: int,
    positions: np.ndarray,
    yaw: np.ndarray,
    bodies: Bodies,
    scenery: Scenery = (),
    *,
    walking: np.ndarray | None = None,
    seats: Sequence[Seat | None] = (),
    seated: np.ndarray | None = None,
    min_height: float = 0.0,
    neighbours: bool = False,
) -> Views:
    """Views of people at ``positions`` (t, n, 3) who face ``yaw`` (t, n) degrees.

    ``walking``: (t, n) bool, else they stand; everybody walks if it is not given. ``seats``: on
    what each of the n sits, nobody if it is empty; ``seated``: (t, n) how (``seating``), if not all
    the time. Sight lines past the scenery are only tested for people at least ``min_height`` pixels
    tall. ``neighbours``: whether ``Views.others`` is asked for.
    """
    seats = seats or (None,) * positions.shape[1]
    if seated is None:
        have = [SITTING if seat is not None else 0 for seat in seats]
        seated = np.broadcast_to(np.array(have, int), positions.shape[:2])
    sitting = seated == SITTING
    box, depth = _boxes(camera, width, height, positions, yaw, walking, sitting, bodies)
    tall = box[..., 3] - box[..., 1]
    area = np.maximum(tall * (box[..., 2] - box[..., 0]), 1e-6)
    inside = np.clip(box, 0.0, (width, height, width, height))
    seen_area = _area(inside)
    with np.errstate(invalid="ignore"):
        truncation = np.where(np.isfinite(area), 1.0 - seen_area / area, 1.0)
        visible = np.where(seen_area > 0.0, 1.0, 0.0)
        visible *= _not_hidden_by_people(inside, depth)
        candidates = (visible > 0.0) & (tall >= min_height)
    visible = visible * _not_hidden_by_scenery(
        camera, positions, seats, seated, bodies, np.asarray(candidates), scenery
    )
    offset = np.asarray(camera.location, float) - positions
    towards_camera = np.degrees(np.arctan2(offset[..., 1], offset[..., 0]))
    return Views(
        box=box,
        height=np.nan_to_num(tall),
        truncation=np.clip(np.nan_to_num(truncation, nan=1.0), 0.0, 1.0),
        visible=visible,
        others=_others(inside, depth) if neighbours else np.zeros_like(visible),
        distance=np.linalg.norm(offset, axis=-1),
        viewpoint=(towards_camera - yaw) % 360.0,
    )


def _boxes(
    camera: Camera, width: int, height: int, positions: np.ndarray, yaw: np.ndarray,
    walking: np.ndarray | None, sitting: np.ndarray, bodies: Bodies,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    t, n, _ = positions.shape
    angle = np.radians(yaw)
    ahead = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    aside = np.stack([-ahead[..., 1], ahead[..., 0], ahead[..., 2]], axis=-1)
    stride = _STRIDE if walking is None else np.where(walking, _STRIDE, _STANCE)
    ahead *= (bodies.radius * stride)[..., None]
    aside *= (bodies.radius * _ACROSS)[:, None]
    ring = np.stack([ahead, -ahead, aside, -aside], axis=2)  # (t, n, 4, 3)
    top = np.zeros((n, 1, 3))
    top[:, 0, 2] = bodies.reach
    corners = np.concatenate([ring, ring * _HEAD + top], axis=2)  # (t, n, 8, 3)
    if sitting.any():
        who = np.any(sitting, axis=0)
        seated = _sitting_corners(yaw[:, who], bodies, who)
        corners[:, who] = np.where(sitting[:, who, None, None], seated, corners[:, who])
    points = (positions[:, :, None, :] + corners).reshape(-1, 3)
    lens = (camera.fov, width, height, camera.distortion)
    image = project(points, camera.location, camera.rotation, *lens).reshape(t, n, 8, 3)
    nearest = image[..., 2].min(axis=2)
    low, high = image[..., :2].min(axis=2), image[..., :2].max(axis=2)
    box = np.concatenate([low, high], axis=-1)
    box[nearest < _NEAREST_DEPTH_CM] = np.nan
    return box, image[..., 2].mean(axis=2)


def _sitting_corners(yaw: np.ndarray, bodies: Bodies, who: np.ndarray) -> np.ndarray:
    """(t, k, 8, 3) what spans a body on a seat, cm from the ground below the seat's edge."""
    angle = np.radians(yaw)[..., None, None]
    ahead, aside, up = (_SITTING[:, axis] for axis in range(3))
    wide = (bodies.radius[who] * _ACROSS)[:, None] * aside
    tall = seated_reach(bodies)[who][:, None] * up
    corners = np.empty((*yaw.shape, len(_SITTING), 3))
    corners[..., 0] = ahead * np.cos(angle[..., 0]) - wide * np.sin(angle[..., 0])
    corners[..., 1] = ahead * np.sin(angle[..., 0]) + wide * np.cos(angle[..., 0])
    corners[..., 2] = tall
    return corners


def seated_reach(bodies: Bodies) -> np.ndarray:
    """(n,) highest points of people who sit, cm above the ground."""
    return 100 * SEAT_HEIGHT + _SITTING_HEIGHT * bodies.stature + bodies.reach - bodies.stature


def _area(box: np.ndarray) -> np.ndarray:
    size = np.maximum(box[..., 2:] - box[..., :2], 0.0)
    return np.nan_to_num(size[..., 0] * size[..., 1])


def _not_hidden_by_people(inside: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Share of each box that nearer people leave free, as if their overlaps were independent."""
    narrow = _narrowed(inside)
    step, seen, other, overlap = _overlaps(narrow, narrow)
    hides = depth[step, other] < depth[step, seen]
    step, seen, overlap = step[hides], seen[hides], overlap[hides]
    share = overlap / np.maximum(_area(narrow[step, seen]), 1.0)
    free = np.ones(inside.shape[:2])
    np.multiply.at(free, (step, seen), 1.0 - np.clip(share, 0.0, 1.0))
    return free


def _overlaps(
    seen: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of people whose boxes overlap: step, who is seen, who else, and the area, px2.

    ``seen``, ``others``: (t, n, 4) boxes inside the image, of no area beside it; nobody is paired
    with themselves.
    """
    n = seen.shape[1]
    there = (_area(seen) > 0.0) & (_area(others) > 0.0)
    pairs = there[:, :, None] & there[:, None, :]
    pairs[:, np.arange(n), np.arange(n)] = False
    pair = np.flatnonzero(pairs)
    one, other = pair // n, pair // (n * n) * n + pair % n
    area = np.ones(len(pair))
    for low in (0, 1):
        ones, theirs = (box.reshape(-1, 4)[:, low::2] for box in (seen, others))
        end = np.minimum(ones[one, 1], theirs[other, 1])
        side = end - np.maximum(ones[one, 0], theirs[other, 0])
        touching = side > 0.0
        one, other, area = one[touching], other[touching], area[touching] * side[touching]
    return one // n, one % n, other % n, area


def _narrowed(inside: np.ndarray) -> np.ndarray:
    """Boxes as wide as what of a body hides others."""
    narrow = inside.copy()
    centre = (inside[..., 0] + inside[..., 2]) / 2
    half = (inside[..., 2] - inside[..., 0]) * (_TORSO_WIDTH / 2)
    narrow[..., 0], narrow[..., 2] = centre - half, centre + half
    return narrow


def _others(inside: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Share of each box in which others are seen, as if their overlaps did not overlap.

    Nobody fills even a narrowed box, and of those behind the body itself hides most.
    """
    step, seen, other, overlap = _overlaps(inside, _narrowed(inside))
    before = depth[step, other] < depth[step, seen]
    share = np.zeros(inside.shape[:2])
    np.add.at(share, (step, seen), overlap * np.where(before, _SEEN_BEFORE, _SEEN_BEHIND))
    return share / np.maximum(_area(inside), 1.0)


def _not_hidden_by_scenery(
    camera: Camera, positions: np.ndarray, seats: Sequence[Seat | None], seated: np.ndarray,
    bodies: Bodies, candidates: np.ndarray, scenery: Scenery,
) -> np.ndarray:  # fmt: skip
    share = np.ones(candidates.shape)
    where = np.nonzero(candidates)
    mapped = isinstance(scenery, DepthMap)
    if (not mapped and not scenery) or where[0].size == 0:
        return share
    samples = _FINE_SAMPLES if mapped else _SAMPLES
    eye = np.asarray(camera.location, float)
    roots = positions[where]
    person = where[1]
    right = rotation_axes((0.0, camera.rotation[1], 0.0))[1]
    targets = np.repeat(roots[:, None, :], len(samples), axis=1)
    there = seated[where]
    reach = np.where(there == SITTING, seated_reach(bodies)[person], bodies.reach[person])
    targets[..., 2] += reach[:, None] * samples[:, 0]
    targets += (_ACROSS * bodies.radius[person][:, None] * samples[:, 1])[..., None] * right
    for number, seat in enumerate(seats):
        if seat is not None:
            targets[(person == number) & (there == SITTING)] += _bent(seat, samples[:, 0])
    points = targets.reshape(-1, 3)
    if mapped:
        blocked = scenery.hides(points, _BEFORE_CM)
    else:
        blocked = np.zeros(len(points), bool)
        for own in {None, *seats}:
            using = np.isin(person, [k for k, seat in enumerate(seats) if seat == own])
            theirs = using & (there > 0) if own is not None else using | (there == 0)
            rows = np.repeat(theirs, len(samples))
            if rows.any():
                blocked[rows] = _hidden(eye, points[rows], own, scenery)
    share[where] = 1.0 - blocked.reshape(-1, len(samples)).mean(axis=1)
    return share


def _bent(seat: Seat, up: np.ndarray) -> np.ndarray:
    """(s, 3) by which points of an upright body at shares ``up`` (s,) of its height are moved where
    it sits, cm."""
    angle = np.radians(seat.yaw)
    ahead = np.interp(up, _BENT[:, 0], _BENT[:, 1])
    return np.stack([ahead * np.cos(angle), ahead * np.sin(angle), 0 * ahead], axis=1)


def _hidden(
    eye: np.ndarray, targets: np.ndarray, seat: Seat | None, obstacles: Sequence[Obstacle]
) -> np.ndarray:
    """``sight_lines_blocked`` for those who sit on ``seat``: of the boxes around them, what the
    seat says hides them, in place of all."""
    if seat is None:
        return sight_lines_blocked(eye, targets, obstacles)
    place, around = np.asarray(seat.place, float), [np.reshape(o.box, (2, 3)) for o in obstacles]
    others = [
        obstacle
        for obstacle, (low, high) in zip(obstacles, around)
        if not ((place >= low) & (place <= high)).all()
    ]
    turn = np.radians(seat.yaw)
    axes = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    there = (eye - place) @ axes, (targets - place) @ axes
    return sight_lines_blocked(eye, targets, others) | sight_lines_blocked(*there, seat.hides)


def sight_lines_blocked(
    eye: np.ndarray, targets: np.ndarray, obstacles: Sequence[Obstacle]
) -> np.ndarray:
    """Which of the straight lines from ``eye`` (3,) to ``targets`` (k, 3) pass an obstacle."""
    blocked = np.zeros(len(targets), bool)
    low, high = np.minimum(targets.min(axis=0), eye), np.maximum(targets.max(axis=0), eye)
    # One contiguous row per axis: reductions over three columns are slow.
    direction = np.ascontiguousarray((targets - eye).T)
    inverse = 1.0 / np.where(np.abs(direction) < 1e-9, 1e-9, direction)
    for obstacle in obstacles:
        box = np.asarray(obstacle.box, float).reshape(2, 3)
        if (box[0] > high).any() or (box[1] < low).any():
            continue
        first = (box[0] - eye)[:, None] * inverse
        second = (box[1] - eye)[:, None] * inverse
        near, far = np.minimum(first, second), np.maximum(first, second)
        enter = np.maximum(np.maximum(near[0], near[1]), near[2])
        leave = np.minimum(np.minimum(far[0], far[1]), far[2])
        blocked |= (enter < leave) & (leave > 0.0) & (enter < 0.999)
    return blocked
