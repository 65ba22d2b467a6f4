"""The scene contract ``unrealperson``: the level walks its people, the worker looks at them."""

from __future__ import annotations

from manifests.recipe import EngineRequest
from synth_workers.contracts.base import Preparation, SceneContract, ShardTask


class UnrealPersonContract(SceneContract):
    """In the paper's levels every actor has a mask colour, and people are the level's own."""

    name = "unrealperson"
    foreign_colours = "background"
    no_replay = (
        "frames of the contract unrealperson cannot be rendered again: the level moves its "
        "people by itself, no two captures of it are the same"
    )

    def level_owns_people(self, engine: EngineRequest) -> bool:
        """If a game draws them; the embedded engine walks people of ours."""
        return engine.game is not None

    def prepare(self, task: ShardTask) -> Preparation:
        """See ``synth_workers.contracts.unrealperson.preparing``."""
        from synth_workers.contracts.unrealperson.preparing import prepare

        return prepare(task)
