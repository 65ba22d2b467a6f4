"""Filled tables: each cell with the paper's number, ours on the real target, ours on the stand-in.

``filled`` collects numbers, ``markdown`` and ``plain`` say them, ``write_tables`` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
from tasks.reproduce.experiments import Claim, Experiment, Row, described
from tasks.reproduce.paper import PAPER_METRICS
from tasks.reproduce.questions import Asked, Questions, Setting
from training.artifacts import write_json
from training.evaluation.bootstrap import Interval

Cells = Mapping[tuple[str, str, Setting], tuple[Measured, ...]]
"""(row's key, target, setting) -> what was measured, a seed each; absent where nothing was."""

TARGET_NAMES = {
    "market": "Market-1501", "duke": "DukeMTMC-reID", "msmt17": "MSMT17", "grid": "GRID",
    "lips": "LIPS", "market-black": "Market-black", "duke-black": "Duke-black",
}  # fmt: skip
_NOTHING = "–"


@dataclass(frozen=True)
class Filled:
    """A table with what was measured, and its claims.

    ``scale``: what the paper's numbers of people, cameras and pictures are with this budget;
    ``longer``: how many times as long as the budget says everything learnt.
    """

    experiment: Experiment
    budget: BudgetName
    cells: Cells
    contrasts: tuple[tuple[Claim, Setting, Contrast], ...]
    scale: str
    seeds: int
    longer: int = 1


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
    for row, target, setting in product(experiment.rows, experiment.targets, Setting):
        asked = questions.cells(row, target, setting)
        found = tuple(m for cell in asked if (m := results.find(cell.id)) is not None)
        if found and len(found) == len(asked):
            cells[row.key, target, setting] = found
    budget, contrasts = questions.budget, judged(experiment, cells)
    four = [budget.people(of) for of in (800, 1500, 2000, 3000)]
    scale = (
        f"{four[0]}, {four[1]}, {four[2]} and {four[3]} people for the paper's 800, 1,500, 2,000 "
        f"and 3,000; {sum(budget.cameras.values())} cameras for its 34; {budget.images} pictures "
        "of each person for its 40"
    )
    seeds = len(budget.seeds)
    return Filled(experiment, budget.name, cells, contrasts, scale, seeds, budget.longer)


def judged(experiment: Experiment, cells: Cells) -> tuple[tuple[Claim, Setting, Contrast], ...]:
    """The claims of a table, wherever both of their rows were measured on all their targets."""
    found = []
    for claim, setting in product(experiment.claims, Setting):
        asked = [[(key, t, setting) for t in claim.targets] for key in (claim.better, claim.worse)]
        better, worse = ([cells[one] for one in row if one in cells] for row in asked)
        if len(better) == len(worse) == len(claim.targets):
            found.append((claim, setting, contrast(better, worse)))
    return tuple(found)


def markdown(table: Filled) -> str:
    """The whole table for people: one part per target, then the claims."""
    experiment = table.experiment
    lines = [f"# {experiment.title}", "", _preface(table), ""]
    for target in experiment.targets:
        lines += [f"## {TARGET_NAMES[target]}", "", _part(table, target), ""]
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
                **{s.value: _numbers(table.cells.get((row.key, target, s))) for s in Setting},
            }
            for row, target in product(table.experiment.rows, table.experiment.targets)
        ],
        "claims": [
            {
                "says": claim.says,
                "setting": setting.value,
                **asdict(found),
                "verdict": found.verdict.value,
            }
            for claim, setting, found in table.contrasts
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
    if table.seeds < CLAIMING_SEEDS:
        words.append("This budget proves that everything runs; its numbers claim nothing.")
    return " ".join(words)


def _part(table: Filled, target: str) -> str:
    labels = table.experiment.headings
    sides = [f"{metric.name}, {who}" for metric in PAPER_METRICS for who in ("paper", *Setting)]
    rows = [[*row.labels, *_row_values(table, row, target)] for row in table.experiment.rows]
    numbers = range(len(labels), len(labels) + len(sides))
    return plain_table([*labels, *sides], rows, numbers)


def _row_values(table: Filled, row: Row, target: str) -> list[str]:
    paper = row.paper.get(target, (None, None))
    values = []
    for number, metric in zip(paper, PAPER_METRICS, strict=True):
        values.append(_NOTHING if number is None else f"{number:.1f}")
        for setting in Setting:
            found = table.cells.get((row.key, target, setting))
            values.append(_NOTHING if found is None else _mean([m.mean(metric.key) for m in found]))
    return values


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
            claim.says,
            f"{', '.join(claim.targets)} ({setting.value}, {found.people} people)",
            signed(found.rank1),
            signed(found.map),
            ", ".join(f"{100 * seed:+.1f}" for seed in found.of_seeds),
            f"**{found.verdict.value}**",
        ]
        for claim, setting, found in table.contrasts
    ]
    judged_claims = {claim.says for claim, _, _ in table.contrasts}
    rows += [
        [claim.says, ", ".join(claim.targets), *[_NOTHING] * 3, "not measured"]
        for claim in table.experiment.claims
        if claim.says not in judged_claims
    ]
    return plain_table(headings, rows)


def signed(found: Interval) -> str:
    """A difference with its interval, from shares to per cent."""
    return f"{100 * found.mean:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
