"""A host on which engines keep dying stands aside and leaves its shards to other hosts.

Workers count failures (``synth_workers.processes.quarantine``). A run that starts on a host which
has failed too often gives its shard back to the pool without counting as an attempt, and keeps its
worker's slot for a while, so that the host does not take one shard after the other.
"""

from __future__ import annotations

import time

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.exceptions import Abort
from prefect.runtime import deployment, flow_run
from prefect.states import AwaitingRetry

from flows.patience import insist
from manifests.shards import ShardSpec
from synth_workers.processes.quarantine import Quarantine, subjects_of

SLOT_SECONDS = 60.0
"""How long a run that gave its shard back keeps its worker's slot."""


def stand_aside(shard: ShardSpec) -> None:
    """Return at once unless this host is to leave ``shard`` alone; then give it back and raise
    ``Abort``: another process will take it up."""
    if deployment.id is None:
        return  # Nobody else could take it: the worker process refuses with the reason.
    reason = Quarantine.of_this_host().complaint(*subjects_of(shard))
    if reason is None:
        return
    get_run_logger().warning("Given back to the pool: %s", reason)

    def give_back() -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(
                flow_run.id, AwaitingRetry(message=f"Given back: {reason}"), force=True
            )

    insist(give_back)
    time.sleep(SLOT_SECONDS)
    raise Abort("given back to the pool")
