"""Who carries out shards: this machine's processes or a work pool's deployments; one seam.

An executor is given shards and yields their claims as they come to exist; the object store,
not the executor and not Prefect, says which shards are done.
"""

from flows.executors.base import (
    DEFAULT_POLICY,
    ExecutorKind,
    ShardExecutor,
    ShardPolicy,
    open_executor,
)

__all__ = ["DEFAULT_POLICY", "ExecutorKind", "ShardExecutor", "ShardPolicy", "open_executor"]
