"""One round after the other, from what is kept of earlier ones: what survives a kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests.snapshots import Snapshot
from tasks.accounting import CostSheet
from tasks.improve.decide import reason_to_stop, recipe_comments
from tasks.improve.increment import changed_looks, grown
from tasks.improve.journal import Journal, Round
from tasks.improve.request import Improvement
from tasks.progress import Progress, report_progress


@dataclass(frozen=True)
class Steps:
    """What a round is made of; all of them go on from what is stored.

    ``build``: a recipe's file -> its snapshot; ``train``: a snapshot and the last round's model ->
    a model; ``measure``: both and the round's number -> what was found; ``approve``: whether the
    round after the one of this number is to be.
    """

    build: Callable[[Path], Snapshot]
    train: Callable[[Snapshot, Path | None], Path]
    measure: Callable[[Snapshot, Path, int], Round]
    approve: Callable[[int], bool]


@dataclass(frozen=True)
class Improved:
    """All rounds, why no more came, and where they are kept."""

    rounds: tuple[Round, ...]
    stopped: str
    folder: Path


def run_rounds(asked: Improvement, journal: Journal, steps: Steps, costs: CostSheet) -> Improved:
    """Rounds until there is a reason to stop. What is kept in ``journal`` is not done again."""
    found: list[Round] = []
    current = journal.keep_recipe(0, asked.recipe)
    while True:
        number = len(found)
        note = f"round {number}, {current.people.count} people"
        report_progress(Progress("improve", number, asked.rounds + 1, "rounds", note))
        found.append(
            journal.read(number)
            or _made(journal, steps, costs, number, Path(found[-1].model) if found else None)
        )
        if (stopped := reason_to_stop(asked, found)) is not None:
            return Improved(tuple(found), stopped, journal.folder)
        if not journal.has_recipe(number + 1):
            if not steps.approve(number):
                stopped = f"round {number + 1} was not approved"
                return Improved(tuple(found), stopped, journal.folder)
            weights = found[-1].weights
            comments = recipe_comments(weights, changed_looks(current.people, weights))
            journal.keep_recipe(number + 1, grown(current, asked.people, weights), comments)
        current = journal.kept_recipe(number + 1)


def _made(
    journal: Journal, steps: Steps, costs: CostSheet, number: int, initial: Path | None
) -> Round:
    before = costs.total_cpu_seconds()
    snapshot = steps.build(journal.recipe_file(number))
    with costs.measure("train"):
        model = steps.train(snapshot, initial)
    with costs.measure("evaluate"):
        found = steps.measure(snapshot, model, number)
    spent = costs.total_cpu_seconds() - before
    return journal.keep(found.model_copy(update={"cpu_seconds": round(spent, 3)}))
