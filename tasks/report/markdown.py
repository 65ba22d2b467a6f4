"""Small pieces of a report as Markdown, for the artifacts of a run."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING

from manifests.snapshots import Snapshot
from training.evaluation.metrics import gains_in_one_line

if TYPE_CHECKING:
    from tasks.report.content import Gain, Gallery, Method


def gallery_table(gallery: Gallery, snapshot: Snapshot) -> str:
    """People by cameras with inlined crops."""
    rows = [
        [
            f"{person.person_id}<br>{person.looks}",
            *(f"![]({cell[0].uri})" if cell else " " for cell in person.cells),
        ]
        for person in gallery.people
    ]
    return (
        f"**{snapshot.dataset}**, snapshot {snapshot.number}: {snapshot.people:,} people, "
        f"{snapshot.crops:,} crops\n\n{plain_table(['person', *gallery.cameras], rows)}"
    )


def inlined_card(card: str, gallery: str) -> str:
    """A published card without its YAML head, ``gallery`` in the place of its picture file."""
    body = card.split("\n---\n", maxsplit=1)[-1].lstrip()
    return re.sub(r"^!\[.*\]\(.*\)$", lambda _: gallery, body, count=1, flags=re.MULTILINE)


def metrics_table(methods: Sequence[Method], gains: Sequence[Gain], picture: str) -> str:
    """Metrics with 95 % intervals, what training gains, and the CMC curves."""
    told = [[cell for cell in method.cells if cell.interval] for method in methods]
    head = ["method", *(text for cell in told[0] for text in (cell.heading, "95 %"))]
    rows = [
        [method.name, *(text for cell in cells for text in (cell.value, cell.interval))]
        for method, cells in zip(methods, told, strict=True)
    ]
    lines = [plain_table(head, rows, numbers=range(1, len(head), 2)), ""]
    lines += [f"- against the {gain.over}: {gains_in_one_line(gain.found)}" for gain in gains]
    return "\n".join([*lines, "", f"![CMC curves]({picture})"])


def plain_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], numbers: Container[int] = ()
) -> str:
    """Rows under a head; the columns at the positions ``numbers`` are set to the right."""
    rule = ["---:" if column in numbers else "---" for column in range(len(head))]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (head, rule, *rows))
