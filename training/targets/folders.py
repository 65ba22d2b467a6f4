"""Reads data sets whose labels are in file names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from manifests.errors import CorruptData, NotFound
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    IMAGE_SUFFIXES,
    JUNK,
    LabelledImage,
    Official,
    Target,
    image_files,
)
from training.targets.registry import TARGETS, TargetSet

MARKET_NAME = r"^(?P<person>-?\d+)_c(?P<camera>\d+)"
"""How Market-1501 names a crop, and many data sets after it."""


@dataclass(frozen=True)
class FolderLayout:
    """How a data set lies on disk.

    ``folders``: (role, glob of folders below the root, or ``.`` for the root). ``pattern`` must
    match every image's name there, with ``whole_path`` its path below the root; it names the
    groups ``person`` and ``camera`` and, where the names have them, ``scene``, ``outfit``,
    ``version``, ``frame`` and ``sequence`` (the recording that frames are counted in). ``junk``
    and ``distractors`` are people with special meaning.
    """

    name: str
    folders: tuple[tuple[str, str], ...]
    pattern: str
    official: tuple[Official, ...] = ()
    junk: frozenset[str] = frozenset()
    distractors: frozenset[str] = frozenset()
    person: Callable[[re.Match[str]], str] = itemgetter("person")
    camera: Callable[[re.Match[str]], str] = itemgetter("camera")
    whole_path: bool = False

    def read(self, root: Path) -> list[Target]:
        """List the data set below ``root``.

        Raises ``NotFound`` for missing folders and ``CorruptData`` for foreign file names.
        """
        compiled = re.compile(self.pattern)
        images: list[LabelledImage] = []
        for role, where in self.folders:
            found = [root] if where == "." else sorted(root.glob(where))
            folders = [folder for folder in found if folder.is_dir()]
            if not folders:
                raise NotFound(
                    f"{self.name}: no folder {where} in {root}; it should have "
                    f"{', '.join(glob for _, glob in self.folders)}"
                )
            for folder in folders:
                nested = (f for f in folder.rglob("*") if f.suffix.lower() in IMAGE_SUFFIXES)
                paths = image_files(folder) or sorted(nested)
                images += [self._label(path, root, role, compiled) for path in paths]
        if not images:
            raise NotFound(f"{self.name}: the folders in {root} hold no images")
        return [Target(self.name, root, tuple(images))]

    def _label(self, path: Path, root: Path, role: str, pattern: re.Pattern[str]) -> LabelledImage:
        name = path.relative_to(root).as_posix() if self.whole_path else path.name
        match = pattern.search(name)
        if match is None:
            raise CorruptData(f"{self.name}: {path} is not named like an image of this data set")
        person = self.person(match)
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
        TARGETS.add(TargetSet(layout.name, layout.read, layout.official))
