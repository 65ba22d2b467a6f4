"""Variants: named overlays that change what any recipe asks for. They combine, in order.

An overlay works on the plain form of a valid recipe (what its YAML says in full) and gives
back a plain form, which is then validated like any other recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

INDOOR_SCENES = frozenset({"supermarket"})
"""Shipped scenes that are lit by ceiling lamps; every other scene counts as outdoors."""

HIGH_INDOOR_CAMERAS = "high"
"""Camera set of the six cameras that the variant `indoor` adds (40 in all, as in the paper)."""

_INDOOR_SCENE = "supermarket"


class Variant(StrEnum):
    """Corner cases of the paper (section 3.3), as overlays on any recipe."""

    night = "night"
    indoor = "indoor"
    indoor_only = "indoor-only"
    black_clothing = "black-clothing"


def _night(recipe: dict[str, Any]) -> None:
    """Every scene at night; supermarkets with their lamps dimmed."""
    for scene in recipe["scenes"]:
        scene["lights"] = ["dimmed" if scene["name"] in INDOOR_SCENES else "night"]


def _indoor(recipe: dict[str, Any]) -> None:
    """Six more cameras under the ceiling of the supermarket, which is added if it is missing."""
    for scene in recipe["scenes"]:
        if scene["name"] == _INDOOR_SCENE:
            cameras = scene["cameras"]
            cameras = [cameras] if isinstance(cameras, str) else list(cameras)
            if HIGH_INDOOR_CAMERAS not in cameras:
                scene["cameras"] = [*cameras, HIGH_INDOOR_CAMERAS]
            return
    recipe["scenes"].append({"name": _INDOOR_SCENE, "cameras": HIGH_INDOOR_CAMERAS})


def _indoor_only(recipe: dict[str, Any]) -> None:
    """Indoor scenes alone."""
    indoors = [scene for scene in recipe["scenes"] if scene["name"] in INDOOR_SCENES]
    recipe["scenes"] = indoors or [{"name": _INDOOR_SCENE, "cameras": "all"}]
    if recipe["scenes_per_person"] != "all":
        recipe["scenes_per_person"] = min(recipe["scenes_per_person"], len(recipe["scenes"]))


def _black_clothing(recipe: dict[str, Any]) -> None:
    """Everybody in dark clothes from head to foot."""
    recipe["people"]["dark_clothing"] = 1.0


_OVERLAYS: dict[Variant, Callable[[dict[str, Any]], None]] = {
    Variant.indoor: _indoor,
    Variant.indoor_only: _indoor_only,
    Variant.night: _night,
    Variant.black_clothing: _black_clothing,
}


def explained(variant: Variant) -> str:
    """What a variant does to a recipe, in a sentence."""
    return _OVERLAYS[variant].__doc__ or ""


def apply_variants(recipe: dict[str, Any], variants: frozenset[Variant]) -> dict[str, Any]:
    """The plain recipe under every one of ``variants``; its name gains theirs.

    The result does not depend on the order in which variants are named: scenes are chosen
    before they are lit. The name changes because the data set is another one.
    """
    for variant, overlay in _OVERLAYS.items():
        if variant in variants:
            overlay(recipe)
            recipe["name"] = f"{recipe['name']}-{variant.value}"
    return recipe
