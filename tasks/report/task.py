"""Prefect task of the report stage."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE

from manifests.layout import DatasetLayout
from manifests.snapshots import Snapshot
from manifests.stores import open_store
from tasks.accounting import CostSheet
from tasks.evaluate.run import Comparison
from tasks.report.build import write_dataset_report


@task(
    name="report",
    description="Write report.html.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def publish_report(
    store: str,
    snapshot: Snapshot,
    comparison: Comparison | None,
    costs: CostSheet,
    path: Path,
    run_url: str | None,
) -> Path:
    """See ``build.write_dataset_report``; stored beside the data and linked as an artifact."""
    written = write_dataset_report(store, snapshot, comparison, costs, path, run_url)
    key = DatasetLayout(snapshot.dataset).report_key(snapshot.publish_id)
    open_store(store).put(key, written.read_bytes())
    create_link_artifact(written.as_uri(), key="report", description="report.html")
    return written
