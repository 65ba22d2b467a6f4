"""A small scene and people who walk in it, made of nothing but numbers."""

from __future__ import annotations

import numpy as np

from synth_workers.people.person import PersonMotion
from synth_workers.scenes.description import Camera, Obstacle, SceneDescription, WalkGraph

CAMERAS = (
    Camera("west", (-2100.0, 0.0, 350.0), (-12.0, 0.0, 0.0), 60.0),
    Camera("east", (2100.0, 0.0, 400.0), (-13.0, 180.0, 0.0), 60.0),
    Camera("south", (0.0, 1300.0, 400.0), (-17.0, -90.0, 0.0), 70.0),
)
WALL = Obstacle((-900.0, -60.0, 0.0, -500.0, 60.0, 300.0))


def ladder() -> WalkGraph:
    """Two parallel ways, 6 m apart, joined by three rungs."""
    x = [-1500.0, 0.0, 1500.0]
    nodes = np.array([[a, y, 0.0] for y in (-300.0, 300.0) for a in x])
    edges = np.array([[0, 1], [1, 2], [3, 4], [4, 5], [1, 4], [0, 3], [2, 5]])
    return WalkGraph(nodes, edges, np.full(len(edges), 300.0))


def scene(obstacles: tuple[Obstacle, ...] = ()) -> SceneDescription:
    """The ladder, seen from three sides."""
    return SceneDescription(
        name="ladder",
        version=1,
        indoor=False,
        cameras=CAMERAS,
        camera_sets={"all": tuple(camera.name for camera in CAMERAS)},
        walk=ladder(),
        lights=("day",),
        obstacles=obstacles,
    )


def motion(seed: int) -> PersonMotion:
    """Somebody of ordinary size and pace."""
    rng = np.random.default_rng([41, seed])
    stature = rng.uniform(155.0, 192.0)
    # Feet push off unevenly, so that a cycle's travel is not quite a straight line.
    share = np.linspace(0.0, 1.0, 49)
    travel = rng.uniform(118.0, 150.0) * (share + 0.01 * np.sin(4 * np.pi * share))
    return PersonMotion(
        travel_cm={"walk": travel, "idle": np.zeros(49)},
        cycle_seconds={"walk": rng.uniform(0.95, 1.15), "idle": 4.0},
        stature_cm=stature,
        radius_cm=rng.uniform(52.0, 66.0),
        reach_cm=stature + 4.0,
    )


def motions(count: int) -> list[PersonMotion]:
    """``count`` people."""
    return [motion(seed) for seed in range(count)]
