"""Rounds of building, training and measuring, each of data where the last model is weak."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

from prefect import flow
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from pydantic import Field

from flows.build_dataset import build_dataset
from flows.executors import DEFAULT_POLICY, ExecutorKind, ShardPolicy
from flows.gpu_slots import gpu_slot
from flows.parameters import LookedAt, Overrides, RecipeName, StoreChoice, TrainingName
from flows.places import DEFAULT_STORE, chosen_dataset, improvement_folder
from flows.stages import leave_page, stage_task
from flows.train import train
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.improve.decide import table
from tasks.improve.journal import Journal, Round
from tasks.improve.page import measured_round
from tasks.improve.request import MOST_ROUNDS, Improvement, TargetPart
from tasks.improve.rounds import Improved, Steps, run_rounds
from tasks.plan.requests import resolve_recipe
from tasks.publish.leases import reading
from training.config import load_training

_PATIENCE_SECONDS = 30 * 24 * 3600


class Approval(RunInput):
    """What a person says to the next round; its page has the confusions as pictures."""

    go_on: bool = True


@flow(
    name="improve",
    flow_run_name="{recipe}, {training}",
    description="Grow a data set where the model that it trains is weak.",
)
def improve(
    recipe: RecipeName = "worlds",
    overrides: Overrides = {},  # noqa: B006  (Prefect shows defaults in its forms)
    store: StoreChoice = DEFAULT_STORE,
    training: TrainingName = "demo",
    rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS)] = 3,
    people: Annotated[int | None, Field(ge=1)] = None,
    crops: Annotated[int | None, Field(ge=1)] = None,
    cpu_hours: Annotated[float | None, Field(ge=0.001)] = None,
    floor: Annotated[float, Field(ge=0, le=1)] = 0.5,
    uniform: bool = False,
    approve: bool = False,
    target: LookedAt | None = None,
    root: Path | None = None,
    partial: bool = False,
    where: ExecutorKind = ExecutorKind.local,
    policy: ShardPolicy = DEFAULT_POLICY,
) -> Improved:
    """Rounds that are done are not done again; one that was interrupted goes on.

    Args:
        recipe: A shipped recipe's name or a YAML file; what is built first.
        overrides: Recipe fields to change, e.g. {"people.count": 64}.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        training: A shipped training preset or a YAML file, for every round.
        rounds: How often the set may grow.
        people: How many people each round adds, whole groups; one group if left out.
        crops: Most crops of the grown set.
        cpu_hours: Most CPU-hours of all rounds.
        floor: Least weight of anything, so that nothing dies out.
        uniform: Grow without weights, to compare with.
        approve: Wait before each growth until a person says so here.
        target: A data set whose labelled training people are measured on; held-out worlds if left
            out.
        root: The target's unpacked folder.
        partial: Accept unofficial counts of the target.
        where: On this machine, or by the `render` work pool.
        policy: How much patience to have with each shard.
    """
    given = resolve_recipe(recipe, (), overrides)
    asked = Improvement(
        given,
        load_training(training),
        rounds,
        people or given.shards.people_per_shard,
        crops,
        cpu_hours,
        floor,
        uniform,
        None if target is None else TargetPart(target, root, partial),
    ).checked()
    journal = Journal(improvement_folder(asked.recipe.name, asked.identity()))

    def build(recipe_file: Path) -> Snapshot:
        return build_dataset(str(recipe_file), [], {}, store, where, policy)

    def trained(made: Snapshot, initial: Path | None) -> Path:
        return train(made.dataset, made.number, made.content_digest, store, training, initial).path

    def measured(made: Snapshot, model: Path, number: int) -> Round:
        return measure_round(asked, made, store, model, number, journal)

    def approved(number: int) -> bool:
        return not approve or _approved(journal, number)

    with cost_sheet() as costs:
        steps = Steps(build, trained, measured, approved)
        done = run_rounds(asked, journal, steps, costs)
    about = f"Rounds of {asked.recipe.name}"
    leave_page("improvement", about, f"{table(done.rounds)}\n\nNo more rounds: {done.stopped}.\n")
    return done


@stage_task(name="measure", description="Measure a round, find what is confused, plan the next.")
def measure_round(
    asked: Improvement,
    snapshot: Snapshot,
    store: str,
    model: Path,
    number: int,
    journal: Journal,
) -> Round:
    """See ``page.measured_round``; leaves where the model fails and what comes next as an
    artifact."""
    place = chosen_dataset(snapshot.dataset, store)
    reader = open_snapshot(place, snapshot.number, snapshot.content_digest, withdrawn=True)
    with reading(reader), gpu_slot():
        found, page = measured_round(asked, reader, model, number)
    journal.keep_page(number, page)
    leave_page(f"round-{number}", f"Round {number} of {snapshot.dataset}: where it fails", page)
    return found


def _approved(journal: Journal, number: int) -> bool:
    """Wait until somebody says whether the round after ``number`` is to be."""
    words = (
        f"Round {number} is measured. What it confuses, as pictures, and whom the next round would "
        f"draw are in the artifact `round-{number}` and in {journal.page_file(number)}."
    )
    said: Any = pause_flow_run(
        wait_for_input=Approval.with_initial_data(description=words, go_on=True),
        timeout=_PATIENCE_SECONDS,
        key=f"round-{number}",
    )
    return cast(Approval, said).go_on
