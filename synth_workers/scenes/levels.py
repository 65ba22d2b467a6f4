"""Levels of packaged games as scenes: what their manifests say, checked as far as numbers can be.

Whether the game keeps the contract is asked of the game itself (``synth_workers.probe``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.checks import blind_cameras, blocked_walks
from synth_workers.scenes.description import (
    Camera,
    GameLevel,
    Obstacle,
    SceneDescription,
    WalkGraph,
)
from synth_workers.scenes.level_manifest import LevelManifest

_SAME_POSE = 0.5  # cm and degrees
_FEWEST_CAMERAS = 2


@dataclass(frozen=True)
class LevelFindings:
    """What a manifest's check brought to light. ``faults``: it cannot be used.
    ``warnings``: it can, but will disappoint."""

    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def level_scene(manifest: LevelManifest) -> SceneDescription:
    """A level as planners and workers see a scene; ``BadScene`` naming every fault."""
    description = describe_level(manifest)
    if faults := blocked_walks(description) + blind_cameras(description):
        raise BadScene(f"level {manifest.name}: " + "; ".join(faults))
    return description


def inspect_level(manifest: LevelManifest) -> LevelFindings:
    """Everything that is wrong or doubtful about a manifest that has the right form."""
    description = describe_level(manifest)
    return LevelFindings(
        faults=(*blocked_walks(description), *blind_cameras(description)),
        warnings=(*_doubts_of_cameras(manifest), *_separate_walks(description.walk)),
    )


def describe_level(manifest: LevelManifest) -> SceneDescription:
    """The manifest in the terms of scenes, unchecked."""
    index = {name: position for position, name in enumerate(manifest.walk.nodes)}
    cameras = tuple(
        Camera(camera.name, camera.location, camera.rotation, camera.fov)
        for camera in manifest.cameras
    )
    nodes = np.array(list(manifest.walk.nodes.values()), float)
    return SceneDescription(
        name=manifest.name,
        version=manifest.version,
        indoor=manifest.indoor,
        cameras=cameras,
        camera_sets={
            "all": tuple(camera.name for camera in cameras),
            **manifest.camera_sets,
        },
        walk=WalkGraph(
            nodes=nodes,
            edges=np.array([(index[e.from_], index[e.to]) for e in manifest.walk.edges], np.intp),
            widths=np.array([edge.width for edge in manifest.walk.edges], float),
        ),
        lights=manifest.lights,
        obstacles=tuple(Obstacle(box) for box in manifest.obstacles),
        target_points=manifest.target_points or tuple(manifest.walk.nodes.values()),
        game=GameLevel(
            map=manifest.map,
            contract=manifest.contract,
            person_classes=manifest.people.classes,
            blocked=manifest.blocked,
            root_height=manifest.people.root_height,
            settle_seconds=manifest.people.settle_seconds,
        ),
    )


def _doubts_of_cameras(manifest: LevelManifest) -> list[str]:
    doubts = []
    if len(manifest.cameras) < _FEWEST_CAMERAS:
        doubts.append("one camera only: nobody is seen by two, so re-identification has no pairs")
    seen: dict[tuple[float, ...], str] = {}
    for camera in manifest.cameras:
        pose = tuple(round(v / _SAME_POSE) for v in (*camera.location, *camera.rotation))
        if pose in seen:
            doubts.append(f"cameras {seen[pose]} and {camera.name} have the same pose")
        seen.setdefault(pose, camera.name)
        if abs(camera.rotation[2]) > 1.0:
            doubts.append(f"camera {camera.name} is rolled by {camera.rotation[2]:g} degrees")
    return doubts


def _separate_walks(walk: WalkGraph) -> list[str]:
    """Whether the graph is in several pieces, between which nobody can go."""
    group = list(range(len(walk.nodes)))

    def root(node: int) -> int:
        while group[node] != node:
            node = group[node]
        return node

    for a, b in walk.edges:
        group[root(int(a))] = root(int(b))
    joined = sorted({int(node) for edge in walk.edges for node in edge})
    pieces = len({root(node) for node in joined})
    alone = len(walk.nodes) - len(joined)
    doubts = [f"the walk is in {pieces} pieces between which nobody can go"] if pieces > 1 else []
    return doubts + ([f"{alone} walk nodes are joined to nothing"] if alone else [])
