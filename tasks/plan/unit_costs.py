"""What one unit of each kind of work costs, as ``python -m benchmarks.unit_costs`` measured.

The figures lie in ``unit_costs.json``; what a recipe makes of them is in ``cost``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import resources

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from manifests.capture_rules import ImageSpec
from manifests.channels import Channel


class DrawingCosts(BaseModel):
    """What drawing cost in a slice of one recipe. A view is one camera of one shard.

    The more crops a view shall deliver, the more of them share a frame, the more people stand in
    that frame, and the longer the worker looks for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: str
    wanted_per_view: float = Field(gt=0, description="Crops that a view shall deliver.")
    wanted_per_frame: float = Field(gt=0, description="Crops for which a frame was planned.")
    accepted_per_wanted: float = Field(
        gt=0, description="Others who happen to be in a frame are accepted as well."
    )
    engine_cpu_s_per_megapixel: float = Field(ge=0, description="Drawn, supersampling included.")
    worker_cpu_s_per_view: float = Field(ge=0)


class RecordingCosts(BaseModel):
    """What a frame of a recording cost, as ``python -m benchmarks.recording`` measured: several
    cameras at one instant, and no moments to be looked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calibration_cpu_s: float = Field(gt=0, description="Of the machine when it was measured.")
    engine_cpu_s_per_megapixel: float = Field(ge=0, description="Drawn, supersampling included.")
    worker_cpu_s_per_frame: float = Field(ge=0)
    annotate_cpu_s_per_frame: float = Field(ge=0)
    publish_cpu_s_per_frame: float = Field(ge=0, description="Tables and MP4.")
    bytes_per_frame: float = Field(ge=0, description="Of bundles and MP4.")
    walk_cpu_s_per_person_second: float = Field(
        ge=0, description="Of the clock: every window is walked from the recording's first tick on."
    )


class ChannelCosts(BaseModel):
    """What a channel of ground truth adds to a picture, per million of the picture's own pixels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine_cpu_s_per_megapixel: float = Field(ge=0)
    worker_cpu_s_per_megapixel: float = Field(ge=0)
    bytes_per_megapixel: float = Field(ge=0)


class TruthCosts(BaseModel):
    """As ``python -m benchmarks.channels`` measured, with 1.25x supersampling and twenty people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calibration_cpu_s: float = Field(gt=0, description="Of the machine when it was measured.")
    of: Mapping[Channel, ChannelCosts]


_RATES = [name for name in DrawingCosts.model_fields if name not in ("recipe", "wanted_per_view")]


class UnitCosts(BaseModel):
    """Measured costs of one unit of each kind of work.

    CPU-seconds are user + system of one core of the machine whose ``calibration_cpu_s`` is given
    (``benchmarks.calibration``); on another machine multiply by the ratio of the two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measured_by: str = Field(description="The command that wrote this file.")
    machine: str
    calibration_cpu_s: float = Field(gt=0)
    drawing: tuple[DrawingCosts, ...] = Field(min_length=1)
    recording: RecordingCosts
    channels: TruthCosts
    plan_cpu_s_per_person: float = Field(ge=0)
    people_cpu_s_per_person: float = Field(ge=0, description="Once per host, then cached.")
    annotate_cpu_s_per_crop: float = Field(ge=0)
    publish_cpu_s_per_crop: float = Field(ge=0)
    start_cpu_s_per_shard: float = Field(ge=0, description="Imports and engine start.")
    orchestration_cpu_s_per_shard: float = Field(ge=0, description="On a work pool.")
    stored_bytes_per_crop: float = Field(ge=0, description="Of all accepted crops.")
    published_bytes_per_crop: float = Field(ge=0)
    bytes_per_frame: float = Field(ge=0, description="Only with `keep_frames`.")

    @field_validator("drawing")
    @classmethod
    def _sparsest_first(cls, drawing: tuple[DrawingCosts, ...]) -> tuple[DrawingCosts, ...]:
        return tuple(sorted(drawing, key=lambda costs: costs.wanted_per_view))

    def drawing_at(self, wanted_per_view: float) -> DrawingCosts:
        """Between the slices measured, by the logarithm of ``wanted_per_view``; beyond them, the
        nearest."""
        at, slices = math.log(wanted_per_view), self.drawing
        measured = [math.log(costs.wanted_per_view) for costs in slices]
        rates = {
            rate: float(np.interp(at, measured, [getattr(costs, rate) for costs in slices]))
            for rate in _RATES
        }
        names = " and ".join(costs.recipe for costs in slices)
        return DrawingCosts(recipe=names, wanted_per_view=wanted_per_view, **rates)


def drawn_megapixels(image: ImageSpec) -> float:
    """What the engine draws of a frame, supersampling included, in millions of pixels."""
    return image.width * image.height * image.supersampling**2 / 1e6


def shipped_unit_costs() -> UnitCosts:
    """The unit costs that come with the package."""
    text = (resources.files("tasks.plan") / "unit_costs.json").read_text("utf-8")
    return UnitCosts.model_validate_json(text)
