"""New pseudo-identities from the memory, and how good they are where the truth is known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import permutations
from typing import Any

import numpy as np

from training.adaptation.clustering import Clusters, cluster
from training.adaptation.config import AdaptationConfig, RefreshSettings
from training.adaptation.joint_distance import JointDistances
from training.adaptation.transitions import Sightings, Transitions, estimate_transitions
from training.checkpoints import Checkpoint
from training.evaluation.distances import SquaredEuclidean
from training.soundness import remembered


class Similarity(StrEnum):
    """By what images are clustered."""

    visual = "visual"
    joint = "joint"


@dataclass(frozen=True)
class TransitionTime:
    """The most likely ``time`` from one camera to another, in the data set's unit."""

    earlier: str
    later: str
    time: float


@dataclass(frozen=True)
class Refresh:
    """One clustering at the start of ``epoch``.

    ``purity``: share of images whose cluster's most frequent person is theirs; ``completeness``:
    share of images that are in the cluster where most of their person's are; both against
    ``people``. ``transitions``: of every ordered pair of cameras that somebody passed.
    """

    epoch: int
    similarity: Similarity
    clusters: int
    images: int
    threshold: float
    dense: bool
    people: int
    purity: float
    completeness: float
    transitions: tuple[TransitionTime, ...] = ()

    def plain(self) -> dict[str, Any]:
        """For checkpoints and run records."""
        return {**asdict(self), "similarity": self.similarity.value}


def remembered_refreshes(checkpoint: Checkpoint | None) -> list[Refresh]:
    """Those of the adaptation that a checkpoint is of; none without one."""
    kept = [] if checkpoint is None else checkpoint.adaptation.get("refreshes")
    return remembered(list[Refresh], kept, "adaptation.refreshes")


def due(epoch: int, epochs: int, settings: RefreshSettings) -> Similarity | None:
    """What to cluster by at the start of ``epoch`` (from 1) of ``epochs``; never in the last."""
    if epoch % settings.every or epoch == epochs:
        return None
    if settings.joint_from is not None and epoch >= settings.joint_from:
        return Similarity.joint
    return Similarity.visual if epoch >= settings.visual_from else None


def pseudo_identities(
    features: np.ndarray,
    sightings: Sightings,
    cameras: int,
    similarity: Similarity,
    config: AdaptationConfig,
) -> tuple[Clusters, Transitions | None]:
    """Cluster remembered features (N, D); by joint similarity also the model of time it used,
    which comes from a visual clustering."""
    settings = config.refresh
    visual = cluster(SquaredEuclidean(features), settings.visual)
    if similarity is Similarity.visual:
        return visual, None
    transitions = estimate_transitions(visual.labels, sightings, cameras, config.time)
    return cluster(JointDistances(features, sightings, transitions), settings.joint), transitions


def described(
    epoch: int,
    similarity: Similarity,
    clusters: Clusters,
    transitions: Transitions | None,
    person: np.ndarray,
    camera_names: tuple[str, ...],
) -> Refresh:
    """The report of one refresh; ``person`` (N,) is used for nothing else."""
    return Refresh(
        epoch=epoch,
        similarity=similarity,
        clusters=clusters.count,
        images=len(person),
        threshold=clusters.threshold,
        dense=clusters.dense,
        people=len(np.unique(person)),
        purity=_share_of_majority(clusters.labels, person),
        completeness=_share_of_majority(person, clusters.labels),
        transitions=() if transitions is None else _times(transitions, camera_names),
    )


def _share_of_majority(group: np.ndarray, label: np.ndarray) -> float:
    pairs, counts = np.unique(np.stack([group, label]), axis=1, return_counts=True)
    most = np.zeros(int(group.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return float(most.sum() / len(group))


def _times(transitions: Transitions, names: tuple[str, ...]) -> tuple[TransitionTime, ...]:
    return tuple(
        TransitionTime(one, other, time)
        for (earlier, one), (later, other) in permutations(enumerate(names), 2)
        if (time := transitions.typical(earlier, later)) is not None
    )
