"""The scene contract ``person``: the worker places everybody, at every instant."""

from __future__ import annotations

from collections.abc import Sequence

from manifests.people import PeopleRecipe
from manifests.recipe import EngineRequest
from manifests.shards import ShardSpec
from synth_workers.contracts.base import Preparation, SceneContract
from synth_workers.people.person import PersonMotion
from synth_workers.scenes.description import SceneDescription


class PersonContract(SceneContract):
    """People have the only colours of a mask, and every frame is planned."""

    name = "person"
    foreign_colours = "refuse"

    def level_owns_people(self, engine: EngineRequest) -> bool:
        """Never: games hold people that were exported from here."""
        return False

    def prepare(
        self,
        shard: ShardSpec,
        people: PeopleRecipe,
        scene: SceneDescription,
        motions: Sequence[PersonMotion],
    ) -> Preparation:
        """See ``synth_workers.contracts.person.preparing``."""
        from synth_workers.contracts.person.preparing import prepare

        return prepare(shard, people, scene, motions)
