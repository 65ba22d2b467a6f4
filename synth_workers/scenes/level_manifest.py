"""The manifest of a level of a packaged game: its pydantic model, and reading it.

What the level's authors say of it and its programs cannot answer: cameras, walkable graph,
lights, classes, names to be left alone. World frame: Unreal's, so numbers are copied from the
editor as they stand: left-handed, centimetres, z up, degrees in the order pitch, yaw, roll.
Checks of the level as a scene: ``synth_workers.scenes.levels``.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from manifests.errors import BadScene
from manifests.model import Model
from manifests.settings import Form
from manifests.strict_text import read_json
from synth_workers.scenes.scene_file import Name, expect_camera_names, night_sky

SCHEMA_FILE = "level_manifest.schema.json"
"""The schema as it is shipped beside this module."""

Centimetres = Annotated[float, Field(ge=-2_097_152.0, le=2_097_152.0)]
"""Within the bounds of an Unreal world."""

Degrees = Annotated[float, Field(ge=-360.0, le=360.0)]
Place = tuple[Centimetres, Centimetres, Centimetres]
Rotation = tuple[Degrees, Degrees, Degrees]
ActorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,128}$")]
ActorPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_*]{1,128}$")]
EventWord = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
MapName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_/]{1,200}$")]


class LevelCamera(Model):
    """A fixed camera: where it hangs and looks, and its horizontal field of view, degrees."""

    name: Name
    location: Place
    rotation: Rotation
    fov: float = Field(default=90.0, ge=10.0, le=150.0)


class WalkEdge(Model):
    """A straight piece of walkable ground between two nodes, ``width`` cm across in all."""

    from_: str = Field(alias="from")
    to: str
    width: float = Field(default=200.0, ge=60.0, le=5000.0)


class LevelWalk(Model):
    """Where people may walk: named places on the ground, and which of them are joined."""

    nodes: dict[str, Place] = Field(min_length=2)
    edges: tuple[WalkEdge, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _edges_join_known_nodes(self) -> LevelWalk:
        ends = {end for edge in self.edges for end in (edge.from_, edge.to)}
        if unknown := sorted(ends - set(self.nodes)):
            raise ValueError(f"edges join unknown nodes {', '.join(unknown)}")
        if loops := [edge.from_ for edge in self.edges if edge.from_ == edge.to]:
            raise ValueError(f"edges must join two nodes, {loops[0]} is joined to itself")
        return self


class LevelPeople(Model):
    """Which actor classes are people; for levels that own their people, what these are like.

    One class that wears any appearance (``set_app``), or one class per appearance: then
    appearance n is the n-th entry and ``set_app`` is not called.
    """

    classes: tuple[ActorName, ...] = Field(default=("BP_Person_C",), min_length=1)
    root_height: float = Field(
        default=0.0,
        ge=0.0,
        le=200.0,
        description="Contract unrealperson: cm of an actor's location above its feet; 88 for "
        "Unreal's Character, whose location is the middle of its capsule.",
    )
    settle_seconds: float = Field(
        default=5.0,
        ge=0.0,
        le=600.0,
        description="Contract unrealperson: how long people spread, and textures load, before "
        "the first frame.",
    )

    @model_validator(mode="after")
    def _classes_are_distinct(self) -> LevelPeople:
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("each class may be named once")
        return self


class LevelManifest(Model):
    """One level of a packaged game as planners and workers need to know it."""

    schema_: str | None = Field(default=None, alias="$schema")
    format: Literal[1] = 1
    name: Name = Field(description="The scene's name in recipes; cameras begin with it.")
    map: MapName = Field(description="The map's asset name, as the game takes it.")
    contract: Literal["person", "unrealperson"] = "person"
    indoor: bool = False
    people: LevelPeople = LevelPeople()
    cameras: tuple[LevelCamera, ...] = Field(min_length=1)
    camera_sets: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Named sets of cameras; `all` is every camera."
    )
    walk: LevelWalk
    target_points: tuple[Place, ...] = Field(
        default=(), description="Where the level's own people walk to; none: the walk's nodes."
    )
    lights: tuple[EventWord, ...] = Field(
        default=("day",),
        min_length=1,
        description="Contract person: words that the event Light takes. Contract unrealperson: "
        "a name for each step of LC, in order.",
    )
    obstacles: tuple[
        tuple[Centimetres, Centimetres, Centimetres, Centimetres, Centimetres, Centimetres], ...
    ] = Field(
        default=(),
        description="Boxes x0 y0 z0 x1 y1 z1 that hide people or stop them; coarse ones suffice.",
    )
    blocked: tuple[ActorPattern, ...] = Field(
        default=(), description="Actors never to be painted; * stands for any letters."
    )

    @property
    def version(self) -> int:
        """32-bit digest of all that the manifest says: any edit makes other data."""
        content = self.model_dump_json(by_alias=True, exclude={"schema_"}).encode()
        return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "big")

    def night(self) -> str:
        """The light of this level at night."""
        return night_sky(self.indoor)

    @model_validator(mode="after")
    def _names_fit(self) -> LevelManifest:
        expect_camera_names(self.name, [camera.name for camera in self.cameras], self.camera_sets)
        if len(set(self.lights)) != len(self.lights):
            raise ValueError("lights: each may be named once")
        for box in self.obstacles:
            if any(low >= high for low, high in zip(box[:3], box[3:])):
                raise ValueError(f"obstacles: {box} must be x0 y0 z0 x1 y1 z1, lowest first")
        return self


LEVELS = Form(LevelManifest, "level manifest", refusal=BadScene, syntax=read_json)

parse_level_manifest = LEVELS.parse
"""The manifest that a JSON text says; ``BadScene`` names every field that is wrong."""

read_level_manifest = LEVELS.read
"""The manifest in a file; ``NotFound`` or ``BadScene`` if it cannot be had."""


def level_schema() -> dict[str, Any]:
    """JSON schema of a manifest, for editors and other programs."""
    schema = LevelManifest.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
