"""How a data set is divided: people to train and to test, images among views, work into shards."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from manifests.model import Model, since
from manifests.people import Factors, Share
from manifests.scene_requests import Count


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
