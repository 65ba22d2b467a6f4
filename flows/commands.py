"""What the commands do once their arguments are parsed: check first, then run, then sum up.

Everything that can be refused is refused here, before a server or an engine is started.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from flows.expenses import ORCHESTRATION, note_stage
from flows.places import chosen_store
from manifests.dataset import Dataset
from manifests.errors import BadRecipe
from manifests.recipe import Recipe
from manifests.settings import parse_assignments
from manifests.snapshots import Snapshot
from manifests.stores import Store
from tasks.accounting import CostSheet
from tasks.plan.requests import resolve_recipe
from tasks.plan.variants import Variant

if TYPE_CHECKING:
    from flows.factory import FactoryOutcome
    from flows.local_server import LocalServer


@dataclass(frozen=True)
class BuildRequest:
    """What to build and where, as the flows take it; ``recipe`` is the validated whole."""

    name: str
    variants: list[Variant]
    overrides: dict[str, Any]
    store: Store
    where: str
    recipe: Recipe

    @classmethod
    def parse(
        cls,
        name: str,
        variants: Sequence[str] | None = None,
        changes: list[str] | dict[str, Any] | None = None,
        store: str | None = None,
        where: str = "local",
    ) -> BuildRequest:
        """From words; refuses what no recipe or executor can be. ``changes``: of fields of the
        recipe, by their paths or as the command line takes them."""
        if not isinstance(changes, dict):
            changes = parse_assignments(changes or [], "--set")
        if where not in ("local", "deployment"):
            raise BadRecipe(f"--where: must be local or deployment; got {where!r}")
        chosen = Variant.named(variants or ())
        recipe = resolve_recipe(name, chosen, changes)
        return cls(name, chosen, changes, chosen_store(store), where, recipe)

    @property
    def words(self) -> tuple[str, list[Variant], dict[str, Any], str]:
        """The first parameters of flows that build."""
        return self.name, self.variants, self.overrides, self.store.address

    @property
    def dataset(self) -> Dataset:
        """What is built."""
        return Dataset(self.recipe.name, self.store)

    def refuse_early(self, training: bool = False) -> None:
        """Check everything that can be checked before anything is started or stored.
        ``training``: whether a model is to be made of it here, too."""
        from flows.doctor import require_ready
        from synth_workers.people.looks.vocabulary import check_names
        from tasks.plan.cameras import used_scenes

        self.store.probe()
        check_names(self.recipe.people)
        used_scenes(self.recipe)
        engine = self.recipe.engine
        if engine.game is not None and engine.build is not None and self.where == "local":
            from synth_workers.unreal.games import find_game

            find_game(engine.game, engine.build)
        require_ready(training)


@dataclass(frozen=True)
class FactoryRun:
    """One finished run of the factory on this machine and what it cost."""

    outcome: FactoryOutcome
    server: LocalServer
    costs: CostSheet
    seconds: float


def factory_run(request: BuildRequest, workers: int | None, training: str) -> FactoryRun:
    """Check everything that can be checked, then build, train, evaluate and report."""
    from training.config import load_training

    started = time.monotonic()
    load_training(training)
    request.refuse_early(training=True)
    from flows.local_runs import local_run

    with local_run(workers) as (server, costs):
        from flows.executors import ExecutorKind
        from flows.factory import factory

        outcome = factory(*request.words, training, ExecutorKind(request.where))
    return FactoryRun(outcome, server, costs, time.monotonic() - started)


def built(request: BuildRequest, workers: int | None, verified: bool = False) -> Snapshot:
    """Build and publish; a recipe that is already published starts no server.

    Of what is published already all that is named must be there; if ``verified``, all of it is read
    to the last byte. ``CorruptData`` says what to do otherwise.
    """
    from flows.killed_commands import end_killed_runs
    from flows.leftovers import sweep_leftovers
    from flows.local_server import find
    from tasks.publish.presence import require_present
    from tasks.publish.published import find_published

    request.store.probe()
    snapshot = find_published(request.recipe, request.dataset)
    if snapshot is not None:
        end_killed_runs(find)
        sweep_leftovers(request.dataset)
        require_present(request.dataset, snapshot)
        typer.echo("Nothing to do: this recipe is already published.")
        return _verified(request.dataset, snapshot) if verified else snapshot
    request.refuse_early()
    from flows.local_runs import local_run

    with local_run(workers) as (_, costs):
        from flows.build_dataset import build_dataset
        from flows.executors import ExecutorKind

        snapshot = build_dataset(*request.words, ExecutorKind(request.where))
    note_stage(costs, ORCHESTRATION, request.dataset)
    return _verified(request.dataset, snapshot) if verified else snapshot


def _verified(dataset: Dataset, snapshot: Snapshot) -> Snapshot:
    from manifests.reader import SnapshotReader
    from tasks.publish.verify import verify

    report = verify(SnapshotReader(dataset, snapshot))
    typer.echo(str(report))
    report.raise_if_broken()
    return snapshot
