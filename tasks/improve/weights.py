"""From where a model fails to how the next people are drawn: weights in closed form.

The loss of a query is what its average precision lacks to 1. A cell of labels (``tasks.evaluate
.factors``) whose queries lose 1.5 times what all do has the weight 1.5, shrunk towards 1 by
``PRIOR`` queries of the usual loss, and kept between a floor and ``MOST``. Looks of people have the
weights of their cells. Nobody can ask a camera for small people, but cameras and lights of the
training crops differ in what they take: their weights are the mean weights of their own crops by
height, visibility and brightness, and of their own pairs where the same cameras are tested.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from tasks.evaluate.factors import (
    HEIGHT_EDGES,
    LUMINANCE_EDGES,
    VISIBILITY_EDGES,
    names_of_bins,
)
from tasks.evaluate.failures import Cell, Failures
from tasks.evaluate.labels import Labels

PRIOR = 10.0
MOST = 3.0
LEAST_CHANGE = 0.1
"""Looks whose weight is nearer to 1 stay as they are drawn: an accessory that is asked for is as
frequent among women as among men, which should not happen for nothing."""

_METRIC = "map"

_SEEN = {
    "size": ("height", HEIGHT_EDGES, names_of_bins(HEIGHT_EDGES, "px")),
    "visibility": ("visibility", VISIBILITY_EDGES, names_of_bins(VISIBILITY_EDGES, "%", 100)),
    "brightness": ("luminance", LUMINANCE_EDGES, names_of_bins(LUMINANCE_EDGES, "grey levels")),
}
"""Factor -> the label of a training crop that it is about, with its bins."""


@dataclass(frozen=True)
class Weights:
    """Factors on how often the next people are drawn so: ``look_alikes`` and ``dark_clothing`` on
    those shares, ``accessories`` by name, ``cameras`` by name, ``lights`` by ``scene/light``."""

    look_alikes: float = 1.0
    dark_clothing: float = 1.0
    accessories: dict[str, float] = field(default_factory=dict[str, float])
    cameras: dict[str, float] = field(default_factory=dict[str, float])
    lights: dict[str, float] = field(default_factory=dict[str, float])


def shrunk(loss: np.ndarray, usual: float) -> float:
    """How many times the ``usual`` loss that of some queries (Q,) is, shrunk towards 1."""
    if usual <= 0:
        return 1.0
    return (float(loss.sum()) + PRIOR * usual) / ((len(loss) + PRIOR) * usual)


def find_weights(failures: Failures, trained: Labels, floor: float) -> Weights:
    """Weights for what is rendered next. ``trained``: labels of the training crops so far;
    ``floor``: the least of any weight, so that nothing dies out."""
    usual = 1.0 - failures.mean(_METRIC)

    def kept(weight: float) -> float:
        return round(float(np.clip(weight, floor, MOST)), 3)

    def of(factor: str) -> dict[str, float]:
        return {cell.name: shrunk(_loss(cell), usual) for cell in failures.of(factor)}

    def told(weight: float) -> float:
        return 1.0 if abs(weight - 1.0) < LEAST_CHANGE else kept(weight)

    worn = {name: told(weight) for name, weight in of("accessory").items() if name != "none"}
    need = _need(trained, {factor: of(factor) for factor in _SEEN})
    tested = _of_tested_cameras(failures)
    cameras = {
        name: kept(weight * tested.get(name, 1.0))
        for name, weight in _means(need, trained.camera).items()
    }
    places = np.char.add(np.char.add(trained.scene, "/"), trained.light)
    return Weights(
        told(of("look_alikes").get("some", 1.0)),
        told(of("dark_clothing").get("all dark", 1.0)),
        {name: weight for name, weight in worn.items() if weight != 1.0},
        cameras,
        {name: kept(weight) for name, weight in _means(need, places).items()},
    )


def _loss(cell: Cell) -> np.ndarray:
    return 1.0 - cell.values[_METRIC]


def _need(labels: Labels, of_factors: dict[str, dict[str, float]]) -> np.ndarray:
    """(N,) product of the weights of a crop's own bins; 1 on average."""
    need = np.ones(len(labels))
    for factor, (label, edges, names) in _SEEN.items():
        of_bins = np.array([of_factors[factor].get(name, 1.0) for name in names])
        need *= of_bins[np.digitize(getattr(labels, label), edges)]
    return need / need.mean()


def _means(need: np.ndarray, group: np.ndarray) -> dict[str, float]:
    """Mean of each group, shrunk towards 1 by ``PRIOR`` crops."""
    names, code, count = np.unique(group, return_inverse=True, return_counts=True)
    sums = np.bincount(code, weights=need)
    return dict(zip(names.tolist(), ((sums + PRIOR) / (count + PRIOR)).tolist(), strict=True))


def _of_tested_cameras(failures: Failures) -> dict[str, float]:
    """Weights of the cameras of tested pairs, on either side, relative to all pairs: where one
    camera alone is searched, everything is easier."""
    losses: defaultdict[str, list[np.ndarray]] = defaultdict(list)
    for cell in failures.of("camera_pair"):
        for name in cell.name.split(" to "):
            losses[name].append(_loss(cell))
    if not losses:
        return {}
    usual = float(np.concatenate([one for found in losses.values() for one in found]).mean())
    return {name: shrunk(np.concatenate(found), usual) for name, found in losses.items()}
