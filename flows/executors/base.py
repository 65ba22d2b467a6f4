"""The seam between a build and whoever carries out its shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from manifests.claims import Claim
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from tasks.render.jobs import BuildPlace
from tasks.render.watching import RoundProgress


class ExecutorKind(StrEnum):
    """Where shards are rendered."""

    local = "local"
    deployment = "deployment"


class ShardPolicy(BaseModel):
    """How much patience a build has with each of its shards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: int = Field(
        default=3, ge=1, le=10, description="Most attempts at one shard before the build fails."
    )
    timeout_minutes: int = Field(
        default=60, ge=1, le=1440, description="An attempt that takes longer is ended."
    )


DEFAULT_POLICY = ShardPolicy()


@dataclass(frozen=True)
class Round:
    """What is to be rendered: ``shards``, those of ``plan`` that have no claim."""

    plan: BuildPlan
    shards: Sequence[ShardSpec]
    recipe: Recipe
    place: BuildPlace
    progress: RoundProgress


class ShardExecutor(Protocol):
    """Renders shards somewhere. Used as a context manager that ends what still runs."""

    def prepare(self, plan: BuildPlan, recipe: Recipe, place: BuildPlace) -> float:
        """Do what the first shards of ``plan`` would all wait for; its CPU-seconds here."""
        ...

    def run(self, wanted: Round) -> Iterator[Claim]:
        """Render the shards of a round; their claims as they appear.

        Raises the ``FactoryError`` of a shard that failed for good when the others are done, or at
        once where these would fail too (``flows.executors.lost``).
        """
        ...
