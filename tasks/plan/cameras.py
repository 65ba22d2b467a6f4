"""Which cameras, lights and walkable paths a recipe uses, checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import BadRecipe, BadScene
from manifests.recipe import Recipe, SceneRequest
from synth_workers.contracts.registry import contract_of
from synth_workers.planning.walk_net import segment_values, walk_net
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import load_scene

_LEAST_VALUE = 0.05


@dataclass(frozen=True)
class ScenePart:
    """What a recipe uses of one scene; ``productivity`` (per camera) grows with the area in
    which people are seen well, cm2."""

    scene: SceneDescription
    cameras: tuple[Camera, ...]
    lights: tuple[str, ...]
    productivity: tuple[float, ...]


def used_scenes(recipe: Recipe) -> tuple[ScenePart, ...]:
    """The scenes of ``recipe``.

    ``BadScene`` for an unknown scene, camera or light, or a camera that sees no path; ``BadRecipe``
    for too few cameras.
    """
    parts = tuple(_used_part(recipe, request) for request in recipe.scenes)
    _check_camera_count(recipe, parts)
    return parts


def _used_part(recipe: Recipe, request: SceneRequest) -> ScenePart:
    scene = load_scene(request.name)
    contract_of(recipe.engine, scene)  # or it cannot be drawn
    cameras = _cameras(scene, request)
    for light in request.lights:
        if light not in scene.lights:
            raise BadScene(
                f"scenes.{scene.name}.lights: there is no light {light!r}; "
                f"choose from {', '.join(scene.lights)}"
            )
    productivity = tuple(_productivity(recipe, scene, camera) for camera in cameras)
    return ScenePart(scene, cameras, request.lights, productivity)


def _cameras(scene: SceneDescription, request: SceneRequest) -> tuple[Camera, ...]:
    asked = (request.cameras,) if isinstance(request.cameras, str) else request.cameras
    known = {camera.name: camera for camera in scene.cameras}
    names: list[str] = []
    for name in asked:
        if name in scene.camera_sets:
            names += scene.camera_sets[name]
        elif name in known:
            names.append(name)
        else:
            raise BadScene(
                f"scenes.{scene.name}.cameras: there is no camera or camera set {name!r}; "
                f"sets: {', '.join(sorted(scene.camera_sets))}; cameras: {', '.join(known)}"
            )
    return tuple(known[name] for name in dict.fromkeys(names))


def _productivity(recipe: Recipe, scene: SceneDescription, camera: Camera) -> float:
    net = walk_net(scene.walk)
    values = segment_values(
        net,
        camera,
        recipe.image.width,
        recipe.image.height,
        scene.obstacles,
        recipe.capture.min_person_height,
    )
    if not len(values) or float(np.max(values)) < _LEAST_VALUE:
        raise BadScene(
            f"camera {camera.name!r} of scene {scene.name!r} sees no walkable path on which "
            f"people are at least {recipe.capture.min_person_height} pixels tall; move or turn "
            "the camera, leave it out of the recipe or lower capture.min_person_height"
        )
    return float((values * net.lengths * net.widths).sum())


def _check_camera_count(recipe: Recipe, parts: tuple[ScenePart, ...]) -> None:
    asked = recipe.min_cameras_per_person
    if asked > recipe.images_per_person:
        raise BadRecipe(
            f"min_cameras_per_person: must be at most images_per_person "
            f"({recipe.images_per_person}), got {asked}"
        )
    counts = sorted(
        len(part.cameras)
        if request.cameras_per_group == "all"
        else min(request.cameras_per_group, len(part.cameras))
        for part, request in zip(parts, recipe.scenes)
    )
    each = recipe.scenes_per_person
    available = sum(counts if each == "all" else counts[:each])
    if asked > available:
        raise BadRecipe(
            f"min_cameras_per_person: must be at most {available}, the cameras that every "
            f"person passes in the recipe's scenes, got {asked}"
        )
