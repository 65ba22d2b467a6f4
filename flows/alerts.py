"""Events by which a farm tells what somebody should look at; ``flows.notifications`` has webhooks
called for them.

What has no run of its own is told by an event about a thing: a host that gives its shards back, a
worker that was seen, a store that is nearly full.
"""

from __future__ import annotations

import platform
import shutil

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import WorkerStatus
from prefect.events import emit_event

from manifests.stores import Store
from manifests.stores.local import LocalStore

ASIDE_EVENT = "unrealperson.host.stood-aside"
"""A host has given a shard back to the pool; ``reason`` in the payload."""

SEEN_EVENT = "unrealperson.worker.seen"
"""A worker reports; the reconciler says so every minute, and nothing when it is gone."""

FULL_EVENT = "unrealperson.store.nearly-full"
"""A store has little room left; ``reason`` in the payload. Of S3 nobody knows."""

LEAST_FREE = 0.05
"""Of a disk: a store with less is nearly full."""


def tell_stood_aside(reason: str) -> None:
    """This host has given a shard back."""
    _tell(ASIDE_EVENT, "host", platform.node() or "localhost", reason)


def tell_workers_seen(client: SyncPrefectClient) -> None:
    """Every worker that reports now."""
    for pool in client.read_work_pools():
        for worker in client.read_workers_for_work_pool(pool.name):
            if worker.status is WorkerStatus.ONLINE:
                _tell(SEEN_EVENT, "worker", worker.name, f"of the pool {pool.name}")


def tell_room(store: Store) -> None:
    """Whether a store has little room left, if that can be known."""
    if not isinstance(store, LocalStore) or not store.root.exists():
        return
    usage = shutil.disk_usage(store.root)
    if usage.free < LEAST_FREE * usage.total:
        free = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB are free in {store.root}"
        _tell(FULL_EVENT, "store", store.address, free)


def _tell(event: str, kind: str, name: str, reason: str) -> None:
    thing = {"prefect.resource.id": f"unrealperson.{kind}.{name}", "prefect.resource.name": name}
    emit_event(event, thing, payload={"reason": reason})
