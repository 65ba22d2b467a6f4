"""The flow of a `render` deployment whose shards take one second's work; see ``one_second``."""

from __future__ import annotations

from prefect import flow

from flows.places import chosen_dataset
from flows.render_shard import AskedShard, StoredPlan, render_stored_shards
from manifests.claims import Claim
from tests.farms.one_second import jobs


@flow(name="render_shard")
def render_shard(
    dataset: str,
    recipe_digest: str,
    plan_digest: str,
    position: int,
    render_id: str,
    store: str,
    attempt: int = 1,
    timeout_minutes: int = 60,
    more: list[AskedShard] = [],  # noqa: B006
) -> list[Claim]:
    """The product's flow with other work in it."""
    plan = StoredPlan(chosen_dataset(dataset, store), recipe_digest, plan_digest)
    first = AskedShard(position=position, render_id=render_id, attempt=attempt)
    with jobs(60.0 * timeout_minutes) as processes:
        return render_stored_shards(plan, [first, *more], processes)
