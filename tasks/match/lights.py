"""Lights of scenes: those are left out in which our crops look as hardly any photograph does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manifests.crop_looks import CropLook
from manifests.recipe import Recipe
from manifests.scene_requests import SceneRequest
from tasks.match.changes import Change
from tasks.match.looks import under_looks
from tasks.match.probe import ProbeCrops
from tasks.match.robust import middle
from training.looks.registry import MEASURES

JUDGED = ("luminance", "contrast", "saturation", "sharpness")
_OUTSIDE = 4.0
"""Per cent of the photographs beyond which a light's middle must lie on either side."""
_LEAST = 8


def fit_lights(
    recipe: Recipe,
    ours: ProbeCrops,
    looks: list[CropLook],
    wanted: Mapping[str, np.ndarray],
    seed: int,
) -> list[Change]:
    """Changes of ``scenes.N.lights``, of scenes that name several; one light of each is kept."""
    crops = under_looks(ours, looks, seed)
    measures = {name: MEASURES.find(name).of(crops) for name in JUDGED}
    changes: list[Change] = []
    for number, request in enumerate(recipe.scenes):
        if not isinstance(request, SceneRequest) or len(request.light_names) < 2:
            continue
        if request.lights == "drawn":
            continue
        outside: dict[str, tuple[float, str]] = {}
        for light in request.light_names:
            rows = (ours.scene == request.name) & (ours.light == light)
            if rows.sum() >= _LEAST:
                found = _outside({name: values[rows] for name, values in measures.items()}, wanted)
                if found is not None:
                    outside[light] = found
        kept = [light for light in request.light_names if light not in outside]
        if not kept:  # the nearest one stays
            kept = [min(outside, key=lambda light: (outside[light][0], light))]
            del outside[kept[0]]
        if outside:
            because = [f"left out {light}: {why}" for light, (_, why) in outside.items()]
            path = f"scenes.{number}.lights"
            changes.append(Change(path, [*request.light_names], kept, because))
            if request.lights_per_group != "all" and request.lights_per_group > len(kept):
                path = f"scenes.{number}.lights_per_group"
                changes.append(Change(path, request.lights_per_group, len(kept), because))
    return changes


def _outside(
    found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]
) -> tuple[float, str] | None:
    """How far out a light lies, and in what; None if it lies among the photographs."""
    worst: tuple[float, str] | None = None
    for name, values in found.items():
        typical = middle(values)
        low, high = np.percentile(wanted[name], [_OUTSIDE, 100 - _OUTSIDE])
        if low <= typical <= high:
            continue
        size = float(max(low - typical, typical - high) / max(high - low, 1e-6))
        side = f"{100 - _OUTSIDE:g} % of the photographs lie "
        side += f"above {low:.0f}" if typical < low else f"below {high:.0f}"
        if worst is None or size > worst[0]:
            worst = size, f"its middle of {name} is {typical:.0f}, and {side}"
    return worst
