"""Looks of cameras, fitted: what has to be done to our crops for the medians of a camera of the
photographs.

Least squares over more measures than settings: damped Gauss-Newton steps, whose matrix of
derivatives is measured once at crops as they are and corrected on the way (Broyden). All crops,
their grain included, are the same in every step, so that the same photographs always give the
same looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import simplejpeg

from manifests.crop_looks import CropLook
from tasks.annotate.crop_looks import graded
from tasks.match.probe import ProbeCrops
from tasks.match.robust import by_camera, deviation, middle
from tasks.progress import Progress, report_progress
from training.data.decoding import decode_crop
from training.looks.crops import Crops
from training.looks.registry import MEASURES

FITTED_ON = 120
"""Crops of a probe that looks are fitted on."""

MEASURED = (
    "luminance",
    "contrast",
    "cast green to red",
    "cast blue to yellow",
    "saturation",
    "upper chroma",
    "lower chroma",
    "sharpness",
    "fine grain",
)
SPREAD, BLOCKS = "luminance, deviation", "JPEG blocks"
_BLOCKS_FROM = 1.06
_SPREAD_SCALE = 8.0
_STEPS = 8
_DAMPING = 0.05
_FARTHEST = 5.0


@dataclass(frozen=True)
class Setting:
    """One number that is searched for. ``start`` changes nothing; ``step`` is tried for the
    derivative, and the search goes no farther than ``_FARTHEST`` of them at once."""

    field: str
    start: float
    low: float
    high: float
    step: float
    logarithmic: bool = False

    def value(self, place: float) -> float:
        """What the recipe says at a place of the search."""
        return round(float(np.exp(place) if self.logarithmic else place), 3)


SETTINGS = (
    Setting("brightness", 0.0, -1.2, 1.2, 0.1, True),
    Setting("contrast", 0.0, -1.1, 1.1, 0.1, True),
    Setting("tint", 0.0, -0.3, 0.3, 0.05),
    Setting("warmth", 0.0, -0.6, 0.6, 0.08),
    Setting("saturation", 0.0, -1.6, 1.1, 0.15, True),
    Setting("sharpness", 0.0, -1.6, 2.0, 0.25),
    Setting("noise", 0.0, 0.0, 24.0, 2.0),
    Setting("steadiness", 0.0, 0.0, 1.0, 0.25),
)


@dataclass(frozen=True)
class Fitted:
    """The look of one camera of the photographs. ``wanted``, ``before``, ``after``: its measures,
    those of our crops as they are, and of ours under the look."""

    camera: str
    look: CropLook
    wanted: Mapping[str, float]
    before: Mapping[str, float]
    after: Mapping[str, float]


def fit_looks(
    measures: Mapping[str, np.ndarray], camera: np.ndarray, ours: ProbeCrops, seed: int
) -> list[Fitted]:
    """A look for each camera of the photographs, whose ``measures`` (N,) are by name and whose
    cameras (N,) are names, fitted on a sample of the crops of a probe without looks."""
    order = np.random.default_rng([seed, 1]).permutation(len(ours))
    bench = _Bench(ours.take(np.sort(order[:FITTED_ON])), seed)
    within = by_camera({name: measures[name] for name in MEASURED}, camera).values()
    scale = np.array(
        [_floor(name, np.mean([of[name][1] for of in within])) for name in MEASURED]
        + [_SPREAD_SCALE]
    )
    start = np.array([setting.start for setting in SETTINGS])
    neutral = bench.measured(start)
    slopes = _slopes(bench, start, neutral) / scale[:, None]
    cameras = [str(name) for name in np.unique(camera)]
    fitted: list[Fitted] = []
    for number, name in enumerate(cameras):
        report_progress(Progress("looks", number, len(cameras), "cameras", name))
        of_it = {measure: values[camera == name] for measure, values in measures.items()}
        fitted.append(_fitted(name, of_it, bench, neutral, slopes, scale))
    report_progress(Progress("looks", len(cameras), len(cameras), "cameras"))
    return fitted


def under_looks(ours: ProbeCrops, looks: list[CropLook], seed: int) -> Crops:
    """Crops of a probe, each under the next one of ``looks`` in turn."""
    stored = [
        _graded(picture, looks[row % len(looks)], float(ours.brightness[row]), seed, row)
        for row, picture in enumerate(ours.crops.stored)
    ]
    return Crops(stored, ours.crops.labels)


class _Bench:
    """Crops on which places of the search are tried."""

    def __init__(self, ours: ProbeCrops, seed: int) -> None:
        self._ours, self._seed = ours, seed

    def measured(self, place: np.ndarray) -> np.ndarray:
        """(10,) medians of ``MEASURED`` and the deviation of the luminance."""
        crops = under_looks(self._ours, [_look(place)], self._seed)
        found = {name: MEASURES.find(name).of(crops) for name in MEASURED}
        spread = deviation(found["luminance"])
        return np.array([*(middle(found[name]) for name in MEASURED), spread])

    def blocks(self, look: CropLook) -> float:
        """Median of the blocks of JPEG."""
        return middle(MEASURES.find(BLOCKS).of(under_looks(self._ours, [look], self._seed)))


def _slopes(bench: _Bench, start: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """(10, 8): derivative of each measure by each setting, where nothing is changed yet."""
    columns: list[np.ndarray] = []
    for number, setting in enumerate(SETTINGS):
        place = start.copy()
        place[number] += setting.step
        columns.append((bench.measured(place) - neutral) / setting.step)
    return np.stack(columns, axis=1)


def _fitted(
    camera: str,
    measures: Mapping[str, np.ndarray],
    bench: _Bench,
    neutral: np.ndarray,
    slopes: np.ndarray,
    scale: np.ndarray,
) -> Fitted:
    spread = deviation(measures["luminance"])
    wanted = np.array([*(middle(measures[name]) for name in MEASURED), spread])
    place, found = _searched(bench, wanted, neutral, slopes.copy(), scale)
    look = _look(place)
    blocks = middle(measures[BLOCKS])
    quality = _quality(bench, look, blocks)
    if quality is not None:
        look = look.model_copy(update={"jpeg_quality": quality})
    return Fitted(camera, look, _named(wanted), _named(neutral), _named(found))


def _named(values: np.ndarray) -> dict[str, float]:
    names: tuple[str, ...] = (*MEASURED, SPREAD)
    return dict(zip(names, values.tolist(), strict=True))


def _searched(
    bench: _Bench, wanted: np.ndarray, neutral: np.ndarray, slopes: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The best place that was tried, and the measures there."""
    low, high, step = (
        np.array([getattr(setting, name) for setting in SETTINGS])
        for name in ("low", "high", "step")
    )
    place = np.array([setting.start for setting in SETTINGS])
    measured, best = neutral, (np.inf, place, neutral)
    damping = _DAMPING
    for _ in range(_STEPS):
        gap = (wanted - measured) / scale
        error = float(gap @ gap)
        if error < best[0]:
            best, damping = (error, place, measured), max(damping / 2, 0.01)
        else:
            damping *= 4
            place, measured = best[1], best[2]
            gap = (wanted - measured) / scale
        move = _move(slopes * step, gap, damping, place, low, high) * step
        there = np.clip(place + move, low, high)
        taken = there - place
        if np.abs(taken / step).max() < 0.02:
            break
        found = bench.measured(there)
        missed = (found - measured) / scale - slopes @ taken
        weight = taken / step**2
        slopes = slopes + np.outer(missed, weight) / (taken @ weight)
        place, measured = there, found
    gap = (wanted - measured) / scale
    if float(gap @ gap) < best[0]:
        best = (float(gap @ gap), place, measured)
    return best[1], best[2]


def _move(
    units: np.ndarray,
    gap: np.ndarray,
    damping: float,
    place: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """The step for ``gap``, in ``units`` of each setting's own, so that damping holds all of them
    back alike; settings that are at an end and would go beyond stay, and the others make up."""
    free = np.ones(len(place), bool)
    while True:
        inner = units[:, free]
        move = np.zeros(len(place))
        move[free] = np.linalg.solve(inner.T @ inner + damping * np.eye(free.sum()), inner.T @ gap)
        stuck = free & (((place <= low) & (move < 0)) | ((place >= high) & (move > 0)))
        if not stuck.any():
            return np.clip(move, -_FARTHEST, _FARTHEST)
        free &= ~stuck


def _quality(bench: _Bench, look: CropLook, wanted: float) -> int | None:
    """The JPEG quality with the blocks of a camera; None where it shows none."""
    if not wanted >= _BLOCKS_FROM:
        return None
    tried = (85, 70, 55, 40, 28, 18)
    found = [bench.blocks(look.model_copy(update={"jpeg_quality": each})) for each in tried]
    return tried[int(np.argmin(np.abs(np.array(found) - wanted)))]


def _look(place: np.ndarray) -> CropLook:
    said: dict[str, Any] = {
        setting.field: setting.value(where) for setting, where in zip(SETTINGS, place.tolist())
    }
    return CropLook.model_validate(said)


def _graded(picture: np.ndarray, look: CropLook, bright: float, seed: int, row: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 2, row])
    found = graded(np.ascontiguousarray(picture[..., ::-1]), look, bright, rng)
    if look.jpeg_quality is None:
        return cv2.cvtColor(found, cv2.COLOR_BGR2RGB)
    jpeg = simplejpeg.encode_jpeg(
        found, quality=look.jpeg_quality, colorspace="BGR", colorsubsampling="420"
    )
    return decode_crop(jpeg, "crop")


def _floor(measure: str, found: Any) -> float:
    """A deviation that nothing is divided by too little."""
    return max(float(found), 0.5 if measure.startswith("cast") else 1.0)
