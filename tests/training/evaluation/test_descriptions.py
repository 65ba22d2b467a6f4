"""Scores of pairs in blocks of any size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from manifests.errors import TrainingFailed
from training.config import ModelSettings
from training.evaluation.descriptions import Descriptions, matching_scores
from training.models.matching import MatchingHead

GRID = (4, 2)


@pytest.fixture(scope="module")
def head() -> MatchingHead:
    torch.manual_seed(0)
    made = MatchingHead(ModelSettings(), [("map", 4)], GRID, nn.BatchNorm2d).eval()
    nn.init.normal_(made.far, std=0.1)
    return made


def side(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = (rng.normal(size=shape).astype(np.float32) for shape in ((count, 6), (count, 8, 64)))
    features, places = (each / np.linalg.norm(each, axis=-1, keepdims=True) for each in arrays)
    return features, places


@pytest.mark.parametrize("at_once", [1, 64, 1000, 1 << 20])
@pytest.mark.parametrize("rows", [1, 5, 21])
def test_blocks_of_any_size_are_equal(head: MatchingHead, at_once: int, rows: int) -> None:
    query, gallery = side(21, 1), side(13, 2)
    whole = np.empty((21, 13), np.float32)
    matching_scores(head, query, gallery).fill(0, whole)
    scores = matching_scores(head, query, gallery, at_once)
    assert (scores.queries, scores.gallery, scores.incomparable) == (21, 13, None)
    for start in range(0, 21, rows):
        out = np.full((min(rows, 21 - start), 13), np.nan, np.float32)
        scores.fill(start, out)
        np.testing.assert_allclose(out, whole[start : start + rows], atol=1e-5)


def test_rows_keep_features_and_places_together(head: MatchingHead) -> None:
    found = Descriptions(*side(9, 3), head)
    again = found.rows([4, 2]).with_more(found.rows(np.arange(9)))
    assert found.scored is not None and again.scored is not None
    one, other = np.empty((2, 9), np.float32), np.empty((2, 9), np.float32)
    found.scored(np.array([4, 2]), np.arange(9)).fill(0, one)
    again.scored(np.arange(2), np.arange(2, 11)).fill(0, other)
    assert np.array_equal(one, other)


def test_features_of_a_plain_head_are_compared_as_ever() -> None:
    assert Descriptions(side(3, 4)[0]).scored is None


def test_places_that_are_no_numbers_are_refused(head: MatchingHead) -> None:
    features, places = side(3, 5)
    places[1, 0, 0] = np.nan
    with pytest.raises(TrainingFailed, match="1 of 3 features are not finite"):
        matching_scores(head, (features, places), side(3, 6))
