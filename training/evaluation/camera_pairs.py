"""Retrieval from each camera to each other camera, to see which views are hard to connect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluation.ranking import Labelled, Protocol, rank


@dataclass(frozen=True)
class CameraPairs:
    """Tables of K query cameras × K gallery cameras; NaN where no query has a match.

    ``queries`` counts the queries that have one.
    """

    cameras: tuple[int, ...]
    rank1: np.ndarray
    mean_average_precision: np.ndarray
    queries: np.ndarray


def camera_pairs(
    query: Labelled,
    gallery: Labelled,
    protocol: Protocol = Protocol.standard,
    memory_mb: float | None = None,
) -> CameraPairs:
    """Rank the queries of every camera against the images of every other camera alone."""
    cameras = np.unique(np.concatenate([query.camera, gallery.camera]))
    shape = (len(cameras), len(cameras))
    rank1, precision = np.full(shape, np.nan), np.full(shape, np.nan)
    queries = np.zeros(shape, np.int64)
    of_query = [query.rows(query.camera == camera) for camera in cameras]
    of_gallery = [gallery.rows(gallery.camera == camera) for camera in cameras]
    for row, asked in enumerate(of_query):
        for column, searched in enumerate(of_gallery):
            if row == column or not np.isin(asked.person, searched.person).any():
                continue
            if protocol is Protocol.cloth_changing and not _has_other_clothes(asked, searched):
                continue
            found = rank(asked, searched, protocol, memory_mb=memory_mb)
            rank1[row, column] = found.rank1
            precision[row, column] = found.mean_average_precision
            queries[row, column] = found.used.sum()
    return CameraPairs(tuple(cameras.tolist()), rank1, precision, queries)


def _has_other_clothes(query: Labelled, gallery: Labelled) -> bool:
    if query.outfit is None or gallery.outfit is None:
        return True
    worn = set(zip(gallery.person.tolist(), gallery.outfit.tolist(), strict=True))
    return any(
        any(person == other and outfit != clothes for other, clothes in worn)
        for person, outfit in zip(query.person.tolist(), query.outfit.tolist(), strict=True)
    )
