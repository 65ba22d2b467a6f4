"""A shard that fails for good ends its build, but costs nobody else's work."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelled, Failed

from flows.executors.deployments import (
    _failure,  # pyright: ignore[reportPrivateUsage]
    _Submitted,  # pyright: ignore[reportPrivateUsage]
)
from flows.executors.lost import MOST_LOST, LostShards
from manifests.errors import BadRecipe, EngineLost, FrameRefused, ProtocolError
from manifests.recipes_io import load_recipe
from tasks.plan.planner import plan_build


def test_a_lost_shard_is_an_error_when_the_others_are_done() -> None:
    lost = LostShards()
    lost.add(ProtocolError("street-day-0-3: no actor"))

    with pytest.raises(ProtocolError, match=r"^street-day-0-3: no actor$"):
        lost.report()


def test_several_are_named_together() -> None:
    lost = LostShards()
    lost.add(EngineLost("first"))
    lost.add(FrameRefused("second", reason="black"))

    with pytest.raises(FrameRefused, match=r"(?s)2 shards failed for good.*first.*second") as told:
        lost.report()
    assert told.value.reason == "black"


def test_without_any_there_is_no_error() -> None:
    LostShards().report()


def test_what_is_wrong_with_all_shards_ends_the_build_at_once() -> None:
    with pytest.raises(BadRecipe):
        LostShards().add(BadRecipe("plan the build anew"))


def test_too_many_lost_end_the_build_at_once() -> None:
    lost = LostShards()
    for _ in range(MOST_LOST - 1):
        lost.add(EngineLost("no engine anywhere"))

    with pytest.raises(EngineLost, match=f"{MOST_LOST} shards"):
        lost.add(EngineLost("no engine anywhere"))


def test_a_shard_that_another_build_took_with_it_is_tried_again() -> None:
    """Two builds share a shard, and the one that sent it ends with an error of its own."""
    message = "Its build 'demo' ended: BadRecipe: no such scene"
    submitted = _Submitted(plan_build(load_recipe("tiny")).shards[0], 1, 1, uuid4())

    def error_of(state) -> type:
        run = FlowRun(id=submitted.run_id, flow_id=uuid4(), state=state(message=message))
        return type(_failure(run, submitted)[1])

    assert error_of(Failed) is BadRecipe
    assert error_of(Cancelled) is EngineLost
