"""Who may use a host's GPUs: slots of a Prefect concurrency limit, held as leases.

A lease that its holder does not renew falls back, so that a run which is killed blocks nobody.
The limit must exist (``python -m flows.bootstrap`` makes it): without ``strict`` Prefect would
let any number of runs through.
"""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.runtime import deployment

from manifests.environment import environment
from manifests.errors import MissingRequirement

LEASE_SECONDS = 60.0


def gpu_limit() -> str:
    """Name of the limit that this host's runs share; ``UNREALPERSON_GPU_LIMIT`` overrides it."""
    return environment().gpu_limit or f"gpu-{socket.gethostname()}"


@contextmanager
def gpu_slot() -> Generator[None]:
    """Hold one GPU slot while the block runs, waiting for it if need be.

    Runs of a deployment share a farm and must queue; a command has its machine to itself. When
    the server is away for longer than a lease, the block goes on all the same.
    Raises ``MissingRequirement`` if the limit does not exist.
    """
    if deployment.id is None:
        yield
        return
    slot = concurrency(
        limit := gpu_limit(),
        strict=True,
        lease_duration=LEASE_SECONDS,
        raise_on_lease_renewal_failure=False,
    )
    with ExitStack() as held:
        try:
            held.enter_context(slot)
        except ConcurrencySlotAcquisitionError:
            raise MissingRequirement(
                f"The Prefect server has no concurrency limit {limit!r}; "
                "`python -m flows.bootstrap` makes it, on this host"
            ) from None
        yield
