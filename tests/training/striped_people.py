"""Cheap crops for tests: people are two coloured blocks on a background of their camera.

Enough for a network to learn in seconds; says nothing about real pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import simplejpeg

from training.data.crops import CropSet, load_crops


@dataclass(frozen=True)
class FakeSnapshot:
    """The attributes of a snapshot that training reads."""

    dataset: str = "striped"
    number: int = 1
    content_digest: str = "0123456789abcdef0123456789abcdef"


class StripedReader:
    """A stand-in for ``manifests.reader.SnapshotReader`` over made-up crops."""

    remote = False

    def __init__(
        self,
        people: int = 8,
        cameras: int = 3,
        images: int = 2,
        test_people: int = 4,
        seed: int = 0,
    ) -> None:
        self.snapshot = FakeSnapshot()
        rng = np.random.default_rng([seed, 11])
        self._light = rng.uniform(0.6, 1.2, (cameras, 3))
        self._clothes = rng.integers(30, 226, (people + test_people, 2, 3))
        self._rng = rng
        rows = [
            (who, where, shot)
            for who in range(people + test_people)
            for where in range(cameras)
            for shot in range(images)
        ]
        self._rows = rows
        self._train_people = people
        self._jpegs = [self._draw(who, where) for who, where, _ in rows]

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All labels; in the test split everybody's first shot of a camera is a query."""
        trained = [who < self._train_people for who, _, _ in self._rows]
        held_out = ["gallery" if shot else "query" for _, _, shot in self._rows]
        table = pa.table(
            {
                "crop_key": [f"{who}/{where}/{shot}" for who, where, shot in self._rows],
                "person_id": [f"0-{who:06d}" for who, _, _ in self._rows],
                "camera": [f"street_c{where:02d}" for _, where, _ in self._rows],
                "outfit": pa.array([0] * len(self._rows), pa.int16()),
                "split": ["train" if train else "test" for train in trained],
                "role": ["train" if t else r for t, r in zip(trained, held_out, strict=True)],
                # People pass the cameras in order, 30 seconds apart, one person every 100.
                "time": [who * 100.0 + where * 30.0 + shot for who, where, shot in self._rows],
                "render_id": ["shard"] * len(self._rows),
                "recording": pa.nulls(len(self._rows), pa.string()),
                "crop_digest": [hashlib.sha256(jpeg).digest() for jpeg in self._jpegs],
            }
        )
        return table if columns is None else table.select(list(columns))

    def images(self, rows: np.ndarray | Sequence[int] | None = None) -> Iterator[bytes]:
        """JPEG bytes of a mask or of row numbers."""
        chosen = np.arange(len(self._jpegs)) if rows is None else np.asarray(rows)
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return iter([self._jpegs[i] for i in numbers])

    def _draw(self, who: int, where: int) -> bytes:
        image = np.full((64, 32, 3), 90.0 + 20 * where)
        left = int(self._rng.integers(4, 9))
        image[8:34, left : left + 18] = self._clothes[who, 0]
        image[34:60, left + 2 : left + 16] = self._clothes[who, 1]
        image = image * self._light[where] + self._rng.normal(0, 6, image.shape)
        return simplejpeg.encode_jpeg(
            np.clip(image, 0, 255).astype(np.uint8), quality=92, colorspace="RGB"
        )


def striped_crops(**settings: int) -> CropSet:
    """The training split as arrays of 64x32 pixels."""
    return load_crops(StripedReader(**settings), "train", 64, 32)
