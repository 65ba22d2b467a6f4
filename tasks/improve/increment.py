"""The next increment of a recipe: so many people more, drawn by weights. An ordinary recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.people import PeopleRecipe
from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES
from synth_workers.people.looks.tastes import Tastes
from synth_workers.people.looks.things import probabilities
from tasks.improve.weights import Weights

UNIFORM = Weights()
"""Everybody is drawn as before."""


@dataclass(frozen=True)
class Change:
    """One field of an increment: what it was for those before, what it is, and the weight."""

    field: str
    before: float
    after: float
    weight: float


def grown(recipe: Recipe, people: int, weights: Weights) -> Recipe:
    """``recipe`` with so many ``people`` more, who are drawn by ``weights``.

    Those who were there stay as they are, with all of their shards. ``BadRecipe`` if they do not
    make whole groups.
    """
    first = recipe.people.count
    plain = recipe.model_dump(mode="json")
    changes: dict[str, Any] = {"people.count": first + people}
    later = looks(recipe.people, weights)
    if later:
        changes["people.later"] = [*plain["people"].get("later", []), {"first": first, **later}]
    views = {
        "cameras": unequal(weights.cameras),
        "lights": unequal(weights.lights),
    }
    if any(views.values()):
        before = plain.get("later_views", [])
        changes["later_views"] = [*before, {"first": first, **views}]
    return RECIPES.changed(plain, changes, recipe.name)


def looks(people: PeopleRecipe, weights: Weights) -> dict[str, Any]:
    """The fields of ``people.later`` that weights change."""
    found: dict[str, Any] = {}
    for change in changed_looks(people, weights):
        name, _, accessory = change.field.partition(".")
        if accessory:
            found.setdefault(name, {})[accessory] = change.after
        else:
            found[name] = change.after
    return found


def changed_looks(people: PeopleRecipe, weights: Weights) -> list[Change]:
    """How shares of people change."""
    usual = usual_accessories(people)
    rows = [
        ("look_alikes", people.look_alikes, weights.look_alikes),
        ("dark_clothing", people.dark_clothing, weights.dark_clothing),
        *((f"accessories.{name}", usual[name], w) for name, w in weights.accessories.items()),
    ]
    return [
        Change(field, before, after, weight)
        for field, before, weight in rows
        if weight != 1.0 and (after := round(min(1.0, before * weight), 4)) != before
    ]


def usual_accessories(people: PeopleRecipe) -> dict[str, float]:
    """The probability of each accessory, of women and men alike."""
    tastes = Tastes.of(people)
    women, men = (probabilities(people.accessories, female, tastes) for female in (True, False))
    return {name: (women[name] + men[name]) / 2 for name in women}


def unequal(weights: Mapping[str, float]) -> dict[str, float]:
    """Some weights; none of them if all are drawn alike."""
    return dict(weights) if len(set(weights.values())) > 1 else {}
