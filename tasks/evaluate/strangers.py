"""Only people whom a model has never seen may be asked for: refusals of leaky test sets."""

from __future__ import annotations

from collections.abc import Iterable

from manifests.errors import TrainingFailed
from training.checkpoints import Checkpoint


def require_disjoint(dataset: str, trained: Iterable[str], tested: Iterable[str]) -> None:
    """Refuse a data set with people in both its training and its test images."""
    shared = sorted(set(trained) & set(tested))
    if shared:
        raise TrainingFailed(
            f"{dataset}: {len(shared)} people are in both the training and the test images, "
            f"first {shared[0]}; metrics on them would mean nothing"
        )


def require_unseen(checkpoint: Checkpoint, dataset: str, tested: Iterable[str]) -> None:
    """Refuse test people of ``dataset`` whom the model learnt from another edition of it.

    Names of people are comparable within one data set only; an adapted model knows those of its
    labelled source.
    """
    labelled = checkpoint.lineage.get("source", checkpoint.lineage)
    if labelled.get("dataset") != dataset:
        return
    shared = sorted(set(checkpoint.people) & set(tested))
    if shared:
        raise TrainingFailed(
            f"{dataset}: the model was trained on {len(shared)} of the people who are tested, "
            f"first {shared[0]}; train on this edition of the data, or test on another data set"
        )
