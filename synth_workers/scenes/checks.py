"""What every scene must fulfil before people walk in it: ground under them, nothing in the way,
cameras that see them. World frame: Unreal's, centimetres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from manifests.errors import BadScene
from synth_workers.coordinates import project
from synth_workers.scenes.description import Camera, SceneDescription, WalkGraph

BODY_RADIUS = 25.0
"""Half the width of a person, cm, that must pass beside an obstacle."""

STEP_HEIGHT = 20.0
HEAD_HEIGHT = 190.0
"""Obstacles wholly below the one or above the other, cm, do not stop anybody."""

SAMPLE_STEP = 50.0
GROUND_SLACK = 0.04
"""Metres that a walk may differ from the ground under it."""

STATURE = 170.0
SMALLEST, TALLEST = 90.0, 420.0
"""Pixels that a person may be tall at 1280 x 720 to count as seen."""


def sample_walk(walk: WalkGraph, across: tuple[float, ...] = (-1.0, 0.0, 1.0)) -> np.ndarray:
    """(n, 3) points, cm, every half metre along all edges, at shares ``across`` of the half width
    (less the width of a body, which is how far a person's middle may go aside)."""
    points = []
    for (a, b), width in zip(walk.edges, walk.widths):
        start, end = walk.nodes[a], walk.nodes[b]
        span = end - start
        length = float(np.linalg.norm(span[:2]))
        steps = max(int(length / SAMPLE_STEP), 1)
        along = start + np.linspace(0, 1, steps + 1)[:, None] * span
        side = np.array([-span[1], span[0], 0.0]) / max(length, 1e-9)
        reach = max(width / 2 - BODY_RADIUS, 0.0)
        points.extend(along + side * reach * share for share in across)
    return np.concatenate(points)


def blocked_walks(description: SceneDescription) -> list[str]:
    """Edges of the walk that run into obstacles, in words."""
    faults = []
    walk = description.walk
    boxes = np.array([o.box for o in description.obstacles], float).reshape(-1, 6)
    boxes = boxes[(boxes[:, 5] > STEP_HEIGHT) & (boxes[:, 2] < HEAD_HEIGHT)]
    if not len(boxes):
        return faults
    for k in range(len(walk.edges)):
        one = WalkGraph(walk.nodes, walk.edges[k : k + 1], walk.widths[k : k + 1])
        points = sample_walk(one, (-1.0, -0.5, 0.0, 0.5, 1.0))[:, None, :2]
        nearest = np.clip(points, boxes[None, :, :2], boxes[None, :, 3:5])
        distance = np.linalg.norm(points - nearest, axis=2)
        hit = np.argwhere(distance < BODY_RADIUS - 1e-6)
        if len(hit):
            box = boxes[hit[0, 1]]
            a, b = (walk.nodes[i][:2].round() for i in walk.edges[k])
            faults.append(f"edge {k} from {a} to {b} cm runs into the obstacle {box.round()}")
    return faults


def visible_heights(camera: Camera, points: np.ndarray) -> np.ndarray:
    """(n,) height in pixels at 1280 x 720 of a standing person at each (n, 3) point, cm;
    0 where head or feet are outside the picture."""
    width, height = 1280, 720
    lens = (camera.fov, width, height, camera.distortion)
    feet = project(points, camera.location, camera.rotation, *lens)
    heads = project(points + (0, 0, STATURE), camera.location, camera.rotation, *lens)
    inside = (feet[:, 2] > 10) & (heads[:, 2] > 10)
    for ends in (feet, heads):
        with np.errstate(invalid="ignore"):
            inside &= (ends[:, 0] > 0) & (ends[:, 0] < width)
            inside &= (ends[:, 1] > 0) & (ends[:, 1] < height)
    return np.where(inside, feet[:, 1] - heads[:, 1], 0.0)


def blind_cameras(description: SceneDescription) -> list[str]:
    """Cameras in which nobody on the walk is of a useful height, in words."""
    points = sample_walk(description.walk)
    heights = {camera.name: visible_heights(camera, points) for camera in description.cameras}
    return [
        f"camera {name} sees no walkable path"
        for name, tall in heights.items()
        if not np.any((tall >= SMALLEST) & (tall <= TALLEST))
    ]


def check_scene(
    description: SceneDescription, ground_height: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Raises `BadScene` with every fault.

    ``ground_height``: (n, 2) places in metres of the engine's frame -> (n,) metres, NaN: none.
    """
    faults = blocked_walks(description)
    points = sample_walk(description.walk)
    flat = points[:, :2] * (0.01, -0.01)
    height = ground_height(flat)
    off = np.isnan(height)
    if off.any():
        faults.append(f"walk leaves every floor at {points[off][0].round()} cm")
    floating = np.abs(points[:, 2] / 100 - height) > GROUND_SLACK
    if floating.any():
        worst = int(np.argmax(floating))
        faults.append(
            f"walk is not on the ground at {points[worst].round()} cm (ground at "
            f"{height[worst] * 100:.0f} cm)"
        )
    faults += blind_cameras(description)
    if faults:
        raise BadScene(f"scene {description.name}: " + "; ".join(faults))
