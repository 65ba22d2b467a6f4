"""Charts of both sides' measures, and a sheet of their crops side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from manifests.whole_files import whole_file, write_whole
from tasks.compare.comparison import Compared
from tasks.compare.look import Looked
from tasks.compare.sample import balanced_sample
from training.looks.crops import HEIGHT, WIDTH
from training.looks.differences import Difference
from training.looks.registry import MEASURES

matplotlib.use("agg")

_COLUMNS, _BINS = 4, 40
_TALLEST = 4.0
_TONES = ("#1f5fbf", "#c07a12")
_SIDE, _GAP, _BETWEEN, _HEAD = 8, 2, 24, 28
_PAPER = 255


def write_histograms(path: Path, compared: Compared) -> None:
    """PNG: a histogram of both sides for each number, the largest difference first, and bars of
    the shares."""
    numbers = [one for one in compared.found if not _is_share(one) and _anywhere(one)]
    shares = [one for one in compared.found if _is_share(one) and _anywhere(one)]
    rows = math.ceil(len(numbers) / _COLUMNS)
    tall = 2.3 * rows + 4.6
    figure = Figure(figsize=(3.4 * _COLUMNS, tall), dpi=100)
    # Laid out by hand: matplotlib's own layout draws everything several times.
    above, below = 0.6 / tall, 1.2 / tall
    grid = figure.add_gridspec(
        rows + 1,
        _COLUMNS,
        height_ratios=[2.3] * rows + [2.8],
        left=0.04,
        right=0.99,
        top=1 - above,
        bottom=below,
        hspace=0.6,
        wspace=0.12,
    )
    for place, difference in enumerate(numbers):
        axes = figure.add_subplot(grid[place // _COLUMNS, place % _COLUMNS])
        _histogram(axes, compared, difference)
    _bars(figure.add_subplot(grid[rows, :]), compared, shares)
    patches = [Patch(color=tone, label=name) for tone, name in zip(_TONES, compared.names)]
    figure.legend(handles=patches, loc="upper center", ncols=2, frameon=False, fontsize=11)
    with whole_file(path) as file:
        figure.savefig(file, format="png")


def _is_share(found: Difference) -> bool:
    return MEASURES.find(found.measure).share


def _anywhere(found: Difference) -> bool:
    return found.first.known + found.second.known > 0


def _histogram(axes: Axes, compared: Compared, found: Difference) -> None:
    both = [looked.measures[found.measure] for looked in compared.sides]
    both = [values[~np.isnan(values)] for values in both]
    low, high, bins = _edges(np.concatenate(both))
    peaks: list[float] = []
    for values, tone in zip(both, _TONES, strict=True):
        if len(values):
            heights = np.histogram(np.clip(values, low, high), bins)[0] / len(values)
            axes.stairs(heights, bins, fill=True, color=tone, alpha=0.45)
            peaks.append(float(heights.max()))
    # The bar of a constant would flatten the other side.
    axes.set_ylim(0, 1.1 * min(max(peaks), _TALLEST * min(peaks)))
    told = "" if math.isnan(found.d) else f", d {found.d:+.2f}"
    axes.set_title(f"{found.measure}{told}", fontsize=10)
    axes.set_xlabel(MEASURES.find(found.measure).unit, fontsize=8)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(labelsize=8)


def _edges(values: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Lowest and highest value shown, and the edges of bins: of equal numbers of grey levels
    where values are whole or half ones."""
    low, high = (float(edge) for edge in np.quantile(values, [0.002, 0.998]))
    steps = np.diff(np.unique(values))
    if 0 < steps.size < 2 * _BINS and (step := float(np.median(steps))) > 0.01 * (high - low):
        first = np.floor(low / step) * step - step / 2
        bins = np.arange(first, high + step, step)
        return low, high, bins
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    return low, high, np.linspace(low, high, _BINS + 1)


def _bars(axes: Axes, compared: Compared, shares: list[Difference]) -> None:
    order = list(MEASURES.names)
    shares = sorted(shares, key=lambda one: order.index(one.measure))
    place = np.arange(len(shares))
    for shift, tone, which in zip((-0.2, 0.2), _TONES, ("first", "second")):
        means = [100 * getattr(one, which).mean for one in shares]
        axes.bar(place + shift, means, 0.4, color=tone)
    axes.set_xticks(place, [one.measure for one in shares], rotation=60, ha="right", fontsize=8)
    axes.set_ylabel("% of crops", fontsize=8)
    axes.margins(x=0.01)


def write_sheet(path: Path, compared: Compared) -> None:
    """PNG: up to 64 crops of either side, spread over its cameras, the first set on the left."""
    write_side_by_side(path, compared.sides, compared.names, compared.seed)


def write_side_by_side(
    path: Path, sides: Sequence[Looked], names: Sequence[str], seed: int
) -> None:
    """PNG: up to 64 crops of each of several sides, spread over its cameras, side by side."""
    blocks = [
        _block(looked.pictures, looked.camera, name, seed)
        for looked, name in zip(sides, names, strict=True)
    ]
    tall = max(len(block) for block in blocks)
    padded = [
        np.pad(block, ((0, tall - len(block)), (0, 0), (0, 0)), constant_values=_PAPER)
        for block in blocks
    ]
    between = np.full((tall, _BETWEEN, 3), _PAPER, np.uint8)
    sheet = np.concatenate([part for block in padded for part in (block, between)][:-1], axis=1)
    encoded = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1]
    write_whole(path, encoded.tobytes())


def _block(pictures: np.ndarray, camera: np.ndarray, name: str, seed: int) -> np.ndarray:
    chosen = balanced_sample(camera, _SIDE * _SIDE, seed)
    chosen = chosen[np.argsort(camera[chosen], kind="stable")]
    rows = math.ceil(len(chosen) / _SIDE)
    step_y, step_x = HEIGHT + _GAP, WIDTH + _GAP
    block = np.full((_HEAD + rows * step_y, _SIDE * step_x, 3), _PAPER, np.uint8)
    cv2.putText(
        block, name, (4, _HEAD - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40, 40, 40), 1, cv2.LINE_AA
    )
    for place, row in enumerate(chosen.tolist()):
        y, x = _HEAD + place // _SIDE * step_y, place % _SIDE * step_x
        block[y : y + HEIGHT, x : x + WIDTH] = pictures[row]
    return block
