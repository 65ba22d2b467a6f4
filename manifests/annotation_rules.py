"""Which crops are accepted and how they are cut, when the frames have been rendered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from manifests.crop_looks import CropLook
from manifests.model import Model, since
from manifests.people import Share


class AnnotationRules(Model):
    """Which crops are accepted and how they are cut (part of crop_id, never of render_id)."""

    rules: Literal["native", "unrealperson", "unrealperson-video"] = Field(
        default="native",
        description="`unrealperson` and its stricter form for video reproduce the paper's "
        "scripts box by box.",
    )
    min_visible_pixels: int = Field(default=2000, ge=1, description="Pixels in the mask.")
    min_height: int = Field(default=96, ge=8, description="Of the tight box, pixels.")
    min_visibility: Share = Field(default=0.6, description="Visible pixels / full-body pixels.")
    max_truncation: Share = Field(default=0.05, description="Share of the full box off-frame.")
    max_aspect: float = Field(default=0.8, gt=0, description="Width / height of the tight box.")
    max_others: Share = Field(default=0.3, description="Share of the box covered by others.")
    enlarge: float = Field(
        default=0.1, ge=0.0, le=0.1, description="Each side moves out by up to this share."
    )
    boxes: Literal["exact", "drawn", "detected"] = since(
        "0.2",
        "exact",
        description="What is cut around the enlarged box: it, or a box off as hand-drawn or "
        "detected ones are (shifted, loose, tight, cut; detected ones have one shape). For the "
        "rules `native`.",
    )
    jpeg_quality: int = Field(default=92, ge=60, le=100, description="Quality of crops.")
    looks: Literal["drawn"] | Annotated[tuple[CropLook, ...], Field(max_length=64)] = since(
        "0.3",
        (),
        description="What crops look like. `drawn`: each camera has a look of its own, drawn from "
        "its name among what cameras are found to make of people; or each has one of these looks, "
        "by its name. For the rules `native`.",
    )
    props_in_box: bool = Field(
        default=False, description="Whether umbrellas and carried bags widen the box."
    )
    masks: bool = Field(default=False, description="Keep each person's mask with the crop.")
    joints: bool = Field(default=False, description="Keep 2D joints with their visibility.")

    @model_validator(mode="after")
    def _boxes_and_looks_belong_to_the_native_rules(self) -> AnnotationRules:
        for field, asked in (("boxes", self.boxes != "exact"), ("looks", bool(self.looks))):
            if asked and self.rules != "native":
                raise ValueError(
                    f"{field}: {getattr(self, field)!r} is for the rules `native`; the rules "
                    f"`{self.rules}` cut as the paper's scripts do. Leave `{field}` out or set "
                    "`rules: native`"
                )
        return self
