"""Shards as runs of the ``render_shard`` deployment on a work pool.

Each attempt is submitted with an idempotency key. A shard is done when its claim exists; a run
that ended without one (crashed, killed, lost) is submitted again, at most ``ATTEMPTS`` times.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelling

from manifests.claims import Claim, read_claims
from manifests.errors import EngineLost, MissingRequirement
from manifests.identity import crop_id, digest, render_id
from manifests.layout import DatasetLayout
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, recipe_digest
from manifests.shards import BuildPlan, ShardSpec
from manifests.stores import open_store
from tasks.render.jobs import BuildPlace, shard_label
from tasks.render.watching import RoundProgress

DEPLOYMENT = "render_shard/render"
ATTEMPTS = 3
_POLL_SECONDS = 2.0
_ENDED = {StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED}


@dataclass
class _Submitted:
    shard: ShardSpec
    attempt: int
    run_id: UUID


class DeploymentExecutor:
    """Submits shards to a work pool and waits for their claims."""

    def __init__(self) -> None:
        self._open: dict[str, _Submitted] = {}

    def __enter__(self) -> DeploymentExecutor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with get_client(sync_client=True) as client:
            for submitted in self._open.values():
                client.set_flow_run_state(submitted.run_id, Cancelling(), force=False)

    def prepare(self, recipe: Recipe, place: BuildPlace) -> float:
        """Nothing: each host of the farm builds the people of its own shards."""
        return 0.0

    def run(
        self,
        plan: BuildPlan,
        shards: Sequence[ShardSpec],
        recipe: Recipe,
        place: BuildPlace,
        progress: RoundProgress,
    ) -> Iterator[Claim]:
        """See ``ShardExecutor.run``.

        Raises:
            EngineLost: a shard ended without a claim in every attempt.
            MissingRequirement: the deployment is not registered with the Prefect server.
        """
        store, layout = open_store(place.store), DatasetLayout(place.dataset)
        plan_id = digest(plan)
        store.put(layout.recipe_key(recipe_digest(recipe)), dump_recipe(recipe).encode())
        store.put(layout.plan_key(plan_id), plan.model_dump_json().encode())
        for shard in shards:
            identity = crop_id(render_id(shard), recipe.annotation)
            self._open[identity] = self._submit(shard, 1, plan_id, recipe, place)
        while self._open:
            for claim in read_claims(store, layout, "crops", list(self._open)).values():
                del self._open[claim.id]
                yield claim
            for identity, submitted in list(self._open.items()):
                if self._has_ended(submitted):
                    # The claim may have been written between the two looks.
                    if read_claims(store, layout, "crops", [identity]):
                        continue
                    if submitted.attempt >= ATTEMPTS:
                        raise EngineLost(
                            f"{shard_label(submitted.shard)}: {ATTEMPTS} runs of {DEPLOYMENT} "
                            f"ended without a claim; the last is flow run {submitted.run_id}"
                        )
                    self._open[identity] = self._submit(
                        submitted.shard, submitted.attempt + 1, plan_id, recipe, place
                    )
            if self._open:
                time.sleep(_POLL_SECONDS)

    def _submit(
        self, shard: ShardSpec, attempt: int, plan_id: str, recipe: Recipe, place: BuildPlace
    ) -> _Submitted:
        identity = render_id(shard)
        run: FlowRun
        try:
            run = run_deployment(  # pyright: ignore[reportAssignmentType]
                DEPLOYMENT,
                parameters={
                    "dataset": place.dataset,
                    "recipe_digest": recipe_digest(recipe),
                    "plan_digest": plan_id,
                    "render_id": identity,
                    "store": place.store,
                },
                timeout=0,
                flow_run_name=f"{shard_label(shard)}-{attempt}",
                idempotency_key=f"{plan_id}:{crop_id(identity, recipe.annotation)}:{attempt}",
            )
        except ObjectNotFound:
            raise MissingRequirement(
                f"The Prefect server knows no deployment {DEPLOYMENT!r}. Register it with "
                "`prefect deploy --all --prefect-file infra/prefect.yaml`."
            ) from None
        return _Submitted(shard, attempt, run.id)

    def _has_ended(self, submitted: _Submitted) -> bool:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(submitted.run_id).state
        return state is not None and state.type in _ENDED
