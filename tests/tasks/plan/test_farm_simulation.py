"""A farm, played through event by event."""

from __future__ import annotations

import pytest

from tasks.plan.farm_simulation import ShardWork, simulate_farm


def shards(*seconds: float, group: int = 0, people: float = 0.0) -> list[ShardWork]:
    return [ShardWork(group, people, value) for value in seconds]


def test_equal_shards_share_out_evenly() -> None:
    forecast = simulate_farm(shards(*[10.0] * 8), workers=4)

    assert forecast.makespan == 20.0
    assert forecast.utilisation == 1.0


def test_the_last_shard_is_waited_for() -> None:
    forecast = simulate_farm(shards(1.0, 1.0, 10.0), workers=2)

    assert forecast.makespan == 11.0
    assert forecast.utilisation == pytest.approx(12 / 22)


def test_a_shard_that_takes_long_delays_no_other() -> None:
    forecast = simulate_farm(shards(100.0, 1.0, 1.0, 1.0), workers=2, settle_seconds=0.5)

    assert forecast.makespan == 100.5
    assert forecast.waited == 0.0


def test_settling_one_after_the_other_limits_a_large_farm() -> None:
    forecast = simulate_farm(shards(*[1.0] * 100), workers=100, settle_seconds=1.0)

    assert forecast.makespan == 101.0
    assert forecast.waited == sum(range(100))


def test_publishing_comes_last_and_alone() -> None:
    forecast = simulate_farm(shards(10.0, 10.0), workers=2, publish_seconds=5.0)

    assert forecast.makespan == 15.0
    assert forecast.utilisation == pytest.approx(20 / 30)


@pytest.mark.parametrize(("slots", "built"), [(1, 4), (2, 2), (4, 1)])
def test_every_host_builds_the_people_it_lacks(slots: int, built: int) -> None:
    work = shards(*[10.0] * 8, people=3.0)

    assert simulate_farm(work, workers=4, slots_per_host=slots).people == 3.0 * built


def test_a_farm_needs_a_worker() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        simulate_farm([], workers=0)
