"""Filled tables: each cell with the paper's number, ours on the real target, ours on the stand-in;
further targets with ours alone.

``filled`` collects numbers, ``markdown`` and ``plain`` say them, ``write_tables`` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from manifests.whole_files import write_whole
from tasks.bench.making import Places
from tasks.bench.results import Measured, Results
from tasks.report.markdown import plain_table
from tasks.reproduce.budgets import CLAIMING_SEEDS, BudgetName
from tasks.reproduce.contrasts import Contrast, contrast
from tasks.reproduce.paper import PAPER_METRICS
from tasks.reproduce.questions import Asked, Questions, Setting
from tasks.reproduce.terms import Claim, Experiment, Row, described
from training.artifacts import write_json
from training.evaluation.bootstrap import Interval

Cells = Mapping[tuple[str, str, Setting], tuple[Measured, ...]]
"""(row's key, target, setting) -> what was measured, a seed each; absent where nothing was."""

TARGET_NAMES = {
    "market": "Market-1501", "duke": "DukeMTMC-reID", "msmt17": "MSMT17", "grid": "GRID",
    "lips": "LIPS", "market-black": "Market-black", "duke-black": "Duke-black",
}  # fmt: skip
_NOTHING = "–"
_BESIDE = (Setting.real, Setting.stand_in)
"""What stands beside the paper's numbers."""


@dataclass(frozen=True)
class Judged:
    """A claim on the targets of one setting on which both of its rows were measured."""

    claim: Claim
    setting: Setting
    targets: tuple[str, ...]
    found: Contrast


@dataclass(frozen=True)
class Filled:
    """A table with what was measured, and its claims.

    ``photographs``: further targets by name, and what each is. ``scale``: what the paper's numbers
    of people, cameras and pictures are with this budget; ``longer``: how many times as long as the
    budget says everything learnt.
    """

    experiment: Experiment
    budget: BudgetName
    cells: Cells
    contrasts: tuple[Judged, ...]
    scale: str
    seeds: int
    longer: int = 1
    photographs: Mapping[str, str] = field(default_factory=dict[str, str])


def write_tables(asked: Asked, places: Places) -> dict[Path, str]:
    """One Markdown file (path -> text) and one JSON file for every table that was asked for."""
    questions, written = Questions(asked), {}
    for experiment in asked.experiments:
        table = filled(experiment, questions, places.results)
        longer = "" if asked.longer == 1 else f"-{asked.longer}-times-as-long"
        name = f"{experiment.name}-{asked.budget}{longer}"
        text = markdown(table)
        path = places.folder / f"{name}.md"
        write_whole(path, text)
        write_json(places.folder / f"{name}.json", plain(table))
        written[path] = text
    return written


def filled(experiment: Experiment, questions: Questions, results: Results) -> Filled:
    """Collect the cells of a table that have been measured, and judge its claims."""
    cells: dict[tuple[str, str, Setting], tuple[Measured, ...]] = {}
    columns = questions.asked.columns(experiment)
    for row, (target, setting) in product(experiment.rows, columns):
        asked = questions.cells(row, target, setting)
        found = tuple(m for cell in asked if (m := results.find(cell.id)) is not None)
        if found and len(found) == len(asked):
            cells[row.key, target, setting] = found
    photographs = {
        target: questions.photographed(target).what
        for target, setting in questions.asked.columns(experiment)
        if setting is Setting.photographs
    }
    budget, contrasts = questions.budget, judged(experiment, cells, tuple(photographs))
    four = [budget.people(of) for of in (800, 1500, 2000, 3000)]
    scale = (
        f"{four[0]}, {four[1]}, {four[2]} and {four[3]} people for the paper's 800, 1,500, 2,000 "
        f"and 3,000; {sum(budget.cameras.values())} cameras for its 34; {budget.images} pictures "
        "of each person for its 40"
    )
    seeds = len(budget.seeds)
    return Filled(
        experiment, budget.name, cells, contrasts, scale, seeds, budget.longer, photographs
    )


def judged(
    experiment: Experiment, cells: Cells, photographs: Sequence[str] = ()
) -> tuple[Judged, ...]:
    """The claims of a table, wherever both of their rows were measured on all their targets; of
    further targets on those which neither row has learnt from."""
    found = []
    for claim, setting in product(experiment.claims, Setting):
        named = photographs if setting is Setting.photographs else claim.targets
        rows = (claim.better, claim.worse)
        both = tuple(t for t in named if all((key, t, setting) in cells for key in rows))
        if both and (setting is Setting.photographs or both == claim.targets):
            better, worse = ([cells[key, t, setting] for t in both] for key in rows)
            found.append(Judged(claim, setting, both, contrast(better, worse)))
    return tuple(found)


def markdown(table: Filled) -> str:
    """The whole table for people: one part per target, then the claims."""
    experiment = table.experiment
    lines = [f"# {experiment.title}", "", _preface(table), ""]
    for target in experiment.targets:
        lines += [f"## {TARGET_NAMES[target]}", "", _part(table, target), ""]
    for target, what in table.photographs.items():
        lines += [f"## {target} ({what})", "", _photographed_part(table, target), ""]
    lines += ["## Claims", "", _claims(table)]
    lines += [f"\n{note}" for note in experiment.notes]
    return "\n".join(lines).rstrip() + "\n"


def plain(table: Filled) -> dict[str, Any]:
    """The table as JSON: every seed's numbers, intervals of the contrasts."""
    return {
        "experiment": table.experiment.name.value,
        "budget": table.budget.value,
        "longer": table.longer,
        "definition": described(table.experiment),
        "cells": [
            {
                "row": row.key,
                "target": target,
                "paper": row.paper.get(target, (None, None)),
                **{s.value: _numbers(table.cells.get((row.key, target, s))) for s in _BESIDE},
            }
            for row, target in product(table.experiment.rows, table.experiment.targets)
        ],
        "photographs": [
            {"row": row.key, "target": target, **(_numbers(cells) or {})}
            for row, target in product(table.experiment.rows, table.photographs)
            if (cells := table.cells.get((row.key, target, Setting.photographs)))
        ],
        "claims": [
            {
                "says": each.claim.says,
                "setting": each.setting.value,
                "targets": each.targets,
                **asdict(each.found),
                "verdict": each.found.verdict.value,
            }
            for each in table.contrasts
        ],
    }


def _numbers(found: Sequence[Measured] | None) -> dict[str, Any] | None:
    if not found:
        return None
    return {
        **{of.key: [round(m.mean(of.key), 4) for m in found] for of in PAPER_METRICS},
        "people": len(np.unique(found[0].person)),
        "queries": len(found[0].person),
        "gallery": found[0].gallery,
    }


def _preface(table: Filled) -> str:
    longer = "" if table.longer == 1 else f", learning {table.longer} times as long"
    words = [
        f"Budget `{table.budget}`{longer}: {table.scale}. Means over {table.seeds} seed"
        f"{'s' if table.seeds > 1 else ''}, in per cent. `paper`: UnrealPerson, CVPR 2021, on the "
        "real target; `real`: ours on the real target, where its folder was given "
        "(`--target-folder`); `stand-in`: ours on a world of ours that is held out from training. "
        "Numbers on stand-ins are comparable with each other, not with the paper's."
    ]
    if table.photographs:
        words.append(
            "Further targets (`--targets`) have ours alone; a row that learns from pictures of one "
            "is not tested on it, and claims are judged on those that both of their rows have."
        )
    if table.seeds < CLAIMING_SEEDS:
        words.append("This budget proves that everything runs; its numbers claim nothing.")
    return " ".join(words)


def _part(table: Filled, target: str) -> str:
    labels = table.experiment.headings
    sides = [f"{metric.name}, {who}" for metric in PAPER_METRICS for who in ("paper", *_BESIDE)]
    rows = [[*row.labels, *_row_values(table, row, target)] for row in table.experiment.rows]
    numbers = range(len(labels), len(labels) + len(sides))
    return plain_table([*labels, *sides], rows, numbers)


def _photographed_part(table: Filled, target: str) -> str:
    labels = table.experiment.headings
    rows = [
        [
            *row.labels,
            *(_value(table, row, target, Setting.photographs, of.key) for of in PAPER_METRICS),
        ]
        for row in table.experiment.rows
    ]
    names = [metric.name for metric in PAPER_METRICS]
    return plain_table([*labels, *names], rows, range(len(labels), len(labels) + len(names)))


def _row_values(table: Filled, row: Row, target: str) -> list[str]:
    paper = row.paper.get(target, (None, None))
    values = []
    for number, metric in zip(paper, PAPER_METRICS, strict=True):
        values.append(_NOTHING if number is None else f"{number:.1f}")
        values += [_value(table, row, target, setting, metric.key) for setting in _BESIDE]
    return values


def _value(table: Filled, row: Row, target: str, setting: Setting, metric: str) -> str:
    found = table.cells.get((row.key, target, setting))
    return _NOTHING if found is None else _mean([measured.mean(metric) for measured in found])


def _mean(shares: Sequence[float]) -> str:
    text = f"{100 * np.mean(shares):.1f}"
    if len(shares) > 1:
        text += f" ({100 * min(shares):.1f} to {100 * max(shares):.1f})"
    return text


def _claims(table: Filled) -> str:
    headings = (
        "claim", "targets", "rank-1", "mAP, 95 % interval over people", "mAP of each seed",
        "verdict",
    )  # fmt: skip
    rows = [
        [
            each.claim.says,
            f"{', '.join(each.targets)} ({each.setting.value}, {each.found.people} people)",
            signed(each.found.rank1),
            signed(each.found.map),
            ", ".join(f"{100 * seed:+.1f}" for seed in each.found.of_seeds),
            f"**{each.found.verdict.value}**",
        ]
        for each in table.contrasts
    ]
    judged_claims = {each.claim.says for each in table.contrasts}
    rows += [
        [claim.says, ", ".join(claim.targets), *[_NOTHING] * 3, "not measured"]
        for claim in table.experiment.claims
        if claim.says not in judged_claims
    ]
    return plain_table(headings, rows)


def signed(found: Interval) -> str:
    """A difference with its interval, from shares to per cent."""
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
