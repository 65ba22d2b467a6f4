"""Frame bundles: the Parquet file of one shard attempt, written frame by frame.

Row groups are small, so that neither writing nor reading holds more than a few frames. What
the file's metadata says: ``joint_names`` (JSON list) and ``provenance`` (JSON object).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.schema import FRAMES, FULL_BOX
from synth_workers.planning.coverage import Instant, PlannedFrame
from synth_workers.worker.frames import CheckedFrame, TruePerson
from synth_workers.worker.palette import Colour, packed

_ROWS_PER_GROUP = 8
_PLAIN_COLUMNS = ("lit", "mask")  # compressed already


class BundleWriter:
    """Writes one bundle; the file appears under its name only when it is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f".{path.name}.partial")
        compression: dict[str, str] = {
            name: "NONE" if name in _PLAIN_COLUMNS else "ZSTD" for name in _leaf_columns(FRAMES)
        }
        self._writer = pq.ParquetWriter(
            self._partial,
            FRAMES,
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

    def finish(self, joint_names: Sequence[str], provenance: Mapping[str, Any]) -> Path:
        """Complete the file."""
        self._flush()
        self._writer.add_key_value_metadata(
            {
                "joint_names": json.dumps(list(joint_names)),
                "provenance": json.dumps(dict(provenance), sort_keys=True),
            }
        )
        self._writer.close()
        self._partial.replace(self.path)
        return self.path

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=FRAMES))
            self._rows = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer.is_open:
            self._writer.close()
        self._partial.unlink(missing_ok=True)


def frame_row(
    number: int,
    instant: Instant,
    planned: PlannedFrame,
    light: str,
    size: tuple[int, int],
    checked: CheckedFrame,
    people: list[dict[str, Any]],
) -> dict[str, Any]:
    """One row of ``manifests.schema.FRAMES``."""
    camera = planned.camera
    return {
        "frame": number,
        "instant": instant.number,
        "time": instant.time,
        "camera": camera.name,
        "light": light,
        "width": size[0],
        "height": size[1],
        "fov": camera.fov,
        "camera_location": list(camera.location),
        "camera_rotation": list(camera.rotation),
        "camera_distortion": list(camera.distortion),
        "lit": checked.lit,
        "lit_format": checked.lit_format,
        "mask": checked.mask,
        "people": people,
    }


def people_in_frame(
    instant: Instant,
    planned: PlannedFrame,
    identities: Sequence[tuple[int, str]],
    colours: Sequence[Colour],
    names: Sequence[str],
    truth: Mapping[str, TruePerson] | None,
    pixels: np.ndarray,
    size: tuple[int, int],
) -> list[dict[str, Any]]:
    """``FRAME_PERSON`` entries of everybody whose full box meets the image.

    ``pixels``: (n,) mask pixels of each person; who has some is listed in any case, with a full
    box of NaN if nothing is known of it.
    """
    entries: list[dict[str, Any]] = []
    for position, (index, identity) in enumerate(identities):
        pose, expected = instant.poses[position], planned.expected[position]
        true = (truth or {}).get(names[position])
        measured = true if true is not None and true.box is not None else None
        box = measured.box if measured else expected.box if expected else None
        if box is None or not _meets_image(box, size):
            if not pixels[position]:
                continue
            box = box or (math.nan,) * 4
        entries.append(
            {
                "person_index": index,
                "person_id": identity,
                "colour": packed(colours[position]),
                **dict(zip("xyz", pose.position)),
                "yaw": pose.yaw,
                "animation": pose.animation,
                "phase": pose.phase,
                "distance": _distance(planned.camera.location, pose.position),
                **dict(zip(FULL_BOX, box)),
                "full_pixels": measured.full if measured else None,
                "joints": list(measured.joints) if measured else None,
                "exact": measured is not None,
            }
        )
    return entries


def _meets_image(box: tuple[float, float, float, float], size: tuple[int, int]) -> bool:
    return box[0] < size[0] and box[1] < size[1] and box[2] > 0.0 and box[3] > 0.0


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    return sum((p - q) ** 2 for p, q in zip(a, b)) ** 0.5


def _leaf_columns(schema: pa.Schema) -> list[str]:
    names: list[str] = []

    def descend(field: pa.Field, prefix: str) -> None:
        path = f"{prefix}{field.name}"
        if pa.types.is_struct(field.type):
            for child in field.type:
                descend(child, f"{path}.")
        elif pa.types.is_list(field.type) or pa.types.is_fixed_size_list(field.type):
            descend(pa.field("element", field.type.value_type), f"{path}.list.")
        else:
            names.append(path)

    for field in schema:
        descend(field, "")
    return names
