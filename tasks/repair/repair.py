"""Repairing a data set: snapshots first, then claims with their files, then published files."""

from __future__ import annotations

from tasks.publish.leases import lease
from tasks.render.jobs import BuildPlace, JobRunner
from tasks.repair.report import RepairReport
from tasks.repair.requests import mend_requests
from tasks.repair.shards import mend_claims
from tasks.repair.snapshots import mend_publication, mend_records, mend_snapshots

_MOST_PASSES = 4


def repair_dataset(place: BuildPlace, runner: JobRunner, workers: int = 1) -> RepairReport:
    """Make anew exactly what is damaged or gone of a data set; all of it is read.

    ``runner`` renders, ``workers`` shards at a time. What comes out byte for byte goes back to
    where it was; claims and snapshots that cannot are replaced by ones that say what there is now,
    which ``replaced/`` records. Sound claims are never touched. Safe beside builds and other
    repairs; a repair that was killed is finished by the next.
    """
    report = RepairReport(place.dataset)
    with lease(place.dataset, "repair"):
        try:
            for _ in range(_MOST_PASSES):
                before = len(report.mended)
                report.not_mended.clear()
                _pass(place, runner, workers, report)
                if not report.not_mended or len(report.mended) == before:
                    break
        finally:
            report.keep()
    return report


def _pass(place: BuildPlace, runner: JobRunner, workers: int, report: RepairReport) -> None:
    """Mend what can be; what could not may be possible in another pass, with what was mended."""
    dataset = place.dataset
    snapshots = mend_snapshots(dataset, report)
    for snapshot in snapshots:
        mend_requests(dataset, snapshot, report)
    mend_claims(snapshots, place, runner, workers, report)
    report.snapshots = [mend_publication(dataset, found, report) for found in snapshots]
    mend_records(dataset, report)
