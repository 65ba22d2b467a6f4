"""MSMT17 by its list files: msmt17-v1, and msmt17-v2 with masked faces.

Some copies hold all 32,621 training images in list_train.txt, others keep 2,373 of them in
list_val.txt; both give the same training set.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from pathlib import Path

from manifests.errors import CorruptData, NotFound
from manifests.files_of_others import file_below
from manifests.texts_of_others import text_lines
from training.targets.images import GALLERY, QUERY, TRAIN, LabelledImage, Official, Target
from training.targets.places import found_in, other_root
from training.targets.registry import TARGETS, TargetSet

_OFFICIAL = (
    Official((TRAIN,), 32_621, 1_041),
    Official((QUERY,), 11_659, 3_060),
    Official((GALLERY,), 82_161, 3_060),
)


_NUMBER = re.compile("[0-9]{1,9}")
_LISTS = {
    "list_train.txt": TRAIN,
    "list_val.txt": TRAIN,
    "list_query.txt": QUERY,
    "list_gallery.txt": GALLERY,
}


def _read(
    name: str, train: str, test: str, root: Path, roles: Collection[str] = (TRAIN, QUERY, GALLERY)
) -> list[Target]:
    images: dict[Path, LabelledImage] = {}
    for list_name, role in _LISTS.items():
        if role not in roles:
            continue
        folder = train if role == TRAIN else test
        path = root / list_name
        if not path.is_file():
            if list_name == "list_val.txt":
                continue
            hint = other_root(root, _has_lists)
            raise NotFound(
                f"{name}: {path} is missing; the list files belong to the release, found "
                f"{found_in(root)}{f'; point --root at {hint}' if hint else ''}"
            )
        for number, line in enumerate(text_lines(path), 1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            image = _image(root / folder, line, role, where)
            before = images.setdefault(image.path, image)
            if (before.role, before.person) != (role, image.person):
                raise CorruptData(
                    f"{where}: {image.path} is listed twice, for {before.role} as "
                    f"{before.person} and for {role} as {image.person}; take one of both out"
                )
    absent = [str(path) for path in images if not path.is_file()]
    if absent:
        raise CorruptData(
            f"{name}: {len(absent)} listed images are missing in {root}, first {absent[0]}"
        )
    return [Target(name, root, tuple(images.values()))]


def _has_lists(place: Path) -> bool:
    return any((place / name).is_file() for name in _LISTS)


def _image(folder: Path, line: str, role: str, where: str) -> LabelledImage:
    fields = line.split()
    # Some copies say the camera in a third column, each counted in its own way; names agree.
    told = len(fields) in (2, 3) and all(map(_NUMBER.fullmatch, fields[1:]))
    name = fields[0].replace("\\", "/").removeprefix(f"{folder.name}/")
    parts = name.rpartition("/")[2].split("_")
    if not told or len(parts) < 3 or not parts[2].isdecimal():
        raise CorruptData(
            f"{where}: expected `person/person_number_camera_….jpg id`, got {line.strip()[:200]!r}"
        )
    # Training and test identities are numbered separately.
    kind = "train" if role == TRAIN else "test"
    path = file_below(folder, name, where)
    slot, frame = (parts[3], parts[4]) if len(parts) > 4 else ("", "")
    return LabelledImage(
        path,
        f"{kind}-{int(fields[1]):04d}",
        parts[2],
        role,
        time=float(frame) if frame.isdigit() else None,
        session=slot,
    )


for _name, _folders in (
    ("msmt17-v1", ("train", "test")),
    ("msmt17-v2", ("mask_train_v2", "mask_test_v2")),
):
    _reading = partial(_read, _name, *_folders)
    TARGETS.add(TargetSet(_name, _reading, _OFFICIAL, partial(_reading, roles=(TRAIN,))))
