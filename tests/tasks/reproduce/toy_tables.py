"""A filled Table 2 of invented measurements."""

from __future__ import annotations

import numpy as np

from tasks.bench.results import Measured
from tasks.reproduce.budgets import BudgetName
from tasks.reproduce.experiments import EXPERIMENTS
from tasks.reproduce.questions import Setting
from tasks.reproduce.tables import Cells, Filled, judged
from tasks.reproduce.terms import TableName

TABLE = EXPERIMENTS[TableName.table2]
SEEDS = 3


def measured(share: float, seed: int) -> Measured:
    """Everybody's ten queries, of which a share is answered at once; precision 1 or a half."""
    person = np.repeat([f"p{i}" for i in range(20)], 10)
    right = np.tile(np.arange(10) < round(10 * share), 20)
    return Measured(person, np.where(right, 1, 2), np.where(right, 1.0, 0.5) - 0.001 * seed, 40, {})


def stand_in_cells(seeds: int = SEEDS) -> Cells:
    """All of Table 2 on stand-ins: each row one tenth better than the row before, up to 0.9."""
    return {
        (row.key, target, Setting.stand_in): tuple(
            measured(min(0.9, 0.1 * number), seed) for seed in range(seeds)
        )
        for number, row in enumerate(TABLE.rows, start=1)
        for target in TABLE.targets
    }


def table(cells: Cells, seeds: int = SEEDS) -> Filled:
    name = BudgetName.small if seeds == SEEDS else BudgetName.smoke
    return Filled(TABLE, name, cells, judged(TABLE, cells), "scaled", seeds)
