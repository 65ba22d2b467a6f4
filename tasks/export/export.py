"""Exporting: reads a snapshot, lets a layout place every picture, writes the folder at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import compress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.export import coco, imagefolder, market1501, msmt17, tracklet_folders
from tasks.export.coco_frames import export_frames
from tasks.export.folders import Exported, complete_or_absent, place
from tasks.export.plan import ExportPlan, chosen_cameras
from tasks.progress import Progress, report_progress

_SAY_EVERY = 500


class ExportFormat(StrEnum):
    """Layouts a data set can be exported to."""

    market1501 = "market1501"
    msmt17 = "msmt17"
    coco = "coco"
    imagefolder = "imagefolder"
    tracklets = "tracklets"
    coco_frames = "coco-frames"


_PLANNERS: dict[ExportFormat, tuple[Sequence[str], Callable[[pa.Table], ExportPlan]]] = {
    ExportFormat.market1501: (market1501.COLUMNS, market1501.plan_market1501),
    ExportFormat.msmt17: (msmt17.COLUMNS, msmt17.plan_msmt17),
    ExportFormat.coco: (coco.COLUMNS, coco.plan_coco),
    ExportFormat.imagefolder: (imagefolder.COLUMNS, imagefolder.plan_imagefolder),
    ExportFormat.tracklets: (tracklet_folders.COLUMNS, tracklet_folders.plan_tracklets),
}


def export_snapshot(
    store_uri: str,
    dataset: str,
    number: int | None,
    form: ExportFormat,
    folder: Path,
    cameras: Sequence[str] | None = None,
) -> Exported:
    """Write a snapshot (the newest if ``number`` is None) into ``folder`` in another layout.

    ``cameras``: only their crops. The folder appears complete or not at all; it must not exist
    or be empty. ``metadata.parquet`` beside the pictures holds every label (for image folders:
    one in each split's folder; for whole frames COCO's own file). Raises ``BadRecipe`` if the
    folder is in use, a camera is unknown or the layout cannot hold the data.
    """
    if form is ExportFormat.coco_frames:
        return export_frames(store_uri, dataset, number, folder, cameras)
    reader = SnapshotReader(open_store(store_uri), dataset, number)
    columns, planner = _PLANNERS[form]
    chosen = _chosen_rows(reader, cameras)
    plan = planner(reader.table(columns).filter(pa.array(chosen)))
    _check_distinct(plan)
    with complete_or_absent(folder) as staging:
        _write_pictures(reader, chosen, plan, staging)
        for path, text in plan.files.items():
            target = place(staging, path)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        _write_labels(reader, chosen, plan, staging, form)
    written = sum(path is not None for path in plan.paths)
    return Exported(folder, written, len(plan.paths) - written)


def _chosen_rows(reader: SnapshotReader, cameras: Sequence[str] | None) -> list[bool]:
    wanted = chosen_cameras(reader, cameras)
    return [camera in wanted for camera in reader.table(["camera"])["camera"].to_pylist()]


def _check_distinct(plan: ExportPlan) -> None:
    paths = [path for path in plan.paths if path is not None]
    if len(set(paths)) != len(paths):
        raise CorruptData("two crops would get the same file name; verify the data set")


def _write_pictures(
    reader: SnapshotReader, chosen: list[bool], plan: ExportPlan, folder: Path
) -> None:
    places = iter(plan.paths)
    targets = [next(places) if take else None for take in chosen]
    wanted = [target is not None for target in targets]
    total = sum(wanted)
    pictures = reader.images([row for row, take in enumerate(wanted) if take])
    for done, (target, jpeg) in enumerate(
        zip(compress(targets, wanted), pictures, strict=True), start=1
    ):
        place(folder, str(target)).write_bytes(jpeg)
        if done % _SAY_EVERY == 0 or done == total:
            report_progress(Progress("export", done, total, "pictures"))


def _write_labels(
    reader: SnapshotReader,
    chosen: list[bool],
    plan: ExportPlan,
    folder: Path,
    form: ExportFormat,
) -> None:
    labels = reader.table().filter(pa.array(chosen))
    labels = labels.add_column(0, "file_name", pa.array(plan.paths, pa.string()))
    labels = labels.filter(pa.array([path is not None for path in plan.paths]))
    if form is not ExportFormat.imagefolder:
        pq.write_table(labels, folder / "metadata.parquet")
        return
    splits = labels["split"].to_pylist()
    for split in sorted(set(splits)):
        part = labels.filter(pa.array([name == split for name in splits]))
        inside = [path.removeprefix(f"{split}/") for path in part["file_name"].to_pylist()]
        part = part.set_column(0, "file_name", pa.array(inside, pa.string()))
        pq.write_table(part, folder / split / "metadata.parquet")
