"""A match as a page, in Markdown and in HTML: changes, measures, cameras, and pictures where they
may be shown."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tasks.match.looks import MEASURED, SPREAD
from tasks.match.matched import Matched
from tasks.match.recipe_text import told
from tasks.report.markdown import plain_table
from training.looks.differences import Summary
from training.looks.registry import MEASURES

_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #ccc;padding:3px 8px;"
    "text-align:left}img{max-width:100%}"
)


@dataclass(frozen=True)
class _Part:
    """A heading with what stands below it; ``pictures``: file names and what they show."""

    heading: str
    texts: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    numbers: Sequence[int] = ()
    pictures: Sequence[tuple[str, str]] = field(default=())


def headline(matched: Matched, count: int = 6) -> list[str]:
    """The changes and the largest differences of before, one a line, for a terminal."""
    lines = [f"{change.path}: {told(change)[0]}" for change in matched.changes]
    for old, new in matched.table()[:count]:
        name = old.measure
        lines.append(
            f"{name}: before {_cell(name, old.first)}, photographs {_cell(name, old.second)}, "
            f"after {_cell(name, new.first)}"
        )
    spent = ", ".join(f"{name} {value:.0f}" for name, value in matched.cpu_seconds.items())
    lines.append(
        f"mean difference |d| over all measures: {matched.distance(False):.2f} before, "
        f"{matched.distance(True):.2f} after; CPU-seconds of the probes: {spent}"
    )
    return lines


def markdown(matched: Matched, pictures: Sequence[tuple[str, str]]) -> str:
    """The page; ``pictures``: addresses that may be shown, and what they show."""
    parts: list[str] = [f"# {_title(matched)}"]
    for part in _parts(matched, pictures):
        parts.append(f"## {part.heading}")
        parts += part.texts
        if part.rows:
            parts.append(plain_table(part.head, part.rows, part.numbers))
        parts += [f"![{what}]({address})" for address, what in part.pictures]
    return "\n\n".join(parts) + "\n"


def web_page(matched: Matched, pictures: Sequence[tuple[str, str]]) -> str:
    """The same as HTML."""
    title = html.escape(_title(matched))
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>"
    ]
    for part in _parts(matched, pictures):
        parts.append(f"<h2>{html.escape(part.heading)}</h2>")
        parts += [f"<p>{html.escape(text)}</p>" for text in part.texts]
        if part.rows:
            parts.append(_web_table(part))
        parts += [
            f'<p><img src="{html.escape(address)}" alt="{html.escape(what)}"></p>'
            for address, what in part.pictures
        ]
    return "\n".join([*parts, "</html>"]) + "\n"


def _web_table(part: _Part) -> str:
    def row(cells: Iterable[object], tag: str) -> str:
        inside = "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells)
        return f"<tr>{inside}</tr>"

    lines = [row(part.head, "th"), *(row(cells, "td") for cells in part.rows)]
    return f"<table>{''.join(lines)}</table>"


def _title(matched: Matched) -> str:
    return f"{matched.recipe.name}: {matched.base} matched to {matched.photographs.side.name}"


def _parts(matched: Matched, pictures: Sequence[tuple[str, str]]) -> Iterable[_Part]:
    yield _overview(matched)
    yield _Part(
        "What was changed",
        () if matched.changes else ("Nothing.",),
        ["field", "was, is", "because"],
        [[one.path, told(one)[0], "; ".join(one.because)] for one in matched.changes],
    )
    yield _Part(
        "Before, photographs, after",
        ("Mean ± deviation over crops, the largest difference before first; d is (photographs − "
         "ours) / pooled deviation.",),
        ["measure", "before", "photographs", "after", "d before", "d after", "unit"],
        [
            [
                old.measure,
                _cell(old.measure, old.first),
                _cell(old.measure, old.second),
                _cell(old.measure, new.first),
                _signed(old.d),
                _signed(new.d),
                _unit(old.measure),
            ]
            for old, new in matched.table()
        ],
        range(1, 6),
    )  # fmt: skip
    yield _cameras(matched)
    if pictures:
        yield _Part("Crops", pictures=pictures)


def _overview(matched: Matched) -> _Part:
    seen = matched.photographs
    left = ", ".join(f"{count} {reason}" for reason, count in matched.left_out.items())
    spent = ", ".join(f"{name} {value:.0f}" for name, value in matched.cpu_seconds.items())
    return _Part(
        "What was measured",
        (
            f"{len(seen)} photographs by {len(set(seen.camera.tolist()))} cameras"
            + (f" (left out: {left})" if left else "")
            + f"; {len(matched.before)} crops of a probe of {matched.base}, "
            f"{len(matched.after)} of one of {matched.recipe.name}.",
            f"Mean difference |d| over all measures: {matched.distance(False):.2f} before, "
            f"{matched.distance(True):.2f} after. CPU-seconds of the probes: {spent}.",
            "Figures describe how alike crops look. Whether models learn more from them, only a "
            "training says.",
        ),
    )


def _cameras(matched: Matched) -> _Part:
    names = (*MEASURED, SPREAD)
    return _Part(
        "Camera by camera",
        ("Middles of the photographs; in brackets ours under the camera's look, on the sample that "
         "looks were fitted on.",),
        ["camera", *names],
        [
            [one.camera, *(f"{_number(one.wanted[n])} ({_number(one.after[n])})" for n in names)]
            for one in matched.looks
        ],
        range(1, len(names) + 1),
    )  # fmt: skip


def _unit(measure: str) -> str:
    found = MEASURES.find(measure)
    return "share of crops" if found.share else found.unit


def _cell(measure: str, found: Summary) -> str:
    if MEASURES.find(measure).share:
        return f"{found.mean:.1%}"
    return f"{_number(found.mean)} ± {_number(found.deviation)}"


def _signed(d: float) -> str:
    if not math.isfinite(d):
        return "" if math.isnan(d) else ("+∞" if d > 0 else "−∞")
    return f"{d:+.2f}".replace("-", "−")


def _number(value: float) -> str:
    size = abs(value)
    return f"{value:.{0 if size >= 100 else 1 if size >= 10 else 2}f}"
