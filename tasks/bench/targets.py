"""Targets of the bench: test images of published sets and of somebody else's data sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from manifests.identity import digest
from manifests.reader import SnapshotReader
from tasks.bench.cells import Tested
from tasks.evaluate.evaluation_sets import snapshot_set, target_set
from training.targets.images import Target


def tested_snapshot(reader: SnapshotReader) -> Tested:
    """The test split of a snapshot, looked at when it is needed."""
    snapshot = reader.snapshot
    return Tested(snapshot.dataset, snapshot.content_digest, cache(lambda: (snapshot_set(reader),)))


def tested_target(splits: Sequence[Target]) -> Tested:
    """Query and gallery of every split; ``TrainingFailed`` for people in training and test."""
    sets = tuple(map(target_set, splits))
    content = digest([each.lineage["content_digest"] for each in sets])
    return Tested(sets[0].dataset, content, lambda: sets)
