"""The worlds that a reproduction trains in and is tested in, as recipes.

Training worlds share one seed: person 17 is the same body in all of them, and the same clothes
wherever the recipe's looks are the same. Stand-ins have seeds, and therefore people, of their own,
and of cameras, light, clothes and accessories what no training world of `smoke` or `small` has.
Every stand-in is of scenes that some rows also train in, because the rows with all cameras use all
four scenes: what is held out are cameras, people and light.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth_workers.people.worn.accessories.registry import ACCESSORIES
from tasks.reproduce.budgets import Budget, BudgetName, camera_names, held_out_cameras

BASE_RECIPE = "demo"
"""Shipped recipe whose fields the worlds replace."""

ALL_SCENES = ("street", "crossing", "plaza", "supermarket")

_TRAINING_SEED = 2021
_HIGH = "supermarket_h{:02d}"


@dataclass(frozen=True)
class Place:
    """A scene as a world shows it. ``cameras``: None are the budget's training cameras."""

    scene: str
    lights: tuple[str, ...]
    cameras: tuple[str, ...] | None = None


@dataclass(frozen=True)
class World:
    """One data set.

    ``people``: of the paper's number, before scaling, or ``target`` and ``corner`` for stand-ins.
    ``images``: of each person, in units of the budget's. ``looks``: fields of ``people``.
    """

    name: str
    purpose: str
    places: tuple[Place, ...]
    people: int | str
    looks: dict[str, Any] = field(default_factory=dict)
    images: float = 1.0
    seed: int = _TRAINING_SEED
    test_share: float = 0.0


_STREET = (Place("street", ("day",)),)
_DAYLIGHT = {"street": "day", "crossing": "morning", "plaza": "afternoon", "supermarket": "day"}
_LIGHTS_OF_THE_PAPER = {
    "street": ("day", "afternoon", "overcast"),
    "crossing": ("morning", "day", "overcast", "dusk"),
    "plaza": ("day", "afternoon", "fog"),
    "supermarket": ("day", "warm"),
}
_DAY = tuple(Place(scene, (light,)) for scene, light in _DAYLIGHT.items())
_NIGHT = tuple(
    Place(scene, ("dimmed" if scene == "supermarket" else "night",)) for scene in ALL_SCENES
)
_HARD = {"look_alikes": 0.5}
_SUMMER = {"coat": 0, "parka": 0, "puffer": 0, "long_puffer": 0, "shorts": 3, "tee": 2}
_WINTER = {"shorts": 0, "hot_pants": 0, "tank": 0, "sundress": 0, "coat": 3, "parka": 3}


def _held_out(scene: str, light: str, numbers: tuple[int, ...] | None = None) -> Place:
    cameras = camera_names(scene, list(numbers)) if numbers else held_out_cameras(scene)
    return Place(scene, (light,), tuple(cameras))


def _high(numbers: tuple[int, ...]) -> Place:
    return Place("supermarket", ("day",), tuple(_HIGH.format(number) for number in numbers))


_MARKET = (_held_out("plaza", "overcast"),)
_DUKE = (_held_out("crossing", "afternoon", (4, 8, 12, 16)),)
_MSMT17 = (
    _held_out("street", "morning"),
    _held_out("crossing", "dusk", (2, 6, 10, 14)),
    _held_out("supermarket", "warm"),
)
_BARE = {"look_alikes": 0.0, "accessories": dict.fromkeys(ACCESSORIES.names, 0.0)}

WORLDS = {
    world.name: world
    for world in (
        World(
            "random", "clothes of any pictures", _STREET, 800, {**_BARE, "textures": "random"}
        ),
        World(
            "generated", "clothes of patterns", _STREET, 800, {**_BARE, "textures": "generated"}
        ),
        World("real", "clothes like real ones", _STREET, 800, _BARE),
        World("accessories", "real clothes, accessories", _STREET, 800, {"look_alikes": 0.0}),
        World(
            "core", "everything, in street and crossing", _DAY[:2], 800, _HARD, images=2.0
        ),
        World("wide", "everything, in all scenes", _DAY, 3000, _HARD),
        World("wide-real", "real clothes alone, in all scenes", _DAY, 3000, _BARE),
        World(
            "wide-accessories", "no look-alikes, in all scenes", _DAY, 3000, {"look_alikes": 0.0}
        ),
        World("indoor", "high cameras under a ceiling", (_high((1, 3, 5)),), 800, _HARD, 0.5),
        World("night", "all scenes at night", _NIGHT, 800, _HARD),
        World(
            "black", "everybody in dark clothes", _DAY, 800, {**_HARD, "dark_clothing": 1.0}
        ),
        World(
            "market", "stand-in for Market-1501", _MARKET, "target",
            {"look_alikes": 0.0, "garments": _SUMMER}, seed=1501, test_share=0.5,
        ),
        World(
            "duke", "stand-in for DukeMTMC-reID", _DUKE, "target",
            {"look_alikes": 0.0, "garments": _WINTER}, seed=1702, test_share=0.5,
        ),
        World(
            "msmt17", "stand-in for MSMT17", _MSMT17, "target",
            {"look_alikes": 0.2}, 1.5, seed=1711, test_share=0.5,
        ),
        World(
            "grid", "stand-in for GRID: high cameras indoors", (_high((2, 4, 6)),), "corner",
            {"look_alikes": 0.0}, seed=1009, test_share=1.0,
        ),
        World(
            "lips", "stand-in for LIPS: low light",
            (_held_out("crossing", "night", (2, 6, 10, 14)),), "corner",
            {"look_alikes": 0.0}, seed=2010, test_share=1.0,
        ),
        World(
            "market-black", "stand-in for Market-black", _MARKET, "corner",
            {"look_alikes": 0.0, "dark_clothing": 1.0}, seed=1502, test_share=1.0,
        ),
        World(
            "duke-black", "stand-in for Duke-black", _DUKE, "corner",
            {"look_alikes": 0.0, "dark_clothing": 1.0}, seed=1703, test_share=1.0,
        ),
    )
}  # fmt: skip
"""Every world by name."""


def dataset_name(world: str, budget: Budget) -> str:
    """What a world is published as."""
    return f"reproduce-{budget.name}-{world}"


def world_recipe(name: str, budget: Budget, pictures: Path | None = None) -> dict[str, Any]:
    """Fields of ``BASE_RECIPE`` that make it the recipe of a world.

    ``pictures``: folder that clothes of random pictures are cut from.
    """
    world = WORLDS[name]
    stand_in = isinstance(world.people, str)
    images = budget.target_images if stand_in else budget.images
    people = {
        "textures": "real",
        "texture_folder": None,
        "texture_licence": None,
        **world.looks,
        "count": _count(world, budget),
    }
    if people["textures"] == "random":
        people |= {"texture_folder": str(pictures), "texture_licence": "CC0-1.0"}
    shards = budget.recipe["shards"]
    per_shard = min(shards["people_per_shard"], people["count"])
    return {
        "name": dataset_name(name, budget),
        "description": f"Reproduction, budget {budget.name}: {world.purpose}.",
        "seed": world.seed,
        **budget.recipe,
        "people": people,
        "scenes": [_scene(place, budget, stand_in) for place in world.places],
        "images_per_person": round(images * world.images),
        "min_cameras_per_person": 2,
        "splits": {"test_share": world.test_share},
        "shards": {**shards, "people_per_shard": per_shard},
        "on_shortfall": "drop_person",
    }


def _count(world: World, budget: Budget) -> int:
    if isinstance(world.people, int):
        return budget.people(world.people)
    return budget.target_people if world.people == "target" else budget.corner_people


def _scene(place: Place, budget: Budget, stand_in: bool) -> dict[str, Any]:
    cameras = place.cameras or budget.training_cameras(place.scene)
    lights = place.lights
    if budget.name is BudgetName.paper and not stand_in and lights[0] in _DAYLIGHT.values():
        lights = _LIGHTS_OF_THE_PAPER[place.scene]
    return {"name": place.scene, "cameras": list(cameras), "lights": list(lights)}
