"""A plain tracker: boxes that overlap from tick to tick are one track, and tracks that look alike
are one person.

Within a camera the boxes of ``det/det.txt`` are matched by overlap alone. Across cameras each track
has the mean feature of a few of its crops; tracks are clustered by cosine distance, those of a
window of time first, and never two that one camera has at the same tick.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from tasks.export.folders import complete_or_absent
from tasks.tracking.boxes import BOX, cut, detections, frame_of
from tasks.tracking.sequences import MotSequence, find_sequences

LEAST_OVERLAP = 0.3
MOST_MISSED_SECONDS = 1.0
LEAST_TICKS = 3
CROPS_PER_TRACK = 8
WINDOW_SECONDS = 10.0
NEAR = 0.1
"""Tracks are near if so few of those that are known to be of different people are nearer."""

MOST_DISTANCE = 0.5
"""How near tracks are joined if nobody is known to be somebody else."""

Embed = Callable[[list[np.ndarray], list[str]], np.ndarray]
"""Features (n, d) of length 1 of n crops (h, w, 3) uint8 sRGB, given who took each."""


@dataclass(frozen=True)
class Tracked:
    """How many tracks there are within cameras, and how many people across them."""

    tracks: int
    people: int


@dataclass
class Track:
    """Boxes (k, 4) left, top, width, height at rising ``ticks`` (k,) of one sequence."""

    sequence: MotSequence
    ticks: list[int] = field(default_factory=list[int])
    boxes: list[np.ndarray] = field(default_factory=list[np.ndarray])


def track_sequences(folder: Path, output: Path, embed: Embed | None) -> Tracked:
    """Follow everybody through the sequences of ``folder``; a result file of each in ``output``.

    ``embed``: whose features join tracks across cameras, e.g. a trained model's; ``None``: every
    track is somebody else.
    """
    sequences = find_sequences(folder)
    with complete_or_absent(output) as staging:
        tracks = [track for one in sequences for track in follow(one, detections(one))]
        people = np.arange(len(tracks))
        if embed is not None and tracks:
            people = cluster(tracks, _features(tracks, embed))
        for one in sequences:
            own = [(who, t) for who, t in zip(people.tolist(), tracks) if t.sequence is one]
            lines = sorted(
                (tick, who + 1, *box.tolist())
                for who, track in own
                for tick, box in zip(track.ticks, track.boxes)
            )
            text = "".join(
                f"{tick},{who},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,-1,-1,-1\n"
                for tick, who, x, y, w, h in lines
            )
            (staging / f"{one.name}.txt").write_text(text)
    return Tracked(len(tracks), len(np.unique(people)))


def follow(sequence: MotSequence, found: pd.DataFrame) -> list[Track]:
    """Tracks of one camera: at each tick the boxes are matched to the last ones of open tracks so
    that they overlap most; what is missed for long ends."""
    patience = max(1, round(MOST_MISSED_SECONDS * sequence.fps))
    ended: list[Track] = []
    running: list[Track] = []
    for tick, rows in found.groupby("frame"):
        boxes, tick = rows[list(BOX)].to_numpy(float), int(str(tick))
        ended += [track for track in running if tick - track.ticks[-1] > patience]
        running = [track for track in running if tick - track.ticks[-1] <= patience]
        free = set(range(len(boxes)))
        if running:
            last = np.stack([track.boxes[-1] for track in running])
            overlap = overlaps(last, boxes)
            for one, other in zip(*linear_sum_assignment(-overlap)):
                if overlap[one, other] >= LEAST_OVERLAP:
                    running[one].ticks.append(tick)
                    running[one].boxes.append(boxes[other])
                    free.discard(int(other))
        running += [Track(sequence, [tick], [boxes[k]]) for k in sorted(free)]
    return [track for track in ended + running if len(track.ticks) >= LEAST_TICKS]


def overlaps(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (n, 4) and (m, 4), left, top, width, height: (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum((one[:, :2] + one[:, 2:])[:, None], (other[:, :2] + other[:, 2:])[None])
    shared = np.maximum(high - low, 0.0).prod(axis=2)
    area = one[:, 2:].prod(axis=1)[:, None] + other[:, 2:].prod(axis=1)[None]
    return shared / np.maximum(area - shared, 1e-9)


def cluster(tracks: list[Track], features: np.ndarray) -> np.ndarray:
    """Who each track is, (n,) from 0: first those that begin in the same window of time are joined,
    then the groups of all windows.

    ``features``: (n, d) of length 1; what all tracks of a camera share is taken out of them. The
    two nearest groups are joined, by the mean distance of their tracks, until none are near enough:
    nearer than most tracks that one camera has at the same tick, which are of different people and
    never joined. Neither are tracks of different recordings.
    """
    features = _without_camera(tracks, features)
    distance, apart = 1.0 - features @ features.T, _different(tracks)
    limit = np.quantile(distance[apart], NEAR) if apart.any() else MOST_DISTANCE
    clock = np.array([track.sequence.recording for track in tracks])
    window = np.array([track.ticks[0] // (WINDOW_SECONDS * track.sequence.fps) for track in tracks])
    barred = apart | (clock[:, None] != clock[None]) | np.eye(len(tracks), dtype=bool)
    who, size = np.arange(len(tracks)), np.ones(len(tracks))
    for later in (window[:, None] != window[None], np.zeros_like(barred)):
        while True:
            open_ = np.where(barred | later, np.inf, distance)
            one, other = sorted(map(int, np.unravel_index(open_.argmin(), open_.shape)))
            if not open_[one, other] <= limit:
                break
            weights = size[one] + size[other]
            joined = (distance[one] * size[one] + distance[other] * size[other]) / weights
            distance[one] = distance[:, one] = joined
            barred[one] |= barred[other]
            barred[:, one] |= barred[:, other]
            barred[other] = barred[:, other] = True
            size[one] = weights
            who[who == other] = one
    return np.unique(who, return_inverse=True)[1]


def _without_camera(tracks: list[Track], features: np.ndarray) -> np.ndarray:
    """Features less the mean of their camera's, by how long tracks are, and of length 1 again."""
    features = features.astype(float)
    camera = np.unique([track.sequence.name for track in tracks], return_inverse=True)[1]
    ticks = np.array([len(track.ticks) for track in tracks])
    for number in np.unique(camera):
        own = camera == number
        if own.sum() > 1:
            features[own] -= np.average(features[own], axis=0, weights=ticks[own])
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)


def _different(tracks: list[Track]) -> np.ndarray:
    """(n, n) bool: which tracks one camera has at the same tick."""
    found = np.zeros((len(tracks), len(tracks)), bool)
    ticks = [(track.sequence.folder, set(track.ticks)) for track in tracks]
    for one, (here, mine) in enumerate(ticks):
        for other, (there, theirs) in enumerate(ticks[:one]):
            found[one, other] = found[other, one] = here == there and bool(mine & theirs)
    return found


def _features(tracks: list[Track], embed: Embed) -> np.ndarray:
    """The mean of each track's crops, (n, d), of length 1."""
    crops: list[np.ndarray] = []
    owner: list[int] = []
    cameras: list[str] = []
    for number, track in enumerate(tracks):
        chosen = np.linspace(0, len(track.ticks) - 1, min(CROPS_PER_TRACK, len(track.ticks)))
        for place in np.unique(chosen.round().astype(int)).tolist():
            frame = frame_of(track.sequence, track.ticks[place])
            crops.append(cut(frame, track.boxes[place]))
            owner.append(number)
            cameras.append(track.sequence.name)
    features = embed(crops, cameras)
    means = np.zeros((len(tracks), features.shape[1]))
    np.add.at(means, owner, features)
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
