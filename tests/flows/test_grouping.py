"""Small shards travel several in a run; a few, or large ones, go alone."""

from __future__ import annotations

from itertools import chain

from flows.executors.grouping import CROPS_PER_RUN, SHARDS_PER_RUN, grouped
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec, TimeWindow, Wanted
from tasks.plan.planner import plan_build


def shards(count: int) -> list[ShardSpec]:
    plan = plan_build(load_recipe("tiny", {"people.count": 2, "shards.people_per_shard": 1}))
    return [plan.shards[0].model_copy(update={"window": number}) for number in range(count)]


def sizes(asked: list[ShardSpec]) -> list[int]:
    groups = grouped(asked)
    assert list(chain(*groups)) == asked  # all of one scene
    return [len(group) for group in groups]


def test_runs_get_smaller_towards_the_end_so_that_no_host_works_alone() -> None:
    found = sizes(shards(600))

    assert found == sorted(found, reverse=True)
    assert (found[0], found[-16:]) == (SHARDS_PER_RUN, [1] * 16)
    assert len(found) < 600 / 5


def test_a_few_shards_go_to_as_many_hosts() -> None:
    assert sizes(shards(24)) == [1] * 24


def test_a_run_has_a_minute_or_two_of_work() -> None:
    large = [
        shard.model_copy(update={"wanted": (Wanted(person=0, camera="c01", images=1000),)})
        for shard in shards(200)
    ]

    assert max(sizes(large)) == CROPS_PER_RUN // 1000


def test_windows_of_recordings_travel_alone() -> None:
    window = TimeWindow(fps=10, first=0, ticks=50)
    recorded = [shard.model_copy(update={"video": window}) for shard in shards(100)]

    assert sizes(recorded) == [1] * 100
