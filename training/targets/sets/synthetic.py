"""Rendered data sets of others; their labels are in file names.

Sources of names and counts: the data sets' own pages and papers.
"""

from __future__ import annotations

from re import Match

from training.targets.folders import MARKET_NAME, FolderLayout, labelled_by_names
from training.targets.images import GALLERY, QUERY, TRAIN, Official

_ROOT = "."


def _scene_and_camera(match: Match[str]) -> str:
    return f"{match['scene']}-{match['camera']}"


labelled_by_names(
    # Its releases hold one or all of six backgrounds, with everybody in each.
    FolderLayout(
        "personx",
        ((TRAIN, "**/bounding_box_*"),),
        MARKET_NAME,
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
        camera=lambda match: str(int(match["camera"]) // 2),
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
