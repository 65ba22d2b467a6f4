"""Reads data sets whose labels are in file names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from manifests.errors import CorruptData, NotFound
from manifests.files_of_others import pictures_below
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    JUNK,
    TRAIN,
    LabelledImage,
    Official,
    Target,
)
from training.targets.places import OR, folders_at, holds_pictures, not_here
from training.targets.registry import TARGETS, TargetSet

MARKET_NAME = r"^(?P<person>-?\d+)_c(?P<camera>\d+)"
"""How Market-1501 names a crop, and many data sets after it."""


_COPY = re.compile(r"\(.*\)$| (?:[-\u2013] )?[^\W\d_]+(?: \d+)?$")
"""What systems, browsers and shared folders write behind the name of a file that is there, in any
language (`` - Kopie``, `` copy 2``)."""


@dataclass(frozen=True)
class FolderLayout:
    """How a data set lies on disk.

    ``folders``: (role, glob of folders below the root, or ``.`` for the root; with ``|`` between
    several, the first that exists). ``pattern`` must match every image's name there, with
    ``whole_path`` its path below the root; it names the groups ``person`` and ``camera`` and,
    where the names have them, ``scene``, ``outfit``, ``version``, ``frame`` and ``sequence`` (the
    recording that frames are counted in). ``junk`` and ``distractors`` are people with special
    meaning. ``role``: tells the role by the name instead of the folder. ``flat``: folders in
    these folders are none of the data set's, unless they hold pictures named like it.
    """

    name: str
    folders: tuple[tuple[str, str], ...]
    pattern: str
    official: tuple[Official, ...] = ()
    junk: frozenset[str] = frozenset()
    distractors: frozenset[str] = frozenset()
    person: Callable[[re.Match[str]], str] = itemgetter("person")
    camera: Callable[[re.Match[str]], str] = itemgetter("camera")
    role: Callable[[re.Match[str]], str] | None = None
    whole_path: bool = False
    flat: bool = False

    def read(self, root: Path) -> list[Target]:
        """List the data set below ``root``.

        Raises ``NotFound`` for missing or empty folders and ``CorruptData`` for foreign names.
        """
        return [self._read(root, self.folders)]

    def read_training(self, root: Path) -> list[Target]:
        """The training part alone, whatever else is missing."""
        training = tuple(entry for entry in self.folders if entry[0] == TRAIN)
        if not training:
            raise NotFound(f"{self.name}: this data set has no training part")
        return [self._read(root, training)]

    def filled(self, root: Path) -> list[bool]:
        """Of each of the folders, whether it is there and holds pictures."""
        return [bool(self._pictures(root, where)) for _, where in self.folders]

    def _read(self, root: Path, wanted: tuple[tuple[str, str], ...]) -> Target:
        compiled = re.compile(self.pattern)
        images: list[LabelledImage] = []
        for role, where in wanted:
            paths = self._pictures(root, where)
            if not paths:
                raise self._missing(root, role, where)
            images += [self._label(path, root, role, compiled) for path in paths]
        return Target(self.name, root, tuple(images))

    def _missing(self, root: Path, role: str, where: str) -> NotFound:
        error = not_here(self.name, root, where, [glob for _, glob in self.folders])
        trained = (glob for own, glob in self.folders if own == TRAIN and own != role)
        if any(self._pictures(root, glob) for glob in trained):
            error = error.saying(f"{error}; --test-on train makes a test of its training part")
        return error

    def _pictures(self, root: Path, where: str) -> list[Path]:
        folders = folders_at(root, where)
        return [path for folder in folders for path in self._of_folder(folder, root)]

    def _of_folder(self, folder: Path, root: Path) -> list[Path]:
        """Its pictures, or else those of the folders in it; never some of them."""
        if self.flat and not holds_pictures(folder):
            return []  # perhaps a root too high, with a great many folders in it
        below = pictures_below(folder)
        pictures = [path for path in below if path.parent == folder]
        if not pictures:
            return below
        if len(pictures) == len(below):
            return pictures
        pattern = re.compile(self.pattern)
        for path in (path for path in below if path.parent != folder):
            if not self.flat or self._match(folder / path.name, root, pattern):
                raise CorruptData(
                    f"{self.name}: {folder} has pictures of its own and others in folders in it, "
                    f"first {path}; only one of both can be the data set's: move the others away"
                )
        return pictures

    def _match(self, path: Path, root: Path, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.search(path.relative_to(root).as_posix() if self.whole_path else path.name)

    def _label(self, path: Path, root: Path, role: str, pattern: re.Pattern[str]) -> LabelledImage:
        match = self._match(path, root, pattern)
        if match is None:
            raise CorruptData(f"{self.name}: {path} is not named like an image of this data set")
        if _COPY.search(path.stem):
            raise CorruptData(
                f"{self.name}: {path} is named like a second copy of a picture; remove or rename it"
            )
        person = self.person(match)
        if self.role is not None:
            role = self.role(match)
        if person in self.junk:
            role = JUNK
        elif person in self.distractors and role == GALLERY:
            role = DISTRACTOR
        known = match.groupdict()
        frame = known.get("frame")
        return LabelledImage(
            path,
            person,
            self.camera(match),
            role,
            outfit=int(known.get("outfit") or 0),
            time=None if frame is None else float(frame),
            session=known.get("sequence") or known.get("scene") or "",
        )


def labelled_by_names(*layouts: FolderLayout) -> None:
    """Register data sets that lie so."""
    for layout in layouts:
        training = layout.read_training if TRAIN in dict(layout.folders) else None
        TARGETS.add(TargetSet(layout.name, layout.read, layout.official, training))


def first_that_fits(root: Path, layouts: Sequence[FolderLayout]) -> FolderLayout:
    """The first of several layouts that lies below ``root``, or that begins to.

    ``NotFound`` if none of them does.
    """
    for fits in (all, any):
        for layout in layouts:
            if root.is_dir() and fits(layout.filled(root)):
                return layout
    wanted = [where for layout in layouts for _, where in layout.folders]
    places = OR.join(glob for where in wanted for glob in where.split(OR) if glob != ".")
    raise not_here(layouts[0].name, root, places, wanted)
