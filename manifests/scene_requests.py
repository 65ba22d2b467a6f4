"""Where people of a recipe walk: single scenes, and worlds of families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, field_validator, model_validator

from manifests.model import Model

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]

FamilyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]

Count = Annotated[int, Field(ge=1)]


WorldCount = Annotated[int, Field(ge=1, le=100_000)]

WorldNumbers = Annotated[tuple[Annotated[int, Field(ge=0, lt=1_000_000)], ...], Field(min_length=1)]


class SceneRequest(Model):
    """One scene, the cameras used in it and the lights it is seen under."""

    name: Name = Field(description="A scene that is shipped or installed, e.g. `street`.")
    cameras: tuple[Name, ...] | Name = Field(
        default="all",
        description="A camera or camera set of the scene, or several of them (their union).",
    )
    lights: tuple[Name, ...] = Field(
        default=("day",), min_length=1, description="Light presets; each shard has one."
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

    @field_validator("cameras")
    @classmethod
    def _sees_something(cls, cameras: tuple[Name, ...] | Name) -> tuple[Name, ...] | Name:
        if not cameras:
            raise ValueError("must name a camera or a camera set at least, got none; `all` has all")
        return cameras


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
    lights: Literal["any", "night"] | Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        default="any",
        description="`any`: all that a world has, its own ones too; `night`: the one at night; or "
        "names, of which each world uses those that it has.",
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
