"""Data sets whose labels are in list files: MSMT17, and anybody's own as a CSV or a manifest."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import CorruptData, NotFound
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    JUNK,
    QUERY,
    TRAIN,
    LabelledImage,
    Official,
    Target,
    check_official,
)

_ROLES = {TRAIN, QUERY, GALLERY, DISTRACTOR, JUNK}
_COLUMNS = {"path", "person", "camera", "role"}
_MSMT_FOLDERS = {
    "msmt17-v1": ("train", "test"),
    "msmt17-v2": ("mask_train_v2", "mask_test_v2"),
}
_MSMT_OFFICIAL = (
    Official((TRAIN,), 32_621, 1_041),
    Official((QUERY,), 11_659, 3_060),
    Official((GALLERY,), 82_161, 3_060),
)


def read_msmt17(name: str, root: Path, partial: bool = False) -> Target:
    """MSMT17 by its list files; ``name`` msmt17-v1, or msmt17-v2 with masked faces.

    Some copies hold all 32,621 training images in list_train.txt, others keep 2,373 of them in
    list_val.txt; both give the same training set.
    """
    train, test = _MSMT_FOLDERS[name]
    images: dict[Path, LabelledImage] = {}
    for list_name, role, folder in (
        ("list_train.txt", TRAIN, train),
        ("list_val.txt", TRAIN, train),
        ("list_query.txt", QUERY, test),
        ("list_gallery.txt", GALLERY, test),
    ):
        path = root / list_name
        if not path.is_file():
            if list_name == "list_val.txt":
                continue
            raise NotFound(f"{name}: {path} is missing; the list files belong to the release")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            image = _msmt_image(root / folder, line, role, f"{path}, line {number}")
            images[image.path] = image
    absent = [str(path) for path in images if not path.is_file()]
    if absent:
        raise CorruptData(
            f"{name}: {len(absent)} listed images are missing in {root}, first {absent[0]}"
        )
    target = Target(name, root, tuple(images.values()))
    if not partial:
        check_official(target, _MSMT_OFFICIAL)
    return target


def _msmt_image(folder: Path, line: str, role: str, where: str) -> LabelledImage:
    fields = line.split()
    parts = Path(fields[0]).name.split("_") if len(fields) == 2 else []
    if len(parts) < 3 or not fields[1].isdigit() or not parts[2].isdigit():
        raise CorruptData(f"{where}: expected `person/person_number_camera_….jpg id`, got {line!r}")
    # Training and test identities are numbered separately.
    kind = "train" if role == TRAIN else "test"
    path = _below(folder, fields[0], where)
    slot, frame = (parts[3], parts[4]) if len(parts) > 4 else ("", "")
    return LabelledImage(
        path,
        f"{kind}-{int(fields[1]):04d}",
        parts[2],
        role,
        time=float(frame) if frame.isdigit() else None,
        session=slot,
    )


def read_csv(path: Path) -> Target:
    """Any data set: a CSV or Parquet manifest with path (relative to the file), person, camera,
    role and, if known, outfit, time (frames or seconds) and session (whose clock it is of)."""
    if not path.is_file():
        raise NotFound(f"{path}: no such file")
    columns, rows = _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)
    missing = _COLUMNS - columns
    if missing:
        raise CorruptData(f"{path}: column {', '.join(sorted(missing))} is missing")
    images = tuple(_csv_image(path, number, row) for number, row in enumerate(rows, start=2))
    return Target(path.stem, path.parent, images)


def _csv_rows(path: Path) -> tuple[set[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return set(reader.fieldnames or ()), list(reader)


def _parquet_rows(path: Path) -> tuple[set[str], list[dict[str, str]]]:
    """The same from a Parquet manifest, as if it had been a CSV."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise CorruptData(f"{path}: not a Parquet file: {error}") from error
    # Images, masks and the like that a manifest may carry are no labels.
    plain = [f.name for f in table.schema if not pa.types.is_nested(f.type)]
    rows = table.select(plain).to_pylist()
    return set(plain), [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def _csv_image(path: Path, number: int, row: dict[str, str]) -> LabelledImage:
    where = f"{path}, line {number}"
    unsaid = sorted(name for name in _COLUMNS if not row[name])
    if unsaid:
        raise CorruptData(f"{where}: {', '.join(unsaid)} is empty")
    if row["role"] not in _ROLES:
        raise CorruptData(f"{where}: role {row['role']!r} is none of {', '.join(sorted(_ROLES))}")
    file = _below(path.parent, row["path"], where)
    if not file.is_file():
        raise CorruptData(f"{where}: image {file} does not exist")
    outfit = row.get("outfit") or "0"
    if not outfit.isdigit():
        raise CorruptData(f"{where}: outfit {outfit!r} is not a number")
    return LabelledImage(
        file,
        row["person"],
        row["camera"],
        row["role"],
        outfit=int(outfit),
        time=_time(row.get("time") or "", where),
        session=row.get("session") or "",
    )


def _time(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise CorruptData(f"{where}: time {text!r} is not a number") from None


def _below(folder: Path, name: str, where: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CorruptData(f"{where}: {name!r} leads out of {folder}")
    return path
