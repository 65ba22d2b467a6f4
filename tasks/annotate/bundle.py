"""Reading frame bundles: one frame at a time, people as arrays, checked against the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.channels import Channel
from manifests.errors import CorruptData
from manifests.parquet import reading_parquet
from manifests.schema import FRAMES, FULL_BOX, KEYPOINT_NAMES
from synth_workers.calibration import Calibration, calibration
from synth_workers.lens import IDEAL
from tasks.annotate.joints import coco_order

_FRAMES_AT_ONCE = 8
"""Frames held in memory together; a 1080p frame with PNG images is about 6 MB."""


@dataclass(frozen=True)
class FramePeople:
    """The p known people of a frame, visible or not; arrays over them.

    ``index`` (p,) int64 in the recipe; ``colour`` (p,) uint32 0xRRGGBB; ``position`` (p, 3) cm;
    ``yaw`` (p,) degrees; ``distance`` (p,) cm; ``full_box`` (p, 4) pixels, may lie outside the
    frame; ``animation``: p names of clips; ``full_pixels`` (p,) float64, NaN where the engine does
    not know; ``exact`` (p,) bool; ``joints`` (p, 17, 3) x, y (pixels) and depth (cm) in COCO's
    order, NaN where unknown.
    """

    index: np.ndarray
    person_id: tuple[str, ...]
    colour: np.ndarray
    position: np.ndarray
    yaw: np.ndarray
    distance: np.ndarray
    full_box: np.ndarray
    animation: tuple[str, ...]
    full_pixels: np.ndarray
    exact: np.ndarray
    joints: np.ndarray


@dataclass(frozen=True)
class Frame:
    """One captured frame; images still encoded. ``channels``: those of ground truth that were
    asked for, as ``manifests.channels`` says."""

    frame: int
    instant: int
    time: float
    camera: str
    light: str
    width: int
    height: int
    camera_location: np.ndarray
    calibration: Calibration
    lit: bytes
    lit_format: str
    mask: bytes
    people: FramePeople
    channels: Mapping[Channel, bytes]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.width, self.height


_MADE = ("camera_location", "calibration", "people", "channels")
_PLAIN = [f.name for f in fields(Frame) if f.name not in _MADE]
_VIEW = ["camera_location", "camera_rotation", "fov", "camera_distortion"]


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a bundle in file order, a few in memory at a time.

    Raises ``CorruptData`` when the file is not a bundle or its bytes are damaged.
    """
    with (
        reading_parquet(f"frame bundle {path.name}", "render its shard again"),
        pq.ParquetFile(path) as file,
    ):
        yield from frames_in(file, path.name)


def frames_in(file: pq.ParquetFile, name: str, channels: Sequence[Channel] = ()) -> Iterator[Frame]:
    """The frames of an open bundle, e.g. one in an object store; ``name`` is for messages.

    ``channels``: pictures of ground truth that are read, too; the bundle must have them.
    """
    _check_schema(name, file.schema_arrow)
    metadata = file.metadata.metadata or {}
    order = coco_order(json.loads(metadata.get(b"joint_names", b"[]")))
    wanted = [n for n in (*_PLAIN, *_VIEW, "people") if n in file.schema_arrow.names]
    for batch in file.iter_batches(batch_size=_FRAMES_AT_ONCE, columns=[*wanted, *channels]):
        yield from _frames_of(batch, order, channels)


def _check_schema(name: str, found: pa.Schema) -> None:
    for field in FRAMES:
        if field.name not in found.names and not field.nullable:
            raise CorruptData(
                f"frame bundle {name} has no column {field.name!r}; "
                "it was not written by this factory, render its shard again"
            )


def _frames_of(
    batch: pa.RecordBatch, order: np.ndarray | None, channels: Sequence[Channel]
) -> Iterator[Frame]:
    listed = batch.column("people")
    offsets = listed.offsets.to_numpy()
    first = int(offsets[0])
    everyone = _columns(listed.values.slice(first, int(offsets[-1]) - first), order)
    offsets = offsets - first
    views = batch.select([name for name in _VIEW if name in batch.schema.names]).to_pylist()
    for row, (values, view) in enumerate(zip(batch.select(_PLAIN).to_pylist(), views)):
        own = slice(int(offsets[row]), int(offsets[row + 1]))
        people = FramePeople(**{name: value[own] for name, value in vars(everyone).items()})
        yield Frame(
            **values,
            camera_location=np.asarray(view["camera_location"], np.float64),
            # Of what bundles of all versions have.
            calibration=calibration(
                view["camera_location"],
                view["camera_rotation"],
                view["fov"],
                (values["width"], values["height"]),
                view.get("camera_distortion") or IDEAL,
            ),
            people=people,
            channels={channel: batch.column(channel)[row].as_py() for channel in channels},
        )


def _columns(people: pa.StructArray, order: np.ndarray | None) -> FramePeople:
    columns = dict(zip((f.name for f in people.type), people.flatten(), strict=True))

    def numbers(*names: str) -> np.ndarray:
        arrays = [columns[name].to_numpy(zero_copy_only=False) for name in names]
        return np.stack(arrays, axis=1).astype(np.float64)

    return FramePeople(
        index=columns["person_index"].to_numpy().astype(np.int64),
        person_id=tuple(columns["person_id"].to_pylist()),
        colour=columns["colour"].to_numpy().astype(np.uint32),
        position=numbers("x", "y", "z"),
        yaw=numbers("yaw")[:, 0],
        distance=numbers("distance")[:, 0],
        full_box=numbers(*FULL_BOX),
        animation=tuple(columns["animation"].to_pylist()),
        full_pixels=numbers("full_pixels")[:, 0],
        exact=columns["exact"].to_numpy(zero_copy_only=False).astype(bool),
        joints=_joints(columns["joints"], order),
    )


def _joints(column: pa.ListArray, order: np.ndarray | None) -> np.ndarray:
    joints = np.full((len(column), len(KEYPOINT_NAMES), 3), np.nan)
    flat = column.drop_null().flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    known = column.is_valid().to_numpy(zero_copy_only=False)
    if order is not None and flat.size:
        joints[known] = flat.reshape(int(known.sum()), -1, 3)[:, order]
    return joints
