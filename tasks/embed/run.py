"""Pictures to a file of features, in bounded memory whatever their number.

Two passes where a network normalises by camera: first each camera's statistics from a sample of its
pictures, then all pictures in the order in which they are stored. Pictures wait camera by camera
until there is a batch of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, CorruptData
from tasks.embed.pictures import Pictures, Stored
from tasks.embed.skipped import Unreadable
from tasks.embed.table import VERSION, About, Writer, keeps_all, written
from tasks.progress import Progress, report_progress
from training.data.decoding import decode_crop, resized
from training.embedding.network import Network
from training.evaluation.camera_statistics import sample_of
from training.models.camera_batch_norm import MIN_IMAGES

_BATCH = 64
_AHEAD = 256
_MOST_WAITING = 1024
"""Pictures that wait for others of their camera; beyond, the fullest camera goes ahead."""
_THREADS = 2


@dataclass(frozen=True)
class Embedded:
    """``rows``: features that were written; ``skipped``: what was wrong with pictures, by name."""

    path: Path
    rows: int
    cameras: int
    skipped: dict[str, str]


@dataclass
class _Reading:
    """Decoded pictures of rows, and what could not be decoded."""

    pictures: Pictures
    size: tuple[int, int]
    unreadable: Unreadable
    skipped: dict[str, str] = field(default_factory=dict[str, str])

    def decoded(self, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(row, picture of the network's size) of rising rows; decoded ahead by threads."""
        stored = zip(rows.tolist(), self.pictures.read(rows))
        ahead: deque[tuple[int, Future[np.ndarray]]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                while True:
                    for row, one in islice(stored, _AHEAD - len(ahead)):
                        ahead.append((row, pool.submit(self._decode, row, one)))
                    if not ahead:
                        return
                    row, waiting = ahead.popleft()
                    try:
                        yield row, waiting.result()
                    except CorruptData as error:
                        if self.unreadable is Unreadable.refuse:
                            raise
                        self.skipped[self.pictures.names[row]] = str(error)
            finally:
                for _, waiting in ahead:
                    waiting.cancel()

    def _decode(self, row: int, stored: Stored) -> np.ndarray:
        if isinstance(stored, CorruptData):
            raise stored
        if isinstance(stored, bytes):
            stored = decode_crop(stored, self.pictures.names[row])
        return resized(stored, *self.size)


def embed(
    pictures: Pictures,
    network: Network,
    output: Path,
    unreadable: Unreadable = Unreadable.skip,
) -> Embedded:
    """Write the features of all pictures to ``output``; see ``tasks.embed.table``.

    Raises ``CorruptData`` for the first picture that cannot be read where that is to be refused, or
    if none can be; ``BadRecipe`` for a camera with one picture that the model does not know.
    """
    identity = network.identity
    reading = _Reading(pictures, (identity.height, identity.width), unreadable)
    with written(output, identity.dimension) as writer:
        statistics = _statistics(reading, network)
        _write_all(reading, network, statistics, writer)
        writer.flush()
        if not writer.rows:
            first = next(iter(reading.skipped.values()))
            raise CorruptData(f"{pictures.where}: none of its pictures can be read, first {first}")
        names = pictures.cameras
        kept = statistics
        if network.camera_based and not keeps_all(statistics):
            names, kept = ("",), network.together(statistics)[None]
        about = About(
            version=VERSION,
            model=identity,
            source=str(pictures.where.absolute()),
            kind=pictures.kind,
            cameras=names,
            skipped=len(reading.skipped),
        )
        writer.describe(about, kept)
    return Embedded(output, writer.rows, len(writer.cameras), reading.skipped)


def _statistics(reading: _Reading, network: Network) -> np.ndarray:
    """(C, K): of every camera of the pictures; K is 0 where the network needs none."""
    pictures = reading.pictures
    if not network.camera_based:
        return np.empty((len(pictures.cameras), 0), np.float32)
    found: list[np.ndarray] = []
    order = np.argsort(pictures.camera, kind="stable")
    starts = np.searchsorted(pictures.camera[order], np.arange(len(pictures.cameras) + 1))
    for code, name in enumerate(pictures.cameras):
        rows = order[starts[code] : starts[code + 1]]
        chosen = sample_of(rows, code)
        seen = dict(reading.decoded(np.sort(chosen)))
        images = [seen[row] for row in chosen.tolist() if row in seen]
        if len(images) >= MIN_IMAGES:
            found.append(network.estimated(np.stack(images)))
        elif (saved := network.saved(name)) is not None:
            found.append(saved)
        else:
            raise BadRecipe(
                f"embed: {len(images)} picture(s) of camera {name!r}, which the model does not "
                "know; it normalises by camera and needs several of each, best dozens: --cameras "
                "one, or export it with statistics folded in"
            )
        done = Progress("embed", code + 1, len(pictures.cameras), "cameras", "statistics")
        report_progress(done)
    return np.stack(found)


def _write_all(reading: _Reading, network: Network, statistics: np.ndarray, writer: Writer) -> None:
    pictures, set_ = reading.pictures, -1
    waiting: dict[int, list[tuple[int, np.ndarray]]] = {}

    def flush(code: int) -> None:
        nonlocal set_
        ready = waiting.pop(code)
        if network.camera_based and set_ != code:
            network.use(statistics[code])
            set_ = code
        features = network.features(np.stack([image for _, image in ready]))
        rows = [row for row, _ in ready]
        cameras = [pictures.cameras[pictures.camera[row]] for row in rows]
        writer.add([pictures.names[row] for row in rows], cameras, features)

    held = 0
    for done, (row, image) in enumerate(reading.decoded(np.arange(len(pictures))), 1):
        # Who took a picture matters to some networks alone.
        code = int(pictures.camera[row]) if network.camera_based else 0
        waiting.setdefault(code, []).append((row, image))
        held += 1
        if len(waiting[code]) == _BATCH:
            held -= _BATCH
            flush(code)
        elif held == _MOST_WAITING:
            fullest = max(waiting, key=lambda one: len(waiting[one]))
            held -= len(waiting[fullest])
            flush(fullest)
        if done % _BATCH == 0 or done == len(pictures):
            report_progress(Progress("embed", done, len(pictures), "pictures"))
    for code in list(waiting):
        flush(code)
