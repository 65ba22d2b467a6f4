"""Where people begin a take so that one camera sees each of them free of the others.

Those who are to be seen are placed first, each where its picture touches nobody's; who finds no
such place goes elsewhere with the others. Pure and seeded. World: Unreal's, cm, degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.coordinates import focal_length, project
from synth_workers.planning.visibility import Bodies
from synth_workers.planning.walk_net import WalkNet
from synth_workers.planning.walkers import BODY_SHARE, Start
from synth_workers.scenes.description import Camera

_TRIES = 48
_GROUND_CM = 50.0
"""Free space between bodies on the ground."""

_HALF_CM = 32.0
"""Of the width that somebody takes up in a picture, with the space that is left free."""

_BESIDE_PX = 4.0
"""Free space between two people in a picture."""

_NEAREST_CM = 30.0


@dataclass
class _Placed:
    """Who stands where so far: ``places`` (k, 2), ``boxes`` (k, 4) in the picture, NaN behind the
    camera, and ``radius`` (k,)."""

    places: np.ndarray
    boxes: np.ndarray
    radius: np.ndarray
    count: int = 0

    def room(self, places: np.ndarray, boxes: np.ndarray, radius: float) -> np.ndarray:
        """(t,) whether somebody at each of these would be free: above 0 if so, and the less below
        it the less is missing."""
        if not self.count:
            return np.ones(len(places))
        k = slice(self.count)
        offset = places[:, None] - self.places[None, k]
        ground = np.hypot(offset[..., 0], offset[..., 1]) - radius - self.radius[k]
        mine, theirs = boxes[:, None], self.boxes[None, k]
        aside = np.maximum(mine[..., :2] - theirs[..., 2:], theirs[..., :2] - mine[..., 2:])
        apart = np.nan_to_num(aside.max(axis=-1), nan=np.inf)
        return np.minimum(
            (ground / _GROUND_CM).min(axis=1) - 1.0, (apart / _BESIDE_PX).min(axis=1) - 1.0
        )

    def add(self, place: np.ndarray, box: np.ndarray, radius: float) -> None:
        at, self.count = self.count, self.count + 1
        self.places[at], self.boxes[at], self.radius[at] = place, box, radius


def free_places(
    net: WalkNet,
    bodies: Bodies,
    room: np.ndarray,
    seen: Sequence[int],
    before: np.ndarray,
    elsewhere: np.ndarray,
    camera: Camera,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[Start, np.ndarray]:
    """Where everybody begins, and (n,) whether they stand before the camera.

    ``room``: (n,) how near others may come, cm. ``seen``: who is to be seen, the most wanted first.
    ``before``, ``elsewhere``: (m,) how much people like each segment who are to be seen and who are
    not.
    """
    n, count = len(bodies.radius), 0
    radius = BODY_SHARE * bodies.radius
    placed = _Placed(np.empty((n, 2)), np.empty((n, 4)), np.empty(n))
    segments, places = np.zeros(n, int), np.zeros((n, 2))
    wanted = np.zeros(n, bool)
    others = [person for person in range(n) if person not in seen]
    chances = [(liking + 1e-6) * net.lengths for liking in (before, elsewhere)]
    totals = [np.cumsum(chance / chance.sum()) for chance in chances]
    queue = [(person, 0) for person in seen] + [(person, 1) for person in others]
    while count < len(queue):
        person, kind = queue[count]
        count += 1
        segment = totals[kind].searchsorted(rng.random(_TRIES) * totals[kind][-1], side="right")
        segment = np.minimum(segment, len(net.lengths) - 1)
        start, end = net.nodes[net.segments[segment]].transpose(1, 0, 2)
        spots = start + (end - start) * rng.random((_TRIES, 1))
        free = np.maximum(net.widths[segment] / 2 - radius[person], 0.0)
        spots[:, :2] += net.rights()[segment] * (free * rng.uniform(-1.0, 1.0, _TRIES))[:, None]
        boxes = _boxes(spots, float(bodies.reach[person]), camera, size)
        left = placed.room(spots[:, :2], boxes, float(room[person]))
        best = int((left > 0.0).argmax()) if (left > 0.0).any() else int(left.argmax())
        if kind == 0 and left[best] <= 0.0:
            queue.append((person, 1))
            continue
        wanted[person] = kind == 0
        segments[person], places[person] = segment[best], spots[best, :2]
        placed.add(spots[best, :2], boxes[best], float(room[person]))
    return Start(segments, places), wanted


def _boxes(feet: np.ndarray, reach: float, camera: Camera, size: tuple[int, int]) -> np.ndarray:
    """(t, 4) what somebody on each of the places (t, 3) takes up of the picture."""
    heads = feet + (0.0, 0.0, reach)
    lens = (camera.fov, *size, camera.distortion)
    image = project(np.concatenate([feet, heads]), camera.location, camera.rotation, *lens)
    low, high = image[: len(feet)], image[len(feet) :]
    depth = np.minimum(low[:, 2], high[:, 2])
    half = focal_length(camera.fov, size[0]) * _HALF_CM / np.maximum(depth, _NEAREST_CM)
    boxes = np.column_stack(
        [
            np.minimum(low[:, 0], high[:, 0]) - half,
            np.minimum(low[:, 1], high[:, 1]),
            np.maximum(low[:, 0], high[:, 0]) + half,
            np.maximum(low[:, 1], high[:, 1]),
        ]
    )
    boxes[depth < _NEAREST_CM] = np.nan
    return boxes
