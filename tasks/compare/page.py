"""A comparison of looks as Markdown: figures, and links to pictures where they may be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tasks.compare.comparison import Compared
from tasks.report.markdown import plain_table
from training.looks.differences import Difference, Summary
from training.looks.network import HOW_TO_GET_WEIGHTS
from training.looks.registry import MEASURES

_NAMED = 10
_BY_CAMERA = 8


def page(compared: Compared, histograms: str | None = None, sheet: str | None = None) -> str:
    """The whole comparison; ``histograms`` and ``sheet``: addresses of pictures to show."""
    first, second = compared.names
    parts = [
        f"# Looks of {first} and {second}",
        _sides(compared),
        "## Distances",
        _distances(compared),
        "## What differs",
        "The largest standardised difference first: d is (second − first) / pooled deviation. "
        "Mean ± deviation over crops; *cameras*: deviation of the means of the cameras. What one "
        "side does not know stands last.",
        _measures(compared),
    ]
    if histograms:
        parts.append(f"![Histograms of both]({histograms})")
    parts += ["## Camera by camera", *_cameras(compared)]
    if sheet:
        parts += ["## Crops", f"![Crops of {first} (left) and {second} (right)]({sheet})"]
    return "\n\n".join(parts) + "\n"


def headline(compared: Compared, count: int = 8) -> list[str]:
    """The distances and the largest differences, one a line, for a terminal."""
    first, second = compared.names
    lines = [_distances(compared)]
    for found in _known(compared)[:count]:
        a, b = (_cell(found.measure, one) for one in (found.first, found.second))
        lines.append(f"{found.measure}: {first} {a}, {second} {b}, d {_signed(found.d)}")
    return lines


def _sides(compared: Compared) -> str:
    rows = [
        [
            name,
            len(looked.side.camera),
            len(looked),
            len(set(looked.camera.tolist())),
            _unreadable(looked.unreadable),
            ", ".join(f"{key} {value}" for key, value in looked.side.lineage.items()),
        ]
        for name, looked in zip(compared.names, compared.sides, strict=True)
    ]
    head = ["", "crops", "looked at", "cameras", "cannot be read", "which"]
    return plain_table(head, rows, numbers=(1, 2, 3))


def _unreadable(names: tuple[str, ...]) -> str:
    if not names:
        return "0"
    more = ", …" if len(names) > _NAMED else ""
    return f"{len(names)} ({', '.join(names[:_NAMED])}{more})"


def _distances(compared: Compared) -> str:
    found = compared.distances
    if compared.network is None:
        return f"Left out: no ImageNet weights are at hand; {HOW_TO_GET_WEIGHTS}."
    if found is None:
        return "Left out: a side has fewer than four crops."
    first, second = compared.names
    return (
        f"In the features of {compared.network} (ImageNet): Fréchet distance "
        f"**{_number(found.frechet)}** in {found.components} components (between two halves of "
        f"{first} {_number(found.within[0])}, of {second} {_number(found.within[1])}); kernel "
        f"distance **{_number(found.kernel.mean)}** ± {_number(found.kernel.deviation)}. They "
        "describe how far apart the sets look to that network, and do not judge which is better."
    )


def _measures(compared: Compared) -> str:
    first, second = compared.names
    told = [found for found in compared.found if found.first.known or found.second.known]
    rows = [
        [
            found.measure,
            _cell(found.measure, found.first),
            _cell(found.measure, found.second),
            _signed(found.d),
            *(_spread(found.measure, one) for one in (found.first, found.second)),
            "share of crops" if MEASURES.find(found.measure).share else _unit(found.measure),
        ]
        for found in told
    ]
    head = ["measure", first, second, "d", f"cameras of {first}", f"cameras of {second}", "unit"]
    table = plain_table(head, rows, numbers=range(1, 6))
    unknown = [found.measure for found in compared.found if found not in told]
    return f"{table}\n\nNot known of either: {', '.join(unknown)}." if unknown else table


def _cameras(compared: Compared) -> Iterable[str]:
    """A table for each side of the numbers that differ most, known on both sides."""
    shown = [found for found in _known(compared) if not MEASURES.find(found.measure).share]
    shown = shown[:_BY_CAMERA]
    for place, name in enumerate(compared.names):
        of = {found.measure: (found.first, found.second)[place] for found in shown}
        cameras = sorted({camera for one in of.values() for camera in one.cameras})
        rows = [
            [camera, *(_number(one.cameras.get(camera, math.nan)) for one in of.values())]
            for camera in cameras
        ]
        yield plain_table([name, *of], rows, numbers=range(1, len(of) + 1))


def _known(compared: Compared) -> list[Difference]:
    return [found for found in compared.found if not math.isnan(found.d)]


def _unit(measure: str) -> str:
    return MEASURES.find(measure).unit


def _cell(measure: str, found: Summary) -> str:
    if not found.known:
        return "not known"
    if MEASURES.find(measure).share:
        return f"{found.mean:.1%}"
    return f"{_number(found.mean)} ± {_number(found.deviation)}"


def _spread(measure: str, found: Summary) -> str:
    if not found.known:
        return ""
    return f"{found.spread:.1%}" if MEASURES.find(measure).share else _number(found.spread)


def _signed(d: float) -> str:
    if math.isnan(d):
        return ""
    return f"{d:+.2f}".replace("-", "−") if math.isfinite(d) else ("+∞" if d > 0 else "−∞")


def _number(value: float) -> str:
    """Three significant digits or so, never an exponent."""
    if math.isnan(value):
        return ""
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}"
