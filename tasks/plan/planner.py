"""Turns a recipe into shards: who walks where, under which light, and who is wanted by whom.

A shard is (scene, light, group of people, time window); of a recording (``Recipe.video``) it has
every tick of its window, else moments that are chosen. Groups are fixed ranges of person
indices, the last one filled up with extras (``Recipe.groups``), and nothing in a shard depends on
``people.count``: the plan of a grown recipe holds every shard of the smaller one's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from manifests.division import LaterViews
from manifests.errors import BadRecipe
from manifests.identity import DATA_VERSION, child_seed, person_id
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.scene_requests import SceneRequest, WorldsRequest
from manifests.shards import BuildPlan, PersonRef, ShardSpec, TimeWindow, Wanted
from manifests.video_rules import VideoRules, ticks_in
from synth_workers.engine import ENGINE_VERSION
from synth_workers.people.looks.sampling import sample_people
from tasks.plan.cameras import ScenePart, used_scenes
from tasks.plan.weighted import Wishes as _Wishes
from tasks.plan.weighted import camera_weights, chosen, light_weights, weighted_wishes

_CROPS_PER_FRAME = 5
"""Cautious estimate by which large groups are divided into time windows."""

_PEOPLE_PER_CROP = 20
"""Of a group, for each crop that a frame has to add: small groups cannot fill frames."""

_MOST_EXTRA = 3
"""No top-up round asks for more than so many times ``images_per_person`` of one person."""


def plan_build(recipe: Recipe) -> BuildPlan:
    """The shards of the first round."""
    places = Places(recipe)
    parts = {part.number: part for part in used_scenes(recipe)}
    shards: list[ShardSpec] = []
    for group, indices in enumerate(recipe.groups()):
        theirs = parts_of_group(recipe, places, parts, group)
        if recipe.video is not None:
            shards += _recordings(recipe, recipe.video, places, theirs, indices)
            continue
        views = recipe.views_of(group)
        wishes = {index: first_wishes(recipe, theirs, index, views) for index in indices}
        shards += _shards(recipe, places, theirs, indices, wishes, round_number=0)
    return BuildPlan(recipe_digest=recipe_digest(recipe), round=0, shards=tuple(shards))


def plan_top_up(
    recipe: Recipe,
    plan: BuildPlan,
    deficits: Mapping[int, int],
    round_number: int,
    seen: Mapping[int, frozenset[str]] | None = None,
) -> BuildPlan:
    """Shards for the people who still lack crops after a round.

    ``deficits``: person index -> missing crops, of everybody in a group who lacks some, extras
    included (``tasks.publish.selection.missing_crops``). Asks for more than is missing, more so in
    later rounds, of the cameras that see most people well. A group's top-up depends on that group
    alone, so that groups that are added later change nothing about it; its people ask the same
    cameras under the same lights, so that few shards serve them all.

    ``seen``: person index -> cameras that have accepted crops of them. Where crops show nobody
    else (``capture.max_others``) and in worlds a shard more costs as much as a hundred of them, so
    people are then asked for where they are missing alone.
    """
    places = Places(recipe)
    parts = {part.number: part for part in used_scenes(recipe)}
    lacking = sorted(index for index, missing in deficits.items() if missing > 0)
    shards: list[ShardSpec] = []
    for group, members in groupby(lacking, lambda index: index // recipe.shards.people_per_shard):
        indices = list(members)
        rng = np.random.default_rng(child_seed(recipe.seed, "top-up", round_number, group))
        start = int(rng.integers(1 << 16))
        theirs = parts_of_group(recipe, places, parts, group)
        asked = dict.fromkeys(indices, theirs)
        worlds = all(isinstance(places.all[n].request, WorldsRequest) for n in theirs)
        if seen is not None and (worlds or recipe.capture.max_others is not None):
            asked = _where_missing(recipe, theirs, indices, seen)
        wishes = {
            index: _top_up_wishes(recipe, asked[index], deficits[index], round_number, start)
            for index in indices
        }
        shards += _shards(recipe, places, theirs, indices, wishes, round_number)
    return BuildPlan(recipe_digest=plan.recipe_digest, round=round_number, shards=tuple(shards))


def parts_of_group(
    recipe: Recipe, places: Places, parts: Mapping[int, ScenePart], group: int
) -> dict[int, ScenePart]:
    """What a group of people meets, by number of the place, with the cameras and lights that it
    meets there."""
    found: dict[int, ScenePart] = {}
    views = recipe.views_of(group)
    for number in places.of_group(group):
        part, request = parts[number], places.all[number].request
        if views is not None:
            seed = recipe.seed, part.scene.name, group
            weights = camera_weights(views, part), light_weights(views, part)
            cameras = chosen(weights[0], request.cameras_per_group, "cameras", *seed)
            lights = chosen(weights[1], request.lights_per_group, "lights", *seed)
        elif isinstance(request, WorldsRequest):
            seed = recipe.seed, part.scene.name, group
            cameras = _drawn(len(part.cameras), request.cameras_per_group, "cameras", *seed)
            lights = _drawn(len(part.lights), request.lights_per_group, "lights", *seed)
        else:
            cameras = _turn(len(part.cameras), request.cameras_per_group, group)
            lights = _turn(len(part.lights), request.lights_per_group, group)
        found[number] = replace(
            part,
            cameras=tuple(part.cameras[k] for k in cameras),
            productivity=tuple(part.productivity[k] for k in cameras),
            lights=tuple(part.lights[k] for k in lights),
        )
    return found


def _turn(count: int, each: int | str, group: int) -> list[int]:
    """Which of ``count`` things a group takes, so that all are taken equally often."""
    if isinstance(each, str) or each >= count:
        return list(range(count))
    return sorted((group * each + offset) % count for offset in range(each))


def _drawn(count: int, each: int | str, what: str, seed: int, world: str, group: int) -> list[int]:
    """The same for a group that comes to a world."""
    if isinstance(each, str) or each >= count:
        return list(range(count))
    rng = np.random.default_rng(child_seed(seed, what, world, group))
    return sorted(rng.permutation(count)[:each].tolist())


def first_wishes(
    recipe: Recipe, parts: Mapping[int, ScenePart], index: int, views: LaterViews | None = None
) -> _Wishes:
    """How many images of one person each camera and light should deliver.

    Every camera gets its turn before any gets a second one, scenes alternate, and so do the
    lights of a camera. ``views``: by whose factors some get more turns than others, as soon as
    each scene and as many cameras as the recipe demands have had one.
    """
    rng = np.random.default_rng(child_seed(recipe.seed, "wishes", index))
    orders = [
        [(scene, camera.name) for camera in rng.permutation(np.array(parts[scene].cameras, object))]
        for scene in rng.permutation(np.array(list(parts))).tolist()
    ]
    turns = _alternating(orders)
    total = max(
        math.ceil(recipe.images_per_person * recipe.capture.oversample),
        recipe.min_cameras_per_person,
    )
    start = int(rng.integers(1 << 16))
    if views is None:
        return _dealt(parts, turns, total, start)
    least = max(recipe.min_cameras_per_person, len(parts))
    return weighted_wishes(views, parts, turns, total, least, start)


def _where_missing(
    recipe: Recipe,
    parts: dict[int, ScenePart],
    indices: Sequence[int],
    seen: Mapping[int, frozenset[str]],
) -> dict[int, dict[int, ScenePart]]:
    """Where to look for each person: in places where nobody saw them, or before cameras that did
    not if these are too few; whoever lacks only crops goes where others of the group have to."""
    own: dict[int, dict[int, ScenePart]] = {}
    for index in indices:
        fresh = {n: _without(part, seen[index]) for n, part in parts.items()}
        missed = {n: parts[n] for n in parts if len(fresh[n].cameras) == len(parts[n].cameras)}
        if not missed and len(seen[index]) < recipe.min_cameras_per_person:
            number = max(fresh, key=lambda n: (len(fresh[n].cameras), -n))
            missed = {number: fresh[number]} if fresh[number].cameras else {}
        own[index] = missed
    anywhere = {number: parts[number] for missed in own.values() for number in missed}
    if not anywhere:
        best = max(parts, key=lambda n: (max(parts[n].productivity), -n))
        anywhere = {best: parts[best]}
    return {index: missed or anywhere for index, missed in own.items()}


def _without(part: ScenePart, cameras: frozenset[str]) -> ScenePart:
    kept = [at for at, camera in enumerate(part.cameras) if camera.name not in cameras]
    return replace(
        part,
        cameras=tuple(part.cameras[at] for at in kept),
        productivity=tuple(part.productivity[at] for at in kept),
    )


def _top_up_wishes(
    recipe: Recipe,
    parts: Mapping[int, ScenePart],
    missing: int,
    round_number: int,
    start: int,
) -> _Wishes:
    orders: list[list[tuple[int, str]]] = []
    for scene, part in parts.items():
        best = sorted(
            zip(part.productivity, part.cameras), key=lambda pair: (-pair[0], pair[1].name)
        )
        most = best[: max(2, math.ceil(len(best) / 2))]
        orders.append([(scene, camera.name) for _, camera in most])
    turns = _alternating(orders)
    asked = math.ceil(missing * (1.0 + 0.5 * round_number)) + 1
    total = min(asked, _MOST_EXTRA * recipe.images_per_person)
    return _dealt(parts, turns, total, start)


def _alternating(orders: Sequence[Sequence[tuple[int, str]]]) -> list[tuple[int, str]]:
    longest = max(len(order) for order in orders)
    return [order[turn] for turn in range(longest) for order in orders if turn < len(order)]


def _dealt(
    parts: Mapping[int, ScenePart], turns: Sequence[tuple[int, str]], total: int, start: int
) -> _Wishes:
    wishes: _Wishes = Counter()
    for turn in range(total):
        visit, position = divmod(turn, len(turns))
        scene, camera = turns[position]
        lights = parts[scene].lights
        light = lights[(start + visit + position) % len(lights)]
        wishes[scene, light, camera] += 1
    return wishes


def _references(recipe: Recipe, indices: Sequence[int], outfit: int) -> tuple[PersonRef, ...]:
    specs = sample_people(recipe.people, recipe.seed, indices, outfit)
    return tuple(
        PersonRef(
            index=index,
            person_id=person_id(recipe.seed, index),
            spec_digest=spec.digest(),
            outfit=outfit,
        )
        for index, spec in zip(indices, specs)
    )


def _shards(
    recipe: Recipe,
    places: Places,
    parts: Mapping[int, ScenePart],
    indices: Sequence[int],
    wishes: Mapping[int, _Wishes],
    round_number: int,
) -> list[ShardSpec]:
    shards: list[ShardSpec] = []
    for part, light, people in _settings(recipe, places, parts, indices):
        request = places.all[part.number].request
        wanted = [
            Wanted(person=index, camera=camera.name, images=wishes[index][key])
            for index in sorted(wishes)
            for camera in part.cameras
            if wishes[index][key := (part.number, light, camera.name)] > 0
        ]
        for window, share in enumerate(_windows(wanted, recipe.shards.frames_per_shard)):
            used = {wish.camera for wish in share}
            shards.append(
                _shard(
                    recipe,
                    part,
                    light,
                    people,
                    cameras=tuple(c.name for c in part.cameras if c.name in used),
                    wanted=tuple(share),
                    window=window,
                    round=round_number,
                    max_frames=recipe.shards.frames_per_shard,
                    crops_per_frame=_crops_per_frame(recipe, request, len(wishes), round_number),
                )
            )
    return shards


def _crops_per_frame(
    recipe: Recipe, request: SceneRequest | WorldsRequest, people: int, round_number: int
) -> int:
    """How many wanted crops a frame has to add where so many ``people`` walk."""
    # In later rounds few lack any, and people who stand free are few in every frame.
    if not isinstance(request, WorldsRequest) or round_number or recipe.capture.max_others:
        return 1
    return max(1, min(request.crops_per_frame, people // _PEOPLE_PER_CROP))


def _recordings(
    recipe: Recipe,
    video: VideoRules,
    places: Places,
    parts: Mapping[int, ScenePart],
    indices: Sequence[int],
) -> list[ShardSpec]:
    """The windows of one recording in each place and light; ``BadRecipe`` for a single camera."""
    each = ticks_in(recipe.shards.seconds_per_shard, video.fps, "shards.seconds_per_shard")
    shards: list[ShardSpec] = []
    for part, light, people in _settings(recipe, places, parts, indices):
        if len(part.cameras) < 2:
            only = " ".join(camera.name for camera in part.cameras)
            raise BadRecipe(
                f"video: {part.scene.name} would be recorded by one camera, "
                f"{only}; name at least two, so that people go from one to another"
            )
        cameras = tuple(camera.name for camera in part.cameras)
        for window, first in enumerate(range(0, video.ticks, each)):
            ticks = min(each, video.ticks - first)
            shards.append(
                _shard(
                    recipe,
                    part,
                    light,
                    people,
                    cameras=cameras,
                    wanted=(),
                    window=window,
                    round=0,
                    max_frames=ticks * len(cameras),
                    video=TimeWindow(fps=video.fps, first=first, ticks=ticks),
                )
            )
    return shards


def _shard(
    recipe: Recipe, part: ScenePart, light: str, people: tuple[PersonRef, ...], **more: Any
) -> ShardSpec:
    return ShardSpec(
        data_version=DATA_VERSION,
        dataset_seed=recipe.seed,
        scene=part.scene.name,
        scene_version=part.scene.version,
        light=light,
        people=people,
        image=recipe.image,
        capture=recipe.capture,
        engine=recipe.engine,
        engine_version=recipe.engine.version or ENGINE_VERSION,
        ground_truth=recipe.ground_truth,
        **more,
    )


def _settings(
    recipe: Recipe, places: Places, parts: Mapping[int, ScenePart], indices: Sequence[int]
) -> Iterator[tuple[ScenePart, str, tuple[PersonRef, ...]]]:
    """Every place and light that a group meets, and what its people wear there: they change clothes
    from scene to scene and from light to light."""
    outfits = [
        _references(recipe, indices, outfit) for outfit in range(recipe.people.outfits_per_person)
    ]
    first = _first_settings(places)
    for number, part in parts.items():
        request = places.all[number].request
        own = request.light_names if isinstance(request, SceneRequest) else part.lights
        for light in part.lights:
            yield part, light, outfits[(first[number] + own.index(light)) % len(outfits)]


def _first_settings(places: Places) -> list[int]:
    """For each place the number of its first setting: a scene has one per light, a world one."""
    counts = [
        len(place.request.light_names) if isinstance(place.request, SceneRequest) else 1
        for place in places.all
    ]
    return np.cumsum([0, *counts]).tolist()


def _windows(wanted: Sequence[Wanted], frames: int) -> list[list[Wanted]]:
    """Divide wishes evenly into time windows of about ``frames`` frames each; none if empty."""
    total = sum(wish.images for wish in wanted)
    count = math.ceil(total / (_CROPS_PER_FRAME * frames))
    windows: list[list[Wanted]] = [[] for _ in range(count)]
    for position, wish in enumerate(wanted):
        base, more = divmod(wish.images, count)
        for window in range(count):
            images = base + ((window + position) % count < more)
            if images:
                windows[window].append(wish.model_copy(update={"images": images}))
    return [window for window in windows if window]
