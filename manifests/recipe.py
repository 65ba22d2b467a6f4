"""The recipe: everything that is asked of a data set, validated before any work starts.

This module holds what its parts have to agree on; each part has a module of its own. Loading and
overlays: ``manifests.recipes_io``; turning a recipe into shards: ``tasks.plan``.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from manifests.annotation_rules import AnnotationRules
from manifests.capture_rules import CaptureRules, ImageSpec
from manifests.channels import OF_GAMES, Channels
from manifests.crop_sizes import check_sizes
from manifests.division import LaterViews, ShardRules, SplitRules
from manifests.engine_request import EngineRequest
from manifests.licences import UNKNOWN, needs_acknowledgement
from manifests.model import Model, since
from manifests.people import PeopleRecipe, TextureMode
from manifests.scene_requests import Name, PlaceRequest, SceneRequest, WorldsRequest
from manifests.video_rules import VideoRules, ticks_in


class OnShortfall(StrEnum):
    """What to do with people who lack crops after the last round."""

    error = "error"
    drop_person = "drop_person"


class Recipe(Model):
    """A complete, validated request for a data set."""

    name: Name = Field(description="Of the data set; folders and reports carry it.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Every draw derives from it.")
    description: str = Field(default="", description="For the card of the data set.")
    licence: str = Field(
        default="CC0-1.0", min_length=1, description="SPDX identifier of the data that is made."
    )
    acknowledged_licences: tuple[str, ...] = Field(
        default=(),
        description="Licences of your own material that you have read although they restrict "
        "use (non-commercial, `unknown`, …); without that nothing is made from it.",
    )
    people: PeopleRecipe = Field(description="Who walks there.")
    scenes: tuple[PlaceRequest, ...] = Field(min_length=1, description="Where they walk.")
    images_per_person: int = Field(gt=0, le=10_000, description="Exactly so many per person.")
    scenes_per_person: int | Literal["all"] = Field(
        default="all",
        description="Of how many entries of `scenes` each person meets something; groups take them "
        "in turn. With `all` and fewer images than scenes, a person is seen in as many as it has "
        "images.",
    )
    min_cameras_per_person: int = Field(
        default=2, ge=1, description="Cameras by which each person must be seen."
    )
    image: ImageSpec = Field(default=ImageSpec(), description="What cameras deliver.")
    capture: CaptureRules = Field(default=CaptureRules(), description="What is rendered.")
    annotation: AnnotationRules = Field(
        default=AnnotationRules(), description="What becomes of it."
    )
    splits: SplitRules = Field(default=SplitRules(), description="Training and test people.")
    shards: ShardRules = Field(default=ShardRules(), description="How the work is divided.")
    engine: EngineRequest = Field(default=EngineRequest(), description="Who draws it.")
    max_rounds: int = Field(default=3, ge=0, le=20, description="Top-up rounds after the first.")
    on_shortfall: OnShortfall = Field(
        default=OnShortfall.error, description="What happens when people still lack crops."
    )
    keep_frames: bool = Field(default=False, description="Keep frame bundles in the store.")
    video: VideoRules | None = since(
        "0.3",
        None,
        description="Record whole worlds in continuous time, every camera at every tick, instead "
        "of choosing moments; `tracks.parquet` has everybody. Crops are cut from the same frames.",
    )
    later_views: tuple[LaterViews, ...] = since(
        "0.3",
        (),
        description="People from some index on whose images are shared out otherwise among cameras "
        "and lights than those before them: see `people.later`.",
    )
    ground_truth: Channels = since(
        "0.3",
        (),
        description="Channels that are kept with every frame beside its mask. Games have `depth` "
        "and `normals`.",
    )

    @model_validator(mode="after")
    def _scenes_are_distinct(self) -> Recipe:
        seen = Counter(name for scene in self.scenes for name in _names(scene))
        if doubled := sorted(name for name, count in seen.items() if count > 1):
            named = ", ".join(doubled[:5])
            raise ValueError(f"scenes: each scene may appear once, got {named} more often")
        entries = len(self.scenes)
        if isinstance(self.scenes_per_person, int) and not 1 <= self.scenes_per_person <= entries:
            raise ValueError(
                f"scenes_per_person: must be 1 to {entries} (the recipe's scenes) or 'all', "
                f"got {self.scenes_per_person}"
            )
        return self

    @model_validator(mode="after")
    def _later_ones_begin_groups(self) -> Recipe:
        size = self.shards.people_per_shard
        firsts = {
            "people.later": [one.first for one in self.people.later],
            "later_views": [one.first for one in self.later_views],
            "splits.among_first": [self.splits.among_first or 0],
        }
        for field, found in firsts.items():
            if wrong := [first for first in found if first % size]:
                raise ValueError(
                    f"{field}: groups of {size} people (shards.people_per_shard) walk together, so "
                    f"it must be a multiple of {size}, got {wrong[0]}"
                )
        views = firsts["later_views"]
        if views != sorted(set(views)):
            raise ValueError(f"later_views: first must rise from one to the next, got {views}")
        return self

    @model_validator(mode="after")
    def _games_have_no_worlds(self) -> Recipe:
        asked = [family for request in self._worlds() for family in request.families]
        if asked and self.engine.kind == "unreal":
            raise ValueError(
                f"scenes: worlds are drawn by the engine that ships with this project; a game has "
                f"the levels that it has. Name these instead of {', '.join(asked)}"
            )
        return self

    @model_validator(mode="after")
    def _games_have_their_own_sensors(self) -> Recipe:
        drawn_here = self.engine.kind == "embedded" and self.engine.contract == "person"
        if self.capture.exposure and not drawn_here:
            raise ValueError(
                f"capture.exposure: {self.capture.exposure!r} is of the engine that ships with "
                "this project, and of the contract `person`; others expose as they do. "
                "Leave it out"
            )
        if self.capture.sensor != "scene" and not drawn_here:
            raise ValueError(
                f"capture.sensor: {self.capture.sensor!r} is of the engine that ships with this "
                "project, and of the contract `person`; games, and levels of the contract "
                "`unrealperson`, deliver what their cameras do. Leave it out"
            )
        return self

    @model_validator(mode="after")
    def _sizes_are_chosen(self) -> Recipe:
        if not self.capture.sizes:
            return self
        if self.video is not None or self.engine.contract != "person":
            raise ValueError(
                "capture.sizes: moments are chosen so that people are of these sizes, but nobody "
                "chooses them in recordings (`video`) and under the contract `unrealperson`. "
                "Leave it out"
            )
        check_sizes(self.capture.sizes, self.annotation.min_height, None, "annotation.min_height")
        return self

    @model_validator(mode="after")
    def _recordings_are_whole(self) -> Recipe:
        if self.video is None:
            return self
        size = self.shards.people_per_shard
        ticks_in(self.shards.seconds_per_shard, self.video.fps, "shards.seconds_per_shard")
        for wrong, remedy in (
            (self.engine.contract != "person", "engine.contract must be `person`: the paper's "
             "level moves its people by a clock of its own"),
            (not self.keep_frames, "set keep_frames: true; the frames are what is recorded"),
            (self.max_rounds > 0, "set max_rounds: 0; nothing can be added to a recording"),
            (self.on_shortfall is not OnShortfall.drop_person, "set on_shortfall: drop_person; who "
             "lacks crops stays in the recording and is left out of the crops"),
            (self.people.count % size > 0, f"shards.people_per_shard ({size}) must divide "
             f"people.count ({self.people.count}): nobody is filled in, for everybody is seen"),
        ):  # fmt: skip
            if wrong:
                raise ValueError(f"video: {remedy}")
        return self

    @model_validator(mode="after")
    def _ground_truth_can_be_had(self) -> Recipe:
        asked = self.ground_truth
        beyond = [name for name in asked if name not in OF_GAMES]
        for wrong, remedy in (
            (asked and not self.keep_frames, "set keep_frames: true; it is kept with the frames"),
            (asked and self.engine.contract != "person", "engine.contract must be `person`: the "
             "paper's level delivers pictures and masks"),
            (beyond and self.engine.kind == "unreal", f"plugins of Unreal have no command for "
             f"{', '.join(beyond)}, but for {', '.join(OF_GAMES)}; leave the others out"),
            ("flow" in asked and self.video is None, "flow leads from one tick to the next, so it "
             "needs `video`"),
        ):  # fmt: skip
            if wrong:
                raise ValueError(f"ground_truth: {remedy}")
        return self

    @model_validator(mode="after")
    def _games_have_their_own_movements(self) -> Recipe:
        drawn_here = self.engine.kind == "embedded" and self.engine.contract == "person"
        if (self.people.movement != "usual" or self.people.activities) and not drawn_here:
            raise ValueError(
                "people.movement and people.activities are of the engine that ships with this "
                "project, and of the contract `person`; people of games, and of levels of the "
                "contract `unrealperson`, walk and stand. Leave them out"
            )
        return self

    @model_validator(mode="after")
    def _enough_images_for_every_camera(self) -> Recipe:
        scenes = 1 if self.scenes_per_person == "all" else self.scenes_per_person
        needed = max(self.min_cameras_per_person, scenes)
        if self.images_per_person < needed:
            raise ValueError(
                f"images_per_person: must be at least {needed}, so that a person is seen by "
                f"{self.min_cameras_per_person} cameras in {scenes} scenes, "
                f"got {self.images_per_person}"
            )
        return self

    @model_validator(mode="after")
    def _worlds_can_be_held_out(self) -> Recipe:
        asked, share = self.splits.worlds, self.splits.test_share
        if asked is None:
            return self
        worlds = sum(len(request.names()) for request in self._worlds())
        out = asked if isinstance(asked, int) else round(asked * worlds)
        if not 1 <= out < worlds:
            raise ValueError(
                f"splits.worlds: the recipe has {worlds} worlds of families, of which some must be "
                f"held out and some remain for training; got {asked}"
            )
        groups = len(self.groups())
        if self.splits.among_first is not None:
            groups = min(groups, self.splits.among_first // self.shards.people_per_shard)
        if not 1 <= int(groups * share + 0.5) < groups:
            raise ValueError(
                f"splits.worlds: whole groups of people are tested, {share:g} (splits.test_share) "
                f"of {groups} of them, which leaves no group for training or for testing; make "
                "shards.people_per_shard smaller or change splits.test_share"
            )
        return self

    def _worlds(self) -> list[WorldsRequest]:
        return [request for request in self.scenes if isinstance(request, WorldsRequest)]

    @model_validator(mode="after")
    def _licences_are_acknowledged(self) -> Recipe:
        for source, licence in self.sources().items():
            if needs_acknowledgement(licence) and licence not in self.acknowledged_licences:
                raise ValueError(
                    f"acknowledged_licences: {source} is under the licence {licence!r}, which may "
                    "restrict who may use the data; name a free licence if that is wrong, or add "
                    f"{licence!r} to acknowledged_licences, got {list(self.acknowledged_licences)}"
                )
        return self

    @property
    def single_scenes(self) -> tuple[SceneRequest, ...]:
        """The scenes that are asked for by name, without worlds of families."""
        return tuple(request for request in self.scenes if isinstance(request, SceneRequest))

    def groups(self) -> list[range]:
        """Indices of the people who walk together, group by group.

        Every group is full: the last one goes on beyond ``people.count``. The people beyond it
        are *extras*: planned and rendered like everybody, published never. So a recipe of more
        people has the same groups and some more, and no shard depends on the count.
        """
        size = self.shards.people_per_shard
        return [range(first, first + size) for first in range(0, self.people.count, size)]

    def views_of(self, group: int) -> LaterViews | None:
        """How the images of a group are shared out, if otherwise than evenly."""
        first = group * self.shards.people_per_shard
        chosen = [views for views in self.later_views if views.first <= first]
        return chosen[-1] if chosen else None

    def sources(self) -> dict[str, str]:
        """The material that pixels are made from, and its licence (SPDX or `unknown`)."""
        people = self.people
        found = {"bodies (MakeHuman)": "CC0-1.0", "scenes and garments (ours)": "CC0-1.0"}
        if people.texture_folder is None or people.textures is TextureMode.generated:
            fabrics = f"clothing textures (mode {people.textures}: fabrics we synthesise)"
            found[fabrics] = "CC0-1.0"
        else:
            found["clothing pictures (texture folder)"] = people.texture_licence or UNKNOWN
        if people.clothes_folder is not None:
            found["clothes packs (clothes folder)"] = people.clothes_licence or UNKNOWN
        return found


def _names(request: SceneRequest | WorldsRequest) -> tuple[str, ...]:
    return request.names() if isinstance(request, WorldsRequest) else (request.name,)
