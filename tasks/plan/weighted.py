"""Images of later people, shared out by factors among the cameras and lights that a group meets.

By turns of credit: whoever is owed most is next, so that shares are as exact as whole images come
and equal factors take turns. Nothing is drawn but which of many cameras and lights a group meets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from manifests.division import LaterViews
from manifests.errors import BadRecipe
from manifests.identity import child_seed
from manifests.people import EVERYTHING_ELSE
from tasks.plan.cameras import ScenePart

_PERIOD = 24
"""Turns after which a camera begins with the same light as another one."""

_DIGITS = 9
"""Of credit, so that equal factors are owed equally much whatever was rounded on the way."""

Wishes = Counter[tuple[int, str, str]]
"""(scene number, light, camera name) -> wanted images, of one person."""


def camera_weights(views: LaterViews, part: ScenePart) -> list[float]:
    """The factors of a scene's cameras."""
    rest = views.cameras.get(EVERYTHING_ELSE, 1.0)
    return [views.cameras.get(camera.name, rest) for camera in part.cameras]


def light_weights(views: LaterViews, part: ScenePart) -> list[float]:
    """The factors of a scene's lights: its own before those of all scenes."""
    rest = views.lights.get(EVERYTHING_ELSE, 1.0)
    return [
        views.lights.get(f"{part.scene.name}/{light}", views.lights.get(light, rest))
        for light in part.lights
    ]


def chosen(
    weights: Sequence[float], each: int | str, what: str, seed: int, scene: str, group: int
) -> list[int]:
    """Which ``each`` of some cameras or lights a group meets: drawn by weight, without replacement
    (Efraimidis and Spirakis, 2006). Those of weight 0 only if there are too few others."""
    if isinstance(each, str) or each >= len(weights):
        return list(range(len(weights)))
    rng = np.random.default_rng(child_seed(seed, "later", what, scene, group))
    lots = rng.random(len(weights))
    with np.errstate(divide="ignore"):
        order = np.argsort(np.log(lots) / np.array(weights), kind="stable")
    return sorted(order[::-1][:each].tolist())


def weighted_wishes(
    views: LaterViews,
    parts: Mapping[int, ScenePart],
    turns: Sequence[tuple[int, str]],
    total: int,
    least: int,
    start: int,
) -> Wishes:
    """``total`` images of one person: one for each of the first ``least`` of ``turns`` (scene and
    camera), the rest so that all are shared out by factors, and likewise the lights of each camera.
    """
    of_cameras = {
        (number, camera.name): weight
        for number, part in parts.items()
        for camera, weight in zip(part.cameras, camera_weights(views, part), strict=True)
    }
    given = min(least, len(turns), total)
    weights = [of_cameras[turn] for turn in turns]
    order = [*range(given), *islice(by_credit(weights, given), total - given)]
    visits, wishes = Counter[tuple[int, str]](), Wishes()
    for position in order:
        scene, camera = turn = turns[position]
        lights = parts[scene].lights
        shares = light_weights(views, parts[scene])
        # Every camera begins elsewhere, or all would have the same light first.
        ahead = (start + position) % _PERIOD + visits[turn]
        light = next(islice(by_credit(shares, 0), ahead, None))
        visits[turn] += 1
        wishes[scene, lights[light], camera] += 1
    return wishes


def by_credit(weights: Sequence[float], given: int) -> Iterator[int]:
    """Whose turn it is, without end; the first ``given`` have had one each. ``BadRecipe`` if all
    weights are 0."""
    total = sum(weights)
    if total <= 0:
        raise BadRecipe("later_views: at least one camera and light of each group needs a factor")
    shares = [weight / total for weight in weights]
    credit = [share * given - (at < given) for at, share in enumerate(shares)]
    while True:
        credit = [owed + share for owed, share in zip(credit, shares, strict=True)]
        # Of equals the first; whoever has no share is owed nothing, however long others wait.
        able = [at for at, share in enumerate(shares) if share]
        most = max(able, key=lambda at: (round(credit[at], _DIGITS), -at))
        credit[most] -= 1
        yield most
