"""What is so at a tick of a recording depends on nothing that comes later."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from manifests.capture_rules import CaptureRules
from manifests.shards import TimeWindow
from synth_workers.planning.coverage import Instant
from synth_workers.planning.recording import plan_recording
from tests.synth_workers.planning.small_world import CAMERAS, motions, scene

TICKS = 24


def planned(first: int, ticks: int, fps: int = 10, following: bool = True) -> tuple[Instant, ...]:
    window = TimeWindow(fps=fps, first=first, ticks=ticks)
    seed = np.random.SeedSequence(5)
    rules, size = CaptureRules(), {"width": 320, "height": 180}
    people = motions(8)
    plan = plan_recording(
        scene(), CAMERAS, people, rules, window, **size, seed=seed, following=following
    )
    return plan.instants


@pytest.mark.parametrize("fps", [3, 10])
def test_where_flow_leads_to_is_where_the_next_tick_is(fps: int) -> None:
    whole = planned(0, TICKS, fps)
    for now, after in pairwise(whole):
        assert now.following == after.poses
    # At the last tick of a window, too, which ends on a step of the walk or between two.
    for cut in (5, 10, 13):
        (*_, last), (first, *_) = planned(0, cut, fps), planned(cut, TICKS - cut, fps)
        assert last.following == first.poses == whole[cut].poses
    moved = [now.poses != after.poses for now, after in pairwise(whole)]
    assert all(moved)


def test_who_does_not_ask_for_flow_gets_the_same_instants() -> None:
    asked, plain = planned(6, 6), planned(6, 6, following=False)
    assert [instant.poses for instant in asked] == [instant.poses for instant in plain]
    assert [instant.frames for instant in asked] == [instant.frames for instant in plain]
    assert not any(instant.following for instant in plain)
