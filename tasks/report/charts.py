"""Charts as inline SVG: no script, no external resource, colours from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from markupsafe import Markup, escape


@dataclass(frozen=True)
class Curve:
    """One line of a chart: ``values`` at ranks 1, 2, ...; ``tone`` is its class in the style."""

    name: str
    tone: str
    values: np.ndarray


# On a page whose colours are unknown a chart brings its own paper.
_STANDALONE_HEAD = (
    "<style>text{font:13px system-ui,sans-serif;fill:#5d6b78}.grid{stroke:#dde3e9}"
    ".curve{fill:none;stroke-width:2.5}.curve circle{stroke:none}"
    ".trained{stroke:#1f5fbf}.trained circle{fill:#1f5fbf}"
    ".colour{stroke:#c07a12}.colour circle{fill:#c07a12}"
    ".untrained{stroke:#7d8894}.untrained circle{fill:#7d8894}"
    ".bar{fill:#1f5fbf}.cell text{fill:#17202a}.cell.deep text{fill:#fff}"
    '</style><rect width="100%" height="100%" fill="#fff"/>'
)


@dataclass(frozen=True)
class _Frame:
    """Plot area inside an SVG of ``width`` x ``height`` units."""

    width: float
    height: float
    left: float = 40.0
    right: float = 12.0
    top: float = 10.0
    bottom: float = 30.0

    def x(self, share: float) -> float:
        return self.left + share * (self.width - self.left - self.right)

    def y(self, share: float) -> float:
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)


def cmc_chart(curves: Sequence[Curve], ranks: int = 20, *, standalone: bool = False) -> Markup:
    """Cumulative matching characteristic: share of queries found within each rank.

    ``standalone`` charts carry their colours and names, for use as a picture of their own.
    """
    frame = _Frame(480, 290, left=46, right=14, bottom=40)
    longest = max((len(curve.values) for curve in curves), default=1)
    ranks = max(2, min(ranks, longest))
    parts = [_grid_y(frame, [0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100 %"])]
    shown = sorted({1, *(r for r in (5, 10, 15, 20) if r <= ranks), ranks})
    ticks = [((rank - 1) / (ranks - 1), str(rank)) for rank in shown]
    parts.append(_axis_x(frame, ticks, "rank"))
    for curve in curves:
        points = _points(frame, curve.values[:ranks], ranks - 1)
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.6"/>' for x, y in points)
        parts.append(_curve(curve.tone, f"{_polyline(points)}{dots}"))
    if standalone:
        parts.insert(0, _STANDALONE_HEAD)
        for i, curve in enumerate(curves):
            y = frame.y(0.06 + 0.08 * (len(curves) - 1 - i))
            line = f'<path d="M{frame.x(0.6):.0f},{y - 4:.0f}h24"/>'
            name = _text(frame.x(0.6) + 32, y, curve.name, "start")
            parts.append(_curve(curve.tone, line) + name)
    return _svg(frame, "".join(parts), "CMC curves: " + ", ".join(c.name for c in curves))


def loss_chart(losses: Sequence[float], points: int = 120, *, standalone: bool = False) -> Markup:
    """Training loss over iterations, averaged so that at most ``points`` points are drawn."""
    frame = _Frame(480, 250, left=46, right=14, bottom=40)
    values = np.array([part.mean() for part in np.array_split(np.asarray(losses, float), points)
                       if len(part)])  # fmt: skip
    ceiling = float(values.max()) * 1.05 if len(values) and values.max() > 0 else 1.0
    ticks = [0.0, ceiling / 2, ceiling]
    parts = [_grid_y(frame, [0, 0.5, 1.0], [f"{tick:.2g}" for tick in ticks])]
    shares = [(share, compact(round(share * len(losses)))) for share in (0.0, 0.5, 1.0)]
    parts.append(_axis_x(frame, shares, "iteration"))
    line = _polyline(_points(frame, values / ceiling, max(1, len(values) - 1)))
    parts.append(_curve("trained", line))
    if standalone:
        parts.insert(0, _STANDALONE_HEAD)
    return _svg(frame, "".join(parts), "Training loss by iteration")


def histogram(values: np.ndarray, bins: Sequence[float], unit: str, label: str) -> Markup:
    """Counts of ``values`` in ``bins`` (edges); values beyond the ends count in the end bins."""
    edges = np.asarray(bins, np.float64)
    inside = np.clip(values, edges[0], np.nextafter(edges[-1], -np.inf))
    counts, _ = np.histogram(inside, edges)
    titles = [f"{low:g} to {high:g} {unit}" for low, high in pairwise(edges)]
    every = max(1, math.ceil(len(counts) / 6))
    ticks = [(i / len(counts), f"{edges[i]:g}") for i in range(0, len(edges), every)]
    return _columns(counts.tolist(), titles, ticks, label)


def columns(counts: Mapping[str, int], label: str) -> Markup:
    """One column per name, the name below it."""
    ticks = [((i + 0.5) / len(counts), name) for i, name in enumerate(counts)]
    return _columns(list(counts.values()), list(counts), ticks, label)


def _columns(
    counts: Sequence[int], titles: Sequence[str], ticks: Sequence[tuple[float, str]], label: str
) -> Markup:
    frame = _Frame(360, 190)
    ceiling = nice_ceiling(max(counts, default=1))
    parts = [_grid_y(frame, [0, 0.5, 1.0], ["0", compact(ceiling / 2), compact(ceiling)])]
    gap = 1.0 if len(counts) > 8 else 5.0
    for i, (number, title) in enumerate(zip(counts, titles, strict=True)):
        x0, x1 = frame.x(i / len(counts)) + gap, frame.x((i + 1) / len(counts)) - gap
        top = frame.y(number / ceiling)
        parts.append(
            f'<rect class="bar" x="{x0:.1f}" y="{top:.1f}" width="{x1 - x0:.1f}" '
            f'height="{frame.y(0) - top:.1f}"><title>{escape(title)}: {number}</title></rect>'
        )
    for share, text in ticks:
        parts.append(_text(frame.x(share), frame.height - frame.bottom + 16, text, "middle"))
    return _svg(frame, "".join(parts), label)


def rose(counts: Mapping[str, int], label: str) -> Markup:
    """Sectors of 45 degrees, the first one pointing down (towards the camera), clockwise seen
    from above a body that faces down: its right side is on the left of the picture.

    The area of a sector is proportional to its count.
    """
    size, reach = 260.0, 84.0
    centre = size / 2
    most = max(1, *counts.values())
    parts = [
        f'<circle class="ring" cx="{centre}" cy="{centre}" r="{reach * share:.1f}"/>'
        for share in (math.sqrt(0.5), 1.0)
    ]
    for i, (name, number) in enumerate(counts.items()):
        radius = reach * math.sqrt(number / most)
        middle = math.radians(90 + 45 * i)
        first, last = middle - math.radians(21), middle + math.radians(21)
        parts.append(
            f'<path class="bar" d="M{centre:.1f},{centre:.1f} '
            f"L{centre + radius * math.cos(first):.1f},{centre + radius * math.sin(first):.1f} "
            f"A{radius:.1f},{radius:.1f} 0 0 1 {centre + radius * math.cos(last):.1f},"
            f'{centre + radius * math.sin(last):.1f} Z"><title>{escape(name)}: {number}</title>'
            "</path>"
        )
        x = centre + (reach + 14) * math.cos(middle)
        y = centre + (reach + 14) * math.sin(middle) + 4
        anchor = "middle" if abs(math.cos(middle)) < 0.3 else "start"
        anchor = "end" if math.cos(middle) < -0.3 else anchor
        parts.append(_text(x, y, name if i % 2 == 0 else "", anchor))
    return _svg(_Frame(size, size), "".join(parts), label)


def heat_map(
    names: Sequence[str], rates: np.ndarray, label: str, *, standalone: bool = False
) -> Markup:
    """A square table of rates in [0, 1] by row and column; NaN cells stay empty. ``standalone``: as
    for ``cmc_chart``."""
    cell, left, top = 30.0, 74.0, 58.0
    frame = _Frame(left + cell * len(names) + 40, top + cell * len(names) + 4)
    parts = [_STANDALONE_HEAD] if standalone else []
    for i, name in enumerate(names):
        middle = (i + 0.5) * cell
        parts.append(_text(left - 6, top + middle + 4, name, "end"))
        turned = f'transform="rotate(-40 {left + middle:.1f} {top - 6:.1f})"'
        parts.append(
            f'<text x="{left + middle:.1f}" y="{top - 6:.1f}" {turned}>{escape(name)}</text>'
        )
    for row, column in np.argwhere(np.isfinite(rates)):
        rate = float(rates[row, column])
        x, y = left + column * cell, top + row * cell
        number = _text(x + cell / 2, y + cell / 2 + 4, f"{100 * rate:.0f}", "middle")
        parts.append(
            f'<g class="cell{" deep" if rate > 0.55 else ""}"><rect class="bar" x="{x + 1:.0f}" '
            f'y="{y + 1:.0f}" width="{cell - 2:.0f}" height="{cell - 2:.0f}" '
            f'fill-opacity="{0.08 + 0.92 * rate:.2f}"><title>{escape(names[row])} to '
            f"{escape(names[column])}: {100 * rate:.1f} %</title></rect>{number}</g>"
        )
    return _svg(frame, "".join(parts), label, natural_size=True)


def scatter(places: np.ndarray, groups: Sequence[str], titles: Sequence[str], label: str) -> Markup:
    """A dot at each of the ``places`` (N, 2) from 0 to 1, a colour for each group."""
    frame = _Frame(560, 420, left=12, bottom=12)
    known = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    dots = [
        # Hues a golden section apart, and three lightnesses: neighbours of the list look different.
        f'<circle cx="{frame.x(float(x)):.1f}" cy="{frame.y(float(y)):.1f}" r="4.2" '
        f'fill="hsl({(known[group] * 137.5) % 360:.0f} 65% {40 + 12 * (known[group] % 3)}%)">'
        f"<title>{escape(title)}</title></circle>"
        for (x, y), group, title in zip(places, groups, titles, strict=True)
    ]
    return _svg(frame, f'<g class="dots">{"".join(dots)}</g>', label, natural_size=True)


def nice_ceiling(value: int) -> int:
    """The smallest of 1, 2, 4, 6, 8, 10 times a power of ten that is at least ``value``."""
    scale = 10 ** max(0, len(str(max(1, value))) - 1)
    return next(step * scale for step in (1, 2, 4, 6, 8, 10) if step * scale >= value)


def compact(value: float) -> str:
    """A short number for an axis: 1500 -> 1.5k."""
    for size, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{suffix}"
    return f"{value:g}"


def _axis_x(frame: _Frame, ticks: Sequence[tuple[float, str]], title: str) -> str:
    below = frame.height - frame.bottom + 17
    marks = [_text(frame.x(share), below, text, "middle") for share, text in ticks]
    return "".join(marks) + _text(frame.x(0.5), frame.height - 5, title, "middle")


def _points(frame: _Frame, values: np.ndarray, steps: int) -> list[tuple[str, str]]:
    """Where the ``values``, shares of the height, stand, the last at ``steps`` to the right."""
    return [
        (f"{frame.x(i / steps):.1f}", f"{frame.y(float(value)):.1f}")
        for i, value in enumerate(values)
    ]


def _polyline(points: Sequence[tuple[str, str]]) -> str:
    return f'<polyline points="{" ".join(map(",".join, points))}"/>'


def _curve(tone: str, body: str) -> str:
    return f'<g class="curve {escape(tone)}">{body}</g>'


def _grid_y(frame: _Frame, shares: Sequence[float], labels: Sequence[str]) -> str:
    lines = [
        f'<line class="grid" x1="{frame.left}" x2="{frame.width - frame.right}" '
        f'y1="{frame.y(share):.1f}" y2="{frame.y(share):.1f}"/>'
        + _text(frame.left - 6, frame.y(share) + 4, label, "end")
        for share, label in zip(shares, labels, strict=True)
    ]
    return "".join(lines)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(frame: _Frame, body: str, label: str, *, natural_size: bool = False) -> Markup:
    limit = f'style="max-width: {1.15 * frame.width:.0f}px" ' if natural_size else ""
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {limit}'
        f'viewBox="0 0 {frame.width:g} {frame.height:g}" '
        f'aria-label="{escape(label)}">{body}</svg>'
    )
