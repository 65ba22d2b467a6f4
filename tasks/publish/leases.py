"""Leases: who is using a data set just now, so that nothing is pruned under their hands.

A lease is a document that its holder writes again every minute; one that is ten minutes old by the
store's clock, or whose process is known to be gone, holds nothing. Whoever prunes holds one, too,
and builds and repairs wait for it: each writes first and looks for the other then, so that never
both go on.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from manifests.dataset import Dataset
from manifests.errors import FactoryError, NotFound, StoreConflict, StoreUnsuitable
from manifests.reader import SnapshotReader
from manifests.stores import ObjectInfo
from synth_workers.processes.host import Owner, clock_that_never_stops
from tasks.publish.store_clock import store_clock

Purpose = Literal["build", "repair", "read", "prune"]

STALE_SECONDS = 600.0
_RENEWED_SECONDS = 60.0
_WAIT_SECONDS = 1.0

_log = logging.getLogger("unrealperson.build")


@dataclass(frozen=True)
class Lease:
    """One that holds. ``snapshot``: the one that is read, if it is known."""

    key: str
    purpose: str
    snapshot: int | None


class Held:
    """A lease of this process. ``check`` proves that it still holds."""

    def __init__(self, dataset: Dataset, key: str, document: bytes) -> None:
        self._dataset, self._key, self._document = dataset, key, document
        self._renewed = clock_that_never_stops()
        self._over = threading.Event()

    def renew(self) -> None:
        """Write it anew."""
        began = clock_that_never_stops()
        self._dataset.store.put(self._key, self._document)
        self._renewed = began

    def check(self) -> None:
        """Raise ``StoreConflict`` if nobody may count on it any more."""
        if clock_that_never_stops() - self._renewed > STALE_SECONDS / 2:
            raise StoreConflict(
                f"{self._dataset.where(self._key)}: this lease has not been renewed for too long; "
                "nothing more is deleted; run the same command again"
            )

    def keep(self) -> None:
        """Renew it until it is over; a store that is away is tried again a minute later."""
        while not self._over.wait(_RENEWED_SECONDS):
            with suppress(FactoryError):
                self.renew()

    def end(self) -> None:
        self._over.set()
        with suppress(FactoryError):
            self._dataset.store.delete(self._key)


@contextmanager
def lease(dataset: Dataset, purpose: Purpose, snapshot: int | None = None) -> Generator[Held]:
    """Hold a lease while the block runs; builds and repairs wait until nobody prunes.

    ``snapshot``: which one is read. Reading from a store that cannot be written goes on without.
    """
    about: dict[str, Any] = {**Owner.own().written(), "purpose": purpose, "snapshot": snapshot}
    held = Held(
        dataset,
        dataset.lease_key(f"{purpose}-{secrets.token_hex(6)}"),
        json.dumps(about).encode(),
    )
    try:
        held.renew()
    except StoreUnsuitable:
        if purpose != "read":
            raise
        yield held
        return
    thread = threading.Thread(target=held.keep, daemon=True)
    thread.start()
    try:
        if purpose in ("build", "repair"):
            _wait_for_pruning(dataset)
        yield held
    finally:
        held.end()
        thread.join()


@contextmanager
def reading(*readers: SnapshotReader) -> Generator[None]:
    """Hold a lease for each of these snapshots while the block reads them."""
    with ExitStack() as held:
        for reader in readers:
            held.enter_context(lease(reader.dataset, "read", reader.snapshot.number))
        yield


def leases(dataset: Dataset) -> list[Lease]:
    """Every lease that holds."""
    listed = list(dataset.store.list(dataset.leases_prefix))
    if not listed:
        return []
    horizon = store_clock(dataset.store) - STALE_SECONDS
    return [found for info in listed if (found := _holding(dataset, info, horizon)) is not None]


def sweep_leases(dataset: Dataset) -> None:
    """Remove what dead holders left."""
    horizon = store_clock(dataset.store) - STALE_SECONDS
    for info in list(dataset.store.list(dataset.leases_prefix)):
        if info.modified < horizon and not info.linked:
            dataset.store.delete(info.key)


def _holding(dataset: Dataset, info: ObjectInfo, horizon: float) -> Lease | None:
    if info.modified < horizon:
        return None
    try:
        about = json.loads(dataset.store.get(info.key))
        if Owner.read(about).gone:
            return None
        return Lease(info.key, str(about["purpose"]), about.get("snapshot"))
    except NotFound:
        return None
    except (KeyError, TypeError, ValueError):  # somebody's, who knows whose
        return Lease(info.key, "build", None)


def _wait_for_pruning(dataset: Dataset) -> None:
    told = False
    while any(found.purpose == "prune" for found in leases(dataset)):
        if not told:
            _log.info("waiting until %s is pruned", dataset.name)
            told = True
        time.sleep(_WAIT_SECONDS)
