"""Where a model fails, on features that are known: who is found, in which cells, and why not."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.failures import Cell, Failures, find_failures
from tasks.evaluate.labels import Labels, picture_labels, snapshot_labels
from tasks.evaluate.measure import STANDARD, measure
from tasks.evaluate.models import Measured, measure_colours
from tests.tasks.report.publishing import publish_small
from training.evaluation.metrics import METRICS
from training.evaluation.protocol import Labelled
from training.evaluation.ranking import rank

PEOPLE = 40


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    return publish_small(open_store(tmp_path_factory.mktemp("store")), people=PEOPLE)


@pytest.fixture(scope="module")
def measured(reader: SnapshotReader) -> Measured:
    return measure_colours(snapshot_set(reader))


@pytest.fixture(scope="module")
def labels(reader: SnapshotReader, measured: Measured) -> Labels:
    return snapshot_labels(reader).of(measured.crops.keys.tolist())


@pytest.fixture(scope="module")
def failures(measured: Measured, labels: Labels) -> Failures:
    return find_failures(measured, labels)


def test_all_queries_of_a_factor_of_the_person_have_the_metrics_of_the_whole(
    measured: Measured, failures: Failures
) -> None:
    """They are asked for all of their matches, so that cells are parts of the whole."""
    assert failures.queries == measured.evaluation.queries
    for factor in ("dark_clothing", "light", "accessory", "look_alikes"):
        cells = failures.of(factor)
        assert (
            sum(cell.queries for cell in cells) == failures.queries == measured.evaluation.queries
        )
        for key in ("rank1", "map"):
            whole = np.concatenate([cell.values[key] for cell in cells])
            assert whole.mean() == pytest.approx(measured.evaluation.mean(key))
    assert [cell.name for cell in failures.of("accessory")] == ["backpack", "none"]


def test_a_cell_asks_for_its_own_matches_alone(
    measured: Measured, labels: Labels, failures: Failures
) -> None:
    """As if the query's other matches were not in the gallery."""
    crops = measured.crops
    cell = next(cell for cell in failures.of("viewpoint") if cell.name == "below 45 degrees")
    found: list[float] = []
    for query in np.flatnonzero(crops.role == "query"):
        searched = crops.role == "gallery"
        own = crops.person == crops.person[query]
        turned = np.abs((labels.viewpoint - labels.viewpoint[query] + 180) % 360 - 180)
        searched &= ~own | ((turned < 45) & (crops.camera != crops.camera[query]))
        if not (searched & own).any():
            continue
        sides = (np.arange(len(crops)) == query, searched)
        asked, gallery = (
            Labelled(measured.features[rows], crops.person[rows], crops.camera[rows])
            for rows in sides
        )
        found.append(rank(asked, gallery).mean("map"))
    assert len(found) == cell.queries
    assert cell.mean("map") == pytest.approx(np.mean(found))


def test_bins_come_in_their_order(failures: Failures) -> None:
    names = [cell.name for cell in failures.of("size")]
    assert names[0] == "below 128 px" and names[1].startswith("128 to")
    assert names[-1] in ("192 to 288 px", "288 px and more")


def test_camera_pairs_are_those_of_the_evaluation(measured: Measured, failures: Failures) -> None:
    told = {cell.name: cell for cell in failures.of("camera_pair")}
    for pair in measured.evaluation.metrics()["camera_pairs"]:
        cell = told[f"{pair['query_camera']} to {pair['gallery_camera']}"]
        assert cell.queries == pair["queries"]
        assert cell.mean("rank1") == pytest.approx(pair["rank1"])


def test_cells_that_are_too_small_have_no_figures(failures: Failures) -> None:
    plain = json.loads(json.dumps(failures.plain()))
    for cell in plain["cells"]:
        small = cell["queries"] < 10 or cell["people"] < 5
        assert cell["too_small"] is small
        assert ("map" in cell) is not small
        if not small:
            low, high = cell["map_interval"]
            assert low <= cell["map"] <= high
    few = Cell(failures.cells[0].factor, "few", {"map": np.ones(30)}, np.arange(30) % 4)
    assert few.too_small and few.people == 4


def test_mistakes_are_those_whose_first_answer_is_wrong(
    measured: Measured, failures: Failures
) -> None:
    first = measured.evaluation.retrieval.ranking.first_rank
    wrong = set(measured.evaluation.query_keys[first > 1].tolist())
    assert {one.query for one in failures.confusions} == wrong and wrong
    margins = [one.margin for one in failures.confusions]
    assert margins == sorted(margins, reverse=True) and margins[-1] >= 0
    pairs = [frozenset((one.person, one.taken_for)) for one in failures.worst()]
    assert len(pairs) == len(set(pairs)) <= 8


def test_what_confused_people_share_is_told_against_chance(
    measured: Measured, labels: Labels
) -> None:
    """Features that only know accessories take people with the same ones for each other."""
    has = np.array([bool(names) for names in labels.accessories])
    rng = np.random.default_rng(0)
    features = np.column_stack([has, ~has, 0.01 * rng.random(len(has))]).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    evaluation = measure("known", {}, measured.crops, features, STANDARD, (0.0, 0.0))
    found = find_failures(replace(measured, evaluation=evaluation, features=features), labels)
    reasons = {reason.name: reason for reason in found.reasons}
    assert found.reasons[0].name == "an accessory"
    assert reasons["an accessory"].factor > 1.5 > reasons["gender"].factor
    assert "look-alikes" not in reasons, "nobody has any"
    assert set(METRICS) >= set(found.cells[0].values)


def test_of_foreign_pictures_no_more_is_told_than_they_show(measured: Measured) -> None:
    found = find_failures(measured, picture_labels(measured.crops))
    told = {cell.factor.key for cell in found.cells}
    assert told == {"brightness", "camera_pair"}
    assert {reason.name for reason in found.reasons} <= {"camera"}
