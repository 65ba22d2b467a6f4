"""Shipped recipes and variants ask only for what the shipped scenes have."""

from __future__ import annotations

import pytest

from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe, shipped_recipes
from synth_workers.scenes.library import load_scene, scene_names
from tasks.plan.requests import resolve_recipe
from tasks.plan.variants import Variant


def fits(recipe: Recipe) -> None:
    for request in recipe.single_scenes:
        scene = load_scene(request.name)
        assert set(request.lights) <= set(scene.lights), request.name
        names = [request.cameras] if isinstance(request.cameras, str) else request.cameras
        assert set(names) <= scene.camera_sets.keys() | {camera.name for camera in scene.cameras}


# Recipes of games' levels fit scenes that only their owners have.
OURS = [name for name in shipped_recipes() if load_recipe(name).engine.kind == "embedded"]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("variant", [None, *Variant])
def test_every_shipped_recipe_fits_under_every_variant(name: str, variant: Variant | None) -> None:
    fits(resolve_recipe(name, [variant] if variant else []))


def test_indoor_scenes_are_the_scenes_that_are_indoors() -> None:
    assert {name for name in scene_names() if load_scene(name).indoor} == {"supermarket"}


def test_the_indoor_variant_of_the_paper_has_forty_cameras() -> None:
    recipe = resolve_recipe("paper", [Variant.indoor])
    cameras = 0
    for request in recipe.single_scenes:
        sets = load_scene(request.name).camera_sets
        names = [request.cameras] if isinstance(request.cameras, str) else request.cameras
        cameras += sum(len(sets[name]) for name in names)
    assert cameras == 40
    high = load_scene("supermarket").camera_sets["high"]
    assert len(high) == 6
