"""Scores of the crops of one set, from a model's features and from labels."""

from __future__ import annotations

import hashlib

import numpy as np

from tasks.evaluate.factors import HEIGHT_EDGES, LUMINANCE_EDGES, VISIBILITY_EDGES
from tasks.evaluate.labels import Labels
from training.data.crops import CropSet
from training.evaluation.similarity import blocks, euclidean_scores

_DIRECTIONS = 8


def nearness(crops: CropSet, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``hardness`` and ``duplicate`` (N,) float64 of ``crops`` by ``features`` (N, D) of length 1.

    NaN where there is nobody else, no other crop of the person, or none before it by its camera.
    Somebody who is seen by one camera alone is compared with what that camera took. Takes time
    that grows with the square of N, in bounded memory.
    """
    hardness, duplicate = np.full(len(crops), np.nan), np.full(len(crops), np.nan)
    order = np.argsort(crops.person, kind="stable")
    people, starts = np.unique(crops.person[order], return_index=True)
    rows_of = dict(zip(people.tolist(), np.split(order, starts[1:]), strict=True))
    for start, block in blocks(euclidean_scores(features, features)):
        for row, similarity in enumerate(block, start):
            own = rows_of[int(crops.person[row])]
            same_camera = crops.camera[own] == crops.camera[row]
            earlier = own[same_camera & (own < row)]
            if len(earlier):
                duplicate[row] = similarity[earlier].max()
            matches = own[~same_camera]
            if not len(matches):
                matches = own[own != row]
            if not len(matches) or len(own) == len(crops):
                continue
            best = similarity[matches].max()
            similarity[own] = -np.inf  # the buffer is overwritten anyhow
            hardness[row] = similarity.max() - best
    return hardness, duplicate


def rarity(labels: Labels) -> np.ndarray:
    """(N,) float64: mean information, in bits, of what labels say of each crop, by how often they
    say so of all N."""
    directions = np.floor(labels.viewpoint % 360.0 / (360.0 / _DIRECTIONS))
    worn = ["+".join(sorted(names)) for names in labels.accessories]
    said = (
        directions,
        np.digitize(labels.visibility, VISIBILITY_EDGES),
        np.digitize(labels.height, HEIGHT_EDGES),
        np.digitize(labels.luminance, LUMINANCE_EDGES),
        np.array(worn, np.str_),
        labels.dark,
    )
    return np.mean([_information(values) for values in said], axis=0)


def _information(values: np.ndarray) -> np.ndarray:
    _, code, count = np.unique(values, return_inverse=True, return_counts=True)
    return -np.log2(count / len(values))[code]


def lots(keys: np.ndarray) -> np.ndarray:
    """(N,) float64: a number in [0, 1) for each crop, which depends on its key alone."""
    drawn = [hashlib.blake2b(key.encode(), digest_size=8).digest() for key in keys.tolist()]
    return np.array([int.from_bytes(data) / 2**64 for data in drawn])
