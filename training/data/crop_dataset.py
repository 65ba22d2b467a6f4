"""The crops of a snapshot as a map-style ``torch.utils.data.Dataset``, for other training loops.

Our own trainer reads ``training.data.crops`` instead: whole splits, decoded once, batches made in
threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch.utils.data import Dataset

from manifests.errors import BadRecipe, NotFound
from manifests.reader import SnapshotReader
from training.data.crops import decoded as decoded_pictures
from training.data.crops import picture_cache
from training.data.decoding import decode_crop, resized
from training.data.epoch_batches import EpochBatches

USUAL_SIZE = 256, 128
"""Height and width in pixels that most of the field's networks are trained at."""

_COLUMNS = ("crop_key", "person_id", "camera", "role")


class CropDataset(Dataset[tuple[Any, int, int]]):
    """(crop, person, camera) of one split; encoded in memory and decoded when asked for, or decoded
    once.

    A crop is a uint8 tensor (3, 256, 128) sRGB, resized so that crops make a batch, or whatever
    ``transform`` makes of the array (H, W, 3) uint8 of its own size. ``person`` and ``camera``
    index ``person_ids`` and ``camera_names``, which are sorted. Workers of a ``DataLoader`` share
    what is in memory with the process that started them.
    """

    def __init__(
        self,
        reader: SnapshotReader,
        split: str,
        role: str | Sequence[str] | None = None,
        transform: Callable[[np.ndarray], Any] | None = None,
        decoded: bool = False,
    ) -> None:
        """``role``: one or several of query, gallery, junk; all if ``None``. ``decoded``: now, not
        when asked for, at the usual size; sets above 1 GB in a file of the cache.

        Raises ``NotFound`` if there is no such crop, ``BadRecipe`` for ``decoded`` with a
        ``transform``, which wants crops of their own size, ``CorruptData`` for a broken picture.
        """
        if decoded and transform is not None:
            raise BadRecipe(
                "torch: decoded: crops that are decoded beforehand have the usual size, and a "
                "transform takes them as they are; leave one of both out"
            )
        rows, images = reader.crops(split=split, role=role, columns=_COLUMNS)
        if not images:
            raise NotFound(
                f"data set {reader.snapshot.dataset!r} has no crops of split {split!r} and role "
                f"{role or 'any'}; it has {reader.snapshot.counts}"
            )
        self._transform = transform
        self.keys: list[str] = rows["crop_key"].to_pylist()
        self.roles: list[str] = rows["role"].to_pylist()
        people, person = np.unique(rows["person_id"].to_pylist(), return_inverse=True)
        cameras, camera = np.unique(rows["camera"].to_pylist(), return_inverse=True)
        self.person_ids: list[str] = people.tolist()
        self.camera_names: list[str] = cameras.tolist()
        self.person: list[int] = person.tolist()
        self.camera: list[int] = camera.tolist()
        # Objects of Python count who refers to them, and workers would come to own a copy of each.
        self._encoded = pa.array([] if decoded else images, pa.large_binary())
        self._decoded: np.ndarray | None = None
        if decoded:
            roles = "-".join(sorted(set(self.roles)))
            name = f"{reader.snapshot.content_digest}-{split}-{roles}"
            self._decoded = decoded_pictures(images, self.keys, *USUAL_SIZE, picture_cache(), name)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: int) -> tuple[Any, int, int]:
        return self._crop(index), self.person[index], self.camera[index]

    def batches(
        self, people: int = 16, images: int = 4, cameras: int | None = None, seed: int = 0
    ) -> EpochBatches:
        """A ``batch_sampler`` for a ``DataLoader``: each batch has ``images`` of each of ``people``
        people, or, with ``cameras``, ``images`` of each of ``people`` people of each of so many.

        Every epoch draws anew from ``seed``; see ``EpochBatches``. Raises ``BadRecipe`` for numbers
        out of range, ``TrainingFailed`` for fewer than two people.
        """
        return EpochBatches(self.person, self.camera, people, images, cameras, seed)

    def _crop(self, index: int) -> Any:
        if self._decoded is not None:
            # A copy, as decoding makes one: nobody writes into what all share.
            return torch.from_numpy(self._decoded[index].copy()).permute(2, 0, 1)
        data = memoryview(self._encoded[index].as_buffer()).cast("B")
        image = decode_crop(data, self.keys[index])
        if self._transform is not None:
            return self._transform(image)
        return torch.from_numpy(resized(image, *USUAL_SIZE)).permute(2, 0, 1)
