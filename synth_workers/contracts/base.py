"""What a scene contract is: who places people in a level, and what follows from that.

Everything that asks which contract a shard is rendered by asks its object (see ``registry``).
The objects are cheap to import: what talks to engines is imported when a shard is prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from manifests.engine_request import EngineRequest
from manifests.errors import BadScene
from manifests.people import PeopleRecipe
from manifests.shards import ShardSpec
from synth_workers.images import Foreign
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import CapturePlan
from synth_workers.scenes.description import Camera, SceneDescription

if TYPE_CHECKING:
    from synth_workers.worker.bundles import BundleWriter
    from synth_workers.worker.runs import Run
    from synth_workers.worker.session import Session


class Level(Protocol):
    """A level of whichever contract; ``dialect``: the name of its plugin's once it is loaded."""

    dialect: str

    @property
    def spawned(self) -> tuple[str, ...]:
        """Names of actors that have to be cleared away after a lost connection."""
        ...


@dataclass(frozen=True)
class ShardTask:
    """One shard and what it is made of. ``motions``: of its people, in their order."""

    shard: ShardSpec
    people: PeopleRecipe
    scene: SceneDescription
    motions: Sequence[PersonMotion]

    @property
    def cameras(self) -> list[Camera]:
        """Its cameras; ``BadScene`` if the scene lacks one."""
        try:
            return [self.scene.camera(name) for name in self.shard.cameras]
        except KeyError as error:
            raise BadScene(f"scene {self.scene.name!r} has no camera {error}") from None

    def run_values(self) -> dict[str, Any]:
        """What a ``Run`` needs to know of the shard, whatever the contract."""
        identities = [(person.index, person.person_id) for person in self.shard.people]
        size = self.shard.image.size
        tracked = self.shard.video is not None
        return {
            "identities": identities,
            "light": self.shard.light,
            "size": size,
            "tracked": tracked,
        }


@dataclass(frozen=True)
class Preparation:
    """How the levels of one shard are loaded and captured.

    ``plan``: its frames, none where the level moves its people. ``load``: makes a new level ready;
    takes the names of actors that an earlier connection left. ``new_run``: its progress.
    """

    plan: CapturePlan
    new_level: Callable[[Session], Level]
    load: Callable[[Any, Sequence[str]], None]
    new_run: Callable[[BundleWriter], Run]


@dataclass(frozen=True)
class SceneContract:
    """One way in which a worker and a level share the work.

    ``foreign_colours``: what a mask's colours mean that are nobody's: that the mask is spoilt, or
    things that are painted too. ``games_own_people``: whether people of a game's level are its
    own; else it holds people that were exported from here. ``no_replay``: why no frame can be
    rendered a second time; empty if one can.
    """

    name: str
    foreign_colours: Foreign
    games_own_people: bool = False
    no_replay: str = ""

    def level_owns_people(self, engine: EngineRequest) -> bool:
        """Whether people were made by the level, so that how they look is nowhere written; the
        embedded engine draws people of ours."""
        return self.games_own_people and engine.game is not None

    def prepare(self, task: ShardTask) -> Preparation:
        """Plan the frames of a shard and say how they are captured, as the module ``preparing`` of
        the contract's package does."""
        return import_module(f"synth_workers.contracts.{self.name}.preparing").prepare(task)
