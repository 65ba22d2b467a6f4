"""The scene contract ``person``: the worker places everybody, at every instant."""

from __future__ import annotations

from synth_workers.contracts.base import Preparation, SceneContract, ShardTask


class PersonContract(SceneContract):
    """People have the only colours of a mask, and every frame is planned."""

    name = "person"
    foreign_colours = "refuse"

    def prepare(self, task: ShardTask) -> Preparation:
        """See ``synth_workers.contracts.person.preparing``."""
        from synth_workers.contracts.person.preparing import prepare

        return prepare(task)
