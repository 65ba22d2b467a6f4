"""Answers a question about transfer: makes what is missing, writes table, JSON and chart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manifests.identity import digest
from manifests.whole_files import write_whole
from tasks.bench.making import Places
from tasks.transfer.chart import write_chart
from tasks.transfer.questions import Resolved, Transfer
from tasks.transfer.statistics import columns_of, measured_lines
from tasks.transfer.table import markdown, plain, training_digest
from tasks.transfer.variants import Built
from training.artifacts import write_json


@dataclass(frozen=True)
class Answer:
    """Where an answer lies, and its Markdown. ``chart``: a PNG that the Markdown shows."""

    table: Path
    chart: Path
    text: str


def write_answer(asked: Transfer, places: Places, built: Built | None = None) -> Answer:
    """Write what has been measured; one name for one set of sources, targets and settings.

    ``built``: which of the sources are variants of one recipe.
    """
    resolved = Resolved(asked)
    lines = measured_lines(resolved, places.results)
    table = places.folder / f"{_name(resolved)}.md"
    chart = table.with_suffix(".png")
    text = markdown(resolved, lines, chart.name, built)
    write_chart(chart, lines, columns_of(resolved))
    write_json(table.with_suffix(".json"), plain(resolved, lines, built))
    write_whole(table, text)
    return Answer(table, chart, text)


def _name(resolved: Resolved) -> str:
    """``transfer-small-1a2b3c4d``: the training, and what tells this question from others."""
    asked = resolved.asked
    told = [
        training_digest(asked.training),
        asked.seeds,
        [[row.name, *(subject.digest for subject in row.subjects)] for row in resolved.rows],
        [[target.name, target.tested.content_digest] for target in resolved.targets],
    ]
    return f"{asked.training.name}-{digest(told)[:8]}"
