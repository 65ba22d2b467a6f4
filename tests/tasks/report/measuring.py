"""Evaluations with known numbers, in the evaluation stage's own types."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tasks.evaluate.confusions import Confusion, Reason
from tasks.evaluate.factors import FACTORS
from tasks.evaluate.failures import Cell, Failures
from tasks.evaluate.measure import Evaluation, Measuring, NamedRankedList
from tasks.evaluate.run import Comparison
from training.evaluation.bootstrap import Interval
from training.evaluation.camera_pairs import CameraPairs
from training.evaluation.feature_map import FeatureSample
from training.evaluation.ranking import Ranking
from training.evaluation.retrieval import Retrieval
from training.evaluation.verification import Roc


def evaluation(method: str, rank1: float, rows: pd.DataFrame) -> Evaluation:
    """``rank1`` of the queries right at once; three ranked lists over the gallery."""
    test = rows[rows["split"] == "test"]
    queries, gallery = test[test["role"] == "query"], test[test["role"] == "gallery"]
    lists = []
    for _, query in queries.iloc[:: max(1, len(queries) // 3)].iterrows():
        other = gallery[gallery["camera"] != query["camera"]]
        right = other[other["person_id"] == query["person_id"]].head(3)
        wrong = other[other["person_id"] != query["person_id"]].head(7)
        shown = pd.concat([wrong.head(1), right, wrong.tail(6)])
        lists.append(
            NamedRankedList(
                query["crop_key"],
                tuple(shown["crop_key"]),
                tuple(np.linspace(0.9, 0.4, len(shown))),
                tuple(shown["person_id"] == query["person_id"]),
            )
        )
    means = {"rank1": rank1, "map": rank1 * 0.8, "minp": rank1 * 0.5}
    ranks = np.arange(50)
    cameras = tuple(sorted(rows["camera"].unique()))
    apart = ~np.eye(len(cameras), dtype=bool)
    return Evaluation(
        method=method,
        retrieval=Retrieval(
            Ranking(
                first_rank=np.ones(len(queries), int),
                per_query={key: np.full(len(queries), mean) for key, mean in means.items()},
                cmc=1 - (1 - rank1) * np.exp(-ranks / 6),
            ),
            Roc((0.01, 0.1), (0.5, 0.8), (0.7, 0.5), 100, 1000),
            CameraPairs(
                tuple(range(len(cameras))),
                {key: np.where(apart, means[key], np.nan) for key in ("rank1", "map")},
                np.where(apart, 10, 0),
            ),
            (),
        ),
        intervals={
            "rank1": Interval(rank1, rank1 - 0.05, rank1 + 0.04),
            "map": Interval(rank1 * 0.8, rank1 * 0.8 - 0.04, rank1 * 0.8 + 0.05),
        },
        query_keys=queries["crop_key"].to_numpy(),
        query_person=queries["person_id"].to_numpy(),
        people=queries["person_id"].nunique(),
        gallery=len(gallery),
        junk=0,
        camera_names=cameras,
        measuring=Measuring(),
        ranked_lists=tuple(lists),
        lineage={},
        seconds=1.0,
        cpu_seconds=1.0,
    )


def failures(rows: pd.DataFrame) -> Failures:
    """A large cell and one that is too small, and one query that takes somebody for another."""
    test = rows[rows["split"] == "test"]
    people = test["person_id"].unique()
    large = {"rank1": np.repeat([0.0, 1.0], 15), "map": np.linspace(0.2, 0.9, 30)}
    cells = (
        Cell(FACTORS[0], "below 45 degrees", large, np.array([f"p{n % 9}" for n in range(30)])),
        Cell(FACTORS[0], "135 degrees and more", {"rank1": np.ones(3)}, np.array(["a", "b", "c"])),
    )
    query, match = test[test["person_id"] == people[0]]["crop_key"].iloc[:2]
    other = test[test["person_id"] == people[1]]["crop_key"].iloc[0]
    mistake = Confusion(query, match, other, people[0], people[1], 0.2, ("gender", "camera"))
    return Failures(cells, (mistake,), (Reason("look-alikes", 1, 1.0, 0.02),), 30, {})


def comparison(rows: pd.DataFrame) -> Comparison:
    ahead = {"rank1": Interval(0.45, 0.38, 0.52), "map": Interval(0.36, 0.3, 0.42)}
    return Comparison(
        trained=evaluation("trained", 0.91, rows),
        untrained=evaluation("untrained", 0.34, rows),
        colour=evaluation("colour", 0.57, rows),
        trained_minus_untrained=ahead,
        trained_minus_colour=ahead,
        failures=failures(rows),
        sample=sample(rows),
    )


def sample(rows: pd.DataFrame) -> FeatureSample:
    """Features of the test people, each round a corner of its own."""
    test = rows[rows["split"] == "test"]
    corner = np.eye(16)[np.unique(test["person_id"], return_inverse=True)[1]]
    features = corner + np.random.default_rng(0).normal(0, 0.05, corner.shape)
    return FeatureSample(features, tuple(test["person_id"]), tuple(test["camera"]))
