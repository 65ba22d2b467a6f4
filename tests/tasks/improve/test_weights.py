"""From where a model fails to whom the next round draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from manifests.errors import BadRecipe
from manifests.recipes_io import load_recipe
from tasks.evaluate.factors import CAMERA_PAIR, FACTORS
from tasks.evaluate.failures import Cell, Failures
from tasks.evaluate.labels import Labels
from tasks.improve.decide import plan_markdown, recipe_comments
from tasks.improve.increment import UNIFORM, changed_looks, grown, usual_accessories
from tasks.improve.weights import MOST, PRIOR, Weights, find_weights, shrunk

OF = {factor.key: factor for factor in FACTORS} | {"camera_pair": CAMERA_PAIR}


def cell(factor: str, name: str, queries: int, precision: float) -> Cell:
    values = {"map": np.full(queries, precision), "rank1": np.full(queries, precision)}
    return Cell(OF[factor], name, values, np.array([f"p{k}" for k in range(queries)]))


def failures(*cells: Cell, mean: float = 0.5) -> Failures:
    return Failures(cells, (), (), 100, {"map": mean, "rank1": mean})


def labels(height: list[float], camera: list[str], light: list[str]) -> Labels:
    count = len(height)
    empty, zero = np.full(count, "", np.str_), np.full(count, 100.0)
    return Labels(
        key=empty,
        person=empty,
        scene=np.array(["street"] * count),
        camera=np.array(camera),
        light=np.array(light),
        viewpoint=zero,
        visibility=np.ones(count),
        height=np.array(height),
        luminance=zero,
        gender=empty,
        look_alike=empty,
        dark=np.zeros(count, bool),
        colours=np.zeros((count, 2, 3), np.float32),
        accessories=np.full(count, frozenset[str](), object),
    )


TRAINED = labels(
    [100.0] * 40 + [300.0] * 40, ["c1"] * 40 + ["c2"] * 40, ["night"] * 40 + ["day"] * 40
)


def test_a_weight_is_how_many_times_the_usual_loss_is_lost_shrunk_towards_1() -> None:
    assert shrunk(np.full(1000, 0.9), 0.3) == pytest.approx(3.0, rel=0.03)
    assert shrunk(np.full(int(PRIOR), 0.9), 0.3) == pytest.approx(2.0)
    assert shrunk(np.empty(0), 0.3) == 1.0
    assert shrunk(np.zeros(5), 0.0) == 1.0, "nothing is lost anywhere"


def test_looks_have_the_weights_of_their_cells() -> None:
    found = find_weights(
        failures(
            cell("look_alikes", "some", 400, 0.1),
            cell("look_alikes", "none", 400, 0.9),
            cell("dark_clothing", "all dark", 400, 1.0),
            cell("accessory", "backpack", 400, 0.3),
            cell("accessory", "umbrella", 400, 0.48),
            cell("accessory", "none", 400, 0.3),
        ),
        TRAINED,
        floor=0.4,
    )
    assert found.look_alikes == pytest.approx(0.9 / 0.5, rel=0.03)
    assert found.dark_clothing == 0.4, "nothing dies out"
    assert set(found.accessories) == {"backpack"}, "an umbrella loses hardly more than usual"
    assert found.cameras == {"c1": 1.0, "c2": 1.0}


def test_cameras_and_lights_that_take_what_is_hard_have_more() -> None:
    found = find_weights(
        failures(
            cell("size", "below 128 px", 400, 0.2),
            cell("size", "288 px and more", 400, 0.8),
        ),
        TRAINED,
        floor=0.2,
    )
    assert found.cameras["c1"] > 1.3 > 0.7 > found.cameras["c2"]
    assert found.lights["street/night"] == found.cameras["c1"]


def test_cameras_that_are_tested_have_their_own() -> None:
    pairs = [cell("camera_pair", "c1 to c3", 400, 0.2), cell("camera_pair", "c2 to c3", 400, 0.8)]
    found = find_weights(failures(*pairs), TRAINED, floor=0.2)
    assert found.cameras["c1"] > 1.4 and found.cameras["c2"] < 0.6
    assert max(found.cameras.values()) <= MOST


def test_an_increment_is_an_ordinary_recipe() -> None:
    base = load_recipe("tiny", {"people.dark_clothing": 0.2, "people.look_alikes": 0.5})
    backpack = usual_accessories(base.people)["backpack"]
    weights = Weights(3.0, 0.5, {"backpack": 1.5}, {"street_c00": 1.2, "street_c01": 0.8}, {})
    larger = grown(base, 8, weights)
    assert larger.people.count == 16
    (later,) = larger.people.later
    assert (later.first, later.look_alikes, later.dark_clothing) == (8, 1.0, 0.1)
    assert later.accessories == {"backpack": pytest.approx(1.5 * backpack, abs=1e-4)}
    assert larger.later_views[0].cameras == weights.cameras
    again = grown(larger, 8, replace(weights, look_alikes=1.0))
    assert [one.first for one in again.people.later] == [8, 16]
    assert again.people.later[1].look_alikes is None
    with pytest.raises(BadRecipe, match="multiple of 8"):
        grown(grown(base, 3, weights), 3, weights)


def test_without_weights_only_people_are_added() -> None:
    base = load_recipe("tiny")
    larger = grown(base, 8, UNIFORM)
    assert larger == load_recipe("tiny", {"people.count": 16})


def test_the_plan_is_told() -> None:
    people = load_recipe("tiny").people
    weights = Weights(look_alikes=2.0, cameras={"c1": 1.5, "c2": 0.6})
    looks = changed_looks(people, weights)
    page = plan_markdown(8, weights, looks)
    assert "| `people.look_alikes` | 0.2 | 0.4 | 2.00 |" in page
    assert "Cameras, weights of images: c1 1.50, c2 0.60." in page
    assert "# people.look_alikes: 0.2 -> 0.4 (2)\n" in recipe_comments(weights, looks)
    assert "as all before them" in plan_markdown(8, UNIFORM, [])
    alike = Weights(lights={"street/day": 1.2, "street/night": 1.2})
    assert "as all before them" in plan_markdown(8, alike, []), "nothing is drawn otherwise"
