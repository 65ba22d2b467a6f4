"""Whole frames as a COCO data set for detection, segmentation and pose: everybody in view.

Needs the frame bundles, which a build keeps when its recipe says ``keep_frames``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from manifests.checksums import check_stored
from manifests.claims import Claim, read_claims
from manifests.errors import FrameRefused, NotFound
from manifests.layout import DatasetLayout
from manifests.reader import SnapshotReader
from manifests.recipe import AnnotationRules
from manifests.stores import Store, open_store
from synth_workers.images import decode_mask
from tasks.annotate.bundle import Frame, frames_in
from tasks.annotate.frames import FrameAnnotation, annotate_frame
from tasks.export.coco import PERSON, frame_annotation
from tasks.export.folders import Exported, complete_or_absent, place
from tasks.export.plan import chosen_cameras
from tasks.progress import Progress, report_progress

_EVERYBODY = AnnotationRules(props_in_box=True, enlarge=0)
"""Boxes around everything that is visible of a person; nobody is refused here."""


def export_frames(
    store_uri: str,
    dataset: str,
    number: int | None,
    folder: Path,
    cameras: Sequence[str] | None = None,
) -> Exported:
    """Write every frame of the shards a snapshot draws on, with all visible people.

    ``cameras``: only their frames.

    Pictures go to ``images``, ``annotations/instances.json`` holds box, mask, keypoints and
    ``person`` (index in the recipe + 1, extras included) of everybody with a visible pixel. Raises
    ``NotFound`` when the build did not keep its frames, ``BadRecipe`` for an unknown camera,
    ``CorruptData`` that names a damaged bundle.
    """
    store = open_store(store_uri)
    reader = SnapshotReader(store, dataset, number)
    claims = _kept(
        store, dataset, sorted(set(reader.table(["render_id"])["render_id"].to_pylist()))
    )
    wanted = chosen_cameras(reader, cameras)
    images: list[str] = []
    annotations: list[str] = []
    left_out = 0
    with complete_or_absent(folder) as staging:
        for done, claim in enumerate(claims, start=1):
            check_stored(store, claim, "delete its claim and build again to render its shard anew")
            for frame in frames_in(store.open_parquet(claim.key), claim.key):
                if frame.camera not in wanted:
                    continue
                try:
                    annotation = _annotate(frame)
                except FrameRefused:
                    left_out += 1
                    continue
                name = f"{claim.render_id}_{frame.frame:06d}.{_suffix(frame)}"
                place(staging, f"images/{name}").write_bytes(frame.lit)
                images.append(_image(len(images) + 1, name, frame))
                annotations += _people(frame, annotation, len(images), len(annotations) + 1)
            report_progress(Progress("export", done, len(claims), "shards"))
        with place(staging, "annotations/instances.json").open("w") as file:
            file.write('{"categories": [' + json.dumps(PERSON) + '],\n"images": [\n')
            file.write(",\n".join(images) + '],\n"annotations": [\n')
            file.write(",\n".join(annotations) + "]}\n")
    return Exported(folder, len(images), left_out)


def _kept(store: Store, dataset: str, render_ids: list[str]) -> list[Claim]:
    found = read_claims(store, DatasetLayout(dataset), "frames", render_ids)
    missing = len(render_ids) - len(found)
    if missing:
        raise NotFound(
            f"{store.uri}: the frames of {missing} of {len(render_ids)} shards of {dataset!r} "
            "were not kept; build it with keep_frames: true"
        )
    return [found[render_id] for render_id in render_ids]


def _annotate(frame: Frame) -> FrameAnnotation:
    mask = decode_mask(frame.mask, frame.size)
    return annotate_frame(frame, mask, _EVERYBODY, "background", np.random.default_rng)


def _suffix(frame: Frame) -> str:
    return "png" if frame.lit_format == "png" else "jpg"


def _image(number: int, name: str, frame: Frame) -> str:
    return json.dumps(
        {
            "id": number,
            "file_name": name,
            "width": frame.width,
            "height": frame.height,
            "camera": frame.camera,
            "light": frame.light,
            "instant": frame.instant,
            "time": frame.time,
        }
    )


def _people(frame: Frame, annotation: FrameAnnotation, image: int, first: int) -> Iterator[str]:
    for position in range(len(annotation.known)):
        fields = {
            "id": first + position,
            "image_id": image,
            "person": int(annotation.candidates.person[position]) + 1,
            **frame_annotation(frame, annotation, position),
        }
        yield json.dumps(fields)
