"""Where people of a recipe walk: single scenes, and worlds of families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from manifests.model import Model, since

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]

FamilyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]

Count = Annotated[int, Field(ge=1)]


WorldCount = Annotated[int, Field(ge=1, le=100_000)]

WorldNumbers = Annotated[tuple[Annotated[int, Field(ge=0, lt=1_000_000)], ...], Field(min_length=1)]


DRAWN_LIGHTS = tuple(f"l{number}" for number in range(1, 7))
"""Names of the lights that are drawn for every scene (``synth_workers.scenes.drawn_lights``)."""


def _rising(heights: tuple[float, float]) -> tuple[float, float]:
    low, high = heights
    if low > high:
        raise ValueError(f"the lowest comes first, e.g. [{high:g}, {low:g}]")
    return heights


Heights = Annotated[
    tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]], AfterValidator(_rising)
]
"""Lowest and highest, metres."""

LightNames = Annotated[tuple[Name, ...], Field(min_length=1)]


class SceneRequest(Model):
    """One scene, the cameras used in it and the lights it is seen under."""

    name: Name = Field(description="A scene that is shipped or installed, e.g. `street`.")
    cameras: tuple[Name, ...] | Name = Field(
        default="all",
        description="A camera or camera set of the scene, or several of them (their union).",
    )
    lights: Literal["drawn"] | LightNames = Field(
        default=("day",),
        description="Lights of the scene; each shard has one. `drawn`: the six that are drawn for "
        "it from its seed, `l1` to `l6` (suns of any height, clear to overcast; indoors lamps and "
        "daylight of any colour), which may also be named.",
    )
    cameras_per_group: Count | Literal["all"] = Field(
        default="all",
        description="How many of the cameras see one group of people; groups take them in turn. "
        "Few cameras that want several images of everybody cost less than many that want one.",
    )
    lights_per_group: Count | Literal["all"] = Field(
        default="all",
        description="Under how many of the lights one group walks; groups take them in turn. "
        "Each costs a shard.",
    )
    camera_heights: Heights | None = since(
        "0.2",
        None,
        description="Only those of the cameras that hang between so many metres high, e.g. "
        "`[2, 4]`.",
    )

    @field_validator("cameras")
    @classmethod
    def _sees_something(cls, cameras: tuple[Name, ...] | Name) -> tuple[Name, ...] | Name:
        if not cameras:
            raise ValueError("must name a camera or a camera set at least, got none; `all` has all")
        return cameras

    @property
    def light_names(self) -> tuple[str, ...]:
        """The lights that are asked for, each by its name."""
        return DRAWN_LIGHTS if self.lights == "drawn" else self.lights


class WorldsRequest(Model):
    """Worlds of one or several families: scenes that are drawn from a number, e.g. `plaza-17`."""

    family: FamilyName | None = Field(
        default=None, description="The family that all worlds belong to, e.g. `plaza`; or `of`."
    )
    of: tuple[FamilyName, ...] = Field(
        default=(), description="Several families instead, which take turns."
    )
    worlds: WorldCount | WorldNumbers = Field(
        description="How many worlds there are; or a list, the numbers of each family's worlds."
    )
    first: int = Field(
        default=0, ge=0, le=900_000, description="Number of the first world of each family."
    )
    cameras_per_world: Count | Literal["all"] = Field(
        default="all", description="So many cameras of each world are used, if it has as many."
    )
    lights: Literal["any", "drawn", "night"] | LightNames = Field(
        default="any",
        description="`any`: all that a world has; `drawn`: those that are drawn for it, `l1` to "
        "`l6`; `night`: the one at night; or names, of which each world uses those that it has.",
    )
    worlds_per_group: Count | Literal["all"] = Field(
        default=4,
        description="In how many worlds one group of people walks; drawn by the seed so that all "
        "worlds are used equally and no two groups meet the same ones, if there are enough.",
    )
    cameras_per_group: Count | Literal["all"] = Field(
        default="all", description="By how many cameras of a world a group is seen; drawn."
    )
    lights_per_group: Count | Literal["all"] = Field(
        default=1,
        description="Under how many lights a group walks in each world; drawn. Each costs a shard.",
    )
    camera_heights: Heights | None = since(
        "0.2",
        None,
        description="Only those of the cameras that hang between so many metres high, e.g. "
        "`[2, 4]`; a world without any is an error.",
    )
    crops_per_frame: Count = Field(
        default=3,
        description="A frame is drawn if it shows so many people who lack crops there, at most one "
        "for each twenty of the group. What is then missing, others who happen to be in the frames "
        "make up for, or another round. 1 draws frames for single crops, too.",
    )

    @model_validator(mode="after")
    def _families_are_distinct(self) -> WorldsRequest:
        if (self.family is None) == (not self.of):
            raise ValueError("worlds need either a `family` or a list `of` families")
        if len(set(self.of)) != len(self.of):
            raise ValueError(f"of: each family may appear once, got {list(self.of)}")
        if isinstance(self.worlds, tuple):
            if len(set(self.worlds)) != len(self.worlds):
                raise ValueError(f"worlds: each number may appear once, got {list(self.worlds)}")
            if self.first:
                raise ValueError("first: a list of worlds has no first one; leave it out")
        elif self.worlds < len(self.of):
            raise ValueError(
                f"worlds: must be at least {len(self.of)}, one of each family, got {self.worlds}"
            )
        return self

    @property
    def families(self) -> tuple[str, ...]:
        """The families that take turns."""
        return self.of or ((self.family,) if self.family else ())

    def names(self) -> tuple[str, ...]:
        """The worlds; asking for more of them adds some at the end."""
        families = self.families
        if isinstance(self.worlds, tuple):
            return tuple(f"{family}-{k}" for k in self.worlds for family in families)
        return tuple(
            f"{families[k % len(families)]}-{self.first + k // len(families)}"
            for k in range(self.worlds)
        )


def _kind(request: Any) -> str:
    """Which of the two a request is, so that it is checked as that alone."""
    if isinstance(request, Mapping):
        worlds = bool({"family", "of", "worlds"} & set(request))
    else:
        worlds = isinstance(request, WorldsRequest)
    return "WorldsRequest" if worlds else "SceneRequest"


PlaceRequest = Annotated[
    Annotated[SceneRequest, Tag("SceneRequest")] | Annotated[WorldsRequest, Tag("WorldsRequest")],
    Discriminator(_kind),
]
"""A scene, or worlds of families."""
