"""Anybody's own data set: a CSV or Parquet list of its images."""

from __future__ import annotations

import math
import re
import unicodedata
from pathlib import Path

from manifests.errors import CorruptData, NotFound
from manifests.files_of_others import file_below, is_file
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    JUNK,
    QUERY,
    TRAIN,
    LabelledImage,
    Target,
)
from training.targets.tables import MAX_LENGTH, read_table

_ROLES = {TRAIN, QUERY, GALLERY, DISTRACTOR, JUNK}
_COLUMNS = frozenset({"path", "person", "camera", "role"})
_SAID_OF_ONE = ("role", "person", "camera")
_READ = (*sorted(_COLUMNS), "outfit", "time", "session")
_NUMBER = re.compile("[0-9]{1,9}")
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0+")
_ROUNDED = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")


def read_csv(path: Path) -> Target:
    """Any data set: a CSV or Parquet manifest with path (relative to the file), person, camera,
    role and, if known, outfit, time (frames or seconds) and session (whose clock it is of)."""
    if not is_file(path):
        raise NotFound(f"{path}: no such file")
    columns, rows = read_table(path, _READ)
    missing = _COLUMNS - columns
    if missing:
        raise CorruptData(f"{path}: column {', '.join(sorted(missing))} is missing")
    images: list[LabelledImage] = []
    listed: dict[Path, tuple[int, LabelledImage]] = {}
    for number, row in rows:
        image = _image(path, number, row)
        if image.path in listed:
            first, before = listed[image.path]
            told = _contradiction(before, image)
            raise CorruptData(
                f"{path}, line {number}: {image.path} is in line {first}, too"
                f"{f', with another {told}' if told else ''}; take one of them out"
            )
        listed[image.path] = (number, image)
        images.append(image)
    return Target(path.stem, path.parent, tuple(images))


def _contradiction(one: LabelledImage, other: LabelledImage) -> str:
    """What two lines say differently of one picture."""
    told = ((one.role, other.role), (one.person, other.person), (one.camera, other.camera))
    return " and ".join(name for name, (a, b) in zip(_SAID_OF_ONE, told, strict=True) if a != b)


def _image(path: Path, number: int, row: dict[str, str]) -> LabelledImage:
    where = f"{path}, line {number}"
    unsaid = sorted(name for name in _COLUMNS if not row[name])
    long = sorted(name for name, text in row.items() if len(text) > MAX_LENGTH)
    if long:
        raise CorruptData(f"{where}: {', '.join(long)} is longer than {MAX_LENGTH:,} characters")
    if unsaid:
        raise CorruptData(f"{where}: {', '.join(unsaid)} is empty")
    role = row["role"].lower()
    if role not in _ROLES:
        raise CorruptData(f"{where}: role {row['role']!r} is none of {', '.join(sorted(_ROLES))}")
    file = file_below(path.parent, row["path"], where)
    if not file.is_file():
        raise CorruptData(f"{where}: image {file} does not exist")
    return LabelledImage(
        file,
        _name(row["person"], "person", where),
        _name(row["camera"], "camera", where),
        role,
        outfit=_outfit(row.get("outfit") or "0", where),
        time=_time(row.get("time") or "", where),
        session=row.get("session", ""),
    )


def _name(text: str, column: str, where: str) -> str:
    """Whose name it is, without what pandas writes behind whole numbers (``7.0``)."""
    if _ROUNDED.fullmatch(text):
        raise CorruptData(
            f"{where}: {column} {text!r} is a long number whose last digits a spreadsheet has "
            "rounded away; write the list again with that column as text"
        )
    return unicodedata.normalize("NFC", _plain(text))  # macOS takes accents off their letters


def _plain(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _outfit(text: str, where: str) -> int:
    number = _plain(text)
    if not _NUMBER.fullmatch(number):
        raise CorruptData(f"{where}: outfit {text[:80]!r} is not a number of up to nine digits")
    return int(number)


def _time(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        time = float(text)
    except ValueError:
        time = math.nan
    if not math.isfinite(time):
        raise CorruptData(f"{where}: time {text[:80]!r} is not a number")
    return time
