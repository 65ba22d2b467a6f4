"""How crops are cut: which errors of boxes, and how much around them, lie nearest to the
photographs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import numpy as np

from manifests.annotation_rules import AnnotationRules
from manifests.crop_looks import CropLook
from tasks.annotate.box_errors import Boxes
from tasks.match.changes import Change
from tasks.match.looks import under_looks
from tasks.match.probe import Probe, cut_probe
from tasks.match.robust import deviation, middle
from training.looks.crops import Crops
from training.looks.registry import MEASURES

ENLARGED = (0.0, 0.1)
PLACED = ("detail across", "detail down", "background contrast", "background edges")
SHAPED = "aspect"
_BETTER = 0.9
"""Share of the base's distance that something else has to fall below."""


def fit_boxes(
    probe: Probe,
    rules: AnnotationRules,
    looks: list[CropLook],
    wanted: Mapping[str, np.ndarray],
    seed: int,
) -> list[Change]:
    """``annotation.boxes`` and ``annotation.enlarge`` by what ``wanted`` (measures of the
    photographs, (N,) by name) show of the person's place in the crop, or nothing if the base's
    are about as near. The frames of the probe are cut anew; nothing is rendered."""
    if rules.rules != "native":
        return []
    measured = [*PLACED]
    if deviation(wanted[SHAPED]) > 0.02 * middle(wanted[SHAPED]):
        measured.append(SHAPED)
    half = replace(probe, shards=probe.shards[::2], bundles=probe.bundles[::2])
    kinds: dict[tuple[str, float], float] = {}
    asked = {(rules.boxes, rules.enlarge), *((b, e) for b in get_args(Boxes) for e in ENLARGED)}
    for boxes, enlarge in sorted(asked):
        cut = rules.model_copy(update={"boxes": boxes, "enlarge": enlarge, "looks": ()})
        crops = under_looks(cut_probe(half, cut), looks, seed)
        kinds[boxes, enlarge] = _distance(crops, wanted, measured)
    own = kinds[rules.boxes, rules.enlarge]
    best = min(kinds, key=lambda kind: (kinds[kind], kind))
    if kinds[best] > _BETTER * own:
        return []
    because = (
        f"distance of {', '.join(measured)} from the photographs (middles and deviations): "
        f"{own:.2f} before, {kinds[best]:.2f} so, {max(kinds.values()):.2f} at worst"
    )
    pairs = (("boxes", rules.boxes, best[0]), ("enlarge", rules.enlarge, best[1]))
    return [Change(f"annotation.{f}", was, now, [because]) for f, was, now in pairs if was != now]


def _distance(crops: Crops, wanted: Mapping[str, np.ndarray], measured: list[str]) -> float:
    """Mean over measures: how far middles lie apart in deviations, and how unlike these are."""
    found: list[float] = []
    for name in measured:
        ours, theirs = MEASURES.find(name).of(crops), wanted[name]
        unit = max(deviation(theirs), 1e-6)
        found.append(abs(middle(ours) - middle(theirs)) / unit)
        found.append(abs(float(np.log(max(deviation(ours), 1e-6) / unit))))
    return float(np.mean(found))
