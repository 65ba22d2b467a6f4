"""What cameras deliver and which moments are rendered: what decides which pixels exist."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from manifests.crop_sizes import SizeShares, check_sizes
from manifests.model import Model, since
from manifests.people import Share


class ImageSpec(Model):
    """Size and encoding of captured frames."""

    width: int = Field(default=1280, ge=320, le=3840, multiple_of=2, description="Pixels.")
    height: int = Field(default=720, ge=240, le=2160, multiple_of=2, description="Pixels.")
    jpeg_quality: int = Field(default=95, ge=60, le=100, description="Quality of lit frames.")
    supersampling: float = Field(
        default=1.25, ge=1.0, le=2.0, description="Lit frames are rendered this much larger."
    )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.width, self.height


class CaptureRules(Model):
    """Which moments are worth rendering (part of render_id: it decides which pixels exist)."""

    min_person_height: int = Field(
        default=110, ge=32, description="Smallest expected full height of a wanted crop, pixels."
    )
    min_visibility: Share = Field(
        default=0.7, description="Smallest expected visible share of the body of a wanted crop."
    )
    max_others: Share | None = since(
        "0.2",
        None,
        description="Largest expected share of a wanted crop that shows other people. With it, "
        "moments are chosen by how likely annotation accepts each crop (roofs, awnings and trees "
        "counted as hiding people), crops are wanted until so many are expected to pass, and "
        "people are thinned out before the camera. Set it and `min_visibility` to what "
        "`annotation` demands.",
    )
    max_person_height: int | None = since(
        "0.2",
        None,
        ge=32,
        description="Largest expected full height of a wanted crop, pixels; if not said, as "
        "tall as the picture holds.",
    )
    sizes: SizeShares = since(
        "0.3",
        {},
        description="Shares of crops in which people are `small` (below 128 pixels), `medium` "
        "(below 192) or `large`, e.g. {small: 0.4, medium: 0.4, large: 0.2}: moments and crops are "
        "chosen so, as far as cameras show people of these sizes. If not said, as they come.",
    )
    sensor: Literal["scene", "consumer", "cctv", "analogue", "interlaced"] = since(
        "0.2",
        "scene",
        description="What is behind each camera's lens: the look that the scene gives it alone, or "
        "also the faults of a recent consumer camera, of a surveillance camera or of an older "
        "analogue one (`interlaced`: with two fields of different instants). The embedded engine "
        "has them.",
    )
    exposure: float = since(
        "0.2",
        0.0,
        ge=0.0,
        le=0.2,
        description="Seconds for which shutters are open, so that people who move blur; each "
        "camera has its own time, half to twice as long, and longer in the dark. 0: none do. "
        "The embedded engine has it.",
    )
    min_seconds_between: float = Field(
        default=1.2, ge=0.0, description="Between two wanted crops of a person in one camera."
    )
    oversample: float = Field(
        default=1.34,
        ge=0.5,
        le=4.0,
        description="Wanted crops per needed crop, before gates; below 1, others who happen to be "
        "in the frames must make up for it.",
    )

    @model_validator(mode="after")
    def _sizes_can_be_had(self) -> CaptureRules:
        check_sizes(self.sizes, self.min_person_height, self.max_person_height)
        return self

    @model_validator(mode="after")
    def _heights_are_a_range(self) -> CaptureRules:
        most = self.max_person_height
        if most is not None and most < 1.25 * self.min_person_height:
            raise ValueError(
                f"max_person_height: must be at least 1.25 times min_person_height "
                f"({self.min_person_height}), or hardly anybody ever fits; got {most}"
            )
        return self
