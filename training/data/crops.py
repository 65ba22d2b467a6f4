"""The crops of one split as arrays: pictures, people, cameras and roles in canonical order.

Rows and bytes come from ``manifests.reader.SnapshotReader``; nothing here lists a store.
Pictures are decoded and resized once and kept as uint8: in memory, or in a memory-mapped
cache file when a folder is given and the set is large.
"""

# pyarrow.compute makes its functions when it is imported, so pyright cannot see them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.environment import environment
from manifests.errors import StoreUnsuitable, TrainingFailed
from manifests.whole_files import whole_file
from training.data.decoding import decode_into
from training.data.fingerprints import fingerprints_of
from training.memory import enough_memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_log = logging.getLogger(__name__)

IN_MEMORY_BYTES = 1 << 30
_CACHE_VERSION = 2
_LABELS = ("crop_key", "person_id", "camera", "outfit", "split", "role", "time", "render_id")
_COLUMNS = (*_LABELS, "recording", "crop_digest")


class CropSource(Protocol):
    """What is needed of ``manifests.reader.SnapshotReader``."""

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Labels of all crops in canonical order."""
        ...

    def images(self, rows: np.ndarray | Sequence[int] | None = None) -> Iterator[bytes]:
        """JPEG bytes of the rows of a boolean mask, in canonical order."""
        ...


@dataclass(frozen=True)
class CropSet:
    """N labelled pictures.

    ``images`` (N, H, W, 3) uint8 sRGB; ``person`` and ``camera`` (N,) int64 index
    ``person_ids`` and ``camera_names``; ``outfit`` (N,) int64 numbers a person's clothes;
    ``role`` (N,) strings train, query, gallery or junk; ``keys`` (N,) unique names;
    ``fingerprint`` (N,) int64 of the encoded pictures (``training.data.fingerprints``); ``time``
    (N,) float64 is when a picture was taken, NaN where unknown, in the data set's own unit
    (seconds in ours); ``session`` (N,) int64 numbers recordings whose clocks are not comparable.
    """

    images: np.ndarray
    person: np.ndarray
    camera: np.ndarray
    outfit: np.ndarray
    role: np.ndarray
    keys: np.ndarray
    fingerprint: np.ndarray
    time: np.ndarray
    session: np.ndarray
    person_ids: tuple[str, ...]
    camera_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.person)

    def where(self, chosen: np.ndarray) -> CropSet:
        """The pictures of a mask (N,), copied, their people numbered anew from 0."""
        of_each = {name: v[chosen] for name, v in vars(self).items() if isinstance(v, np.ndarray)}
        people, of_each["person"] = np.unique(of_each["person"], return_inverse=True)
        return replace(self, person_ids=tuple(self.person_ids[code] for code in people), **of_each)


def picture_cache() -> Path:
    """Where decoded crops are kept between runs; safe to delete."""
    return environment().cache / "pictures"


def load_crops(
    source: CropSource,
    split: str,
    height: int,
    width: int,
    cache: Path | None = None,
    digest: str | None = None,
    threads: int = 2,
    remote: bool = False,
) -> CropSet:
    """Read, decode and resize all crops of a split.

    With ``cache`` and ``digest`` (the snapshot's content digest) sets above
    ``IN_MEMORY_BYTES``, and all of a ``remote`` store, live in a file of that folder and are
    reused by later runs. Raises ``TrainingFailed`` for an empty split and ``CorruptData`` for a
    broken picture.
    """
    rows = source.table(_COLUMNS)
    mask = np.asarray(rows.column("split").to_pylist(), np.str_) == split
    table = rows.filter(pa.array(mask))
    if table.num_rows == 0:
        raise TrainingFailed(f"the snapshot has no crops in split {split!r}")
    keys = table.column("crop_key").to_pylist()
    name = f"{digest}-{split}"
    folder = cache if digest is not None else None
    in_memory = 0 if remote else IN_MEMORY_BYTES
    images = decoded(source.images(mask), keys, height, width, folder, name, threads, in_memory)
    # Windows of one recording have one clock, every other shard its own.
    clocks = pc.coalesce(table["recording"], table["render_id"])
    labels = table.select(_LABELS).to_pydict() | {"render_id": clocks.to_pylist()}
    return crop_set(labels, images, fingerprints_of(table["crop_digest"].to_pylist()))


def crop_set(labels: Mapping[str, Any], images: np.ndarray, fingerprint: np.ndarray) -> CropSet:
    """Pair label columns, called as those of a manifest, with their pictures, row by row."""
    person_ids, person = _coded(labels["person_id"])
    camera_names, camera = _coded(labels["camera"])
    return CropSet(
        images=images,
        person=person,
        camera=camera,
        outfit=np.asarray(labels["outfit"], np.int64),
        role=np.asarray(labels["role"], np.str_),
        keys=np.asarray(labels["crop_key"], np.str_),
        fingerprint=fingerprint,
        time=np.asarray(labels["time"], np.float64),
        session=_coded(labels["render_id"])[1],
        person_ids=person_ids,
        camera_names=camera_names,
    )


def _coded(names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The different names, sorted, and which of them each is (N,) int64."""
    known, codes = np.unique(np.asarray(names, np.str_), return_inverse=True)
    return tuple(known.tolist()), codes.astype(np.int64)


def decoded(
    data: Iterable[bytes],
    keys: Sequence[str],
    height: int,
    width: int,
    cache: Path | None,
    name: str,
    threads: int = 2,
    in_memory: int | None = None,
) -> np.ndarray:
    """Pictures (N, height, width, 3) of as many picture files as ``keys`` names.

    Sets above ``in_memory`` bytes (``IN_MEMORY_BYTES``) live in a file of folder ``cache``
    called after ``name``, which must identify the data, and are read and decoded only once.
    """
    shape = (len(keys), height, width, 3)
    limit = IN_MEMORY_BYTES if in_memory is None else in_memory
    if cache is None or np.prod(shape) <= limit:
        remedy = "make model.height and model.width smaller, or add memory"
        with enough_memory(f"{len(keys)} pictures of {height}x{width}", remedy):
            images = np.empty(shape, np.uint8)
        decode_into(images, data, keys, threads)
        return images
    path = cache / f"{name}-{height}x{width}-v{_CACHE_VERSION}.npy"
    if not path.exists():
        begun = False
        try:
            with whole_file(path) as file:
                images = np.lib.format.open_memmap(file.name, "w+", np.uint8, shape)
                _reserve(file.fileno())
                begun = True
                decode_into(images, data, keys, threads)
                images.flush()
        except StoreUnsuitable as error:
            if begun:
                raise
            _log.warning("decoded pictures are kept in memory, for this run: %s", error)
            return decoded(data, keys, height, width, None, name, threads)
    images = np.load(path, mmap_mode="r")
    if images.shape != shape or images.dtype != np.uint8:
        raise TrainingFailed(f"picture cache {path} does not fit the data; delete it")
    return images


def _reserve(descriptor: int) -> None:
    """Have room for all of a file: a mapped page that a full disk cannot take ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, os.fstat(descriptor).st_size)
