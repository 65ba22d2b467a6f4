"""The recipe: everything that is asked of a data set, validated before any work starts.

This module holds the models only. Loading and overlays: ``manifests.recipes_io``;
turning a recipe into shards: ``tasks.plan``.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from manifests.channels import OF_GAMES, Channel, in_order
from manifests.crop_looks import CropLook
from manifests.licences import UNKNOWN, needs_acknowledgement
from manifests.model import Model, since
from manifests.people import Factors, PeopleRecipe, Share, TextureMode
from manifests.scene_requests import (
    Count,
    Name,
    PlaceRequest,
    SceneRequest,
    WorldsRequest,
)

BuildName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")]
Channels = Annotated[tuple[Channel, ...], AfterValidator(in_order)]


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
    def _heights_are_a_range(self) -> CaptureRules:
        most = self.max_person_height
        if most is not None and most < 1.25 * self.min_person_height:
            raise ValueError(
                f"max_person_height: must be at least 1.25 times min_person_height "
                f"({self.min_person_height}), or hardly anybody ever fits; got {most}"
            )
        return self


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
    looks: tuple[CropLook, ...] = since(
        "0.3",
        (),
        max_length=64,
        description="What crops look like: each camera has one of these looks, by its name. For "
        "the rules `native`.",
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


class SplitRules(Model):
    """How people are divided into train and test, and test crops into query and gallery."""

    test_share: Share = Field(default=0.25, description="Share of people held out for testing.")
    distractor_share: Share = Field(
        default=0.0, description="Share of test people who only appear in the gallery."
    )
    junk_visibility: Share = Field(
        default=0.5,
        description="Test crops that show less of the body are junk: neither hit nor miss.",
    )
    worlds: Count | Annotated[float, Field(gt=0, lt=1)] | None = since(
        "0.2",
        None,
        description="How many worlds of families are held out, a number or a share of all: whole "
        "groups of people, `test_share` of them, walk in these alone and are the test people; "
        "nobody else is seen there.",
    )

    among_first: Count | None = since(
        "0.3",
        None,
        description="Only of the first so many people some are tested, so that a set that grows "
        "keeps its test people; a multiple of `shards.people_per_shard`.",
    )


class LaterViews(Model):
    """From which person on images are shared out otherwise among the cameras and lights that a
    group meets."""

    first: int = Field(ge=1, description="Index of the first of them, who begins a group.")
    cameras: Factors = Field(
        default={}, description="Factors on images by cameras, by name; `*` is the rest."
    )
    lights: Factors = Field(
        default={},
        description="Factors on images by lights: `street/night`, `night` of all scenes, `*`.",
    )


class ShardRules(Model):
    """Size of the units of work."""

    people_per_shard: int = Field(
        default=24,
        ge=1,
        le=100,
        description="People who walk together. The last group is filled up with people beyond "
        "people.count, who are rendered and never published.",
    )
    frames_per_shard: int = Field(default=200, ge=1, description="Most frames one shard captures.")
    seconds_per_shard: float = since(
        "0.3", 10.0, gt=0, description="How much of a recording (`video`) one shard captures."
    )


class VideoRules(Model):
    """Continuous time: all cameras of a place record the same people by the same clock."""

    fps: int = Field(default=10, ge=1, le=30, description="Ticks of the clock per second.")
    seconds: float = Field(
        gt=0, le=3600, description="How long each group of people is recorded in each place."
    )
    mp4: bool = Field(
        default=True,
        description="Publish an H.264 video of every camera beside the frames; needs PyAV "
        "(`.[video]`).",
    )

    @model_validator(mode="after")
    def _ends_on_a_tick(self) -> VideoRules:
        ticks_in(self.seconds, self.fps, "seconds")
        return self

    @property
    def ticks(self) -> int:
        """How many instants a recording has."""
        return ticks_in(self.seconds, self.fps, "seconds")


def ticks_in(seconds: float, fps: int, name: str) -> int:
    """How many ticks ``seconds`` have, at least one; ``ValueError`` unless they divide."""
    ticks = round(seconds * fps)
    if ticks < 1 or abs(ticks - seconds * fps) > 1e-6:
        raise ValueError(
            f"{name}: {seconds:g} s at {fps} fps are {seconds * fps:g} ticks; a whole number is "
            f"needed, e.g. {max(ticks, 1) / fps:g} s"
        )
    return ticks


class OnShortfall(StrEnum):
    """What to do with people who lack crops after the last round."""

    error = "error"
    drop_person = "drop_person"


class EngineRequest(Model):
    """Which engine renders: part of render_id, so it names pixels, never hosts or paths.

    Whether a game is started as a program, in a container or attached to is each host's
    business (``synth_workers.unreal.games``): the pixels are those of the game's build.
    """

    kind: Literal["embedded", "unreal"] = Field(
        default="embedded", description="The engine that ships with this project, or a game."
    )
    contract: Literal["person", "unrealperson"] = Field(
        default="person",
        description="Who places people: the worker, or the paper's level by itself.",
    )
    game: Name | None = since(
        "0.1", None, description="With `unreal`: the game, as hosts' games.yaml calls it."
    )
    build: BuildName | None = since(
        "0.1", None, description="With `unreal`: which build of the game, e.g. 2026-05-01."
    )

    @model_validator(mode="after")
    def _a_game_is_named(self) -> EngineRequest:
        if self.kind == "unreal" and (self.game is None or self.build is None):
            raise ValueError("with kind `unreal`, name its `game` and `build`")
        if self.kind == "embedded" and (self.game is not None or self.build is not None):
            raise ValueError("`game` and `build` belong to kind `unreal`")
        return self

    @property
    def version(self) -> str | None:
        """What names the pixels of a game; the embedded engine knows its own version."""
        return None if self.kind == "embedded" else f"{self.game} {self.build}"


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
