"""What a recipe will take, from its plan and the measured unit costs."""

from __future__ import annotations

import math

import pytest

from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from tasks.plan.cost import estimate, shipped_unit_costs
from tasks.plan.planner import plan_build

COSTS = shipped_unit_costs()


def recipe(**overrides: object) -> Recipe:
    return load_recipe(
        "demo", (), {key.replace("__", "."): value for key, value in overrides.items()}
    )


def test_shipped_unit_costs_say_how_they_were_measured() -> None:
    assert COSTS.measured_by.startswith("python -m tests.benchmarks.unit_costs")
    assert COSTS.machine


@pytest.mark.parametrize("people", [1, 24, 96, 240])
def test_shards_are_those_that_the_planner_makes(people: int) -> None:
    wanted = recipe(people__count=people)

    assert estimate(wanted, COSTS).shards == len(plan_build(wanted).shards)


def test_a_million_people_cost_a_thousand_times_what_a_thousand_cost() -> None:
    few, many = (
        estimate(load_recipe("paper", (), {"people.count": count}), COSTS)
        for count in (960, 960_000)
    )

    assert many.crops == 1_000 * few.crops == 38_400_000
    assert many.shards == 1_000 * few.shards
    assert math.isclose(many.total_cpu_hours, 1_000 * few.total_cpu_hours, rel_tol=1e-4)
    assert math.isclose(many.stored_bytes, 1_000 * few.stored_bytes, rel_tol=1e-4)


def test_larger_frames_cost_the_engine_more_and_nothing_else() -> None:
    plain, large = (
        estimate(recipe(image__supersampling=factor), COSTS).cpu_hours for factor in (1.0, 2.0)
    )

    assert large["engine"] == pytest.approx(4 * plain["engine"])
    assert {**large, "engine": 0} == {**plain, "engine": 0}


def test_kept_frames_are_stored_as_well() -> None:
    without, kept = estimate(recipe(), COSTS), estimate(recipe(keep_frames=True), COSTS)

    assert kept.stored_bytes - without.stored_bytes == pytest.approx(
        kept.frames * COSTS.bytes_per_frame, abs=2
    )


def test_people_are_built_on_every_host_and_publishing_is_not_shared() -> None:
    one, ten = estimate(recipe(), COSTS, hosts=1), estimate(recipe(), COSTS, hosts=10)

    assert ten.cpu_hours["people"] == pytest.approx(10 * one.cpu_hours["people"])
    assert one.wall_hours(10_000) >= one.cpu_hours["publish"]
