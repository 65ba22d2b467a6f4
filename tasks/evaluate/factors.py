"""What may make people hard to find again: factors, a row each, and the cells they divide into.

To add a factor, add its row to ``FACTORS``. Tables, JSON, reports and artifacts read the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tasks.evaluate.labels import Labels

Cells = Iterator[tuple[str, np.ndarray]]
"""Names of cells, each with a mask of the matches that belong to it."""

VISIBILITY_EDGES = (0.7, 0.85, 0.95)
HEIGHT_EDGES = (128.0, 192.0, 288.0)
LUMINANCE_EDGES = (50.0, 90.0, 130.0)
_ANGLE_EDGES = (45.0, 90.0, 135.0)


@dataclass(frozen=True)
class Factor:
    """``of``: labels of all crops, the row of a query, the rows (M,) of its matches -> cells.

    A match may be in several cells, or in none: what is not known of a crop is in none. ``title``
    names the factor where people read it.
    """

    key: str
    title: str
    of: Callable[[Labels, int, np.ndarray], Cells]


def angle_between(one: np.ndarray | float, other: np.ndarray | float) -> np.ndarray:
    """Smallest angle between azimuths, 0 to 180 degrees."""
    return np.abs((np.asarray(one) - other + 180.0) % 360.0 - 180.0)


def names_of_bins(edges: tuple[float, ...], unit: str, scale: float = 1.0) -> list[str]:
    """``below 128 px``, ``128 to 192 px``, ..., ``288 px and more``."""
    told = [f"{scale * edge:g}" for edge in edges]
    between = [f"{low} to {high} {unit}" for low, high in pairwise(told)]
    return [f"below {told[0]} {unit}", *between, f"{told[-1]} {unit} and more"]


def _binned(
    edges: tuple[float, ...],
    names: list[str],
    value: Callable[[Labels, int, np.ndarray], np.ndarray],
) -> Callable[[Labels, int, np.ndarray], Cells]:
    def cells(labels: Labels, query: int, matches: np.ndarray) -> Cells:
        values = value(labels, query, matches)
        known, codes = ~np.isnan(values), np.digitize(values, edges)
        for code in np.unique(codes[known]).tolist():
            yield names[code], known & (codes == code)

    return cells


def _of_the_query(
    names: Callable[[Labels, int], list[str]],
) -> Callable[[Labels, int, np.ndarray], Cells]:
    def cells(labels: Labels, query: int, matches: np.ndarray) -> Cells:
        for name in names(labels, query):
            yield name, np.ones(len(matches), bool)

    return cells


def _looks(names: Callable[[Labels, int], list[str]]) -> Callable[[Labels, int, np.ndarray], Cells]:
    return _of_the_query(lambda of, query: names(of, query) if of.gender[query] else [])


def _lights(labels: Labels, query: int, matches: np.ndarray) -> Cells:
    if not labels.light[query]:
        return
    same = labels.light[matches] == labels.light[query]
    same &= labels.scene[matches] == labels.scene[query]
    for name, mask in (("the same", same), ("another", ~same)):
        if mask.any():
            yield name, mask


FACTORS: tuple[Factor, ...] = (
    Factor(
        "viewpoint",
        "Difference of viewpoint",
        _binned(
            _ANGLE_EDGES,
            names_of_bins(_ANGLE_EDGES, "degrees"),
            lambda of, query, matches: angle_between(of.viewpoint[matches], of.viewpoint[query]),
        ),
    ),
    Factor(
        "visibility",
        "Visible share of the body, the lesser of both",
        _binned(
            VISIBILITY_EDGES,
            names_of_bins(VISIBILITY_EDGES, "%", 100),
            lambda of, query, matches: np.minimum(of.visibility[matches], of.visibility[query]),
        ),
    ),
    Factor(
        "size",
        "Height in the frame, the lesser of both",
        _binned(
            HEIGHT_EDGES,
            names_of_bins(HEIGHT_EDGES, "px"),
            lambda of, query, matches: np.minimum(of.height[matches], of.height[query]),
        ),
    ),
    Factor(
        "brightness",
        "Mean brightness of 255, the darker of both",
        _binned(
            LUMINANCE_EDGES,
            names_of_bins(LUMINANCE_EDGES, "grey levels"),
            lambda of, query, matches: np.minimum(of.luminance[matches], of.luminance[query]),
        ),
    ),
    Factor(
        "light",
        "Light of the query",
        _of_the_query(lambda of, query: [str(of.light[query])] if of.light[query] else []),
    ),
    Factor("lights", "Scene and light of the match, seen from the query", _lights),
    Factor(
        "accessory",
        "Accessories of the person",
        _looks(lambda of, query: sorted(of.accessories[query]) or ["none"]),
    ),
    Factor(
        "dark_clothing",
        "Clothes",
        _looks(lambda of, query: ["all dark" if of.dark[query] else "not all dark"]),
    ),
    Factor(
        "look_alikes",
        "Look-alikes of the person",
        _looks(lambda of, query: ["some" if of.look_alike[query] else "none"]),
    ),
)
"""Camera pairs are another (``CAMERA_PAIR``): there the gallery is what one camera took."""

CAMERA_PAIR = Factor("camera_pair", "From camera to camera", lambda *_: iter(()))
