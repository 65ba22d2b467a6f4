"""Shards: the units of render work, and the plan that lists them.

A shard names everything that determines its pixels and ground truth; ``render_id`` is the
digest of exactly that (``manifests.identity``).
"""

from __future__ import annotations

from manifests.capture_rules import CaptureRules, ImageSpec
from manifests.channels import Channels
from manifests.engine_request import EngineRequest
from manifests.model import Model, since
from manifests.scene_requests import Name


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


class TimeWindow(Model):
    """A part of a recording: ``ticks`` instants from number ``first`` on, ``fps`` of them a second.

    Tick k is at k / fps seconds; numbers and pictures are the same however windows are cut.
    """

    fps: int
    first: int
    ticks: int


class ShardSpec(Model):
    """One unit of render work: a group of people in one scene under one light.

    ``video``: all cameras capture every tick of it, and nothing else is ``wanted``.
    ``crops_per_frame``: wanted crops that a frame has to add.
    """

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
    video: TimeWindow | None = since("0.3", None)
    ground_truth: Channels = since("0.3", ())
    crops_per_frame: int = since("0.2", 1)


class BuildPlan(Model):
    """All shards of one round of a build."""

    recipe_digest: str
    round: int
    shards: tuple[ShardSpec, ...]
