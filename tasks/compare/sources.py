"""Where the crops of either side come from: a published set of ours, a data set of somebody's, or
a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.addresses import local_path
from manifests.dataset import Dataset, parse_snapshot
from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_folder, pictures_below
from manifests.picture_files import PICTURE_SUFFIXES
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import Store
from tasks.compare.labels import LABEL_COLUMNS, labels_of
from training.looks.crops import Labels
from training.targets.images import JUNK
from training.targets.registry import TARGETS, open_for_training
from training.targets.tables import is_table


@dataclass(frozen=True)
class Side:
    """One of the two sets, before anything is decoded.

    ``camera``, ``names`` (N,): of all its crops. ``read``: the bytes of rising rows, in order.
    ``labels``: what is known of rows besides. ``ours``: whether its people are made, so that its
    pictures may be shown. ``lineage``: which data it is. ``published``: the snapshot that is read,
    if it is one.
    """

    name: str
    ours: bool
    camera: np.ndarray
    names: Sequence[str]
    read: Callable[[np.ndarray], Iterator[bytes]]
    labels: Callable[[np.ndarray], Labels]
    lineage: dict[str, Any] = field(default_factory=dict)
    published: SnapshotReader | None = None


def open_side(word: str, store: Store, root: Path | None = None, partial: bool = False) -> Side:
    """The set that ``word`` names.

    A CSV or Parquet list (in ``root``, if given), a data set of the registry with its unpacked
    folder (``market1501:FOLDER``, or its name and ``root``), a set published in ``store``
    (``demo``, or ``demo@3`` for a snapshot that is not the newest), or a folder of pictures whose
    sub-folders are cameras. ``NotFound``, ``CorruptData`` or ``BadRecipe`` if it is none of them,
    or if it has no crops.
    """
    target, colon, folder = word.partition(":")
    if is_table(word):
        side = _target_side(word, root or Path(), partial)
    elif colon and target in TARGETS.names:
        side = _target_side(target, local_path(folder), partial)
    elif root is not None and all(part in TARGETS.names for part in word.split("+")):
        side = _target_side(word, root, partial)
    elif (reader := _published(word, store)) is not None:
        side = _published_side(word, reader)
    elif word and is_folder(Path(word)):
        side = _folder_side(Path(word))
    elif word in TARGETS.names:
        raise BadRecipe(f"{word}: say where it is unpacked, {word}:FOLDER or with --root")
    else:
        raise NotFound(
            f"{word[:80]!r} is neither a data set published in {store.uri} nor a folder of "
            f"pictures, a .csv, .tsv or .parquet list, or one of {', '.join(sorted(TARGETS.names))}"
        )
    if not len(side.camera):
        raise NotFound(f"{word}: has no crops to look at")
    return side


def _published(word: str, store: Store) -> SnapshotReader | None:
    if "/" in word.partition("@")[0]:
        return None
    name, number = parse_snapshot(word)
    try:
        return open_snapshot(Dataset(name, store), number)
    except (NotFound, BadRecipe):
        if number is not None:
            raise
        return None


def _published_side(word: str, reader: SnapshotReader) -> Side:
    rows = reader.table(["crop_key", "camera", "role", *LABEL_COLUMNS])
    kept = np.flatnonzero(np.asarray(rows["role"].to_pylist()) != JUNK)
    found = reader.snapshot
    return Side(
        word,
        True,
        np.asarray(rows["camera"].to_pylist(), np.str_)[kept],
        [str(key) for key in rows["crop_key"].take(pa.array(kept)).to_pylist()],
        lambda chosen: reader.images(kept[chosen]),
        lambda chosen: labels_of(rows, kept[chosen]),
        {"snapshot": found.number, "content_digest": found.content_digest},
        reader,
    )


def _target_side(word: str, root: Path, partial: bool) -> Side:
    images = [
        image for image in open_for_training(word, root, partial)[0].images if image.role != JUNK
    ]
    return _picture_files(
        Path(word).stem, [image.path for image in images], [image.camera for image in images]
    )


def _folder_side(folder: Path) -> Side:
    paths = pictures_below(folder)
    if not paths:
        raise NotFound(
            f"{folder}: no pictures below it ({', '.join(sorted(PICTURE_SUFFIXES))}); its "
            "sub-folders are taken as cameras"
        )
    inside = [path.relative_to(folder).parts for path in paths]
    return _picture_files(
        folder.resolve().name,
        paths,
        [parts[0] if len(parts) > 1 else folder.resolve().name for parts in inside],
    )


def _picture_files(name: str, paths: Sequence[Path], cameras: Sequence[str]) -> Side:
    return Side(
        name,
        False,
        np.asarray(cameras, np.str_),
        [path.name for path in paths],
        lambda chosen: (_bytes(paths[row]) for row in chosen),
        lambda chosen: Labels.unknown(len(chosen)),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # which no decoder reads: counted with the unreadable ones
