"""What a recipe will take, from its plan and the measured unit costs."""

from __future__ import annotations

import math

import pytest

from manifests.channels import CHANNELS
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from tasks.plan.cost import estimate
from tasks.plan.planner import plan_build
from tasks.plan.unit_costs import UnitCosts, shipped_unit_costs

COSTS = shipped_unit_costs()


def recipe(**overrides: object) -> Recipe:
    return load_recipe("demo", {key.replace("__", "."): value for key, value in overrides.items()})


def test_shipped_unit_costs_say_how_they_were_measured() -> None:
    assert COSTS.measured_by.startswith("python -m benchmarks.unit_costs")
    assert COSTS.machine


@pytest.mark.parametrize("people", [1, 24, 96, 240])
def test_shards_are_those_that_the_planner_makes(people: int) -> None:
    wanted = recipe(people__count=people)

    assert estimate(wanted, COSTS).shards == len(plan_build(wanted).shards)


def test_a_million_people_cost_a_thousand_times_what_a_thousand_cost() -> None:
    few, many = (
        estimate(load_recipe("paper", {"people.count": count}), COSTS) for count in (960, 960_000)
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


def test_a_recording_is_priced_by_its_frames() -> None:
    short, long = (
        estimate(load_recipe("video", {"video.seconds": seconds}), COSTS) for seconds in (20, 40)
    )

    assert long.frames == 2 * short.frames == 600
    assert long.cpu_hours["engine"] == pytest.approx(2 * short.cpu_hours["engine"])
    assert long.stored_bytes - short.stored_bytes == pytest.approx(
        short.frames * COSTS.recording.bytes_per_frame, rel=0.01
    )


def test_each_channel_of_ground_truth_has_its_price() -> None:
    plain, one, all_ = (
        estimate(load_recipe("video", {"ground_truth": channels}), COSTS)
        for channels in ([], ["depth"], list(CHANNELS))
    )
    pictures = plain.frames * 1280 * 720 / 1e6
    depth = COSTS.channels.of["depth"]
    here = COSTS.calibration_cpu_s / COSTS.channels.calibration_cpu_s
    for stage in ("engine", "worker"):
        more = (one.cpu_hours[stage] - plain.cpu_hours[stage]) * 3600
        rate = getattr(depth, f"{stage}_cpu_s_per_megapixel")
        assert more == pytest.approx(pictures * here * rate)
        assert all_.cpu_hours[stage] > one.cpu_hours[stage]
    more = one.stored_bytes - plain.stored_bytes
    assert more == pytest.approx(pictures * depth.bytes_per_megapixel, abs=2)
    assert all_.stored_bytes > one.stored_bytes
    assert {**all_.cpu_hours, "engine": 0, "worker": 0} == {
        **plain.cpu_hours,
        "engine": 0,
        "worker": 0,
    }


def test_windows_far_from_the_beginning_are_walked_all_the_way() -> None:
    few, many = (
        estimate(load_recipe("video", {"shards.seconds_per_shard": seconds}), COSTS)
        for seconds in (20, 5)
    )
    rate = COSTS.recording.walk_cpu_s_per_person_second
    here = COSTS.calibration_cpu_s / COSTS.recording.calibration_cpu_s
    assert (few.shards, many.shards, few.people) == (1, 4, 12)
    # 5, 10, 15 and 20 seconds instead of 20.
    more = (many.cpu_hours["worker"] - few.cpu_hours["worker"]) * 3600
    assert more == pytest.approx(12 * 30 * rate * here)


def crowded(costs: UnitCosts) -> UnitCosts:
    """``costs``, but twice as many crops are accepted of the same frames."""
    drawing = [
        d.model_copy(update={"accepted_per_wanted": 2 * d.accepted_per_wanted})
        for d in costs.drawing
    ]
    return costs.model_copy(update={"drawing": tuple(drawing)})


def test_bystanders_who_are_accepted_cost_no_frames() -> None:
    plain, more = estimate(recipe(), COSTS), estimate(recipe(), crowded(COSTS))

    assert plain.frames == more.frames
    assert plain.cpu_hours["engine"] == more.cpu_hours["engine"]
    assert more.cpu_hours["annotate"] == pytest.approx(2 * plain.cpu_hours["annotate"], rel=1e-3)
    assert more.stored_bytes > plain.stored_bytes


def test_rates_lie_between_those_of_the_slices_measured() -> None:
    sparse, dense = COSTS.drawing[0], COSTS.drawing[-1]
    middle = COSTS.drawing_at(math.sqrt(sparse.wanted_per_view * dense.wanted_per_view))

    assert sparse.wanted_per_view < dense.wanted_per_view
    assert middle.wanted_per_frame == pytest.approx(
        (sparse.wanted_per_frame + dense.wanted_per_frame) / 2
    )
    for beyond, nearest in ((0.01, sparse), (1e6, dense)):
        assert COSTS.drawing_at(beyond).wanted_per_frame == nearest.wanted_per_frame


def test_the_estimate_of_the_recorded_build_is_near_what_it_took() -> None:
    """``docs/full_build.md``: 10,828 frames, 165,895 accepted crops, 4,254 CPU-seconds when it was
    made again; frames of later rounds and other machines leave room."""
    unreal = estimate(load_recipe("unreal"), COSTS)

    assert unreal.frames == pytest.approx(10_828, rel=0.15)
    assert unreal.total_cpu_hours == pytest.approx(1.18, rel=0.35)


def test_kept_frames_are_stored_as_well() -> None:
    without, kept = estimate(recipe(), COSTS), estimate(recipe(keep_frames=True), COSTS)

    assert kept.stored_bytes - without.stored_bytes == pytest.approx(
        kept.frames * COSTS.bytes_per_frame, abs=2
    )


def test_people_are_built_on_every_host_and_publishing_is_not_shared() -> None:
    one, ten = estimate(recipe(), COSTS, hosts=1), estimate(recipe(), COSTS, hosts=10)

    assert ten.cpu_hours["people"] == pytest.approx(10 * one.cpu_hours["people"])
    assert one.wall_hours(10_000) >= one.cpu_hours["publish"]
