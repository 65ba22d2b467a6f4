"""A sample of one side's crops, decoded and measured."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from manifests.errors import CorruptData
from tasks.compare.sample import balanced_sample
from tasks.compare.sources import Side
from tasks.progress import Progress, report_progress
from training.data.decoding import decode_crop
from training.looks.crops import Crops
from training.looks.registry import measured

_PORTION = 128


@dataclass(frozen=True)
class Looked:
    """What was seen of a side: n crops of its sample that can be read.

    ``camera`` (n,) names; ``measures``: (n,) float64 by name; ``pictures`` (n, 128, 64, 3) uint8
    sRGB; ``unreadable``: names of those of the sample that cannot be read.
    """

    side: Side
    camera: np.ndarray
    measures: dict[str, np.ndarray]
    pictures: np.ndarray
    unreadable: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.camera)


def look_at(side: Side, count: int, seed: int) -> Looked:
    """Measure at most ``count`` crops of ``side``, spread evenly over its cameras.

    Pictures that cannot be read are named and left out; ``CorruptData`` if none can be read.
    """
    rows = balanced_sample(side.camera, count, seed)
    waiting = zip(map(int, rows), side.read(rows))
    unreadable: list[str] = []
    read: list[int] = []
    portions: list[tuple[dict[str, np.ndarray], np.ndarray]] = []
    done = 0
    while portion := list(islice(waiting, _PORTION)):
        stored: list[np.ndarray] = []
        kept: list[int] = []
        for row, data in portion:
            try:
                stored.append(decode_crop(data, side.names[row]))
                kept.append(row)
            except CorruptData:
                unreadable.append(side.names[row])
        if kept:
            crops = Crops(stored, side.labels(np.array(kept)))
            portions.append((measured(crops), crops.pictures))
        read += kept
        done += len(portion)
        report_progress(Progress("compare", done, len(rows), "crops", side.name))
    if not read:
        raise CorruptData(
            f"{side.name}: none of its {len(rows)} pictures can be read, first {unreadable[0]}"
        )
    names = portions[0][0]
    return Looked(
        side,
        side.camera[read],
        {name: np.concatenate([values[name] for values, _ in portions]) for name in names},
        np.concatenate([pictures for _, pictures in portions]),
        tuple(unreadable),
    )
