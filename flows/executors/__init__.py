"""Who carries out shards: this machine's processes or a work pool's deployments; one seam.

An executor is given shards and yields their claims as they come to exist; the object store,
not the executor and not Prefect, says which shards are done.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from flows.executors.base import DEFAULT_POLICY, ExecutorKind, Round, ShardExecutor, ShardPolicy

__all__ = [
    "DEFAULT_POLICY",
    "ExecutorKind",
    "Round",
    "ShardExecutor",
    "ShardPolicy",
    "open_executor",
]


def open_executor(kind: ExecutorKind, policy: ShardPolicy) -> AbstractContextManager[ShardExecutor]:
    """An executor of ``kind``, to be entered before use."""
    if kind is ExecutorKind.deployment:
        from flows.executors.deployments import DeploymentExecutor

        return DeploymentExecutor(policy)
    from flows.executors.local import LocalExecutor

    return LocalExecutor(policy)
