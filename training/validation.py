"""Early validation: retrieval among training people who are held out from training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed
from training.data.crops import CropSet
from training.evaluation.features import describe
from training.evaluation.protocol import Labelled
from training.evaluation.ranking import rank
from training.models.person_net import PersonNet
from training.precision import Arithmetic

_STREAM = 4


@dataclass(frozen=True)
class Validation:
    """Retrieval among the held-out people after ``iteration`` iterations."""

    iteration: int
    rank1: float
    mean_average_precision: float


def hold_out(crops: CropSet, share: float, seed: int) -> tuple[CropSet, CropSet | None]:
    """(training, validation): a seeded ``share`` of the people moves to validation.

    ``TrainingFailed`` if that leaves fewer than two people on either side.
    """
    if share == 0:
        return crops, None
    people = len(crops.person_ids)
    order = np.random.default_rng([seed, _STREAM, 0, 0]).permutation(people)
    held = round(share * people)
    if not 2 <= held <= people - 2:
        raise TrainingFailed(
            f"validation.share {share} of {people} people is {held}; at least two must be held "
            f"out and two must stay"
        )
    mask = np.isin(crops.person, order[:held])
    return crops.where(~mask), crops.where(mask)


def validate(network: PersonNet, crops: CropSet, how: Arithmetic, iteration: int) -> Validation:
    """Everybody's first image in each camera asks, the other images answer."""
    found = describe(network, crops, how)
    pairs = crops.person * len(crops.camera_names) + crops.camera
    asks = np.zeros(len(crops), dtype=bool)
    asks[np.unique(pairs, return_index=True)[1]] = True
    every = Labelled(found.features, crops.person, crops.camera)
    scores = found.scored and found.scored(np.flatnonzero(asks), np.flatnonzero(~asks))
    ranking = rank(every.rows(asks), every.rows(~asks), scores=scores)
    return Validation(iteration, ranking.mean("rank1"), ranking.mean("map"))
