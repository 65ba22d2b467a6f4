"""What a recipe asks of its people: how many, and from which distributions they are drawn.

Only the request lives here. Drawing people from it is ``synth_workers.people``, which knows the
names of what can be worn and refuses others before any work (``looks.vocabulary``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from manifests.model import Model, since

EVERYTHING_ELSE = "*"
"""In a table of factors: all names that are not listed."""

GENDERS = ("female", "male")
AGES = ("child", "adult", "senior")
ANCESTRIES = ("african", "asian", "caucasian")

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]
Factors = dict[str, Weight]
"""Name -> factor on how often it is usually drawn: 0 excludes, 2 doubles, ``*`` is the rest."""


class TextureMode(StrEnum):
    """Where clothing textures come from (the paper's three modes, section 3.1)."""

    real = "real"
    generated = "generated"
    random = "random"


class BadTexture(StrEnum):
    """What to do with an image of the texture folder that cannot be used."""

    skip = "skip"
    refuse = "refuse"


class Normal(Model):
    """A normal distribution."""

    mean: float = Field(gt=0, description="Its middle.")
    deviation: float = Field(ge=0, description="Its standard deviation.")


USUAL_STATURE = {
    "female": Normal(mean=1.625, deviation=0.062),
    "male": Normal(mean=1.755, deviation=0.068),
}
"""Stature of adults, metres."""


class LaterPeople(Model):
    """From which person on people are drawn otherwise; what is left out is as for all."""

    first: int = Field(ge=1, description="Index of the first of them.")
    look_alikes: Share | None = Field(default=None, description="As for all people.")
    dark_clothing: Share | None = Field(default=None, description="As for all people.")
    accessories: dict[str, Share] = Field(
        default={}, description="Overrides of probabilities, over those for all people."
    )


class PeopleRecipe(Model):
    """Distributions over people; person ``i`` depends on (recipe seed, i, this object) alone.

    ``count`` is not among what a person depends on.
    """

    count: int = Field(gt=0, le=1_000_000, description="How many people the data set has.")
    gender: dict[str, Weight] = Field(
        default={"female": 0.5, "male": 0.5},
        description="Weights of body types; a weight of 0 excludes one.",
    )
    ages: dict[str, Weight] = Field(
        default={"child": 0.06, "adult": 0.78, "senior": 0.16},
        description="Weights of age groups: child 8-15, adult 18-55, senior 55-82 years.",
    )
    ancestry: dict[str, Weight] = Field(
        default={"african": 1.0, "asian": 1.0, "caucasian": 1.0},
        description="Weights of the ancestries that bodies, faces and skin are mixed from.",
    )
    stature: dict[str, Normal] = Field(
        default=USUAL_STATURE,
        description="Stature of adults by body type, metres.",
    )
    build: Normal = Field(
        default=Normal(mean=0.40, deviation=0.15),
        description="Body weight, 0 thin to 1 heavy.",
    )
    hair_styles: Factors = Field(
        default={}, description="Factors on hair styles, e.g. {bald: 0, afro: 2}."
    )
    hair_colours: Factors = Field(default={}, description="Factors on hair colours.")
    garments: Factors = Field(
        default={}, description="Factors on garments by name, e.g. {shorts: 0, coat: 3}."
    )
    fabrics: Factors = Field(
        default={}, description="Factors on cloth, e.g. {camouflage: 0, plaid: 2}."
    )
    colours: Factors = Field(
        default={},
        description="Factors on the colours of clothes, e.g. {red: 0}. Denim keeps its own.",
    )
    dress: str = since(
        "0.2",
        "varied",
        description="How the crowd is dressed: varied, street (as in photographs), summer, winter, "
        "office or campus. The factors above work on top of it.",
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
    walks: Factors = Field(default={}, description="Factors on the styles of walking.")
    movement: str = since(
        "0.2",
        "usual",
        description="How the crowd moves and what it pushes: usual (everybody walks and stops now "
        "and then), street (as counted on pavements) or lively. Factors and shares work on top.",
    )
    activities: dict[str, Share] = since(
        "0.2",
        {},
        description="Overrides of the share of moments that people who are able spend on an "
        "activity other than walking, e.g. {run: 0.1, wait: 0.2}.",
    )
    outfits_per_person: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Complete outfits of each person; body, face and hair stay the same.",
    )
    textures: TextureMode = Field(
        default=TextureMode.real, description="Where clothing textures come from."
    )
    texture_folder: str | None = Field(
        default=None,
        description="Folder of clothing images for `real` or any images for `random`; "
        "without one our own fabrics are synthesised.",
    )
    texture_licence: str | None = Field(
        default=None,
        description="Licence of the pictures in the texture folder (SPDX identifier).",
    )
    clothes_folder: str | None = Field(
        default=None, description="Folder of MakeHuman clothes packs (.mhclo) to wear besides ours."
    )
    clothes_licence: str | None = Field(
        default=None,
        description="Licence of the clothes packs (SPDX identifier). Packs whose own file names "
        "another one that is not free are left out, or refused as `bad_clothes` says.",
    )
    clothes_share: Share = Field(
        default=0.3, description="How often a garment is taken from the packs that fit its place."
    )
    bad_clothes: BadTexture = Field(
        default=BadTexture.skip,
        description="Whether unusable clothes packs are left out or refuse the recipe.",
    )
    bad_textures: BadTexture = Field(
        default=BadTexture.skip,
        description="Whether unusable images of the folder are left out or refuse the recipe.",
    )
    later: tuple[LaterPeople, ...] = since(
        "0.3",
        (),
        description="People from some index on who are drawn otherwise than those before them, who "
        "stay as they are: how a set grows where a model is weak (`unrealperson improve`).",
    )

    def of(self, index: int) -> PeopleRecipe:
        """What the person of an index is drawn from."""
        chosen = [later for later in self.later if later.first <= index]
        if not chosen:
            return self
        said = {
            name: value
            for name in ("look_alikes", "dark_clothing")
            if (value := getattr(chosen[-1], name)) is not None
        }
        accessories = {**self.accessories, **chosen[-1].accessories}
        return self.model_copy(update={**said, "accessories": accessories, "later": ()})

    @model_validator(mode="after")
    def _names_are_known(self) -> PeopleRecipe:
        weights = {"gender": GENDERS, "ages": AGES, "ancestry": ANCESTRIES}
        for field, known in weights.items():
            given: Mapping[str, float] = getattr(self, field)
            _refuse_unknown(field, given, known)
            if not any(weight > 0 for weight in given.values()):
                raise ValueError(f"{field}: at least one of {', '.join(known)} must be above 0")
        _refuse_unknown("stature", self.stature, GENDERS)
        return self

    @field_validator("stature")
    @classmethod
    def _statures_are_human(cls, statures: dict[str, Normal]) -> dict[str, Normal]:
        for gender, normal in statures.items():
            if not 1.2 <= normal.mean <= 2.1 or normal.deviation > 0.2:
                raise ValueError(
                    f"{gender}: mean must be 1.2 to 2.1 and deviation at most 0.2 metres"
                )
        return statures

    @field_validator("activities")
    @classmethod
    def _days_have_an_end(cls, shares: dict[str, float]) -> dict[str, float]:
        if sum(shares.values()) > 1.0:
            raise ValueError("shares of moments must not add up to more than 1")
        return shares

    @field_validator("later")
    @classmethod
    def _later_ones_come_in_order(cls, later: tuple[LaterPeople, ...]) -> tuple[LaterPeople, ...]:
        firsts = [one.first for one in later]
        if firsts != sorted(set(firsts)):
            raise ValueError(f"first: must rise from one to the next, got {firsts}")
        return later

    @model_validator(mode="after")
    def _random_needs_a_folder(self) -> PeopleRecipe:
        if self.textures is TextureMode.random and self.texture_folder is None:
            raise ValueError("texture_folder: textures `random` need a folder of images")
        return self


def _refuse_unknown(field: str, given: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{field}: unknown {', '.join(unknown)}; known are {', '.join(known)}")
