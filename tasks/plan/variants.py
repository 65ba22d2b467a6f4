"""Variants: named overlays that change what any recipe asks for. They combine.

A variant is one row of ``Variant`` and the function beside it. That works on the plain form of a
valid recipe (what its YAML says in full) and knows scenes by what their files say; the result is
validated like any other recipe (``tasks.plan.requests``).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from manifests.errors import BadRecipe

if TYPE_CHECKING:
    from synth_workers.scenes.families.registry import Family
    from synth_workers.scenes.library import SceneOutline


@dataclass(frozen=True)
class Scenes:
    """What is known of scenes and families by name; ``BadScene`` if there are none of a name."""

    outline: Callable[[str], SceneOutline]
    family: Callable[[str], Family]


Overlay = Callable[[dict[str, Any], Scenes], None]

_INDOORS = "supermarket"
_HIGH = "high"
"""Camera set of the cameras under the ceiling; with the supermarket's, the paper has 40."""


def _night(recipe: dict[str, Any], scenes: Scenes) -> None:
    """Every scene and world at night; those indoors with their lamps dimmed."""
    for request in recipe["scenes"]:
        known = scenes.outline(request["name"]) if "name" in request else None
        request["lights"] = [known.night()] if known else "night"


def _indoor(recipe: dict[str, Any], scenes: Scenes) -> None:
    """The cameras under the ceiling (camera set `high`) of the indoor scenes that have them; the
    supermarket's six, which is added, if none has."""
    found = False
    for request in recipe["scenes"]:
        if "name" not in request:
            continue
        scene = scenes.outline(request["name"])
        if scene.indoor and _HIGH in scene.camera_sets:
            cameras = request["cameras"]
            cameras = [cameras] if isinstance(cameras, str) else cameras
            request["cameras"] = list(dict.fromkeys([*cameras, _HIGH]))
            found = True
    if not found:
        recipe["scenes"].append({"name": _INDOORS, "cameras": _HIGH})


def _indoor_only(recipe: dict[str, Any], scenes: Scenes) -> None:
    """Indoor scenes and families alone; the supermarket if there are none."""
    indoors = [kept for request in recipe["scenes"] if (kept := _within(request, scenes))]
    recipe["scenes"] = indoors or [{"name": _INDOORS, "cameras": "all"}]
    if recipe["scenes_per_person"] != "all":
        recipe["scenes_per_person"] = min(recipe["scenes_per_person"], len(recipe["scenes"]))


def _within(request: dict[str, Any], scenes: Scenes) -> dict[str, Any] | None:
    """What a request asks for indoors: of several families those that are."""
    if "name" in request:
        return request if scenes.outline(request["name"]).indoor else None
    families = [request["family"]] if request["family"] else request["of"]
    kept = [name for name in families if scenes.family(name).indoor]
    if not kept:
        return None
    return request | ({"of": kept} if request["of"] else {})


def _black_clothing(recipe: dict[str, Any], _: Scenes) -> None:
    """Everybody in dark clothes from head to foot."""
    recipe["people"]["dark_clothing"] = 1.0


class Stage(IntEnum):
    """When an overlay is applied: scenes are chosen before anything in them is changed."""

    which_scenes = 1
    what_is_in_them = 2


class Variant(StrEnum):
    """Corner cases of the paper (section 3.3), as overlays on any recipe."""

    stage: Stage
    overlay: Overlay

    def __new__(cls, name: str, stage: Stage, overlay: Overlay) -> Variant:
        """A row: name, when it is applied, what it does."""
        member = str.__new__(cls, name)
        member._value_, member.stage, member.overlay = name, stage, overlay
        return member

    night = "night", Stage.what_is_in_them, _night
    indoor = "indoor", Stage.which_scenes, _indoor
    indoor_only = "indoor-only", Stage.which_scenes, _indoor_only
    black_clothing = "black-clothing", Stage.what_is_in_them, _black_clothing

    @classmethod
    def named(cls, names: Iterable[str]) -> list[Variant]:
        """The variants of these names; ``BadRecipe`` with the known ones."""
        known = [variant.value for variant in cls]
        for name in names:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                raise BadRecipe(f"variant: must be one of {', '.join(known)}, got {name!r}{hint}")
        return [cls(name) for name in names]

    @property
    def explained(self) -> str:
        """What it does to a recipe, in a sentence."""
        return " ".join((self.overlay.__doc__ or "").split())


def apply_variants(recipe: dict[str, Any], variants: Iterable[Variant], scenes: Scenes) -> None:
    """Change a plain recipe to what all of ``variants`` make of it; its name gains theirs.

    The result does not depend on the order in which they are named. The name changes because the
    data set is another one.
    """
    chosen = set(variants)
    for variant in sorted(Variant, key=lambda variant: variant.stage):
        if variant in chosen:
            variant.overlay(recipe, scenes)
            recipe["name"] = f"{recipe['name']}-{variant}"
