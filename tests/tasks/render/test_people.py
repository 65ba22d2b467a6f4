"""Groups of people that one process builds are each charged with their own seconds."""

from __future__ import annotations

import io

import pytest

from manifests.recipes_io import load_recipe
from tasks.jobs import Events
from tasks.render import people
from tasks.render.jobs import PeopleJob


class Full:
    """A cache that lacks nobody."""

    def ensure(self, *_: object) -> None:
        pass


def test_nobody_pays_for_the_group_before(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter([2.0, 2.5])
    monkeypatch.setattr(people, "PeopleCache", Full)
    monkeypatch.setattr(people, "process_cpu_seconds", lambda: next(spent))
    recipe = load_recipe("tiny")
    job = PeopleJob(people=recipe.people, dataset_seed=recipe.seed, indices=(0,))

    worker = people.PeopleWorker()
    charged = [worker(job, Events(io.StringIO())).cpu_seconds for _ in range(2)]

    assert charged == [2.0, 0.5]
