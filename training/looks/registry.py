"""What a measure of looks is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manifests.errors import NotFound
from manifests.registry import Registry

if TYPE_CHECKING:
    import numpy as np

    from training.looks.crops import Crops

    Of = Callable[[Crops], np.ndarray]


@dataclass(frozen=True)
class Measure:
    """One figure for each crop.

    ``of``: (N,) numbers of N crops, NaN where it cannot be known. ``unit``: in words, empty for
    plain numbers; a ``share`` is a number whose mean is a share of crops, in per cent. ``about``:
    one line for pages.
    """

    name: str
    unit: str
    about: str
    of: Of
    share: bool = False


MEASURES: Registry[Measure] = Registry("measure of looks", NotFound, "training.looks.measures")


def measure(name: str, unit: str, about: str, share: bool = False) -> Callable[[Of], Of]:
    """Register the function that measures ``name``; fields as in ``Measure``."""

    def register(of: Of) -> Of:
        MEASURES.add(Measure(name, unit, about, of, share))
        return of

    return register


def measured(crops: Crops) -> dict[str, np.ndarray]:
    """All measures of N crops by name, (N,) float64 each."""
    return {measure.name: measure.of(crops).astype("float64") for measure in MEASURES}
