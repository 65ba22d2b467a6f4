"""Recordings as COCO for videos (CocoVID): a video per camera, everybody in every frame.

``videos`` lists them; images name theirs (``video_id``) and their place in it (``frame_id``, from
0), annotations who they are of (``instance_id``): one number for a person in all cameras.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from manifests.channels import IMAGES, Channel
from manifests.errors import FrameRefused
from manifests.reader import SnapshotReader
from tasks.export.coco_fields import about, annotation_files
from tasks.export.coco_people import image_of, people_of, write_pictures
from tasks.export.folders import ExportFormat, place
from tasks.export.recorded import Recorded

SUBSET = "default"
"""As in ``coco_frames``."""


def write_videos(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every frame and everybody with a visible pixel, and pictures of further ground truth as
    ``coco_frames`` does; frames, and how many are missing."""
    recorded = Recorded(reader, cameras)
    number = {one.name: video for video, one in enumerate(recorded.sequences, start=1)}
    first: dict[str, int] = {}
    ticks = 0
    for one in recorded.sequences:
        first[one.name], ticks = ticks + 1, ticks + one.ticks
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    channels: list[Channel] = [name for name in IMAGES if name in recorded.recipe.ground_truth]
    for one, frame in recorded.frames(channels):
        image = first[one.name] + frame.instant
        try:
            people = people_of(frame, image, len(annotations) + 1)
        except FrameRefused:
            continue
        name = write_pictures(folder, f"{one.name}/{frame.instant:06d}", frame)
        video = {"video_id": number[one.name], "frame_id": frame.instant}
        images.append(image_of(image, name, frame) | video)
        annotations += (
            person | {"video_id": number[one.name], "instance_id": person["person"]}
            for person in people
        )
    images.sort(key=lambda image: image["id"])
    annotations.sort(key=lambda person: (person["image_id"], person["person"]))
    videos = [
        {
            "id": number[one.name],
            "name": one.name,
            "width": one.width,
            "height": one.height,
            "length": one.ticks,
            "fps": one.fps,
            "camera": one.camera,
            "recording": one.recording,
        }
        for one in recorded.sequences
    ]
    told = about(reader.snapshot) | {"videos": videos}
    for path, lines in annotation_files(told, SUBSET, images, annotations).items():
        with place(folder, path).open("w") as file:
            file.writelines(lines)
    return len(images), ticks - len(images)


FORMAT = ExportFormat(write_videos, "frames")
