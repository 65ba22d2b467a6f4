"""Market-1501 and the data sets that are named like it; their labels are in file names.

Sources of names and counts: the data sets' own pages and papers.
"""

from __future__ import annotations

from training.targets.folders import MARKET_NAME, FolderLayout, labelled_by_names
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, Official

_FOLDERS = (
    (TRAIN, "bounding_box_train|train"),
    (QUERY, "query"),
    (GALLERY, "bounding_box_test"),
)

labelled_by_names(
    FolderLayout(
        "market1501",
        _FOLDERS,
        r"^(?P<person>-?\d+)_c(?P<camera>[1-6])s(?P<sequence>\d+)(?:_(?P<frame>\d+))?",
        (
            Official((TRAIN,), 12_936, 751),
            Official((QUERY,), 3_368, 750),
            Official((GALLERY, DISTRACTOR), 15_913, 751),
            Official((DISTRACTOR,), 2_798),
        ),
        junk=frozenset({"-1"}),
        distractors=frozenset({"0000"}),
    ),
    FolderLayout(
        "dukemtmc-reid",
        _FOLDERS,
        r"^(?P<person>\d+)_c(?P<camera>[1-8])_f(?P<frame>\d+)",
        (
            Official((TRAIN,), 16_522, 702),
            Official((QUERY,), 2_228, 702),
            Official((GALLERY,), 17_661, 1_110),
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
        MARKET_NAME,
        (Official((QUERY, GALLERY), people=50),),
    ),
)
