"""What a recipe may do to the pictures of crops when they are cut: one look for each camera.

Carrying it out is ``tasks.annotate.crop_looks``.
"""

from __future__ import annotations

from pydantic import Field

from manifests.model import Model


class CropLook(Model):
    """The look of one camera's crops, step by step in the order of the fields; every default leaves
    the picture as it was rendered."""

    brightness: float = Field(default=1.0, ge=0.2, le=5.0, description="Factor on grey levels.")
    steadiness: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="How far an automatic exposure goes that makes whole frames equally bright, "
        "before `brightness`: 0 not at all, 1 all are.",
    )
    warmth: float = Field(
        default=0.0,
        ge=-1.0,
        le=1.0,
        description="Logarithm of the gain of red over that of blue: above 0 yellowish.",
    )
    tint: float = Field(
        default=0.0,
        ge=-0.5,
        le=0.5,
        description="Logarithm of the gain of red and blue over that of green: above 0 magenta.",
    )
    contrast: float = Field(
        default=1.0, ge=0.2, le=4.0, description="Factor on differences from mid grey."
    )
    saturation: float = Field(
        default=1.0, ge=0.0, le=4.0, description="Factor on differences from grey of equal luma."
    )
    sharpness: float = Field(
        default=0.0,
        ge=-4.0,
        le=4.0,
        description="Above 0: strength of sharpening; below 0: deviation of a blur, in 128ths of "
        "the crop's height.",
    )
    noise: float = Field(
        default=0.0,
        ge=0.0,
        le=60.0,
        description="Deviation of grain, grey levels, of the size of 128ths of the crop's height.",
    )
    jpeg_quality: int | None = Field(
        default=None,
        ge=5,
        le=100,
        description="Quality of crops instead of `annotation.jpeg_quality`.",
    )
