"""Turns a recipe into shards: who walks where, under which light, and who is wanted by whom.

A shard is (scene, light, group of people, time window). Groups are fixed ranges of person
indices, the last one filled up with extras (``Recipe.groups``), and nothing in a shard depends on
``people.count``: the plan of a grown recipe holds every shard of the smaller one's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from manifests.identity import DATA_VERSION, child_seed, person_id
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.shards import BuildPlan, PersonRef, ShardSpec, Wanted
from synth_workers.engine import ENGINE_VERSION
from synth_workers.people.looks.sampling import sample_people
from tasks.plan.cameras import ScenePart, used_scenes

_CROPS_PER_FRAME = 5
"""Cautious estimate by which large groups are divided into time windows."""

_MOST_EXTRA = 3
"""No top-up round asks for more than so many times ``images_per_person`` of one person."""

# (scene number, light, camera name) -> wanted images, of one person
_Wishes = Counter[tuple[int, str, str]]


def plan_build(recipe: Recipe) -> BuildPlan:
    """The shards of the first round."""
    parts = used_scenes(recipe)
    shards: list[ShardSpec] = []
    for group, indices in enumerate(recipe.groups()):
        scenes = scenes_of_group(recipe, group)
        theirs = parts_of_group(recipe, parts, group)
        wishes = {index: first_wishes(recipe, theirs, scenes, index) for index in indices}
        shards += _shards(recipe, parts, indices, wishes, round_number=0)
    return BuildPlan(recipe_digest=recipe_digest(recipe), round=0, shards=tuple(shards))


def plan_top_up(
    recipe: Recipe, plan: BuildPlan, deficits: Mapping[int, int], round_number: int
) -> BuildPlan:
    """Shards for the people who still lack crops after a round.

    ``deficits``: person index -> missing crops, of everybody in a group who lacks some, extras
    included (``tasks.publish.selection.missing_crops``). Asks for more than is missing, more so in
    later rounds, of the cameras that see most people well. A group's top-up depends on that group
    alone, so that groups that are added later change nothing about it; its people ask the same
    cameras under the same lights, so that few shards serve them all.
    """
    parts = used_scenes(recipe)
    lacking = sorted(index for index, missing in deficits.items() if missing > 0)
    shards: list[ShardSpec] = []
    for group, members in groupby(lacking, lambda index: index // recipe.shards.people_per_shard):
        indices = list(members)
        scenes = scenes_of_group(recipe, group)
        rng = np.random.default_rng(child_seed(recipe.seed, "top-up", round_number, group))
        start = int(rng.integers(1 << 16))
        theirs = parts_of_group(recipe, parts, group)
        wishes = {
            index: _top_up_wishes(recipe, theirs, scenes, deficits[index], round_number, start)
            for index in indices
        }
        shards += _shards(recipe, parts, indices, wishes, round_number)
    return BuildPlan(recipe_digest=plan.recipe_digest, round=round_number, shards=tuple(shards))


def scenes_of_group(recipe: Recipe, group: int) -> tuple[int, ...]:
    """Numbers of the recipe's scenes in which a group of people walks, evenly shared out."""
    count = len(recipe.scenes)
    each = count if recipe.scenes_per_person == "all" else recipe.scenes_per_person
    return tuple(sorted((group * each + offset) % count for offset in range(each)))


def parts_of_group(recipe: Recipe, parts: Sequence[ScenePart], group: int) -> tuple[ScenePart, ...]:
    """The scenes with the cameras and lights that a group of people meets there."""
    return tuple(
        replace(
            part,
            cameras=tuple(part.cameras[number] for number in seen_by),
            productivity=tuple(part.productivity[number] for number in seen_by),
            lights=tuple(part.lights[number] for number in under),
        )
        for part, request in zip(parts, recipe.scenes)
        for seen_by in [_turn(len(part.cameras), request.cameras_per_group, group)]
        for under in [_turn(len(part.lights), request.lights_per_group, group)]
    )


def _turn(count: int, each: int | str, group: int) -> list[int]:
    """Which of ``count`` things a group takes, so that all are taken equally often."""
    if isinstance(each, str) or each >= count:
        return list(range(count))
    return sorted((group * each + offset) % count for offset in range(each))


def first_wishes(
    recipe: Recipe, parts: Sequence[ScenePart], scenes: Sequence[int], index: int
) -> _Wishes:
    """How many images of one person each camera and light should deliver.

    Every camera gets its turn before any gets a second one, scenes alternate, and so do the
    lights of a camera.
    """
    rng = np.random.default_rng(child_seed(recipe.seed, "wishes", index))
    orders = [
        [(scene, camera.name) for camera in rng.permutation(np.array(parts[scene].cameras, object))]
        for scene in rng.permutation(np.array(scenes))
    ]
    turns = _alternating(orders)
    total = max(
        math.ceil(recipe.images_per_person * recipe.capture.oversample),
        recipe.min_cameras_per_person,
    )
    return _dealt(parts, turns, total, int(rng.integers(1 << 16)))


def _top_up_wishes(
    recipe: Recipe,
    parts: Sequence[ScenePart],
    scenes: Sequence[int],
    missing: int,
    round_number: int,
    start: int,
) -> _Wishes:
    orders: list[list[tuple[int, str]]] = []
    for scene in scenes:
        part = parts[scene]
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
    parts: Sequence[ScenePart], turns: Sequence[tuple[int, str]], total: int, start: int
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
    parts: Sequence[ScenePart],
    indices: Sequence[int],
    wishes: Mapping[int, _Wishes],
    round_number: int,
) -> list[ShardSpec]:
    shards: list[ShardSpec] = []
    # People change clothes from scene to scene and from light to light.
    outfits = [
        _references(recipe, indices, outfit) for outfit in range(recipe.people.outfits_per_person)
    ]
    settings = -1
    for number, part in enumerate(parts):
        for light in part.lights:
            settings += 1
            people = outfits[settings % len(outfits)]
            wanted = [
                Wanted(person=index, camera=camera.name, images=wishes[index][key])
                for index in sorted(wishes)
                for camera in part.cameras
                if wishes[index][key := (number, light, camera.name)] > 0
            ]
            for window, share in enumerate(_windows(wanted, recipe.shards.frames_per_shard)):
                used = {wish.camera for wish in share}
                shards.append(
                    ShardSpec(
                        data_version=DATA_VERSION,
                        dataset_seed=recipe.seed,
                        scene=part.scene.name,
                        scene_version=part.scene.version,
                        light=light,
                        cameras=tuple(c.name for c in part.cameras if c.name in used),
                        people=people,
                        wanted=tuple(share),
                        window=window,
                        round=round_number,
                        max_frames=recipe.shards.frames_per_shard,
                        image=recipe.image,
                        capture=recipe.capture,
                        engine=recipe.engine,
                        engine_version=recipe.engine.version or ENGINE_VERSION,
                    )
                )
    return shards


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
