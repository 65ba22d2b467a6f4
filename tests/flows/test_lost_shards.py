"""A shard that fails for good ends its build, but costs nobody else's work."""

from __future__ import annotations

import pytest

from flows.executors.lost import MOST_LOST, LostShards
from manifests.errors import BadRecipe, EngineLost, FrameRefused, ProtocolError


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
