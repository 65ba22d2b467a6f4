"""The answer in Markdown and JSON: every row on every target, differences, what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from manifests.identity import digest
from tasks.bench.cells import wherever_its_weights_lie
from tasks.report.markdown import plain_table
from tasks.transfer.figures import NOT_MEASURED, told, told_difference
from tasks.transfer.questions import Resolved
from tasks.transfer.sources import Learnt, Source
from tasks.transfer.statistics import Line, columns_of, differences, effects
from tasks.transfer.study_table import plain_study, study_parts
from tasks.transfer.variants import Built
from training.config import TrainingConfig
from training.evaluation.metrics import METRICS, Metric

_BOLD = "On the same queries, seed by seed. **Bold**: the interval is on one side of zero."


def markdown(
    resolved: Resolved, lines: Sequence[Line], picture: str, built: Built | None = None
) -> str:
    """The whole answer for people; ``picture``: address of the chart; ``built``: which of the
    sources are variants."""
    columns, study = columns_of(resolved), built and built.study
    parts = [
        "# Transfer: " + ", ".join(source.name for source in resolved.sources),
        _preface(resolved),
        _sources(resolved),
        *(study_parts(built, resolved.sources, lines, columns[-1]) if built else ()),
        _targets(resolved),
        f"![rank-1, mAP and mINP on every target]({picture})",
    ]
    for metric in METRICS.values():
        parts += [f"## {metric.name}", _values(lines, columns, metric)]
    for title, apart in (
        ("Effects of factors", effects(lines, study) if study else []),
        ("Differences", differences(lines, study)),
    ):
        if apart:
            parts += [f"## {title}", _BOLD]
            for metric in METRICS.values():
                parts += [f"### {metric.name}", _differences(apart, columns, metric)]
    return "\n\n".join(parts) + "\n"


def plain(resolved: Resolved, lines: Sequence[Line], built: Built | None = None) -> dict[str, Any]:
    """The answer as JSON: every seed's values, every interval."""
    asked, study = resolved.asked, built and built.study
    return {
        "training": asked.training.name,
        "training_digest": training_digest(asked.training),
        "iterations": asked.training.iterations,
        "seeds": [asked.training.seed + number for number in range(asked.seeds)],
        "sources": [_plain_source(source) for source in resolved.sources],
        "targets": [
            {
                "name": target.name,
                "what": target.what,
                "content_digest": target.tested.content_digest,
                "people": len(target.people),
                "queries": target.queries,
                "gallery": target.gallery,
            }
            for target in resolved.targets
        ],
        "measured": [value for line in lines for value in _plain_line(line)],
        "differences": [value for line in differences(lines, study) for value in _plain_line(line)],
        **(
            {}
            if built is None or study is None
            else {
                "study": plain_study(built),
                "effects": [value for line in effects(lines, study) for value in _plain_line(line)],
            }
        ),
    }


def training_digest(config: TrainingConfig) -> str:
    """What identifies settings, wherever their weights lie."""
    return digest(wherever_its_weights_lie(config))


def _preface(resolved: Resolved) -> str:
    training, seeds = resolved.asked.training, resolved.asked.seeds
    model = training.model
    over = "people who are tested and over seeds" if seeds > 1 else "people who are tested"
    return (
        f"Training `{training.name}`: {model.backbone}, {model.width}×{model.height} pixels, "
        f"{training.iterations:,} iterations on every source, {seeds} "
        f"seed{'s' if seeds > 1 else ''}. In per cent, with 95 % intervals over {over}. The last "
        "rows are floors: what is not above them was not learnt. A longer or another training may "
        "order the sources otherwise, and other targets, too."
    )


def _sources(resolved: Resolved) -> str:
    rows = [
        (s.name, s.what, f"{len(s.people):,}", s.cameras, f"{s.crops:,}", _cost(s))
        if isinstance(s, Learnt)
        else (s.name, "a saved model", f"{len(s.checkpoint.people):,}", "–", "–", "–")
        for s in resolved.sources
    ]
    head = ["source", "what", "people", "cameras", "crops", "CPU-s a crop"]
    return plain_table(head, rows, range(2, 6))


def _cost(source: Learnt) -> str:
    return "–" if source.cost is None else f"{source.cost:.3f}"


def _targets(resolved: Resolved) -> str:
    rows = [
        (t.name, t.what, f"{len(t.people):,}", f"{t.queries:,}", f"{t.gallery:,}")
        for t in resolved.targets
    ]
    return plain_table(["target", "what", "people", "queries", "gallery"], rows, range(2, 5))


def _values(lines: Sequence[Line], columns: Sequence[str], metric: Metric) -> str:
    rows = [
        [line.name, line.method or "–", *(_value(line, column, metric) for column in columns)]
        for line in lines
    ]
    return plain_table(["trained on", "statistics", *columns], rows, range(2, 2 + len(columns)))


def _value(line: Line, column: str, metric: Metric) -> str:
    found = line.found.get((column, metric.key))
    return NOT_MEASURED if found is None else told(found.interval(), metric)


def _differences(apart: Sequence[Line], columns: Sequence[str], metric: Metric) -> str:
    rows = [
        [line.name, line.method, *(_difference(line, column, metric) for column in columns)]
        for line in apart
    ]
    return plain_table(["", "statistics", *columns], rows, range(2, 2 + len(columns)))


def _difference(line: Line, column: str, metric: Metric) -> str:
    found = line.found.get((column, metric.key))
    return NOT_MEASURED if found is None else told_difference(found.interval(), metric)


def _plain_source(source: Source) -> dict[str, Any]:
    if not isinstance(source, Learnt):
        return {"name": source.name, "what": "a saved model", "run": source.checkpoint.run}
    return {
        "name": source.name,
        "what": source.what,
        "people": len(source.people),
        "cameras": source.cameras,
        "crops": source.crops,
        "cpu_seconds_a_crop": source.cost,
    }


def _plain_line(line: Line) -> list[dict[str, Any]]:
    return [
        {
            "what": line.name,
            "statistics": line.method,
            "target": target,
            "metric": metric,
            **asdict(found.interval()),
            "of_seeds": found.means.tolist(),
        }
        for (target, metric), found in line.found.items()
    ]
