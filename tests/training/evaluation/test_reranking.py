"""Sparse re-ranking equals the dense definition."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import TrainingFailed
from training.evaluation.protocol import Labelled
from training.evaluation.ranking import rank
from training.evaluation.reranking import RerankSettings, reranked_scores
from training.evaluation.similarity import blocks


def densely(query: np.ndarray, gallery: np.ndarray, settings: RerankSettings) -> np.ndarray:
    """Zhong et al., CVPR 2017, equations 3 to 12, one image at a time on full matrices."""
    everything = np.concatenate([query, gallery])
    distance = ((everything[:, None] - everything[None]) ** 2).sum(axis=2)
    distance = distance / distance.max(axis=1, keepdims=True)
    order = np.argsort(distance, axis=1, kind="stable")

    def reciprocal(i: int, k: int) -> set[int]:
        return {int(j) for j in order[i, : k + 1] if i in order[j, : k + 1]}

    encoding = np.zeros_like(distance)
    for i in range(len(everything)):
        core = reciprocal(i, settings.k1)
        grown = set(core)
        for j in core:
            others = reciprocal(j, int(np.around(settings.k1 / 2)))
            if len(others & core) > 2 / 3 * len(others):
                grown |= others
        members = sorted(grown)
        weights = np.exp(-distance[i, members])
        encoding[i, members] = weights / weights.sum()
    encoding = np.stack([encoding[order[i, : settings.k2]].mean(axis=0) for i in range(len(order))])
    asked, searched = encoding[: len(query)], encoding[len(query) :]
    overlap = np.minimum(asked[:, None], searched[None]).sum(axis=2)
    jaccard = 1 - overlap / (2 - overlap)
    plain = distance[: len(query), len(query) :]
    return settings.original * plain + (1 - settings.original) * jaccard


def clustered(count: int, people: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, 21])
    centres = rng.normal(size=(people, 16))
    person = rng.integers(0, people, count)
    features = centres[person] + 0.9 * rng.normal(size=(count, 16))
    return features / np.linalg.norm(features, axis=1, keepdims=True), person


@pytest.mark.parametrize(
    "settings", [RerankSettings(), RerankSettings(7, 3, 0.5), RerankSettings(10, 1, 0.0)]
)
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_dense_definition(settings: RerankSettings, seed: int) -> None:
    features, _ = clustered(150, people=12, seed=seed)
    query, gallery = features[:40], features[40:]
    expected = densely(query, gallery, settings)
    found = np.concatenate(
        [block.copy() for _, block in blocks(reranked_scores(query, gallery, settings), 0.01)]
    )
    np.testing.assert_allclose(-found, expected, atol=1e-6)


def test_helps_where_neighbourhoods_agree() -> None:
    features, person = clustered(400, people=25, seed=9)
    camera = np.arange(400) % 4
    single = features.astype(np.float32)
    query = Labelled(single[:100], person[:100], camera[:100])
    gallery = Labelled(single[100:], person[100:], camera[100:])
    plain = rank(query, gallery)
    better = rank(query, gallery, scores=reranked_scores(query.features, gallery.features))
    assert better.mean("map") > plain.mean("map") + 0.05


def test_too_few_images_are_refused() -> None:
    features, _ = clustered(21, people=3, seed=0)
    with pytest.raises(TrainingFailed, match="needs more than 21 crops of queries"):
        reranked_scores(features[:5], features[5:])


def test_one_image_more_is_enough() -> None:
    features, _ = clustered(22, people=3, seed=0)
    (found,) = [block for _, block in blocks(reranked_scores(features[:5], features[5:]))]
    assert found.shape == (5, 17)
    assert np.isfinite(found).all()
