"""Small pieces of a report as Markdown, for the artifacts of a run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from manifests.snapshots import Snapshot
from tasks.report.content import Gain, Gallery, Method
from training.evaluation.metrics import gains_in_one_line


def gallery_table(gallery: Gallery, snapshot: Snapshot) -> str:
    """People by cameras with inlined pictures."""
    lines = [
        f"**{snapshot.dataset}**, snapshot {snapshot.number}: {snapshot.people:,} people, "
        f"{snapshot.crops:,} crops",
        "",
        "| person | " + " | ".join(gallery.cameras) + " |",
        "|---" * (len(gallery.cameras) + 1) + "|",
    ]
    for person in gallery.people:
        pictures = [f"![]({cell[0].uri})" if cell else " " for cell in person.cells]
        lines.append(f"| {person.person_id}<br>{person.looks} | " + " | ".join(pictures) + " |")
    return "\n".join(lines)


def inlined_card(card: str, gallery: str) -> str:
    """A published card without its YAML head, ``gallery`` in the place of its picture file."""
    body = card.split("\n---\n", maxsplit=1)[-1].lstrip()
    return re.sub(r"^!\[.*\]\(.*\)$", lambda _: gallery, body, count=1, flags=re.MULTILINE)


def metrics_table(methods: Sequence[Method], gains: Sequence[Gain], picture: str) -> str:
    """Metrics with 95 % intervals, what training gains, and the CMC curves."""
    told = [[cell for cell in method.cells if cell.interval] for method in methods]
    names = "".join(f" {cell.heading} | 95 % |" for cell in told[0])
    lines = ["| method |" + names, "|---|" + "---:|---|" * len(told[0])]
    for method, cells in zip(methods, told, strict=True):
        values = "".join(f" {cell.value} | {cell.interval} |" for cell in cells)
        lines.append(f"| {method.name} |{values}")
    lines.append("")
    lines += [f"- against the {gain.over}: {gains_in_one_line(gain.found)}" for gain in gains]
    return "\n".join([*lines, "", f"![CMC curves]({picture})"])


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text under a head."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
