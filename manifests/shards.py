"""Shards: the units of render work, and the plan that lists them.

A shard names everything that determines its pixels and ground truth; ``render_id`` is the
digest of exactly that (``manifests.identity``).
"""

from __future__ import annotations

from manifests.model import Model
from manifests.recipe import CaptureRules, EngineRequest, ImageSpec, Name


class PersonRef(Model):
    """One person of a shard: index in the recipe and digest of the complete ``PersonSpec``.

    ``outfit``: which of the person's outfits they wear in this shard.
    """

    index: int
    person_id: str
    spec_digest: str
    outfit: int = 0


class Wanted(Model):
    """How many crops of one person one camera should deliver."""

    person: int
    camera: Name
    images: int


class ShardSpec(Model):
    """One unit of render work: a group of people in one scene under one light."""

    data_version: int
    dataset_seed: int
    scene: Name
    scene_version: int
    light: Name
    cameras: tuple[Name, ...]
    people: tuple[PersonRef, ...]
    wanted: tuple[Wanted, ...]
    window: int
    round: int
    max_frames: int
    image: ImageSpec
    capture: CaptureRules
    engine: EngineRequest
    engine_version: str


class BuildPlan(Model):
    """All shards of one round of a build."""

    recipe_digest: str
    round: int
    shards: tuple[ShardSpec, ...]
