"""What a data set will take, before anything is started: from its plan and measured unit costs.

Frames, bytes and CPU-hours follow from the recipe's numbers and from ``unit_costs``. Shards and
their cameras are counted by planning a few groups of people: all groups are alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manifests.channels import IMAGES, Channel
from manifests.recipe import Recipe
from manifests.shards import ShardSpec
from tasks.plan.planner import plan_build
from tasks.plan.unit_costs import ChannelCosts, UnitCosts, drawn_megapixels

_HOUR = 3600.0

_GROUPS_IN_WORLDS = 4
"""Groups that are planned at least where they meet worlds, which differ a little."""


@dataclass(frozen=True)
class CostEstimate:
    """Size and cost of a data set; ``cpu_hours`` by stage."""

    people: int
    crops: int
    shards: int
    frames: int
    stored_bytes: int
    cpu_hours: Mapping[str, float]

    @property
    def total_cpu_hours(self) -> float:
        """All stages together."""
        return sum(self.cpu_hours.values())

    def wall_hours(self, cores: int) -> float:
        """With all work but publishing spread over ``cores``."""
        alone = self.cpu_hours["publish"]
        return (self.total_cpu_hours - alone) / cores + alone


def estimate(recipe: Recipe, costs: UnitCosts, hosts: int = 1) -> CostEstimate:
    """What ``recipe`` will take on a farm of ``hosts``, each of which builds its people itself."""
    people, crops = recipe.people.count, recipe.people.count * recipe.images_per_person
    first = first_round(recipe)
    # Recordings have frames that are known, and crops by the way.
    drawing = costs.drawing_at(first.wanted / first.views if first.wanted else math.inf)
    frames = first.recorded or math.ceil(first.wanted / drawing.wanted_per_frame)
    accepted = math.ceil(max(crops, first.wanted * drawing.accepted_per_wanted))
    megapixels = drawn_megapixels(recipe.image)
    seconds = {
        "plan": people * costs.plan_cpu_s_per_person,
        "people": people * costs.people_cpu_s_per_person * hosts,
        "engine": frames * megapixels * drawing.engine_cpu_s_per_megapixel,
        "worker": first.views * drawing.worker_cpu_s_per_view,
        "annotate": accepted * costs.annotate_cpu_s_per_crop,
        "publish": crops * costs.publish_cpu_s_per_crop,
        "starting shards": first.shards * costs.start_cpu_s_per_shard,
        "orchestration": first.shards * costs.orchestration_cpu_s_per_shard,
    }
    frame_bytes = costs.bytes_per_frame if recipe.keep_frames else 0.0
    if first.recorded:
        one, frame_bytes = costs.recording, costs.recording.bytes_per_frame
        frames_here = frames * costs.calibration_cpu_s / one.calibration_cpu_s
        seconds["engine"] = frames_here * megapixels * one.engine_cpu_s_per_megapixel
        seconds["worker"] = frames_here * one.worker_cpu_s_per_frame
        seconds["annotate"] = frames_here * one.annotate_cpu_s_per_frame
        seconds["publish"] += frames_here * one.publish_cpu_s_per_frame
        seconds["worker"] += (
            first.walked * one.walk_cpu_s_per_person_second
            * costs.calibration_cpu_s / one.calibration_cpu_s
        )  # fmt: skip
    pictures = frames * recipe.image.width * recipe.image.height / 1e6
    here = costs.calibration_cpu_s / costs.channels.calibration_cpu_s
    asked: dict[Channel, ChannelCosts] = {
        name: costs.channels.of[name] for name in recipe.ground_truth
    }
    seconds["engine"] += pictures * here * _engine_of_channels(asked)
    for channel in asked.values():
        seconds["worker"] += pictures * here * channel.worker_cpu_s_per_megapixel
        frame_bytes += pictures / frames * channel.bytes_per_megapixel
    stored = accepted * costs.stored_bytes_per_crop + crops * costs.published_bytes_per_crop
    stored += frames * frame_bytes
    return CostEstimate(
        people=people,
        crops=crops,
        shards=first.shards,
        frames=frames,
        stored_bytes=round(stored),
        cpu_hours={stage: value / _HOUR for stage, value in seconds.items()},
    )


def _engine_of_channels(asked: Mapping[Channel, ChannelCosts]) -> float:
    """CPU-seconds of the engine per million pixels; what is of the world is asked for at once."""
    images = sum(one.engine_cpu_s_per_megapixel for name, one in asked.items() if name in IMAGES)
    world = (one.engine_cpu_s_per_megapixel for name, one in asked.items() if name not in IMAGES)
    return images + max(world, default=0.0)


@dataclass(frozen=True)
class RoundSize:
    """Of a round of shards: how many, the cameras of all of them, the crops wanted of these, and
    the frames of recordings, and the seconds that their people are walked for, each by itself."""

    shards: int
    views: int
    wanted: int
    recorded: int = 0
    walked: float = 0.0

    @classmethod
    def of(cls, shards: Sequence[ShardSpec]) -> RoundSize:
        """Counted."""
        return cls(
            shards=len(shards),
            views=sum(len(shard.cameras) for shard in shards),
            wanted=sum(wish.images for shard in shards for wish in shard.wanted),
            recorded=sum(shard.max_frames for shard in shards if shard.video is not None),
            walked=sum(
                len(shard.people) * (shard.video.first + shard.video.ticks) / shard.video.fps
                for shard in shards
                if shard.video is not None
            ),
        )


def first_round(recipe: Recipe) -> RoundSize:
    """The first round, planned for one cycle of groups (they take scenes and lights in turn) and
    scaled to all."""
    size = recipe.shards.people_per_shard
    cycle = len(recipe.scenes)
    named = recipe.single_scenes
    turns = [len(scene.light_names) for scene in named if scene.lights_per_group != "all"]
    cycle = math.lcm(cycle, *turns)
    if len(named) < len(recipe.scenes):
        cycle *= math.ceil(_GROUPS_IN_WORLDS / cycle)
    sample = min(recipe.people.count, size * cycle)
    changes: dict[str, object] = {
        "people": recipe.people.model_copy(update={"count": sample}),
        # All groups alike, so that a few of them stand for the others.
        "splits": recipe.splits.model_copy(update={"worlds": None}),
    }
    planned = RoundSize.of(plan_build(recipe.model_copy(update=changes)).shards)
    groups = math.ceil(recipe.people.count / size) / math.ceil(sample / size)
    return RoundSize(
        shards=round(groups * planned.shards),
        views=round(groups * planned.views),
        wanted=round(recipe.people.count / sample * planned.wanted),
        recorded=round(groups * planned.recorded),
        walked=groups * planned.walked,
    )
