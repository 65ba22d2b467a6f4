"""Training crops gathered from several worlds: some scenes, the first people, so many of each.

What is gathered depends on the worlds' content digests and the request alone, never on where they
lie. Pictures are drawn round robin over each person's cameras, in an order given by a hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.errors import TrainingFailed
from manifests.identity import digest
from manifests.reader import SnapshotReader
from tasks.publish.sampling import hashes, rank_within
from training.targets.images import TRAIN


@dataclass(frozen=True)
class Piece:
    """Training crops of one world. ``scenes``: None are all; ``people``: the first so many."""

    reader: SnapshotReader
    scenes: tuple[str, ...] | None = None
    people: int | None = None

    def definition(self) -> dict[str, Any]:
        """What is asked of which data."""
        scenes = None if self.scenes is None else list(self.scenes)
        content = self.reader.snapshot.content_digest
        return {"content_digest": content, "scenes": scenes, "people": self.people}

    def rows(self) -> np.ndarray:
        """Mask over all rows of the world."""
        table = self.reader.table(["split", "scene", "person_index"])
        split, scene = (_strings(table, name) for name in ("split", "scene"))
        mask = split == TRAIN
        if self.scenes is not None:
            mask &= np.isin(scene, self.scenes)
        if self.people is not None:
            mask &= table.column("person_index").to_numpy() < self.people
        return mask


class Gathered:
    """A source of crops (``training.data.crops.CropSource``) in split ``train``.

    ``images``: of each person at most; None are all there are.
    """

    def __init__(self, pieces: Sequence[Piece], images: int | None) -> None:
        self.pieces, self.images_of_each = tuple(pieces), images

    def definition(self) -> dict[str, Any]:
        """What identifies the crops."""
        pieces = [piece.definition() for piece in self.pieces]
        return {"pieces": pieces, "images_per_person": self.images_of_each}

    def content_digest(self) -> str:
        """Digest of ``definition``."""
        return digest(self.definition())

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Labels of all gathered crops."""
        return pa.concat_tables(
            piece.reader.table(columns).filter(pa.array(mask))
            for piece, mask in zip(self.pieces, self.masks, strict=True)
        )

    def images(self, rows: np.ndarray | Sequence[int] | None = None) -> Iterator[bytes]:
        """JPEG bytes of a mask over ``table``'s rows, or of all."""
        start = 0
        for piece, mask in zip(self.pieces, self.masks, strict=True):
            own = np.flatnonzero(mask)
            wanted = slice(None) if rows is None else np.asarray(rows, bool)[start:][: len(own)]
            yield from piece.reader.images(own[wanted])
            start += len(own)

    @cached_property
    def masks(self) -> list[np.ndarray]:
        """The gathered rows of each piece, as masks over all rows of its world."""
        masks = [piece.rows() for piece in self.pieces]
        if self.images_of_each is None:
            return masks
        labels = ["person_id", "camera", "crop_key"]
        tables = [
            piece.reader.table(labels).filter(pa.array(mask))
            for piece, mask in zip(self.pieces, masks, strict=True)
        ]
        person, camera, key = (
            np.concatenate([_strings(table, name) for table in tables]) for name in labels
        )
        if not len(person):
            raise TrainingFailed("no training crops are left of " + str(self.definition()))
        kept = drawn(person, camera, key, self.images_of_each)
        ends = np.cumsum([mask.sum() for mask in masks])
        for mask, own in zip(masks, np.split(kept, ends[:-1]), strict=True):
            mask[np.flatnonzero(mask)] = own
        return masks


def drawn(person: np.ndarray, camera: np.ndarray, key: np.ndarray, count: int) -> np.ndarray:
    """Mask (N,) of at most ``count`` crops of each person, round robin over their cameras."""
    who = np.unique(person, return_inverse=True)[1]
    where = np.unique(camera, return_inverse=True)[1]
    lot = hashes(key.tolist())
    turn = hashes(f"{p} {c}" for p, c in zip(person.tolist(), camera.tolist(), strict=True))
    in_camera = rank_within(who * (where.max() + 1) + where, lot)
    return rank_within(who, in_camera, turn) < count


def _strings(table: pa.Table, column: str) -> np.ndarray:
    return np.asarray(table.column(column).to_pylist(), dtype=np.str_)
