"""Score the training crops of one pinned snapshot by a model."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset
from flows.stages import leave_page, stage_task
from manifests.reader import SnapshotReader, open_snapshot
from tasks.publish.leases import reading
from tasks.scores.table import Scores, score, told
from training.run_files import model_file


@flow(
    name="score",
    flow_run_name="{dataset}",
    description="Score the training crops of a published data set: hardness, repeats, rarity.",
)
def score_crops(
    dataset: DatasetName,
    model: Path,
    snapshot: SnapshotNumber | None = None,
    content_digest: ContentDigest | None = None,
    store: StoreChoice = DEFAULT_STORE,
) -> Scores:
    """Scores that are there are not computed again.

    Args:
        dataset: Name of a published data set.
        model: A trained model's folder.
        snapshot: Number of its snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
    """
    pinned = open_snapshot(chosen_dataset(dataset, store), snapshot, content_digest)
    with reading(pinned), gpu_slot():
        return score_snapshot(pinned, model)


@stage_task(name="score", description="Score the training crops by the features of a model.")
def score_snapshot(reader: SnapshotReader, model: Path) -> Scores:
    """See ``tasks.scores.table.score``; leaves the quartiles of scores as an artifact."""
    scores = score(reader, model_file(model))
    page = "\n".join(["```", *told(scores), "```", "", f"Table: `{scores.place}`"])
    leave_page("scores", f"Scores of {reader.dataset.name}", page)
    return scores
