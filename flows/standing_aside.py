"""A host that is not to render a shard now stands aside and leaves it to other hosts.

Its engines keep dying (``synth_workers.processes.quarantine``), its code is of another version than
the planner's, or one of its folders is full. A run that finds this gives its shard back to the pool
without counting as an attempt, and keeps its worker's slot for a while, so that the host does not
take one shard after the other.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.exceptions import Abort
from prefect.runtime import deployment, flow_run
from prefect.states import AwaitingRetry

from flows.alerts import tell_stood_aside
from flows.patience import insist
from manifests.errors import FolderUnsuitable
from manifests.shards import ShardSpec
from synth_workers.processes.quarantine import Quarantine, subjects_of
from tasks.render.versions import other_version

SLOT_SECONDS = 60.0
"""How long a run that gave its shard back keeps its worker's slot."""


def stand_aside(shard: ShardSpec) -> None:
    """Return at once unless this host is to leave ``shard`` alone; then give it back and raise
    ``Abort``: another process will take it up."""
    if deployment.id is None:
        return  # Nobody else could take it: the worker process refuses with the reason.
    if version := other_version(shard):
        _give_back(f"the shard was planned for {version}; upgrade this host")
    reason = Quarantine.of_this_host().complaint(*subjects_of(shard))
    if reason is not None:
        _give_back(reason)


@contextmanager
def standing_aside_without_room() -> Generator[None]:
    """Give the shard back that the block could not do because a folder of this host is full or
    cannot be written: other hosts have folders of their own."""
    try:
        yield
    except FolderUnsuitable as error:
        if deployment.id is None:
            raise
        _give_back(str(error))


def _give_back(reason: str) -> NoReturn:
    get_run_logger().warning("Given back to the pool: %s", reason)

    def give_back() -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(
                flow_run.id, AwaitingRetry(message=f"Given back: {reason}"), force=True
            )

    insist(give_back)
    tell_stood_aside(reason)
    time.sleep(SLOT_SECONDS)
    raise Abort("given back to the pool")
