"""Somebody's own unlabelled crops: where they lie, by which camera, and what is refused of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.files_of_others import file_below, is_folder, pictures_below
from manifests.identity import digest
from manifests.picture_files import PICTURE_SUFFIXES
from tasks.compare.sample import balanced_sample
from tasks.compare.sources import Side
from tasks.match import MOST_CROPS
from tasks.match.plausible import why_no_person
from training.data.decoding import decode_crop
from training.data.fingerprints import fingerprint
from training.looks.crops import Labels
from training.targets.images import GALLERY, QUERY
from training.targets.tables import is_table, read_table

LEAST_CROPS = 40
LEAST_PER_CAMERA = 10
"""Usable crops without which nothing robust can be said: of all, and of a camera that counts."""

_MOST_UNUSABLE = 0.25
_NAMED = 3


@dataclass(frozen=True)
class Photographs:
    """The usable crops of a folder. ``side``: as comparisons take them; ``fingerprints`` (N,) int64
    and ``camera_of``: of all its N pictures; ``left_out``: how many pictures were, by reason."""

    side: Side
    fingerprints: np.ndarray
    camera_of: tuple[str, ...]
    left_out: dict[str, int]

    @property
    def cameras(self) -> list[str]:
        """Their names, sorted."""
        return sorted(set(self.side.camera.tolist()))

    def digest(self) -> str:
        """Of the pictures and of which camera each is, wherever they lie."""
        rows = sorted(zip(self.fingerprints.tolist(), self.camera_of))
        return digest({"photographs": rows})


def open_photographs(folder: Path, root: Path | None = None, seed: int = 0) -> Photographs:
    """The crops in ``folder``, whose sub-folders are cameras, or those that a CSV or Parquet list
    with the columns `path` and `camera` names, from ``root`` or its own folder on.

    ``NotFound`` where there are none; ``BadRecipe`` where they are of one camera, where too many of
    them show no upright person, and where the list itself says that people are for testing.
    """
    paths, cameras = _listed(folder, root) if is_table(folder.name) else _lying(folder)
    if len(set(cameras)) < 2:
        named = f"the camera {cameras[0]!r}"
        raise BadRecipe(
            f"{folder}: all {len(paths)} pictures are of {named}; what differs between cameras "
            "cannot be told from one. Sort pictures into a sub-folder for each camera, or write a "
            "list with the columns path and camera"
        )
    return _usable(folder, paths, cameras, seed)


def _lying(folder: Path) -> tuple[list[Path], list[str]]:
    if not is_folder(folder):
        raise NotFound(
            f"{folder}: no such folder; name a folder with a sub-folder of crops for each camera, "
            "or a .csv, .tsv or .parquet list with the columns path and camera"
        )
    paths = pictures_below(folder)
    if not paths:
        raise NotFound(
            f"{folder}: no pictures below it ({', '.join(sorted(PICTURE_SUFFIXES))}); put crops of "
            "people into a sub-folder for each camera, a few hundred in all"
        )
    inside = [path.relative_to(folder).parts for path in paths]
    return paths, [parts[0] if len(parts) > 1 else folder.resolve().name for parts in inside]


def _listed(table: Path, root: Path | None) -> tuple[list[Path], list[str]]:
    if not table.is_file():
        raise NotFound(f"{table}: no such list")
    there, rows = read_table(table, ("path", "camera", "role"))
    if missing := {"path", "camera"} - there:
        raise CorruptData(
            f"{table}: has no column {', '.join(sorted(missing))}; a list of crops needs path and "
            "camera, other columns are not read"
        )
    below = root or table.parent
    paths: list[Path] = []
    cameras: list[str] = []
    tested = 0
    for number, row in rows:
        where = f"{table}, line {number}"
        path = file_below(below, row["path"], where)
        if not row["camera"] or not path.is_file():
            what = "no camera is named" if not row["camera"] else f"there is no file {path}"
            raise CorruptData(f"{where}: {what}")
        paths.append(path)
        cameras.append(row["camera"])
        tested += row.get("role", "").casefold() in (QUERY, GALLERY)
    if tested:
        raise BadRecipe(
            f"{table}: {tested} of its {len(paths)} pictures are there to be tested on (role query "
            "or gallery); a recipe that has seen them would be measured on what it was fitted to. "
            "List other people's crops"
        )
    if not paths:
        raise NotFound(f"{table}: lists no pictures")
    return paths, cameras


def _usable(source: Path, paths: list[Path], cameras: list[str], seed: int) -> Photographs:
    sample = balanced_sample(np.asarray(cameras, np.str_), MOST_CROPS, seed).tolist()
    kept: list[int] = []
    wrong: dict[int, str] = {}
    for row in sample:
        try:
            reason = why_no_person(decode_crop(_bytes(paths[row]), paths[row].name))
        except CorruptData:
            reason = "cannot be read"
        if reason is None:
            kept.append(row)
        else:
            wrong[row] = reason
    left_out = dict(Counter(wrong.values()).most_common())
    told = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
    if len(wrong) > _MOST_UNUSABLE * len(sample):
        first = ", ".join(_told(source, paths[row]) for row in list(wrong)[:_NAMED])
        raise BadRecipe(
            f"{source}: {len(wrong)} of {len(sample)} pictures are no crops of upright people "
            f"({told}), e.g. {first}; give crops cut around one person each"
        )
    counted = Counter(cameras[row] for row in kept)
    enough = {camera for camera, count in counted.items() if count >= LEAST_PER_CAMERA}
    if len(enough) < 2 or len(kept) < LEAST_CROPS:
        few = ", ".join(f"{camera} {count}" for camera, count in counted.most_common(8))
        raise BadRecipe(
            f"{source}: too few usable crops ({few}); at least {LEAST_CROPS} are needed, and "
            f"{LEAST_PER_CAMERA} of each of two cameras. A few hundred are better"
        )
    for camera, count in counted.items():
        if camera not in enough:
            left_out[f"of camera {camera}, which has fewer than {LEAST_PER_CAMERA}"] = count
    kept = [row for row in kept if cameras[row] in enough]
    side = _side(source, [paths[row] for row in kept], [cameras[row] for row in kept])
    marks = np.array([fingerprint(_bytes(path)) for path in paths], np.int64)
    return Photographs(side, marks, tuple(cameras), left_out)


def _told(source: Path, path: Path) -> str:
    """A picture as somebody finds it again: by its place in the folder."""
    return str(path.relative_to(source)) if path.is_relative_to(source) else str(path)


def _side(source: Path, paths: list[Path], cameras: list[str]) -> Side:
    def read(chosen: np.ndarray) -> Iterator[bytes]:
        return (_bytes(paths[row]) for row in chosen)

    return Side(
        source.resolve().stem,
        False,
        np.asarray(cameras, np.str_),
        [path.name for path in paths],
        read,
        lambda chosen: Labels.unknown(len(chosen)),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # which no decoder reads
