"""What somebody wants to be reproduced, and what can be refused of it at once.

Loads no torch: the words of a command are looked at before that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from manifests.errors import BadRecipe
from manifests.stores import Store
from tasks.reproduce.budgets import BudgetName
from tasks.reproduce.experiments import EXPERIMENTS, chosen_experiments
from tasks.reproduce.terms import Experiment, TableName
from tasks.transfer.targets import TargetChoice, opened_target
from training.targets.images import Target
from training.targets.registry import open_for_training, open_target
from training.targets.tables import is_table

_NAMED_ALIKE = ("lips", "market-black", "duke-black", "syri", "personx", "randperson")
LAYOUTS = {
    "market": "market1501",
    "duke": "dukemtmc-reid",
    "msmt17": "msmt17-v1",
    "grid": "grid-250",
    **dict(zip(_NAMED_ALIKE, _NAMED_ALIKE)),
}
"""Name of a target in tables -> name of its official layout."""

LONGEST = 100
"""At most so many times as long may models learn."""


@dataclass(frozen=True)
class Request:
    """What is to be reproduced, of which data.

    ``folders``: real targets by name; a list of images in place of a folder is only learnt from.
    ``photographs``: further targets by name. ``snapshots``: world -> number and content digest of
    its snapshot, the newest for worlds that are left out. ``longer``: every model learns so many
    times as long as the budget says. ``claims_only``: measure only what claims compare.
    """

    tables: tuple[TableName, ...]
    budget: BudgetName
    store: Store
    folders: Mapping[str, Path]
    partial: bool = False
    snapshots: Mapping[str, tuple[int, str]] | None = None
    longer: int = 1
    claims_only: bool = False
    photographs: Mapping[str, TargetChoice] = field(default_factory=dict[str, TargetChoice])

    def check(self) -> None:
        """``BadRecipe`` for targets that do not exist or cannot be columns, and for lengths that
        cannot be."""
        if not 1 <= self.longer <= LONGEST:
            raise BadRecipe(f"--longer: must be from 1 to {LONGEST}; got {self.longer}")
        unknown = sorted(set(self.folders) - set(LAYOUTS))
        if unknown:
            raise BadRecipe(f"--target-folder {unknown[0]}=…: must be one of {', '.join(LAYOUTS)}")
        if twice := sorted(
            set(self.photographs) & {t for e in self.experiments for t in e.targets}
        ):
            raise BadRecipe(f"target {twice[0]}: is a column of the paper's; give it another name")
        if self.photographs and not any(e.anywhere for e in self.experiments):
            able = ", ".join(e.name for e in EXPERIMENTS.values() if e.anywhere)
            raise BadRecipe(
                f"--targets: further targets are columns of {able}; ask for one of them"
            )

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The tables in their order."""
        return chosen_experiments(self.tables)

    def open_real(self, name: str) -> list[Target]:
        """The splits of a real target; ``NotFound`` and ``CorruptData`` of ``open_target``."""
        root = self.folders[name]
        if is_table(root.name):
            return open_for_training(root.name, root.parent)
        layout = LAYOUTS[name]
        if name == "msmt17" and (root / "mask_train_v2").is_dir():
            layout = "msmt17-v2"
        return open_target(layout, root, self.partial)

    def expect_targets(self) -> None:
        """Raise now, before worlds are built, what is wrong with data sets of others: what
        ``check`` raises, and ``NotFound`` and ``CorruptData`` of ``open_target``."""
        self.check()
        for name in self.folders:
            self.open_real(name)
        for name, choice in self.photographs.items():
            if choice.dataset is None:
                opened_target(name, choice, self.store)
