"""Which images form a batch: functions of (labels, settings, seed, iteration) alone.

The batch of any iteration can be asked for directly, so resuming in the middle of an epoch
needs only the iteration's number. Batches are arrays of image indices.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from manifests.errors import TrainingFailed
from training.config import BatchSettings, SamplerKind

_STREAM = 2
_IMAGE_STREAM = 5


class Sampler(ABC):
    """Batches of one training run.

    ``person`` and ``camera`` (N,) label the images. Raises ``TrainingFailed`` when they
    cannot teach anything.
    """

    def __init__(
        self, settings: BatchSettings, person: np.ndarray, camera: np.ndarray, seed: int
    ) -> None:
        if len(np.unique(person)) < 2:
            raise TrainingFailed("training needs images of at least two people")
        self.settings = settings
        self.seed = seed
        self.people = np.unique(person)
        self.batches_per_epoch = max(1, len(person) // settings.size)
        self._epoch = -1
        self._batches: list[np.ndarray] = []
        self.prepare(person, camera)

    def batch(self, iteration: int) -> np.ndarray:
        """Indices (B,) int64 of the images of one iteration, counted from 0."""
        epoch, position = divmod(iteration, self.batches_per_epoch)
        if epoch != self._epoch:
            self._batches = self.epoch(np.random.default_rng([self.seed, _STREAM, epoch]))
            self._epoch = epoch
        return self._batches[position]

    @abstractmethod
    def prepare(self, person: np.ndarray, camera: np.ndarray) -> None:
        """Find which images there are to draw from; called once."""

    @abstractmethod
    def epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        """All batches of one epoch."""


def make_sampler(
    settings: BatchSettings, person: np.ndarray, camera: np.ndarray, seed: int
) -> Sampler:
    """The sampler that the settings ask for."""
    kinds: dict[SamplerKind, type[Sampler]] = {
        SamplerKind.camera_balanced: CameraBalancedSampler,
        SamplerKind.paper: PaperSampler,
        SamplerKind.identity: IdentitySampler,
    }
    return kinds[settings.sampler](settings, person, camera, seed)


class CameraBalancedSampler(Sampler):
    """K distinct cameras × P people of each × n images of each, sorted by camera.

    People and cameras are visited in shuffled rounds. Everybody whom two of the batch's
    cameras know is placed in two of them, so that cross-camera positives exist wherever the
    data has them; places that stay free go to people who are already in the batch, then to
    anybody of that camera. A person with fewer than n images in a camera repeats some. With
    fewer than K cameras in the data all are used and P grows in proportion.
    """

    def prepare(self, person: np.ndarray, camera: np.ndarray) -> None:
        self._rows = _rows_by_person_and_camera(person, camera)
        self._cameras = np.unique(camera)
        settings = self.settings
        self._cameras_per_batch = min(settings.cameras, len(self._cameras))
        self._places = max(1, settings.cameras * settings.people // self._cameras_per_batch)
        self._people_of: dict[int, list[int]] = defaultdict(list)
        self._cameras_of: dict[int, list[int]] = defaultdict(list)
        for who, where in self._rows:
            self._people_of[where].append(who)
            self._cameras_of[who].append(where)

    def epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        cameras = _Rounds(self._cameras, rng)
        images: dict[tuple[int, int], _Rounds] = {}
        waiting: list[int] = []
        batches = []
        for _ in range(self.batches_per_epoch):
            if len(waiting) < len(self.people):
                waiting += rng.permutation(self.people).tolist()
            chosen = cameras.take(self._cameras_per_batch)
            people_in, waiting = self._paired(chosen, waiting, rng)
            self._fill(people_in, rng)
            rows: list[int] = []
            for where in sorted(people_in):
                for who in people_in[where]:
                    key = (who, where)
                    if key not in images:
                        images[key] = _Rounds(self._rows[key], rng)
                    rows += images[key].take(self.settings.images)
            batches.append(np.array(rows, dtype=np.int64))
        return batches

    def _paired(
        self, cameras: Iterable[int], waiting: list[int], rng: np.random.Generator
    ) -> tuple[dict[int, list[int]], list[int]]:
        """Place waiting people in two cameras each; returns the places and who still waits."""
        people_in: dict[int, list[int]] = {where: [] for where in cameras}
        placed: set[int] = set()
        still_waiting: list[int] = []
        for position, who in enumerate(waiting):
            open_cameras = [c for c in people_in if len(people_in[c]) < self._places]
            if len(open_cameras) < 2:
                return people_in, still_waiting + waiting[position:]
            usable = [c for c in open_cameras if (who, c) in self._rows]
            if who in placed or len(usable) < 2:
                still_waiting.append(who)
                continue
            rng.shuffle(usable)
            usable.sort(key=lambda c: len(people_in[c]))
            for where in usable[:2]:
                people_in[where].append(who)
            placed.add(who)
        return people_in, still_waiting

    def _fill(self, people_in: dict[int, list[int]], rng: np.random.Generator) -> None:
        for where, people in people_in.items():
            missing = self._places - len(people)
            if missing == 0:
                continue
            batch = {who for others in people_in.values() for who in others}
            rest = [w for w in rng.permutation(self._people_of[where]).tolist() if w not in people]
            rest.sort(key=lambda who: who not in batch)
            people += rest[:missing]
            repeats = _Rounds(self._people_of[where], rng)
            people += repeats.take(self._places - len(people))


class PaperSampler(Sampler):
    """The sampler of the paper's synthetic experiments, repeats included.

    Cameras, people of a camera and images of both are all drawn with replacement
    (camera-balanced sampling, UnrealPerson, CVPR 2021, section 4).
    """

    def prepare(self, person: np.ndarray, camera: np.ndarray) -> None:
        self._rows: dict[int, list[np.ndarray]] = defaultdict(list)
        for (_, where), rows in _rows_by_person_and_camera(person, camera).items():
            self._rows[where].append(rows)
        self._cameras = np.unique(camera)

    def epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        settings = self.settings
        batches = []
        for _ in range(self.batches_per_epoch):
            rows: list[np.ndarray] = []
            for where in rng.choice(self._cameras, settings.cameras):
                people = self._rows[int(where)]
                chosen = rng.integers(0, len(people), settings.people)
                rows += [rng.choice(people[who], settings.images) for who in chosen]
            batches.append(np.concatenate(rows))
        return batches


class IdentitySampler(Sampler):
    """K × P people with n images each, whatever the camera; people and images in rounds."""

    def prepare(self, person: np.ndarray, camera: np.ndarray) -> None:
        self._rows = {int(who): np.flatnonzero(person == who) for who in self.people}

    def epoch(self, rng: np.random.Generator) -> list[np.ndarray]:
        settings = self.settings
        people = _Rounds(self.people, rng)
        images = {who: _Rounds(rows, rng) for who, rows in self._rows.items()}
        wanted = min(settings.cameras * settings.people, len(self.people))
        return [
            np.array(
                [row for who in people.take(wanted) for row in images[who].take(settings.images)],
                dtype=np.int64,
            )
            for _ in range(self.batches_per_epoch)
        ]


class ImageRounds:
    """Batches of images without labels: every image once, shuffled, before any comes again."""

    def __init__(self, images: int, size: int, seed: int) -> None:
        """Raises ``TrainingFailed`` when there are fewer images than a batch has."""
        if images < size:
            raise TrainingFailed(f"a batch of {size} images needs as many, got {images}")
        self._images, self._size, self._seed = images, size, seed

    def batch(self, iteration: int) -> np.ndarray:
        """Indices (size,) int64 of the images of one iteration, counted from 0."""
        per_round = self._images // self._size
        turn, position = divmod(iteration, per_round)
        order = np.random.default_rng([self._seed, _IMAGE_STREAM, turn]).permutation(self._images)
        return order[position * self._size : (position + 1) * self._size]


class _Rounds:
    """Endless draws from a few items: every item once, shuffled, before any comes again."""

    def __init__(self, items: Iterable[int] | np.ndarray, rng: np.random.Generator) -> None:
        self._items = np.asarray(list(items))
        self._rng = rng
        self._left: list[int] = []

    def take(self, count: int) -> list[int]:
        """The next ``count`` items; all different if there are so many items."""
        taken: list[int] = []
        while len(taken) < count:
            if not self._left:
                fresh = self._rng.permutation(self._items).tolist()
                self._left = sorted(fresh, key=lambda item: item in taken)
            taken.append(self._left.pop(0))
        return taken


def _rows_by_person_and_camera(
    person: np.ndarray, camera: np.ndarray
) -> dict[tuple[int, int], np.ndarray]:
    order = np.lexsort((camera, person))
    people, cameras = person[order], camera[order]
    starts = np.flatnonzero(
        np.r_[True, (people[1:] != people[:-1]) | (cameras[1:] != cameras[:-1])]
    )
    return {
        (int(people[start]), int(cameras[start])): rows
        for start, rows in zip(starts, np.split(order, starts[1:]), strict=True)
    }
