"""Scene settings of gym-unrealcv and UnrealZoo, JSON files of their levels, as level manifests.

They say how a game is started, where agents may stand, which classes play people and, some of
them, in which areas cameras hang. They say nothing of which places are joined, nor (but for one
that looks down from above) where exactly a camera hangs: that is chosen here, and every choice is
told.
Numbers are Unreal's: cm, degrees.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from manifests.errors import BadScene

Place = tuple[float, float, float]

_CHARACTER = 88.0
"""Centimetres from the feet of Unreal's Character to its location, which settings give."""

_WIDTH = 200.0
_LOOK_AT = 120.0
_HANGING, _LOOKING, _MOST_HANGING = 250.0, 1000.0, 6
"""Cameras of our choice: so high above a place to walk, looking so far along a way; how many."""
_FROM_ABOVE = -60.0
"""Degrees of pitch below which a camera sees heads, not people."""

_VERSION = re.compile(r"UE_?(\d)[_.](\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class ImportedLevel:
    """``content``: of a level manifest. ``executable``: of the game, below its folder, and its UE
    ``engine`` as far as its name tells. ``notes``: what was chosen, and what is to be looked at."""

    content: dict[str, Any]
    executable: str | None
    engine: str | None
    notes: tuple[str, ...]


def read_settings(path: Path) -> dict[str, Any]:
    """What a file of settings says; ``BadScene`` if that is no JSON object."""
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadScene(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadScene(f"{path}: settings of a scene are a JSON object")
    return content


def level_of(settings: Mapping[str, Any], name: str) -> ImportedLevel:
    """The level that ``settings`` describe, called ``name`` in recipes.

    Raises ``BadScene`` that names the field if there is no place to walk to.
    """
    area = _area(settings.get("reset_area"))
    notes: list[str] = []
    walk = _walk(_places(settings, area, notes), area, notes)
    cameras = [
        {"name": f"{name}_c{number:02d}", **camera}
        for number, camera in enumerate(_cameras(settings, area, walk, notes), start=1)
    ]
    executable = str(settings.get("env_bin") or "") or None
    found = _VERSION.search(executable or "")
    content: dict[str, Any] = {
        "format": 1,
        "name": name,
        "map": str(settings.get("env_map") or settings.get("env_name") or name),
        "cameras": cameras,
        "walk": walk,
    }
    if classes := _classes(settings):
        content["people"] = {"classes": classes}
    else:
        notes.append("no agents with `class_name`: people are of the class BP_Person_C")
    engine = f"{found[1]}.{found[2]}" if found else None
    return ImportedLevel(content, executable, engine, tuple(notes))


def _numbers(field: str, value: object, sizes: Sequence[int]) -> list[float]:
    if (
        not isinstance(value, Sequence)
        or len(value) not in sizes
        or not all(isinstance(n, (int, float)) and math.isfinite(n) for n in value)
    ):
        wanted = " or ".join(map(str, sizes))
        raise BadScene(f"{field}: must be {wanted} numbers; got {str(value)[:80]}")
    return [float(number) for number in value]


def _listed(field: str, value: object) -> Sequence[object]:
    if value is not None and (isinstance(value, str) or not isinstance(value, Sequence)):
        raise BadScene(f"{field}: must be a list; got {str(value)[:80]}")
    return value or []


def _area(value: object) -> list[float] | None:
    """x0 x1 y0 y1 of where agents are put, if the settings say so."""
    if not value:
        return None
    x0, x1, y0, y1 = _numbers("reset_area", value, (4, 6))[:4]
    return [min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)]


def _places(settings: Mapping[str, Any], area: list[float] | None, notes: list[str]) -> list[Place]:
    found: list[Place] = []
    given = _listed("safe_start", settings.get("safe_start"))
    for number, value in enumerate(given):
        x, y, z = _numbers(f"safe_start.{number}", value, (3,))
        if area is None or (area[0] <= x <= area[1] and area[2] <= y <= area[3]):
            found.append((x, y, z - _CHARACTER))
    if len(found) < len(given):
        notes.append(f"{len(given) - len(found)} of `safe_start` lie outside of `reset_area`")
    return list(dict.fromkeys(found))


def _walk(places: list[Place], area: list[float] | None, notes: list[str]) -> dict[str, Any]:
    if len(places) < 2:
        if area is None or not places:
            raise BadScene(
                "`safe_start` must have two places, or one beside a `reset_area`: people have "
                "nowhere to walk"
            )
        return _across(area, places[0][2], notes)
    notes.append(
        f"{len(places)} places of `safe_start` are joined to their neighbours: nothing says that "
        "the ways are free, so look at each and widen those that are"
    )
    names = {place: f"p{number:02d}" for number, place in enumerate(places, start=1)}
    edges = [{"from": names[a], "to": names[b], "width": _WIDTH} for a, b in _shortest_tree(places)]
    return {"nodes": {names[place]: list(place) for place in places}, "edges": edges}


def _across(area: list[float], z: float, notes: list[str]) -> dict[str, Any]:
    """A walk through the middle of an area, as wide as that."""
    x0, x1, y0, y1 = area
    x, y, margin = (x0 + x1) / 2, (y0 + y1) / 2, min(x1 - x0, y1 - y0) / 2
    along_x = x1 - x0 > y1 - y0
    if abs((x1 - x0) - (y1 - y0)) < 2 * _WIDTH:  # a square: its middle would be one place
        margin /= 2
    first, last = (x0 + margin, y), (x1 - margin, y)
    if not along_x:
        first, last = (x, y0 + margin), (x, y1 - margin)
    notes.append("people walk along the middle of `reset_area`, as wide as it is")
    return {
        "nodes": {"p01": [*first, z], "p02": [*last, z]},
        "edges": [{"from": "p01", "to": "p02", "width": max(60.0, min(2 * margin, 5000.0))}],
    }


def _shortest_tree(places: list[Place]) -> Iterator[tuple[Place, Place]]:
    """The pairs of a spanning tree of least length."""
    inside, outside = [places[0]], places[1:]
    while outside:
        pairs = ((a, b) for a in inside for b in outside)
        a, b = min(pairs, key=lambda pair: math.dist(*pair))
        yield a, b
        inside.append(b)
        outside.remove(b)


def _cameras(
    settings: Mapping[str, Any],
    area: list[float] | None,
    walk: Mapping[str, Any],
    notes: list[str],
) -> Iterator[dict[str, Any]]:
    nodes = list(walk["nodes"].values())
    middle = [sum(node[axis] for node in nodes) / len(nodes) for axis in range(3)]
    if area is not None:
        middle[:2] = [(area[0] + area[1]) / 2, (area[2] + area[3]) / 2]
    boxes = {
        tuple(_numbers(f"cam_area.{number}", box, (6,)))
        for number, box in enumerate(_listed("cam_area", settings.get("cam_area")))
    }
    for box in sorted(boxes):
        at = [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2, (box[4] + box[5]) / 2]
        yield {"location": at, "rotation": _towards(at, middle), "fov": 90.0}
    if boxes:
        notes.append(f"{len(boxes)} cameras hang in the middle of `cam_area` and look inwards")
    hanging = len(boxes)
    third = settings.get("third_cam")
    if isinstance(third, Mapping) and third.get("height_top_view") is not None:
        angles = [third.get(angle, 0.0) for angle in ("pitch", "yaw", "roll")]
        pitch, yaw, roll = _numbers("third_cam: pitch, yaw, roll", angles, (3,))
        (height,) = _numbers("third_cam.height_top_view", [third["height_top_view"]], (1,))
        (fov,) = _numbers("third_cam.fov", [third.get("fov", 90.0)], (1,))
        if pitch < _FROM_ABOVE:
            notes.append(
                "`third_cam` is left out: it looks down from above, where a person is a head"
            )
        else:
            hanging += 1
            yield {"location": [*middle[:2], height], "rotation": [pitch, yaw, roll], "fov": fov}
    if not hanging:
        notes.append(
            "no `cam_area` says where cameras hang: they hang 2.5 m above places to walk and look "
            "along the ways; record better ones with `unrealperson level record`"
        )
        yield from _along_ways(walk)


def _along_ways(walk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Cameras above ends of ways, no two above one place; ways of a useful length first."""
    nodes = walk["nodes"]
    ways = [(edge["from"], edge["to"]) for edge in walk["edges"]]
    ways.sort(key=lambda way: abs(math.dist(nodes[way[0]], nodes[way[1]]) - _LOOKING))
    looks: dict[str, str] = {}
    for a, b in ways:
        looks.setdefault(a, b)
        looks.setdefault(b, a)
    for a, b in islice(looks.items(), _MOST_HANGING):
        start, end = nodes[a], nodes[b]
        share = min(1.0, _LOOKING / math.dist(start, end))
        at = [*start[:2], start[2] + _HANGING]
        seen = [x + share * (y - x) for x, y in zip(start, end)]
        yield {"location": at, "rotation": _towards(at, seen), "fov": 70.0}


def _towards(at: Sequence[float], middle: Sequence[float]) -> list[float]:
    """Pitch, yaw and roll of a look at somebody who stands in the middle."""
    x, y, z = middle[0] - at[0], middle[1] - at[1], middle[2] + _LOOK_AT - at[2]
    pitch = math.degrees(math.atan2(z, math.hypot(x, y)))
    return [round(pitch, 2), round(math.degrees(math.atan2(y, x)), 2), 0.0]


def _classes(settings: Mapping[str, Any]) -> list[str]:
    agents = settings.get("agents")
    player = agents.get("player") if isinstance(agents, Mapping) else None
    names = player.get("class_name") if isinstance(player, Mapping) else None
    if isinstance(names, str):
        return [names]
    return list(dict.fromkeys(map(str, names))) if isinstance(names, Sequence) else []
