"""How tall people are in pictures, where the photographs' own sizes say so."""

from __future__ import annotations

import numpy as np

from manifests.recipe import Recipe
from tasks.match.changes import Change

_LEAST_FRAMED, _LEAST_HEIGHT = 48, 40
_ROOM = 1.1
"""A crop is about so much taller than the person in it."""


def fit_sizes(recipe: Recipe, height: np.ndarray) -> list[Change]:
    """Changes of the smallest and largest people, by the heights (N,) of the photographs, pixels.

    None where all photographs are of one height: then somebody has scaled them.
    """
    low, high = (float(q) for q in np.percentile(height, [5, 98]))
    if high - low < 0.1 * high:
        return []
    capture, rules = recipe.capture, recipe.annotation
    because = [f"nine in ten photographs are taller than {low:.0f} pixels, 2 % than {high:.0f}"]
    least = int(np.clip(round(low / _ROOM), _LEAST_FRAMED, recipe.image.height // 2))
    most = max(round(high / _ROOM), round(1.25 * least) + 1)
    changes: list[Change] = []

    def change(path: str, was: int | None, now: int | None) -> None:
        if was != now:
            changes.append(Change(path, was, now, because))

    if abs(least - capture.min_person_height) > 0.1 * capture.min_person_height:
        change("capture.min_person_height", capture.min_person_height, least)
        scale = least / capture.min_person_height
        smallest = max(_LEAST_HEIGHT, round(rules.min_height * scale))
        change("annotation.min_height", rules.min_height, smallest)
        pixels = max(1, round(rules.min_visible_pixels * scale**2))
        change("annotation.min_visible_pixels", rules.min_visible_pixels, pixels)
    if most < 0.8 * recipe.image.height:
        change("capture.max_person_height", capture.max_person_height, most)
    return changes
