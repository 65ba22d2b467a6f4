"""What a recipe asks of its people: how many, and from which distributions they are drawn.

Only the request lives here. Drawing people from it is ``synth_workers.people``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]


GENDERS = ("female", "male")
"""Body types a recipe can weigh."""

ACCESSORIES = (
    "backpack",
    "handbag",
    "tote",
    "crossbody",
    "suitcase",
    "shopping_bag",
    "umbrella",
    "cap",
    "beanie",
    "bucket_hat",
    "sun_hat",
    "hood",
    "glasses",
    "sunglasses",
    "mask",
    "scarf",
    "headphones",
    "earphones",
    "phone",
)
"""Accessories whose probability a recipe can set."""


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

    @field_validator("gender")
    @classmethod
    def _genders_are_known(cls, weights: dict[str, float]) -> dict[str, float]:
        _refuse_unknown("gender", weights, GENDERS)
        if not any(weight > 0 for weight in weights.values()):
            raise ValueError(f"at least one of {', '.join(GENDERS)} needs a weight above 0")
        return weights

    @field_validator("accessories")
    @classmethod
    def _accessories_are_known(cls, shares: dict[str, float]) -> dict[str, float]:
        _refuse_unknown("accessory", shares, ACCESSORIES)
        return shares


def _refuse_unknown(what: str, given: dict[str, float], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"unknown {what} {', '.join(unknown)}; known are {', '.join(known)}")
