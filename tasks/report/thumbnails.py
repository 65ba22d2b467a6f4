"""Crops as small JPEG data URIs, so that a report needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from manifests.errors import CorruptData
from manifests.reader import SnapshotReader

Images = Callable[[Iterable[str]], dict[str, bytes]]
"""Crop keys -> JPEG bytes of each."""


@dataclass(frozen=True)
class Thumbnail:
    """An inlined crop: ``uri`` is a data URI; ``width`` and ``height`` in pixels."""

    uri: str
    width: int
    height: int


def snapshot_images(reader: SnapshotReader, keys: Iterable[str]) -> Images:
    """The crops of a snapshot; ``keys``: of all of them, in canonical order."""
    snapshot = reader.snapshot
    position = {key: row for row, key in enumerate(keys)}

    def images(asked: Iterable[str]) -> dict[str, bytes]:
        wanted = sorted(set(asked))
        missing = [key for key in wanted if key not in position]
        if missing:
            raise CorruptData(
                f"crop {missing[0]} is not in snapshot {snapshot.number} of {snapshot.dataset!r}; "
                "evaluate the model on this snapshot again"
            )
        chosen = sorted(wanted, key=position.__getitem__)
        crops = reader.images([position[key] for key in chosen])
        return dict(zip(chosen, crops, strict=True))

    return images


def thumbnail(jpeg: bytes, height: int) -> Thumbnail:
    """Shrink a JPEG to at most ``height`` pixels, keeping its proportions."""
    pixels = simplejpeg.decode_jpeg(jpeg, colorspace="BGR")
    scale = min(1.0, height / pixels.shape[0])
    if scale < 1.0:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=82, colorspace="BGR", colorsubsampling="420"
    )
    uri = "data:image/jpeg;base64," + base64.b64encode(small).decode()
    return Thumbnail(uri, pixels.shape[1], pixels.shape[0])
