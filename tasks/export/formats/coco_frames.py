"""Whole frames as a COCO data set for detection, segmentation and pose: everybody in view.

Needs the frame bundles, which a build keeps when its recipe says ``keep_frames``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from manifests.channels import IMAGES, Channel
from manifests.checksums import check_stored
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import FrameRefused, NotFound
from manifests.reader import SnapshotReader
from manifests.requests import read_recipe
from tasks.annotate.bundle import frames_in
from tasks.export.coco_fields import about, annotation_files
from tasks.export.coco_people import image_of, people_of, write_pictures
from tasks.export.folders import ExportFormat, place
from tasks.progress import Progress, report_progress

SUBSET = "default"
"""As CVAT calls the only one; people of both splits are in the frames."""


def write_frames(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every frame of the shards a snapshot draws on, with all visible people; of recordings
    and of data sets with further ground truth every frame that is published.

    Images go to ``images``, ``annotations/instances_default.json`` holds box, mask and ``person``
    (index in the recipe + 1, extras included) of everybody with a visible pixel,
    ``person_keypoints_default.json`` also the keypoints of who has some; pictures of further ground
    truth (``manifests.channels``) go to folders of their own, called like the frame.

    Raises ``NotFound`` when the build did not keep its frames, ``CorruptData`` that names a damaged
    bundle.
    """
    recipe = read_recipe(reader.dataset, reader.snapshot.recipe_digest)
    channels: list[Channel] = [name for name in IMAGES if name in recipe.ground_truth]
    # Shards of which no crop was taken are in no row.
    tables = [reader.table(["render_id"])]
    tables += [reader.recorded(["render_id"])] if recipe.video is not None else []
    tables += [reader.ground_truth(["render_id"])] if channels else []
    shards = sorted({shard for table in tables for shard in table["render_id"].to_pylist()})
    store, claims = reader.dataset.store, _kept(reader.dataset, shards)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    refused = 0
    for done, claim in enumerate(claims, start=1):
        check_stored(store, claim)
        for frame in frames_in(store.open_parquet(claim.key), claim.key, channels):
            if frame.camera not in cameras:
                continue
            try:
                annotations += people_of(frame, len(images) + 1, len(annotations) + 1)
            except FrameRefused:
                refused += 1
                continue
            name = write_pictures(folder, f"{claim.render_id}_{frame.frame:06d}", frame)
            images.append(image_of(len(images) + 1, name, frame))
        report_progress(Progress("export", done, len(claims), "shards"))
    files = annotation_files(about(reader.snapshot), SUBSET, images, annotations)
    for path, lines in files.items():
        with place(folder, path).open("w") as file:
            file.writelines(lines)
    return len(images), refused


def _kept(dataset: Dataset, render_ids: list[str]) -> list[Claim]:
    found = read_claims(dataset, "frames", render_ids)
    missing = len(render_ids) - len(found)
    if missing:
        raise NotFound(
            f"{dataset.store.uri}: the frames of {missing} of {len(render_ids)} shards of "
            f"{dataset.name!r} were not kept; build it with keep_frames: true"
        )
    return [found[render_id] for render_id in render_ids]


FORMAT = ExportFormat(write_frames, "frames")
