"""What a data set will take, before anything is started: from its plan and measured unit costs.

Frames, bytes and CPU-hours follow from the recipe's numbers and from ``unit_costs.json``, which
``python -m tests.benchmarks.unit_costs`` has measured. Shards are counted by planning a few groups
of people: all groups are alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from manifests.recipe import Recipe
from tasks.plan.planner import plan_build

_HOUR = 3600.0


class UnitCosts(BaseModel):
    """Measured costs of one unit of each kind of work.

    CPU-seconds are user + system of one core of the machine whose ``calibration_cpu_s`` is given
    (``tests.benchmarks.calibration``); on another machine multiply by the ratio of the two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measured_by: str = Field(description="The command that wrote this file.")
    machine: str
    calibration_cpu_s: float = Field(gt=0)
    width: int = Field(description="Of the frames that were measured, pixels.")
    height: int
    supersampling: float
    crops_per_frame: float = Field(gt=0, description="Accepted crops.")
    plan_cpu_s_per_person: float = Field(ge=0)
    people_cpu_s_per_person: float = Field(ge=0, description="Once per host, then cached.")
    engine_cpu_s_per_frame: float = Field(ge=0)
    worker_cpu_s_per_frame: float = Field(ge=0)
    annotate_cpu_s_per_crop: float = Field(ge=0)
    publish_cpu_s_per_crop: float = Field(ge=0)
    start_cpu_s_per_shard: float = Field(ge=0, description="Imports and engine start.")
    orchestration_cpu_s_per_shard: float = Field(ge=0, description="On a work pool.")
    stored_bytes_per_crop: float = Field(ge=0, description="Of all accepted crops.")
    published_bytes_per_crop: float = Field(ge=0)
    bytes_per_frame: float = Field(ge=0, description="Only with `keep_frames`.")


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


def shipped_unit_costs() -> UnitCosts:
    """The unit costs that come with the package."""
    text = (resources.files("tasks.plan") / "unit_costs.json").read_text("utf-8")
    return UnitCosts.model_validate(json.loads(text))


def estimate(recipe: Recipe, costs: UnitCosts, hosts: int = 1) -> CostEstimate:
    """What ``recipe`` will take on a farm of ``hosts``, each of which builds its people itself."""
    people, crops = recipe.people.count, recipe.people.count * recipe.images_per_person
    accepted = math.ceil(crops * recipe.capture.oversample)
    frames = math.ceil(accepted / costs.crops_per_frame)
    shards = count_shards(recipe)
    pixels = _drawn_pixels(recipe.image.width, recipe.image.height, recipe.image.supersampling)
    measured = _drawn_pixels(costs.width, costs.height, costs.supersampling)
    seconds = {
        "plan": people * costs.plan_cpu_s_per_person,
        "people": people * costs.people_cpu_s_per_person * hosts,
        "engine": frames * costs.engine_cpu_s_per_frame * pixels / measured,
        "worker": frames * costs.worker_cpu_s_per_frame,
        "annotate": accepted * costs.annotate_cpu_s_per_crop,
        "publish": crops * costs.publish_cpu_s_per_crop,
        "starting shards": shards * costs.start_cpu_s_per_shard,
        "orchestration": shards * costs.orchestration_cpu_s_per_shard,
    }
    stored = accepted * costs.stored_bytes_per_crop + crops * costs.published_bytes_per_crop
    if recipe.keep_frames:
        stored += frames * costs.bytes_per_frame
    return CostEstimate(
        people=people,
        crops=crops,
        shards=shards,
        frames=frames,
        stored_bytes=round(stored),
        cpu_hours={stage: value / _HOUR for stage, value in seconds.items()},
    )


def _drawn_pixels(width: int, height: int, supersampling: float) -> float:
    return width * height * supersampling**2


def count_shards(recipe: Recipe) -> int:
    """Shards of the first round: planned for one cycle of groups (they take scenes and lights in
    turn), scaled to all."""
    size = recipe.shards.people_per_shard
    cycle = len(recipe.scenes)
    turns = [len(scene.lights) for scene in recipe.scenes if scene.lights_per_group != "all"]
    cycle = math.lcm(cycle, *turns)
    sample = min(recipe.people.count, size * cycle)
    few = recipe.people.model_copy(update={"count": sample})
    planned = len(plan_build(recipe.model_copy(update={"people": few})).shards)
    groups = math.ceil(recipe.people.count / size)
    return round(planned * groups / math.ceil(sample / size))
