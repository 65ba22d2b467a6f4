"""What a recipe asks of its people: how many, and from which distributions they are drawn.

Only the request lives here. Drawing people from it is ``synth_workers.people``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]


class TextureMode(StrEnum):
    """Where clothing textures come from (the paper's three modes, section 3.1)."""

    real = "real"
    generated = "generated"
    random = "random"


class PeopleRecipe(BaseModel):
    """Distributions over people; person ``i`` depends on (recipe seed, i, this object) alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int = Field(gt=0, le=1_000_000, description="How many people the data set has.")
    gender: dict[str, Weight] = Field(
        default={"female": 0.5, "male": 0.5},
        description="Weights of body types; a weight of 0 excludes one.",
    )
    dark_clothing: Share = Field(
        default=0.15, description="Share of people who wear dark clothes from head to foot."
    )
    look_alikes: Share = Field(
        default=0.2, description="Share of people who belong to a group of five look-alikes."
    )
    accessories: dict[str, Share] = Field(
        default={},
        description="Overrides of the probability of an accessory, e.g. {umbrella: 0}.",
    )
    textures: TextureMode = Field(
        default=TextureMode.real, description="Where clothing textures come from."
    )
    texture_folder: str | None = Field(
        default=None,
        description="Folder of clothing images for `real` or any images for `random`; "
        "without one our own fabrics are synthesised.",
    )
