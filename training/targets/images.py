"""A data set as a list of labelled image files, and its way into arrays."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from manifests.errors import CorruptData, NotFound
from manifests.identity import digest
from training.data.crops import CropSet, crop_set, decoded
from training.data.fingerprints import fingerprint

TRAIN, QUERY, GALLERY, DISTRACTOR, JUNK = "train", "query", "gallery", "distractor", "junk"
_KNOWN_PICTURES = 500_000


@dataclass(frozen=True)
class LabelledImage:
    """One file: who, seen by which camera, in which clothes, and what it is for.

    ``role``: train, query, gallery, distractor (in the gallery, nobody asks for them) or junk
    (in no gallery). ``time``: the video frame, where names tell it; ``session``: the recording
    that frames are counted in.
    """

    path: Path
    person: str
    camera: str
    role: str
    outfit: int = 0
    time: float | None = None
    session: str = ""


@dataclass(frozen=True)
class Target:
    """A data set that a model can be trained or measured on. ``split`` tells apart several
    divisions into train and test of the same files; it is empty where there is only one."""

    name: str
    root: Path
    images: tuple[LabelledImage, ...]
    split: str = ""
    _known: dict[Path, int] = field(
        default_factory=dict[Path, int], init=False, compare=False, repr=False
    )
    """Fingerprints of what was read, so that no file is read for its fingerprint alone if it is
    read anyway."""

    def counts(self) -> dict[str, int]:
        """Images of each role."""
        return dict(Counter(image.role for image in self.images))

    def people_in(self, *roles: str) -> set[str]:
        """Everybody in the images of some roles."""
        return {image.person for image in self.images if image.role in roles}

    def people(self, *roles: str) -> int:
        """Number of different people in the images of some roles."""
        return len(self.people_in(*roles))

    def content_digest(self) -> str:
        """Digest of names, sizes and labels; equal wherever the same files lie."""
        rows = [
            [str(i.path.relative_to(self.root)), self._size(i), i.person, i.camera, i.role]
            for i in self.images
        ]
        return digest({"name": self.name, "split": self.split, "images": sorted(rows)})

    def fingerprints(self, images: Sequence[LabelledImage]) -> np.ndarray:
        """(N,) int64: of pictures of this data set; reads the files that were not read yet, by this
        process, as they are now."""
        for image in images:
            if image.path not in self._known:
                self._known[image.path] = self._of_file(image)
        return np.array([self._known[image.path] for image in images], np.int64)

    def _read(self, image: LabelledImage) -> bytes:
        try:
            data = image.path.read_bytes()
        except OSError as error:
            raise self._unreadable(image, error) from error
        self._known[image.path] = fingerprint(data)
        return data

    def _size(self, image: LabelledImage) -> int:
        try:
            return image.path.stat().st_size
        except OSError as error:
            raise self._unreadable(image, error) from error

    def _of_file(self, image: LabelledImage) -> int:
        try:
            now = image.path.stat()
            return _fingerprint_at(image.path, now.st_size, now.st_mtime_ns)
        except OSError as error:
            raise self._unreadable(image, error) from error

    def _unreadable(self, image: LabelledImage, error: OSError) -> CorruptData:
        return CorruptData(f"{self.name}: image {image.path} cannot be read: {error.strerror}")

    def crops(
        self, roles: Sequence[str], height: int, width: int, cache: Path | None = None
    ) -> CropSet:
        """The pictures of some roles, decoded and resized; ``CorruptData`` names broken ones.

        Large sets keep their decoded pictures in folder ``cache``, if one is given.
        """
        chosen = self._of(roles)
        if not chosen:
            raise NotFound(f"{self.name} in {self.root}: no images for {', '.join(roles)}")
        names = [str(image.path.relative_to(self.root)) for image in chosen]
        data = (self._read(image) for image in chosen)
        name = f"{self.content_digest()}-{'-'.join(sorted(set(roles)))}"
        pictures = decoded(data, names, height, width, cache, name)
        labels = {
            "crop_key": names,
            "person_id": [image.person for image in chosen],
            "camera": [image.camera for image in chosen],
            "outfit": [image.outfit for image in chosen],
            "role": [image.role for image in chosen],
            "time": [np.nan if image.time is None else image.time for image in chosen],
            "render_id": [image.session for image in chosen],
        }
        return crop_set(labels, pictures, self.fingerprints(chosen))

    def encoded(self, roles: Sequence[str]) -> Iterator[bytes]:
        """The same pictures as they are stored, in the same order."""
        return (self._read(image) for image in self._of(roles))

    def _of(self, roles: Sequence[str]) -> list[LabelledImage]:
        return [image for image in self.images if image.role in roles]


@lru_cache(maxsize=_KNOWN_PICTURES)
def _fingerprint_at(path: Path, size: int, changed: int) -> int:
    """Of a file that has not changed: splits of one data set, and a question that is checked
    before and in its run, are of the same files."""
    return fingerprint(path.read_bytes())


@dataclass(frozen=True)
class Official:
    """Counts that the authors of a data set publish. ``roles`` are summed over; several numbers
    are those of several releases."""

    roles: tuple[str, ...]
    images: int | tuple[int, ...] | None = None
    people: int | tuple[int, ...] | None = None

    def differences(self, images: int, people: int) -> list[str]:
        """What is not as published, in words."""
        label = "+".join(self.roles)
        found = []
        for count, official, what in (
            (images, self.images, "images"),
            (people, self.people, "people"),
        ):
            accepted = (official,) if isinstance(official, int) else official
            if accepted and count not in accepted:
                numbers = " or ".join(str(number) for number in accepted)
                found.append(f"{label}: {count} {what}, officially {numbers}")
        return found


def check_official(target: Target, expected: Iterable[Official]) -> None:
    """Compare with the published counts; ``CorruptData`` lists every difference."""
    counts = target.counts()
    wrong = [
        difference
        for official in expected
        for difference in official.differences(
            sum(counts.get(role, 0) for role in official.roles), target.people(*official.roles)
        )
    ]
    if wrong:
        raise CorruptData(
            f"{target.name} in {target.root} is not complete or not the official release "
            f"({'; '.join(wrong)}); unpack it again, or accept it as it is: --partial "
            "(in a file of targets `partial: true`)"
        )


def union(targets: Sequence[Target]) -> Target:
    """Several data sets as one, their people and cameras kept apart (as in the paper's Table 4)."""
    names = [target.name for target in targets]
    if len(set(names)) != len(names):
        raise NotFound(f"a union needs different data sets, got {', '.join(names)}")
    images = tuple(
        replace(
            image,
            path=_placed(image.path),
            person=f"{target.name}:{image.person}",
            camera=f"{target.name}:{image.camera}",
            session=f"{target.name}:{image.session}",
        )
        for target in targets
        for image in target.images
    )
    common = os.path.commonpath([_placed(target.root) for target in targets])
    splits = {target.split for target in targets}
    return Target("+".join(names), Path(common), images, " and ".join(sorted(splits - {""})))


def _placed(path: Path) -> Path:
    """A path from the root of the file system; links stay, for files behind them lie elsewhere."""
    return Path(os.path.normpath(path.absolute()))
