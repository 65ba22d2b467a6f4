"""CUHK03: 1,467 people by five pairs of cameras, as detected or as labelled by hand (Li, Zhao,
Xiao, Wang, CVPR 2014).

The release is one MATLAB file, ``cuhk-03.mat``; ``training.targets.cuhk03_release`` writes it as
the first of two forms in which picture files of it are common, and which are read here:

* ``images_detected`` and ``images_labeled`` with ``1_001_2_07.png``: pair of cameras, person, view,
  number. The classic protocol tests 20 sets of 100 people of the first three pairs: every picture
  of the first view is looked for among one picture of each person in the second. Which people is
  in ``splits_classic_*.json``, which torchreid writes from the release; without it 20 sets of ours
  take their place. Which picture is drawn by us; the published figure averages 100 such draws. The
  new protocol (767 people to train on, 700 to test; Zhong, Zheng, Cao, Li, CVPR 2017) is in
  ``cuhk03_new_protocol_config_*.mat``.
* ``bounding_box_train``, ``query`` and ``bounding_box_test``, named as in Market-1501: the new
  protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from manifests.errors import CorruptData, NotFound
from manifests.files_of_others import file_below
from manifests.matlab_files import matlab_variables
from manifests.texts_of_others import decoded_text
from training.targets.folders import FolderLayout
from training.targets.images import (
    GALLERY,
    JUNK,
    QUERY,
    TRAIN,
    LabelledImage,
    Official,
    Target,
)
from training.targets.pairs import in_drawn_order, ours
from training.targets.registry import TARGETS, TargetSet

_SEED = "cuhk03"
_RELEASES = ("cuhk-03.mat", "cuhk03_release/cuhk-03.mat")
_SETS, _TESTED = 20, 100
_TESTED_PAIRS = ("1", "2", "3")


def _pictures(boxes: str) -> FolderLayout:
    return FolderLayout(
        f"cuhk03-{boxes}",
        ((TRAIN, f"images_{boxes}"),),
        r"^(?P<scene>[1-5])_(?P<person>\d{3})_(?P<camera>[12])_\d+\.",
        person=lambda match: f"{match['scene']}-{match['person']}",
        camera=lambda match: f"{match['scene']}-{match['camera']}",
    )


def _read_classic(boxes: str, root: Path) -> list[Target]:
    _expect_unpacked(boxes, root)
    (target,) = _pictures(boxes).read(root)
    path = root / f"splits_classic_{boxes}.json"
    if path.is_file():
        tested = [(str(n), people) for n, people in enumerate(_listed_sets(path))]
    else:
        people = [p for p in target.people_in(TRAIN) if p.startswith(_TESTED_PAIRS)]
        count = min(_TESTED, len(people) // 2)
        tested = [(ours(n), in_drawn_order(_SEED, n, people)[:count]) for n in range(_SETS)]
    return [_classic_split(target, n, name, set(of)) for n, (name, of) in enumerate(tested)]


def _listed_sets(path: Path) -> list[list[str]]:
    """The tested people of each split."""
    try:
        splits: list[dict[str, Any]] = json.loads(decoded_text(path.read_bytes()))
        names = [[Path(query[0]).name.split("_") for query in one["query"]] for one in splits]
        return [[f"{pair}-{person}" for pair, person, *_ in of] for of in names]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise CorruptData(f"{path}: not the splits that torchreid writes: {error!r}") from error


def _classic_split(target: Target, number: int, split: str, tested: set[str]) -> Target:
    second = [i for i in target.images if i.person in tested and _view(i) == "2"]
    order = in_drawn_order(_SEED, number, [image.path.name for image in second])
    place = {name: position for position, name in enumerate(order)}
    shown: dict[str, str] = {}
    for image in sorted(second, key=lambda image: place[image.path.name]):
        shown.setdefault(image.person, image.path.name)

    def role(image: LabelledImage) -> str:
        if image.person not in tested:
            return TRAIN
        if _view(image) == "1":
            return QUERY
        return GALLERY if shown[image.person] == image.path.name else JUNK

    return replace(
        target, split=split, images=tuple(replace(i, role=role(i)) for i in target.images)
    )


def _view(image: LabelledImage) -> str:
    return image.camera[-1]


def _expect_unpacked(boxes: str, root: Path) -> None:
    release = next((root / place for place in _RELEASES if (root / place).is_file()), None)
    if release is not None and not (root / f"images_{boxes}").is_dir():
        raise NotFound(
            f"cuhk03 in {root}: {release.name} is one file of all pictures; write them once with "
            f"python -m training.targets.cuhk03_release {release} --to {root}"
        )


def _read_new(boxes: str, root: Path) -> list[Target]:
    name = f"cuhk03-np-{boxes}"
    folders = (
        (TRAIN, f"bounding_box_train|{boxes}/bounding_box_train"),
        (QUERY, f"query|{boxes}/query"),
        (GALLERY, f"bounding_box_test|{boxes}/bounding_box_test"),
    )
    copied = FolderLayout(name, folders, r"^(?P<person>\d+)_c(?P<camera>[12])")
    config = root / f"cuhk03_new_protocol_config_{boxes}.mat"
    if config.is_file() and not all(copied.filled(root)):
        _expect_unpacked(boxes, root)
        return [Target(name, root, tuple(_configured(config, root / f"images_{boxes}")))]
    return copied.read(root)


def _configured(config: Path, folder: Path) -> Iterable[LabelledImage]:
    try:
        told = matlab_variables(config)
        files = [str(cell[0]) for cell in told["filelist"].flatten()]
        labels = [int(label) for label in told["labels"].flatten()]
        chosen = [
            (role, int(place) - 1)
            for role, key in ((TRAIN, "train_idx"), (QUERY, "query_idx"), (GALLERY, "gallery_idx"))
            for place in told[key].flatten()
        ]
        if any(place < 0 for _, place in chosen):
            raise IndexError("its pictures are numbered from 0, and those of MATLAB are from 1")
        rows = [(files[place], labels[place], role) for role, place in chosen]
        views = [name.split("_")[2] for name, _, _ in rows]
    except (OSError, LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise CorruptData(f"{config}: not a configuration of the new protocol: {error}") from error
    images = [
        LabelledImage(file_below(folder, name, str(config)), f"{label:04d}", view, role)
        for (name, label, role), view in zip(rows, views, strict=True)
    ]
    absent = [image.path for image in images if not image.path.is_file()]
    if absent:
        raise CorruptData(f"{config}: {len(absent)} of its images are missing, first {absent[0]}")
    return images


_IMAGES = {"detected": (7_365, 1_400, 5_332), "labeled": (7_368, 1_400, 5_328)}

for _boxes, (_train, _query, _gallery) in _IMAGES.items():
    _everything = Official((TRAIN, QUERY, GALLERY, JUNK), _train + _query + _gallery, 1_467)
    TARGETS.add(
        TargetSet(
            f"cuhk03-{_boxes}",
            partial(_read_classic, _boxes),
            (_everything, Official((TRAIN,), people=1_367), Official((QUERY, GALLERY), people=100)),
        )
    )
    TARGETS.add(
        TargetSet(
            f"cuhk03-np-{_boxes}",
            partial(_read_new, _boxes),
            (
                Official((TRAIN,), _train, 767),
                Official((QUERY,), _query, 700),
                Official((GALLERY,), _gallery, 700),
            ),
        )
    )
