"""What a data set has cost, and what more of the same would."""

from __future__ import annotations

import pytest

from tasks.report.cost import DatasetCost, farm_forecast

COST = DatasetCost(
    dataset="toy",
    snapshot=1,
    people=100,
    crops=1_000,
    accepted=1_200,
    frames=90,
    cpu_seconds={"people": 50.0, "engine": 300.0, "publish": 2.0},
    stored_bytes=1_000_000,
    published_bytes=900_000,
    peak_bytes=500_000_000,
    shard_seconds=((30.0, 50), (50.0, 50), (30.0, 50), (50.0, 50)),
)


def test_stages_add_up_and_divide_by_crops() -> None:
    values = COST.as_json()

    assert values["cpu_seconds_total"] == 352.0
    assert values["cpu_ms_per_crop"] == 352.0
    assert (values["shards"], values["shard_seconds_longest"]) == (4, 50.0)


def test_ten_times_the_people_cost_ten_times_as_much() -> None:
    assert sum(COST.for_people(1_000).values()) == pytest.approx(3_520 / 3_600)


def test_a_larger_farm_is_faster_and_idles_more() -> None:
    small, large = (farm_forecast(COST, 10_000, workers) for workers in (10, 300))

    assert small.shards == large.shards == 400
    assert small.makespan > large.makespan
    assert small.utilisation > large.utilisation
    assert small.makespan >= 400 * 30 / 10


def test_a_forecast_is_the_same_each_time() -> None:
    assert farm_forecast(COST, 10_000, 20) == farm_forecast(COST, 10_000, 20)
