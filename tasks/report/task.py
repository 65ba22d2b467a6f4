"""Prefect task of the report stage."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE

from manifests.reader import SnapshotReader
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
    reader: SnapshotReader,
    comparison: Comparison | None,
    costs: CostSheet,
    path: Path,
    run_url: str | None,
) -> Path:
    """See ``build.write_dataset_report``; stored beside the data and linked as an artifact."""
    written = write_dataset_report(reader, comparison, costs, path, run_url)
    key = reader.dataset.report_key(reader.snapshot.publish_id)
    reader.dataset.store.put(key, written.read_bytes())
    create_link_artifact(written.as_uri(), key="report", description="report.html")
    return written
