"""Writes ``docs/reproduced_tables.md`` from what reproductions have measured.

``python -m docs.make_reproduced_tables --folder out/reproduce`` reads the JSON beside every table
of a budget, of the budget's length and of longer ones; nothing is measured or judged here.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasks.report.markdown import plain_table
from tasks.reproduce.budgets import BudgetName
from tasks.reproduce.experiments import EXPERIMENTS
from tasks.reproduce.tables import TARGET_NAMES, signed
from tasks.reproduce.terms import Experiment, TargetImages
from training.evaluation.bootstrap import Interval

PAGE = Path(__file__).with_name("reproduced_tables.md")
WRITTEN = (
    "*Written by `python -m docs.make_reproduced_tables` from measured cells; do not edit. What "
    "the tables mean: [reproduction](reproduction.md).*"
)


@dataclass(frozen=True)
class MadeTable:
    """A table's JSON, as ``tasks.reproduce.tables.plain`` writes it."""

    experiment: Experiment
    budget: str
    longer: int
    cells: list[dict[str, Any]]
    claims: list[dict[str, Any]]

    @property
    def command(self) -> str:
        """What makes it; claims alone if rows that no claim compares are empty."""
        words = ["unrealperson reproduce", self.experiment.name.value, "--budget", self.budget]
        if self.longer > 1:
            words += ["--longer", str(self.longer)]
        if any(cell["stand-in"] is None and self._possible(cell) for cell in self.cells):
            words.append("--claims-only")
        return " ".join(words)

    def value(self, row: str, target: str) -> str:
        """Rank-1 and mAP on the stand-in, means over seeds in per cent; the paper's in brackets."""
        cell = next(c for c in self.cells if (c["row"], c["target"]) == (row, target))
        found = cell["stand-in"]
        ours = "–" if found is None else f"{_per_cent(found['rank1'])}, {_per_cent(found['map'])}"
        paper = ", ".join("–" if n is None else f"{n:.1f}" for n in cell["paper"])
        return ours if set(cell["paper"]) == {None} else f"{ours} ({paper})"

    def measured_rows(self) -> Iterator[str]:
        """Keys of the rows of which something was measured, in the table's order."""
        for row in self.experiment.rows:
            if any(cell["stand-in"] for cell in self.cells if cell["row"] == row.key):
                yield row.key

    def _possible(self, cell: dict[str, Any]) -> bool:
        """Whether that row could have been measured on that stand-in with this budget."""
        model = self.experiment.row(cell["row"]).models.get(cell["target"])
        if model is None:
            return False
        return not isinstance(model.source, TargetImages) or model.source.stand_in


def read_tables(folder: Path, budget: str) -> list[MadeTable]:
    """Every table of a budget in the folder, those of longer training after the others."""
    name = re.compile(rf"(\w+)-{budget}(-\d+-times-as-long)?\.json")
    found = []
    for path in folder.glob("*.json"):
        if name.fullmatch(path.name):
            text = json.loads(path.read_text(encoding="utf-8"))
            experiment = EXPERIMENTS[text["experiment"]]
            found.append(
                MadeTable(experiment, budget, text["longer"], text["cells"], text["claims"])
            )
    return sorted(
        found, key=lambda table: (table.longer, list(EXPERIMENTS.values()).index(table.experiment))
    )


def page(tables: Sequence[MadeTable]) -> str:
    """The page: claims of all tables first, then every cell."""
    lines = [
        f"# The paper's tables with `{tables[0].budget}`",
        "",
        WRITTEN,
        "",
        "Rank-1 and mAP in per cent on stand-ins, means over seeds; the paper's own numbers, on "
        "the real data sets, in brackets. The two are not comparable; what can be compared are "
        "differences between rows.",
    ]
    for longer in sorted({table.longer for table in tables}):
        chosen = [table for table in tables if table.longer == longer]
        lines += ["", f"## Claims{_learning(longer)}", "", *_claims(chosen)]
    for table in tables:
        title = table.experiment.title
        lines += ["", f"## {title}{_learning(table.longer)}", "", f"`{table.command}`", ""]
        lines.append(_cells(table))
    return "\n".join(lines) + "\n"


def _learning(longer: int) -> str:
    return "" if longer == 1 else f", learning {longer} times as long"


def _claims(tables: Sequence[MadeTable]) -> list[str]:
    head = ["", "claim", "rank-1", "mAP, 95 % interval over people", "mAP of each seed", ""]
    rows = []
    for table in tables:
        for claim in table.claims:
            if claim["setting"] == "stand-in":
                rank1, precision = (
                    signed(Interval(**claim[metric])) for metric in ("rank1", "map")
                )
                seeds = ", ".join(f"{100 * seed:+.1f}" for seed in claim["of_seeds"])
                words = [table.experiment.name.value, claim["says"], rank1, precision, seeds]
                rows.append([*words, f"**{claim['verdict']}**"])
    return [", ".join(f"`{table.command}`" for table in tables), "", plain_table(head, rows)]


def _cells(table: MadeTable) -> str:
    targets = table.experiment.targets
    rows = [
        [*table.experiment.row(key).labels, *(table.value(key, target) for target in targets)]
        for key in table.measured_rows()
    ]
    head = [*table.experiment.headings, *(TARGET_NAMES[target] for target in targets)]
    return plain_table(head, rows)


def _per_cent(shares: Sequence[float]) -> str:
    return f"{100 * np.mean(shares):.1f}"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m docs.make_reproduced_tables")
    parser.add_argument("--folder", type=Path, default=Path("out/reproduce"))
    parser.add_argument("--budget", choices=list(BudgetName), default=BudgetName.small.value)
    given = parser.parse_args()
    tables = read_tables(given.folder, given.budget)
    if not tables:
        parser.error(f"{given.folder} has no table of budget {given.budget}")
    PAGE.write_text(page(tables), encoding="utf-8")


if __name__ == "__main__":
    main()
