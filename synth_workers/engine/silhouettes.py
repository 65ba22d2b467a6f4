"""Exact unoccluded silhouettes: every figure drawn alone, packed side by side into one image.

A figure is drawn with the same mesh and on the same pixel grid as in the picture, moved by
whole pixels to a free slot, so counting its pixels there counts what it would cover if nothing
hid it, parts beyond the border of the picture included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np

from synth_workers.engine.lens_table import label_places
from synth_workers.engine.renderer import Renderer
from synth_workers.engine.view import NEAR, View

_HALF_WIDTH = 0.95  # metres around the root that contain a walking person with bags
_MARGIN = 0.15
_BENT = 3  # pixels by which a lens may bend what is straight between two corners


@dataclass(frozen=True)
class Silhouette:
    """``full``: pixels of the unoccluded figure; ``box``: x0, y0, x1, y1 half-open pixels of
    the output image, possibly beyond its border; ``exact`` is False when the figure is too
    close to the camera to fit the image at all (then both are cut at the image's size)."""

    row: int
    full: int
    box: tuple[int, int, int, int]
    exact: bool


@dataclass(frozen=True)
class _Window:
    """Output pixels (columns x0..x1, rows y0..y1) that surely contain one figure."""

    row: int
    level: int
    x0: int
    y0: int
    x1: int
    y1: int
    exact: bool


def measure_silhouettes(renderer: Renderer, view: View) -> list[Silhouette]:
    """The silhouettes of all figures that may touch the picture, by row."""
    result: list[Silhouette] = []
    remaining = sorted(_windows(renderer, view), key=lambda w: w.y0 - w.y1)
    while remaining:
        done = _measure_sheet(renderer, view, remaining)
        result.extend(done)
        placed = {silhouette.row for silhouette in done}
        remaining = [window for window in remaining if window.row not in placed]
    return sorted((s for s in result if s.full), key=lambda s: s.row)


def _windows(renderer: Renderer, view: View) -> list[_Window]:
    windows: list[_Window] = []
    for row, level in renderer.visible_figures(view):
        figure = renderer.figures[row]
        half = max(_HALF_WIDTH + figure.reach, figure.person.radius)
        heights = (-_MARGIN, figure.person.reach + _MARGIN + figure.reach)
        corners = np.array(list(product((-half, half), (-half, half), heights)))
        around = _around(view, figure.root + corners)
        if around is None:
            continue
        x0, y0, x1, y1 = around
        beside = x1 <= 0 or y1 <= 0 or x0 >= view.width or y0 >= view.height
        if beside or x1 <= x0 or y1 <= y0:
            continue
        exact = x1 - x0 <= view.width - 2 and y1 - y0 <= view.height - 2
        if exact:
            x0, y0, x1, y1 = _tightened(renderer, view, row, level, around)
        else:
            x0, x1 = _shorten(x0, x1, view.width - 2)
            y0, y1 = _shorten(y0, y1, view.height - 2)
        windows.append(_Window(row, level, x0, y0, x1, y1, exact))
    return windows


def _around(view: View, points: np.ndarray) -> tuple[int, int, int, int] | None:
    """The whole pixels around points; None if some are behind the camera."""
    places = view.project(points)
    if (places[:, 2] < NEAR).any():
        return None
    x0, y0 = np.floor(places[:, :2].min(axis=0)).astype(int).tolist()
    x1, y1 = np.ceil(places[:, :2].max(axis=0)).astype(int).tolist()
    return x0, y0, x1, y1


def _tightened(
    renderer: Renderer, view: View, row: int, level: int, roomy: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """The part of a window that the figure can cover in its present pose."""
    around = _around(view, renderer.corners_of(row, level))
    if around is None:
        return roomy
    x0, y0 = max(roomy[0], around[0] - _BENT), max(roomy[1], around[1] - _BENT)
    x1, y1 = min(roomy[2], around[2] + _BENT), min(roomy[3], around[3] + _BENT)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else roomy


def _shorten(low: int, high: int, length: int) -> tuple[int, int]:
    if high - low <= length:
        return low, high
    start = min(max(low, 0), high - length)
    return start, start + length


def _measure_sheet(renderer: Renderer, view: View, windows: list[_Window]) -> list[Silhouette]:
    """Draw as many windows as fit one sheet, shelf by shelf, and measure them."""
    width, height = renderer.begin_alone(view)
    x = y = shelf = 0
    placed: list[tuple[_Window, np.ndarray]] = []
    for window in windows:
        places = label_places(view, (width, height), window.x0, window.y0, window.x1, window.y1)
        left, top, right, bottom = _extent(places)
        # What a lens pulls in from beside the picture may be larger than the sheet.
        wide, high = min(right - left + 1, width), min(bottom - top + 1, height)
        if (right - left + 1, bottom - top + 1) != (wide, high):
            window = replace(window, exact=False)
        if x + wide > width:
            x, y, shelf = 0, y + shelf, 0
        if y + high > height:
            break
        shift = (x - left, y - top)
        renderer.draw_alone(view, window.row, window.level, (x, y, wide, high), shift)
        placed.append((window, (places + shift).astype(np.int16)))
        x += wide
        shelf = max(shelf, high)
    sheet = renderer.end_alone(view)
    return [_count(sheet, *entry) for entry in placed]


def _extent(places: np.ndarray) -> tuple[int, int, int, int]:
    """Least and greatest column and row; lenses keep the order of pixels along a row and along
    a column, so that the border of a window holds them."""
    columns, rows = places[:, (0, -1), 0], places[(0, -1), :, 1]
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def _count(sheet: np.ndarray, window: _Window, places: np.ndarray) -> Silhouette:
    taken = cv2.remap(sheet, places, None, cv2.INTER_NEAREST)  # type: ignore[call-overload]
    covered = (taken == window.row + 1).astype(np.uint8)
    x, y, wide, high = cv2.boundingRect(covered)
    x, y = window.x0 + x, window.y0 + y
    full = int(np.count_nonzero(covered))
    return Silhouette(window.row, full, (x, y, x + wide, y + high), window.exact)
