"""Prefect tasks of the publish stage."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot
from tasks.publish.candidates import ReadCrops
from tasks.publish.publish import publish_dataset
from tasks.report.build import card_markdown, store_report


@task(
    name="publish",
    description="Select exactly the asked crops, write parts and commit the snapshot.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def publish_snapshot(
    recipe: Recipe,
    dataset: Dataset,
    plans: list[BuildPlan],
    claims: dict[str, Claim],
    known: ReadCrops,
) -> Snapshot:
    """See ``publish.publish_dataset``; stores a report beside the data and leaves a card with a
    gallery as an artifact."""
    snapshot = publish_dataset(recipe, dataset, plans, claims, flow_run.name or "", known)
    reader = SnapshotReader(dataset, snapshot)
    store_report(reader)
    create_markdown_artifact(
        card_markdown(reader),
        key=f"dataset-{recipe.name}".replace(".", "-").replace("_", "-"),
        description=f"Data set {recipe.name}, snapshot {snapshot.number}",
    )
    return snapshot
