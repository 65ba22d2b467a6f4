"""People cut out of the frames of a video by the boxes of a detector (MOTChallenge's layout)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from manifests.errors import CorruptData, NotFound
from tasks.embed.pictures import Pictures, Stored, coded
from tasks.tracking.boxes import BOX, cut, detections, frame_of
from tasks.tracking.sequences import find_sequences


def from_sequences(where: Path, named: Callable[[str], str]) -> Pictures:
    """Every box of ``det/det.txt`` of every sequence, frame by frame, as
    ``sequence/frame/number``; each sequence is a camera. Errors as of the tracker."""
    sequences = find_sequences(where)
    tables = [detections(one) for one in sequences]
    starts = np.cumsum([0, *map(len, tables)])
    names: list[str] = []
    for one, table in zip(sequences, tables):
        number = table.groupby("frame").cumcount().to_numpy()
        frames = table["frame"].to_numpy()
        names += [f"{one.name}/{frame}/{box}" for frame, box in zip(frames, number)]
    if not names:
        raise NotFound(f"{where}: no boxes in any of its {len(sequences)} det/det.txt")
    # Those who cut frames hold one at a time.
    boxes = [table[list(BOX)].to_numpy(float) for table in tables]
    ticks = [table["frame"].to_numpy() for table in tables]

    def read(rows: np.ndarray) -> Iterator[Stored]:
        shown, frame = None, None
        for row in rows:
            at = int(np.searchsorted(starts, row, "right")) - 1
            inside = row - starts[at]
            tick = int(ticks[at][inside])
            if (at, tick) != shown:
                try:
                    shown, frame = (at, tick), frame_of(sequences[at], tick)
                except (NotFound, CorruptData) as error:
                    shown, frame = (at, tick), CorruptData(str(error))
            assert frame is not None
            if isinstance(frame, CorruptData):
                yield frame
            elif not _inside(boxes[at][inside], frame):
                yield CorruptData(f"{names[row]}: its box is empty or beside the frame")
            else:
                yield cut(frame, boxes[at][inside])

    return Pictures("sequences", where, names, *coded(map(named, names)), read)


def _inside(box: np.ndarray, frame: np.ndarray) -> bool:
    """Whether a box (left, top, width, height) from 1 has anything of a frame (H, W, 3)."""
    low = np.maximum(box[:2] - 1, 0)
    return bool((np.minimum(box[:2] - 1 + box[2:], frame.shape[1::-1]) > low).all())
