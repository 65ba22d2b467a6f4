"""Where a model fails, for people: tables in Markdown, a heat map of cameras, pairs as pictures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from tasks.report.charts import heat_map
from tasks.report.content import percent
from tasks.report.markdown import plain_table
from tasks.report.thumbnails import Images, Thumbnail, thumbnail
from training.evaluation.metrics import headline_metrics

if TYPE_CHECKING:
    from tasks.evaluate.confusions import Confusion
    from tasks.evaluate.failures import Cell, Failures
    from tasks.evaluate.measure import Evaluation

CAMERA_PAIRS = "camera_pair"
_MOST_PAIR_CAMERAS = 16
_WORST_CAMERA_PAIRS = 12
_HEIGHT = 128
_SMALL = "too few to tell"


@dataclass(frozen=True)
class Line:
    """A cell in words: its name, counts, and value with interval of each headline metric, or that
    it is too small."""

    cell: str
    queries: str
    people: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Breakdown:
    """A factor with its cells."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Mistake:
    """A confusion as pictures: the query, its best match and who came before it."""

    query: Thumbnail
    match: Thumbnail
    other: Thumbnail
    words: str


def breakdowns(failures: Failures) -> list[Breakdown]:
    """All factors; of camera pairs the twelve worst of those that are large enough."""
    found: dict[str, list[Cell]] = {}
    for cell in failures.cells:
        found.setdefault(cell.factor.key, []).append(cell)
    told: list[Breakdown] = []
    for key, cells in found.items():
        title = cells[0].factor.title
        if key == CAMERA_PAIRS:
            large = [cell for cell in cells if not cell.too_small]
            worst = sorted(large, key=lambda cell: (cell.mean("map"), cell.name))
            cells = worst[:_WORST_CAMERA_PAIRS]
            title = f"{title}, the {len(cells)} worst of {len(large)} pairs that are large enough"
        told.append(Breakdown(title, tuple(map(_line, cells))))
    return [breakdown for breakdown in told if breakdown.lines]


def _line(cell: Cell) -> Line:
    values: list[tuple[str, str]] = []
    for metric in headline_metrics():
        if cell.too_small:
            values.append((_SMALL, ""))
        else:
            of = cell.interval(metric.key)
            values.append((percent(of.mean), f"{percent(of.low)} – {percent(of.high)}"))
    return Line(cell.name, f"{cell.queries:,}", f"{cell.people:,}", tuple(values))


def failures_markdown(failures: Failures, pairs: Markup | None, pictures: str) -> str:
    """Tables, the standalone heat map ``pairs`` and ``pictures`` (Markdown) of mistakes."""
    names = [metric.name for metric in headline_metrics()]
    head = ["", "queries", "people", *(text for name in names for text in (name, "95 %"))]
    confused = len(failures.confusions)
    parts = [
        f"{confused:,} of {failures.queries:,} queries find somebody else first. A cell asks for "
        "those matches alone that belong to it; everybody else's crops are always searched. "
        "Intervals: over people."
    ]
    for breakdown in breakdowns(failures):
        rows = [
            (line.cell, line.queries, line.people, *(text for pair in line.values for text in pair))
            for line in breakdown.lines
        ]
        parts.append(f"### {breakdown.title}\n\n{plain_table(head, rows, range(1, len(head)))}")
    if failures.reasons:
        parts.append(f"### What confused people have in common\n\n{_reasons(failures)}")
    if pairs is not None:
        uri = "data:image/svg+xml;base64," + base64.b64encode(pairs.encode()).decode()
        parts.append(f"### Rank-1 from camera (row) to camera (column)\n\n![camera pairs]({uri})")
    if pictures:
        parts.append(f"### The surest mistakes\n\n{pictures}")
    return "\n\n".join(parts) + "\n"


def _reasons(failures: Failures) -> str:
    rows = [
        (reason.name, percent(reason.share), percent(reason.expected), f"{reason.factor:.1f}")
        for reason in failures.reasons
    ]
    head = ["", "of confused pairs", "of any two people", "times as often"]
    return plain_table(head, rows, numbers=range(1, 4))


def camera_heat_map(evaluation: Evaluation, *, standalone: bool = False) -> Markup | None:
    """Rank-1 by query and gallery camera, if there are few enough cameras to read it;
    ``standalone``: as a picture of its own."""
    pairs = evaluation.retrieval.camera_pairs
    if not 2 <= len(pairs.cameras) <= _MOST_PAIR_CAMERAS:
        return None
    names = [evaluation.camera_names[code] for code in pairs.cameras]
    short = [name if len(name) <= 12 else name[:5] + "…" + name[-5:] for name in names]
    words = "Rank-1 by query camera (row) and gallery camera (column)"
    return heat_map(short, pairs.means["rank1"], words, standalone=standalone)


def mistakes(confusions: Sequence[Confusion], images: Images) -> list[Mistake]:
    """Confusions as small pictures."""
    keys = {key for one in confusions for key in (one.query, one.match, one.other)}
    jpegs = images(keys) if keys else {}
    return [
        Mistake(
            thumbnail(jpegs[one.query], _HEIGHT),
            thumbnail(jpegs[one.match], _HEIGHT),
            thumbnail(jpegs[one.other], _HEIGHT),
            f"{one.person}, taken for {one.taken_for}; in common: "
            + (", ".join(one.shared) or "nothing that labels know"),
        )
        for one in confusions
    ]


def mistakes_markdown(shown: Sequence[Mistake]) -> str:
    """A row of small inlined crops for each mistake."""
    rows = [
        (f"![]({one.query.uri})", f"![]({one.match.uri})", f"![]({one.other.uri})", one.words)
        for one in shown
    ]
    return plain_table(["query", "best match", "found first", ""], rows) if rows else ""
