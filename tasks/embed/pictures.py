"""Pictures that somebody wants features of: which there are, who took them, and their bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, CorruptData

FOLDER = "folder"
"""The kind of pictures that are files."""
FOLDERS, ONE = "folders", "one"
"""How cameras are told besides a pattern: by the first folder of a name, or all are one."""

Stored = bytes | np.ndarray | CorruptData
"""A picture's file, its pixels (H, W, 3) uint8, or why there is neither."""


@dataclass(frozen=True)
class Pictures:
    """``names`` (N,): of each, unique; ``camera`` (N,) int64 indexes ``cameras``, sorted names;
    ``read``: what is stored of rows, in the order given, which rises."""

    kind: str
    where: Path
    names: Sequence[str]
    camera: np.ndarray
    cameras: tuple[str, ...]
    read: Callable[[np.ndarray], Iterator[Stored]]

    def __len__(self) -> int:
        return len(self.camera)

    @classmethod
    def of_folder(cls, where: Path, names: Sequence[str], cameras: str = FOLDERS) -> Pictures:
        """Files of a folder, by their paths from it; ``cameras`` as for ``camera_in``."""
        codes, known = coded(map(camera_in(cameras), names))
        return cls(FOLDER, where, names, codes, known, _reading(where, names))


def camera_in(told: str) -> Callable[[str], str]:
    """Who took the picture of a name, as ``told``: ``folders``, ``one``, or a regular expression
    whose one group is the camera; ``BadRecipe`` for none of these."""
    if told == ONE:
        return lambda _: ""
    if told == FOLDERS:
        return lambda name: name.partition("/")[0] if "/" in name else ""
    try:
        pattern = re.compile(told)
    except re.error as error:
        raise BadRecipe(f"--cameras {told!r}: no regular expression ({error})") from None
    if pattern.groups != 1:
        raise BadRecipe(
            f"--cameras {told!r}: folders, one, or a regular expression with one group, "
            "e.g. '_c([0-9]+)s'"
        )

    def found(name: str) -> str:
        match = pattern.search(name)
        if match is None or match[1] is None:
            raise BadRecipe(f"--cameras {told!r}: finds no camera in {name!r}")
        return match[1]

    return found


def coded(names: Iterator[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N,) int64 places among the different names, which are sorted."""
    codes: dict[str, int] = {}
    met = np.fromiter((codes.setdefault(name, len(codes)) for name in names), np.int64)
    known = sorted(codes)
    place = np.empty(len(known), np.int64)
    place[[codes[name] for name in known]] = np.arange(len(known))
    return place[met], tuple(known)


def _reading(folder: Path, names: Sequence[str]) -> Callable[[np.ndarray], Iterator[Stored]]:
    def read(rows: np.ndarray) -> Iterator[Stored]:
        for row in rows:
            path = folder / names[int(row)]
            try:
                yield path.read_bytes()
            except OSError as error:
                yield CorruptData(f"image {path}: cannot be read: {error.strerror}")

    return read
