"""The crops of a snapshot as a map-style ``torch.utils.data.Dataset``, for other training loops.

Our own trainer reads ``training.data.crops`` instead: whole splits, decoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from manifests.errors import NotFound
from manifests.reader import SnapshotReader
from training.data.decoding import decode_crop, resized

USUAL_SIZE = 256, 128
"""Height and width in pixels that most of the field's networks are trained at."""

_COLUMNS = ("crop_key", "person_id", "camera", "role")


class CropDataset(Dataset[tuple[Any, int, int]]):
    """(crop, person, camera) of one split; the JPEG bytes stay in memory, decoded when asked for.

    A crop is a uint8 tensor (3, 256, 128) sRGB, resized so that crops make a batch, or whatever
    ``transform`` makes of the array (H, W, 3) uint8 of its own size. ``person`` and ``camera``
    index ``person_ids`` and ``camera_names``, which are sorted.
    """

    def __init__(
        self,
        reader: SnapshotReader,
        split: str,
        role: str | Sequence[str] | None = None,
        transform: Callable[[np.ndarray], Any] | None = None,
    ) -> None:
        """``role``: one or several of query, gallery, junk; all if ``None``.

        Raises ``NotFound`` if there is no such crop.
        """
        rows, self._images = reader.crops(split=split, role=role, columns=_COLUMNS)
        if not self._images:
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

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Any, int, int]:
        image = decode_crop(self._images[index], self.keys[index])
        if self._transform is not None:
            crop = self._transform(image)
        else:
            crop = torch.from_numpy(resized(image, *USUAL_SIZE)).permute(2, 0, 1)
        return crop, self.person[index], self.camera[index]
