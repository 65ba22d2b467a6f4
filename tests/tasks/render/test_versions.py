"""A shard is rendered by the versions that it was planned for and by no others."""

from __future__ import annotations

import pytest

from manifests.recipes_io import load_recipe
from tasks.plan.planner import plan_build
from tasks.render.versions import other_version


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"data_version": 1}, "data version 1; this is"),
        ({"scene_version": 999}, "scene street of version 999; here it is"),
        ({"engine_version": "1"}, "engine 1; this is"),
    ],
)
def test_what_another_version_planned_is_named(changed: dict[str, object], said: str) -> None:
    shard = plan_build(load_recipe("tiny")).shards[0].model_copy(update=changed)

    assert other_version(shard).startswith(said) and bool(other_version(shard)) == bool(changed)
