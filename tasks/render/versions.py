"""Whether this version of the factory makes the pixels that a shard stands for."""

from __future__ import annotations

from manifests.identity import DATA_VERSION
from manifests.shards import ShardSpec
from synth_workers.engine import ENGINE_VERSION
from synth_workers.scenes.library import scene_version


def other_version(shard: ShardSpec) -> str:
    """Why this version would not make them, in words; empty if it would."""
    if shard.data_version != DATA_VERSION:
        return f"data version {shard.data_version}; this is {DATA_VERSION}"
    scene = scene_version(shard.scene)
    if shard.scene_version != scene:
        return f"scene {shard.scene} of version {shard.scene_version}; here it is {scene}"
    wanted = shard.engine.version or ENGINE_VERSION
    if shard.engine_version != wanted:
        return f"engine {shard.engine_version}; this is {wanted}"
    return ""
