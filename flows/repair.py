"""Repairing a data set on this machine."""

from __future__ import annotations

from flows.executors.processes import LocalProcesses
from flows.places import work_folder, worker_count
from manifests.dataset import Dataset
from tasks.render.jobs import BuildPlace
from tasks.repair.repair import repair_dataset
from tasks.repair.report import RepairReport


def repaired(dataset: Dataset, workers: int | None = None) -> RepairReport:
    """See ``repair_dataset``; shards are processes of this machine."""
    place = BuildPlace(dataset, work_folder(dataset.name))
    with LocalProcesses() as processes:
        return repair_dataset(place, processes, workers or worker_count())
