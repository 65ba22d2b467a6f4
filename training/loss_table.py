"""``loss.csv``: every iteration of a run, for spreadsheets and plots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from manifests.whole_files import write_whole
from training.config import OptimiserSettings
from training.schedule import learning_rate


def write_losses(
    path: Path,
    losses: Sequence[Sequence[float]],
    parts: Sequence[str],
    budget: int,
    settings: OptimiserSettings,
) -> None:
    """A line per iteration: its number from 1, the loss, its ``parts`` if it has several, and the
    learning rate. ``losses``: the parts of each iteration."""
    several = list(parts) if len(parts) > 1 else []
    lines = [",".join(["iteration", "loss", *several, "learning_rate"])]
    for number, of in enumerate(losses):
        rate = learning_rate(number, budget, settings)
        values = [sum(of), *(of if several else ()), rate]
        lines.append(",".join([str(number + 1), *(f"{value:.8g}" for value in values)]))
    write_whole(path, "\n".join(lines) + "\n")
