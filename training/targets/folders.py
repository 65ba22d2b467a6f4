"""Data sets whose labels are in file names: a table of official names, patterns and counts.

Sources of names and counts: the data sets' own pages and papers. A pattern names the groups
``person`` and ``camera`` and, where the names have them, ``scene``, ``outfit``, ``version``,
``frame`` and ``sequence`` (the recording that frames are counted in).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from manifests.errors import CorruptData, NotFound
from training.targets.images import (
    DISTRACTOR,
    GALLERY,
    IMAGE_SUFFIXES,
    JUNK,
    QUERY,
    TRAIN,
    LabelledImage,
    Official,
    Target,
    check_official,
    image_files,
)

_Match = re.Match[str]
_ROOT = "."


def _person(match: _Match) -> str:
    return match["person"]


def _camera(match: _Match) -> str:
    return match["camera"]


def _scene_and_camera(match: _Match) -> str:
    return f"{match['scene']}-{match['camera']}"


def _half_camera(match: _Match) -> str:
    return str(int(match["camera"]) // 2)


@dataclass(frozen=True)
class FolderLayout:
    """How a data set lies on disk.

    ``folders``: (role, glob of folders below the root); ``pattern`` must match every image
    name there; ``junk`` and ``distractors`` are people with special meaning.
    """

    name: str
    folders: tuple[tuple[str, str], ...]
    pattern: str
    official: tuple[Official, ...] = ()
    junk: frozenset[str] = frozenset()
    distractors: frozenset[str] = frozenset()
    person: Callable[[_Match], str] = _person
    camera: Callable[[_Match], str] = _camera
    whole_path: bool = False

    def read(self, root: Path, partial: bool = False) -> Target:
        """List the data set below ``root``.

        Raises ``NotFound`` for missing folders and ``CorruptData`` for foreign file names or,
        unless ``partial``, for other counts than the official ones.
        """
        compiled = re.compile(self.pattern)
        images: list[LabelledImage] = []
        for role, where in self.folders:
            found = [root] if where == _ROOT else sorted(root.glob(where))
            folders = [folder for folder in found if folder.is_dir()]
            if not folders:
                raise NotFound(
                    f"{self.name}: no folder {where} in {root}; it should have "
                    f"{', '.join(glob for _, glob in self.folders)}"
                )
            for folder in folders:
                images += [self._label(path, root, role, compiled) for path in _files(folder)]
        target = Target(self.name, root, tuple(images))
        if not images:
            raise NotFound(f"{self.name}: the folders in {root} hold no images")
        if not partial:
            check_official(target, self.official)
        return target

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


def _files(folder: Path) -> list[Path]:
    nested = sorted(f for f in folder.rglob("*") if f.suffix.lower() in IMAGE_SUFFIXES)
    return image_files(folder) or nested


_MARKET_FOLDERS = (
    (TRAIN, "bounding_box_train"),
    (QUERY, "query"),
    (GALLERY, "bounding_box_test"),
)
_MARKET_NAME = r"^(?P<person>-?\d+)_c(?P<camera>\d+)"
_TESTED = (GALLERY, DISTRACTOR)

LAYOUTS = {
    layout.name: layout
    for layout in (
        FolderLayout(
            "market1501",
            _MARKET_FOLDERS,
            r"^(?P<person>-?\d+)_c(?P<camera>[1-6])s(?P<sequence>\d)(?:_(?P<frame>\d+))?",
            (
                Official((TRAIN,), 12_936, 751),
                Official((QUERY,), 3_368, 750),
                Official(_TESTED, 15_913, 751),
                Official((DISTRACTOR,), 2_798),
            ),
            junk=frozenset({"-1"}),
            distractors=frozenset({"0000"}),
        ),
        FolderLayout(
            "dukemtmc-reid",
            _MARKET_FOLDERS,
            r"^(?P<person>\d+)_c(?P<camera>[1-8])_f(?P<frame>\d+)",
            (
                Official((TRAIN,), 16_522, 702),
                Official((QUERY,), 2_228, 702),
                Official((GALLERY,), 17_661, 1_110),
            ),
        ),
        FolderLayout(
            "cuhk03-np-detected",
            _MARKET_FOLDERS,
            r"^(?P<person>\d+)_c(?P<camera>[12])",
            (
                Official((TRAIN,), 7_365, 767),
                Official((QUERY,), 1_400, 700),
                Official((GALLERY,), 5_332, 700),
            ),
        ),
        FolderLayout(
            "cuhk03-np-labeled",
            _MARKET_FOLDERS,
            r"^(?P<person>\d+)_c(?P<camera>[12])",
            (
                Official((TRAIN,), 7_368, 767),
                Official((QUERY,), 1_400, 700),
                Official((GALLERY,), 5_328, 700),
            ),
        ),
        # The paper's own selections from Black-reID; counts from its section 4.
        FolderLayout(
            "market-black",
            ((QUERY, "query"), (GALLERY, "gallery")),
            r"^(?:b_)?(?P<person>\d+)_c(?P<camera>\d)",
            (Official((QUERY,), 174, 41), Official((GALLERY,), 251)),
        ),
        FolderLayout(
            "duke-black",
            ((QUERY, "query"), (GALLERY, "gallery")),
            r"^(?:b_)?(?P<person>\d+)_c(?P<camera>\d)",
            (Official((QUERY,), 436, 145), Official((GALLERY,), 780)),
        ),
        # Night images of two cameras; no naming is published, so Market-1501's is expected.
        FolderLayout(
            "lips",
            ((QUERY, "query"), (GALLERY, "gallery")),
            _MARKET_NAME,
            (Official((QUERY, GALLERY), people=50),),
        ),
        # Its releases hold one or all of six backgrounds, with everybody in each.
        FolderLayout(
            "personx",
            ((TRAIN, "**/bounding_box_*"),),
            _MARKET_NAME,
            (Official((TRAIN,), people=1_266),),
        ),
        FolderLayout(
            "randperson",
            ((TRAIN, "randperson_subset"),),
            r"^(?P<person>\d+)_s(?P<scene>\d+)_c(?P<camera>\d+)_f(?P<frame>\d+)",
            (Official((TRAIN,), 132_145, 8_000),),
            camera=_scene_and_camera,
        ),
        FolderLayout(
            "syri",
            ((TRAIN, _ROOT),),
            r"^(?P<person>\d+)_(?P<camera>\d+)_",
            (Official((TRAIN,), people=100),),
            camera=_half_camera,
        ),
        FolderLayout(
            "somaset",
            ((TRAIN, _ROOT),),
            r"^(?P<person>[^/]+)/(?P<camera>)",
            (Official((TRAIN,), 100_000, 50),),
            camera=lambda _: "0",
            whole_path=True,
        ),
        FolderLayout(
            "unrealperson",
            ((TRAIN, "unreal_v*/images"),),
            r"unreal_v(?P<scene>\d)\.(?P<version>\d)/images/(?P<person>\d+)_c(?P<camera>\d+)_",
            (Official((TRAIN,), 1_256_381, 6_799),),
            person=lambda match: f"{match['version']}-{match['person']}",
            camera=_scene_and_camera,
            whole_path=True,
        ),
        FolderLayout(
            "clonedperson",
            ((TRAIN, "train"), (QUERY, "test/query"), (GALLERY, "test/gallery")),
            r"^(?P<person>\d+)_s(?P<scene>\d+)_c(?P<camera>\d+)_f(?P<frame>\d+)",
            (Official((TRAIN, QUERY, GALLERY), people=5_621),),
            camera=_scene_and_camera,
        ),
        FolderLayout(
            "ccup",
            ((TRAIN, "train"), (QUERY, "query"), (GALLERY, "gallery")),
            r"^(?P<person>\d+)_cloth(?P<outfit>\d+)_C(?P<camera>\d+)_",
            (Official((TRAIN, QUERY, GALLERY), 1_179_976, 6_000),),
        ),
    )
}
