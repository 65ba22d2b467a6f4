"""Frame bundles: the Parquet file of one shard attempt, written frame by frame.

Row groups are small, so that neither writing nor reading holds more than a few frames. What
the file's metadata says: ``joint_names`` (JSON list) and ``provenance`` (JSON object); with labels
of scenery also ``classes`` (JSON list) and ``scenery``, which piece and class each number is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.channels import IMAGES, Channel
from manifests.ground_truth import PEOPLE_INSTANCES, frames_schema
from manifests.schema import BOX, FULL_BOX
from synth_workers.calibration import calibration, opencv_points
from synth_workers.worker.frames import Actors, CheckedFrame, Shot, SolidPerson
from synth_workers.worker.palette import packed

_ROWS_PER_GROUP = 8
_PLAIN_COLUMNS = ("lit", "mask", *IMAGES)  # compressed already


class BundleWriter:
    """Writes one bundle; the file appears under its name only when it is complete."""

    def __init__(self, path: Path, channels: Sequence[Channel] = ()) -> None:
        """``channels``: of ground truth, that every frame has besides."""
        self.path = path
        self._schema = frames_schema(channels)
        self._partial = path.with_name(f".{path.name}.partial")
        compression: dict[str, str] = {
            name: "NONE" if name in _PLAIN_COLUMNS else "ZSTD"
            for name in _leaf_columns(self._schema)
        }
        self._writer = pq.ParquetWriter(
            self._partial,
            self._schema,
            compression=cast(Any, compression),
            use_dictionary=cast(Any, ["camera", "light"]),
        )
        self._rows: list[dict[str, Any]] = []
        self.frames = 0

    def add(self, row: dict[str, Any]) -> None:
        """Append one frame."""
        self._rows.append(row)
        self.frames += 1
        if len(self._rows) >= _ROWS_PER_GROUP:
            self._flush()

    def finish(
        self, joint_names: Sequence[str], provenance: Mapping[str, Any], **more: Any
    ) -> Path:
        """Complete the file; ``more`` to say of it, as JSON, by name."""
        self._flush()
        self._writer.add_key_value_metadata(
            {
                "joint_names": json.dumps(list(joint_names)),
                "provenance": json.dumps(dict(provenance), sort_keys=True),
                **{name: json.dumps(value) for name, value in more.items()},
            }
        )
        self._writer.close()
        self._partial.replace(self.path)
        return self.path

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer.is_open:
            self._writer.close()
        self._partial.unlink(missing_ok=True)


def frame_row(
    number: int, shot: Shot, light: str, size: tuple[int, int], checked: CheckedFrame,
    people: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """One row of ``frames_schema``; ``people``: see ``people_in_frame``."""
    camera = shot.planned.camera
    return {
        "frame": number,
        "instant": shot.instant.number,
        "moment": shot.raw.moment or None,
        "time": shot.instant.time,
        "camera": camera.name,
        "light": light,
        "width": size[0],
        "height": size[1],
        "fov": camera.fov,
        "camera_location": list(camera.location),
        "camera_rotation": list(camera.rotation),
        "camera_distortion": list(camera.distortion),
        "calibration": calibration(
            camera.location, camera.rotation, camera.fov, size, camera.distortion
        ).stored(),
        "lit": checked.lit,
        "lit_format": checked.lit_format,
        "mask": checked.mask,
        **checked.channels,
        **people,
    }


def people_in_frame(
    shot: Shot, actors: Actors, identities: Sequence[tuple[int, str]], checked: CheckedFrame,
    size: tuple[int, int],
) -> dict[str, Any]:  # fmt: skip
    """``people``: ``FRAME_PERSON`` entries of everybody whose full box meets the image; ``boxes3d``
    and ``joints3d`` of each if they were captured.

    Who has pixels in the mask is listed in any case, with a full box of NaN if nothing is known of
    it. ``visible``: what is visible of each (``FRAME_VISIBLE``), if ``checked`` has boxes.
    """
    entries: list[dict[str, Any]] = []
    visible: list[dict[str, int]] = []
    numbers: list[int] = []
    solids: list[SolidPerson] = []
    for position, (index, identity) in enumerate(identities):
        pose, expected = shot.instant.poses[position], shot.planned.expected[position]
        true = (shot.raw.truth or {}).get(actors.names[position])
        measured = true if true is not None and true.box is not None else None
        full = measured.box if measured else expected.box if expected else None
        if full is None or not _meets_image(full, size):
            if not checked.pixels[position]:
                continue
            full = full or (math.nan,) * 4
        entries.append(
            {
                "person_index": index,
                "person_id": identity,
                "colour": packed(actors.colours[position]),
                **dict(zip("xyz", pose.position)),
                "yaw": pose.yaw,
                "animation": pose.animation,
                "phase": pose.phase,
                "distance": _distance(shot.planned.camera.location, pose.position),
                **dict(zip(FULL_BOX, full)),
                "full_pixels": measured.full if measured else None,
                "joints": list(measured.joints) if measured else None,
                "exact": measured is not None,
            }
        )
        numbers.append(position + 1)  # as ``with_people`` has it
        if shot.raw.solids is not None:
            solids.append(shot.raw.solids[actors.names[position]])
        if checked.boxes is not None:
            visible.append(
                _visible(int(checked.pixels[position]), checked.boxes[position].tolist())
            )
    return {
        "people": entries,
        "visible": None if checked.boxes is None else visible,
        PEOPLE_INSTANCES: numbers,
        "boxes3d": [_stored_box(solid.box) for solid in solids],
        "joints3d": [opencv_points(solid.joints).ravel().tolist() for solid in solids],
    }


def _stored_box(box: Sequence[float]) -> list[float]:
    x, y, z, length, width, height, yaw = box
    return [*opencv_points((x, y, z)).tolist(), length, width, height, -yaw]


def _visible(pixels: int, box: Sequence[int]) -> dict[str, int]:
    return {"visible_pixels": pixels, **(dict(zip(BOX, box)) if pixels else {})}


def _meets_image(box: tuple[float, float, float, float], size: tuple[int, int]) -> bool:
    return box[0] < size[0] and box[1] < size[1] and box[2] > 0.0 and box[3] > 0.0


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    return sum((p - q) ** 2 for p, q in zip(a, b)) ** 0.5


def _leaf_columns(schema: pa.Schema) -> list[str]:
    """Paths of what a file with this schema stores as columns."""
    sink = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), sink)
    stored = pq.read_metadata(pa.BufferReader(sink.getvalue())).schema
    return [stored.column(position).path for position in range(len(stored))]
