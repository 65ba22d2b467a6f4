"""Which cameras, lights and walkable paths a recipe uses, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manifests.errors import BadRecipe, BadScene
from manifests.people import EVERYTHING_ELSE
from manifests.places import Place, Places
from manifests.recipe import Recipe
from manifests.scene_requests import DRAWN_LIGHTS, SceneRequest, WorldsRequest
from synth_workers.contracts.registry import contract_of
from synth_workers.coordinates import CM_PER_METRE
from synth_workers.people.looks.look_alikes import GROUP_SIZE
from synth_workers.planning.walk_net import segment_values, walk_net
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import find_family, load_scene, scene_outline

_LEAST_VALUE = 0.05


@dataclass(frozen=True)
class ScenePart:
    """What a recipe uses of one scene; ``productivity`` (per camera) grows with the area in
    which people are seen well, cm2. ``number``: the scene's among all ``Places`` of the recipe."""

    number: int
    scene: SceneDescription
    cameras: tuple[Camera, ...]
    lights: tuple[str, ...]
    productivity: tuple[float, ...]


def used_scenes(recipe: Recipe) -> tuple[ScenePart, ...]:
    """The scenes of ``recipe``, and those of its worlds that people meet.

    ``BadScene`` for an unknown scene, family, camera or light, or a camera that sees no path;
    ``BadRecipe`` for too few cameras.
    """
    for request in recipe.scenes:
        if isinstance(request, WorldsRequest):
            for name in request.families:
                find_family(name)
    places = Places(recipe)
    used = set(places.used())
    parts = tuple(
        _used_part(recipe, number, place)
        for number, place in enumerate(places.all)
        if place.name in used
    )
    _check_look_alikes(recipe)
    _check_views(recipe, parts)
    _check_camera_count(recipe, places, {part.number: part for part in parts})
    return parts


def _used_part(recipe: Recipe, number: int, place: Place) -> ScenePart:
    scene = load_scene(place.name)
    contract = contract_of(recipe.engine, scene)  # or it cannot be drawn
    if isinstance(place.request, WorldsRequest):
        cameras, lights = _of_world(scene, place.request)
    else:
        cameras, lights = _cameras(scene, place.request), place.request.light_names
        # Levels that change their light themselves know the named ones alone.
        known = scene.lights + (() if contract.games_own_people else scene.drawn_lights)
        for light in lights:
            if light not in known:
                raise BadScene(
                    f"scenes.{scene.name}.lights: there is no light {light!r}; "
                    f"choose from {', '.join(known)}"
                )
    productivity = tuple(_productivity(recipe, scene, camera) for camera in cameras)
    return ScenePart(number, scene, cameras, lights, productivity)


def _of_world(
    scene: SceneDescription, request: WorldsRequest
) -> tuple[tuple[Camera, ...], tuple[str, ...]]:
    """The cameras of a world that a request uses, and the lights."""
    known = {camera.name: camera for camera in scene.cameras}
    cameras = _at_heights(scene, request, [known[name] for name in scene.camera_sets["all"]])
    if isinstance(request.cameras_per_world, int):
        cameras = cameras[: request.cameras_per_world]
    if request.lights == "any":
        return cameras, scene.lights
    if request.lights == "drawn":
        return cameras, DRAWN_LIGHTS
    asked = (scene_outline(scene.name).night(),) if request.lights == "night" else request.lights
    lights = tuple(light for light in asked if light in scene.lights)
    if not lights:
        raise BadScene(
            f"scenes: world {scene.name} has no light {' or '.join(map(repr, asked))}; it has "
            f"{', '.join(scene.lights)}"
        )
    return cameras, lights


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
    return _at_heights(scene, request, [known[name] for name in dict.fromkeys(names)])


def _at_heights(
    scene: SceneDescription, request: SceneRequest | WorldsRequest, cameras: Sequence[Camera]
) -> tuple[Camera, ...]:
    """Those that hang as high as is asked for."""
    if request.camera_heights is None:
        return tuple(cameras)
    low, high = request.camera_heights
    heights = [camera.location[2] / CM_PER_METRE for camera in cameras]
    kept = tuple(each for each, height in zip(cameras, heights) if low <= height <= high)
    if not kept:
        raise BadScene(
            f"scenes.{scene.name}.camera_heights: no camera hangs between {low:g} and {high:g} m; "
            f"they are {', '.join(f'{height:.1f}' for height in sorted(heights))} m high"
        )
    return kept


def _productivity(recipe: Recipe, scene: SceneDescription, camera: Camera) -> float:
    net = walk_net(scene.walk)
    values = segment_values(
        net,
        camera,
        recipe.image.width,
        recipe.image.height,
        scene.obstacles,
        recipe.capture.min_person_height,
        recipe.capture.max_person_height or np.inf,
    )
    if not len(values) or float(np.max(values)) < _LEAST_VALUE:
        raise BadScene(
            f"camera {camera.name!r} of scene {scene.name!r} sees no walkable path on which "
            f"people are at least {recipe.capture.min_person_height} pixels tall; move or turn "
            "the camera, leave it out of the recipe or lower capture.min_person_height"
        )
    return float((values * net.lengths * net.widths).sum())


def _check_camera_count(recipe: Recipe, places: Places, parts: Mapping[int, ScenePart]) -> None:
    asked = recipe.min_cameras_per_person
    if asked > recipe.images_per_person:
        raise BadRecipe(
            f"min_cameras_per_person: must be at most images_per_person "
            f"({recipe.images_per_person}), got {asked}"
        )
    for tested in {places.is_tested(group) for group in range(len(recipe.groups()))}:
        counts = sorted(
            _least_met(numbers, recipe.scenes[entry], parts)
            for entry, numbers in places.open_to(tested).items()
        )
        each = recipe.scenes_per_person
        available = sum(counts if each == "all" else counts[:each])
        if asked > available:
            raise BadRecipe(
                f"min_cameras_per_person: must be at most {available}, the cameras that every "
                f"person passes in the recipe's scenes, got {asked}"
            )


def _least_met(
    numbers: tuple[int, ...],
    request: SceneRequest | WorldsRequest,
    parts: Mapping[int, ScenePart],
) -> int:
    """Cameras that a group meets for certain in what it meets of one request."""
    counts = [len(parts[number].cameras) for number in numbers if number in parts]
    if request.cameras_per_group != "all":
        counts = [min(request.cameras_per_group, count) for count in counts]
    if isinstance(request, SceneRequest):
        return sum(counts)
    each = request.worlds_per_group
    met = len(numbers) if each == "all" else min(each, len(numbers))
    return min(counts, default=0) * met


def _check_views(recipe: Recipe, parts: Sequence[ScenePart]) -> None:
    """Refuse factors on cameras and lights that no group meets: they would do nothing, unsaid."""
    cameras = {camera.name for part in parts for camera in part.cameras}
    lights = {light for part in parts for light in part.lights}
    lights |= {f"{part.scene.name}/{light}" for part in parts for light in part.lights}
    for views in recipe.later_views:
        for field, given, known in (("cameras", views.cameras, cameras),
                                    ("lights", views.lights, lights)):  # fmt: skip
            if unknown := sorted(set(given) - known - {EVERYTHING_ELSE}):
                raise BadRecipe(
                    f"later_views.{field}: the recipe's people meet no {unknown[0]!r}; they meet "
                    f"{', '.join(sorted(known)[:12])}"
                )


def _check_look_alikes(recipe: Recipe) -> None:
    people = recipe.shards.people_per_shard
    any_alike = recipe.people.look_alikes or any(one.look_alikes for one in recipe.people.later)
    if recipe.splits.worlds is not None and any_alike and people % GROUP_SIZE:
        raise BadRecipe(
            f"shards.people_per_shard: must be a multiple of {GROUP_SIZE} with splits.worlds, so "
            f"that the {GROUP_SIZE} people who look alike are all tested or all trained on, got "
            f"{people}; or set people.look_alikes to 0"
        )
